import { EBUSY, EINVAL, ErrnoError } from '../../errno';
import { utf8Encode } from '../../utf8';
import { CONSOLE, DEVICE_ID, decodeConsoleMessage, encodeConsoleMessage, featureBit } from '../../virtio/spec';
import { COSTS } from '../costs';
import { DeviceModel, type DeviceHost, type DeviceRequest } from '../device-model';
import { ConsolePort, type ConsolePortOptions, type PortOwner, type Size } from './console-port';

export { ConsolePort, type ConsolePortOptions } from './console-port';

/** How a console device is set up. VIRTIO 1.2 §5.3 */
export interface ConsoleOptions {
  readonly name: string;
  /** Ports from number 0 on. Default: a console. */
  readonly ports?: readonly ConsolePortOptions[];
  /** Highest number of ports, for those that are plugged later. Default: as many as there are, at least 2. */
  readonly maxPorts?: number;
  /** False: a device as it was before there were control messages, with one console. */
  readonly multiport?: boolean;
  /** Size of the terminals; default 80 columns and 25 rows. */
  readonly cols?: number;
  readonly rows?: number;
  /** Does it tell the size of its terminals? Default: yes. */
  readonly tellsSize?: boolean;
  /** Service time of a piece of text in ns. */
  readonly latency?: number;
}

const QUEUE_SIZE = 16;
const CONTROL_QUEUE_SIZE = 32;
/** Messages that wait for the guest to give buffers for them, at most; more are lost. */
const MAX_MESSAGES = 256;
const MAX_PORTS = 512;

/** Console device: ports that carry bytes both ways, and control messages about them. VIRTIO 1.2 §5.3 */
export class ConsoleDevice extends DeviceModel {
  readonly deviceId = DEVICE_ID.CONSOLE;
  readonly name: string;
  readonly multiport: boolean;
  readonly maxPorts: number;
  /** Control messages from the guest that made no sense, or were one too many. */
  ignored = 0;
  readonly #latency: number;
  readonly #tellsSize: boolean;
  readonly #size: Size;
  readonly #ports = new Map<number, ConsolePort>();
  /** Buffers that the guest has given, by port; they outlive the port, as the queue does. */
  readonly #buffers: DeviceRequest[][];
  readonly #controlBuffers: DeviceRequest[] = [];
  readonly #messages: Uint8Array[] = [];
  #host: DeviceHost | null = null;
  #ready = false;

  /** @throws ErrnoError EINVAL for more ports than can be */
  constructor(options: ConsoleOptions) {
    super();
    const { ports = [{ console: true }], multiport = true } = options;
    this.name = options.name;
    this.multiport = multiport;
    this.maxPorts = multiport ? (options.maxPorts ?? Math.max(2, ports.length)) : 1;
    if (this.maxPorts < 1 || this.maxPorts > MAX_PORTS || ports.length > this.maxPorts) {
      throw this.#error(EINVAL, `${String(ports.length)} ports of ${String(this.maxPorts)}`);
    }
    this.#latency = options.latency ?? COSTS.console;
    this.#tellsSize = options.tellsSize ?? true;
    this.#size = { cols: options.cols ?? 80, rows: options.rows ?? 25 };
    this.#buffers = Array.from({ length: this.maxPorts }, () => []);
    ports.forEach((port, id) => this.#ports.set(id, this.#makePort(id, port)));
  }

  /** The host's ends, lowest number first. */
  get ports(): readonly ConsolePort[] {
    return [...this.#ports.values()].sort((a, b) => a.id - b.id);
  }

  /** @throws ErrnoError EINVAL when there is no such port */
  port(id: number): ConsolePort {
    const port = this.#ports.get(id);
    if (port === undefined) throw this.#error(EINVAL, `there is no port ${String(id)}`);
    return port;
  }

  /** Plugs a port; a guest that is ready is notified. @throws ErrnoError EBUSY when the number is taken, EINVAL */
  addPort(id: number, options: ConsolePortOptions): ConsolePort {
    if (this.#ports.has(id)) throw this.#error(EBUSY, `port ${String(id)} is there`);
    if (!this.multiport || !(id >= 0 && id < this.maxPorts)) throw this.#error(EINVAL, `port ${String(id)}`);
    const port = this.#makePort(id, options);
    this.#ports.set(id, port);
    if (this.#ready) this.#post(id, CONSOLE.DEVICE_ADD, 1);
    return port;
  }

  /** Unplugs a port; a guest that is ready is notified. @throws ErrnoError EINVAL when there is no such port */
  removePort(id: number): void {
    this.port(id).guestOpen = false;
    this.#ports.delete(id);
    if (this.#ready) this.#post(id, CONSOLE.DEVICE_REMOVE, 1);
  }

  override features(): bigint {
    const size = this.#tellsSize ? featureBit(CONSOLE.F_SIZE) : 0n;
    return this.multiport ? size | featureBit(CONSOLE.F_MULTIPORT) : size;
  }

  override queueSizes(): readonly number[] {
    const pair = [QUEUE_SIZE, QUEUE_SIZE];
    if (!this.multiport) return pair;
    const others = Array.from({ length: this.maxPorts - 1 }, () => pair);
    return [...pair, CONTROL_QUEUE_SIZE, CONTROL_QUEUE_SIZE, ...others.flat()];
  }

  override config(): Uint8Array {
    const bytes = new Uint8Array(CONSOLE.CONFIG_BYTES);
    const view = new DataView(bytes.buffer);
    const { cols, rows } = this.#ports.get(0) ?? this.#size;
    view.setUint16(CONSOLE.CONFIG_COLS, cols, true);
    view.setUint16(CONSOLE.CONFIG_ROWS, rows, true);
    view.setUint32(CONSOLE.CONFIG_MAX_PORTS, this.maxPorts, true);
    return bytes;
  }

  override attach(host: DeviceHost): void {
    this.#host = host;
  }

  /** What the host has not got rid of stays for the next guest. */
  override reset(): void {
    for (const buffers of [...this.#buffers, this.#controlBuffers, this.#messages]) buffers.length = 0;
    for (const port of this.#ports.values()) port.guestOpen = false;
    this.#ready = false;
  }

  override handle(queue: number, request: DeviceRequest, host: DeviceHost): void {
    if (this.multiport && queue === CONSOLE.CONTROL_IN) {
      this.#controlBuffers.push(request);
      this.#sendMessages();
    } else if (this.multiport && queue === CONSOLE.CONTROL_OUT) {
      request.complete();
      this.#control(request.readable);
    } else this.#data(queue, request, host);
  }

  #data(queue: number, request: DeviceRequest, host: DeviceHost): void {
    const id = queue < CONSOLE.CONTROL_IN ? 0 : (queue - CONSOLE.CONTROL_IN) >> 1;
    if (queue % 2 === 0) {
      this.#buffers[id]?.push(request);
      this.#transfer(id);
      return;
    }
    host.after(this.#latency, () => {
      this.#ports.get(id)?.receive(request.readable);
      request.complete();
    });
  }

  /** VIRTIO 1.2 §5.3.6.2 */
  #control(bytes: Uint8Array): void {
    const message = decodeConsoleMessage(bytes);
    const port = this.#ports.get(message?.id ?? CONSOLE.BAD_ID);
    if (message?.event === CONSOLE.DEVICE_READY) this.#deviceReady(message.value === 1);
    else if (port === undefined || message === undefined) this.ignored += 1;
    else if (message.event === CONSOLE.PORT_READY) this.#portReady(port, message.value === 1);
    else if (message.event === CONSOLE.PORT_OPEN) this.#portOpen(port, message.value === 1);
    else this.ignored += 1;
  }

  #deviceReady(ready: boolean): void {
    this.#ready = ready;
    if (ready) for (const { id } of this.ports) this.#post(id, CONSOLE.DEVICE_ADD, 1);
  }

  /** The guest has the port and needs its properties. */
  #portReady(port: ConsolePort, ready: boolean): void {
    if (!ready) return;
    // After a freeze the driver still has its ports, and sends only this message.
    this.#ready = true;
    if (port.isConsole) {
      this.#post(port.id, CONSOLE.CONSOLE_PORT, 1);
      this.#postSize(port);
    }
    if (port.name !== null) this.#post(port.id, CONSOLE.PORT_NAME, 1, utf8Encode(port.name));
    if (port.isOpen) this.#post(port.id, CONSOLE.PORT_OPEN, 1);
  }

  #portOpen(port: ConsolePort, open: boolean): void {
    port.guestOpen = open;
    this.#transfer(port.id);
  }

  #postSize({ id, cols, rows }: ConsolePort): void {
    this.#post(id, CONSOLE.RESIZE, 0, Uint8Array.of(cols & 0xff, cols >> 8, rows & 0xff, rows >> 8));
  }

  #post(id: number, event: number, value: number, rest?: Uint8Array): void {
    if (this.#messages.length >= MAX_MESSAGES) {
      this.ignored += 1;
      return;
    }
    this.#messages.push(encodeConsoleMessage(id, event, value, rest));
    this.#host?.after(0, () => this.#sendMessages());
  }

  /** A buffer that is too small goes back empty. */
  #sendMessages(): void {
    while (this.#messages.length > 0) {
      const buffer = this.#controlBuffers.shift();
      if (buffer === undefined) return;
      const [message] = this.#messages;
      if (message === undefined || message.length > buffer.writable) buffer.complete();
      else buffer.complete(this.#messages.shift());
    }
  }

  #transfer(id: number): void {
    this.#host?.after(this.#latency, () => this.#ports.get(id)?.flush());
  }

  #makePort(id: number, options: ConsolePortOptions): ConsolePort {
    const owner: PortOwner = {
      buffers: this.#buffers[id] ?? [],
      multiport: this.multiport,
      transfer: () => this.#transfer(id),
      opened: (open) => {
        if (this.#ready) this.#post(id, CONSOLE.PORT_OPEN, open ? 1 : 0);
      },
      resized: () => this.#resized(port),
    };
    const port = new ConsolePort(id, options, owner, this.#size);
    return port;
  }

  #resized(port: ConsolePort): void {
    if (!this.multiport) this.#host?.configChanged();
    else if (this.#ready && port.isConsole) this.#postSize(port);
  }

  #error(no: number, what: string): ErrnoError {
    return new ErrnoError(no, { syscall: 'virtio_console', path: `${this.name}: ${what}` });
  }
}
