import { Device, devMessage } from '../lib/base/device';
import { guard } from '../lib/base/guard';
import type { DeviceClass } from '../lib/base/types';
import { EAGAIN, EBUSY, EIO, ENODEV, ENOSPC, ENXIO, EPIPE } from '../lib/errno';
import type { MaySleep } from '../lib/may-sleep';
import {
  cdevAdd,
  cdevDel,
  hvcAlloc,
  hvcRemove,
  type HvcConsole,
  type HvOps,
  type OpenedFile,
  type Winsize,
} from '../lib/subsystems';
import { attrRo } from '../lib/sysfs';
import { CONSOLE, type VirtioDevice, type Virtqueue } from '../lib/virtio';
import { WaitQueue } from '../lib/world';

/** Bytes of a buffer for input. */
const PAGE_SIZE = 4096;
/** Bytes of the largest single write to a port. @see port_fops_write */
const MAX_WRITE = 32 * 1024;

/** Device nodes of all ports, consoles too. @see virtio_console_init */
export const virtioPortsClass: DeviceClass = { name: 'virtio-ports' };

const nameAttr = attrRo<PortDevice>('name', ({ port }) => `${port.name ?? ''}\n`);

/** What a port knows of the device that it belongs to. */
export interface PortOwner {
  readonly vdev: VirtioDevice;
  readonly major: number;
  /** The device has failed before the driver was removed. */
  readonly failed: boolean;
  /** A queue takes nothing any more. */
  broken(): void;
  /** Notifies the host; without control messages nothing happens. */
  sendControl(id: number, event: number, value: number): MaySleep<void>;
}

class PortDevice extends Device {
  constructor(
    readonly port: Port,
    { vdev, major }: PortOwner,
  ) {
    const devt = { major, minor: port.id };
    super(vdev.kernel, { name: port.devName, class: virtioPortsClass, parent: vdev, devt, release: () => undefined });
  }
}

/**
 * Puts a buffer for input into a queue.
 *
 * @returns free places, or a negative errno
 * @see add_inbuf
 */
export function addInbuf(vq: Virtqueue): number {
  const error = vq.add({ in: [PAGE_SIZE] }, vq);
  vq.kick();
  return error === 0 ? vq.numFree : error;
}

/** As many as fit. @returns 0 or more, or a negative errno @see fill_queue */
export function fillQueue(vq: Virtqueue): number {
  let left = addInbuf(vq);
  while (left > 0) left = addInbuf(vq);
  return left;
}

/**
 * One port: a node for bytes, or a console.
 *
 * @see drivers/char/virtio_console.c struct port
 */
export class Port {
  readonly devName: string;
  readonly dev: PortDevice;
  name: string | null = null;
  hostConnected = false;
  guestConnected = false;
  readonly #waitqueue = new WaitQueue();
  /** Null when the port was unplugged. */
  #owner: PortOwner | null;
  /** What the host has not taken yet. */
  readonly #sending = new Set<unknown>();
  #inbuf: Uint8Array | null = null;
  #hvc: HvcConsole | null = null;
  #size: Winsize = { rows: 0, cols: 0 };

  constructor(
    owner: PortOwner,
    readonly id: number,
    public inVq: Virtqueue,
    public outVq: Virtqueue,
  ) {
    this.#owner = owner;
    this.devName = `vport${String(owner.vdev.index)}p${String(id)}`;
    this.dev = new PortDevice(this, owner);
  }

  /** @see is_console_port */
  get isConsole(): boolean {
    return this.#hvc !== null;
  }

  /** Registers the node and adds input buffers, all or nothing. @returns 0 or a negative errno @see add_port */
  async start(): Promise<number> {
    const added = await guard(
      this.dev.kernel.world,
      () => `add_port(${this.devName})`,
      () => this.dev.add(),
    );
    if (added !== 0) {
      this.dev.put();
      return added;
    }
    cdevAdd(this.dev, { open: () => this.#open() });
    // The queue keeps its buffers when a port goes: it may be full.
    const error = fillQueue(this.inVq);
    if (error >= 0 || error === -ENOSPC) return 0;
    await this.unplug();
    return error;
  }

  /** @see port_fops_open */
  async #open(): Promise<OpenedFile | number> {
    if (this.#owner === null || this.isConsole) return -ENXIO;
    if (this.guestConnected) return -EBUSY;
    this.guestConnected = true;
    this.#reclaimConsumedBuffers();
    await this.#send(CONSOLE.PORT_OPEN, 1);
    return {
      read: (count, nonblock) => this.#read(count, nonblock),
      write: (bytes, nonblock) => this.#write(bytes, nonblock),
      release: () => this.#release(),
    };
  }

  /** @see port_fops_release */
  async #release(): Promise<void> {
    await this.#send(CONSOLE.PORT_OPEN, 0);
    this.guestConnected = false;
    this.#discardPortData();
    this.#reclaimConsumedBuffers();
  }

  /** Nothing when the host has closed its end. @see port_fops_read */
  async #read(count: number, nonblock: boolean): Promise<Uint8Array | number> {
    if (!this.#isOpen()) return -ENODEV;
    if (!this.#hasData() && this.hostConnected && !this.#failed) {
      if (nonblock) return -EAGAIN;
      await this.#wait('port_fops_read', () => !this.#willReadBlock());
    }
    if (!this.#isOpen()) return -ENODEV;
    if (!this.#hasData()) return this.#failed ? -EIO : new Uint8Array(0);
    return this.#fillReadbuf(count);
  }

  /** Linux gives 0 where a queue takes nothing any more. @see port_fops_write */
  async #write(bytes: Uint8Array, nonblock: boolean): Promise<number> {
    if (bytes.length === 0) return 0;
    if (this.#willWriteBlock()) {
      if (nonblock) return -EAGAIN;
      await this.#wait('wait_port_writable', () => !this.#willWriteBlock());
    }
    if (!this.guestConnected) return -ENODEV;
    return this.#sendToPort(bytes.slice(0, MAX_WRITE));
  }

  /** False when the port was unplugged. */
  #isOpen(): boolean {
    return this.guestConnected;
  }

  get #failed(): boolean {
    return this.#owner?.failed ?? false;
  }

  /** @see will_read_block */
  #willReadBlock(): boolean {
    return this.guestConnected && !this.#failed && this.hostConnected && !this.#hasData();
  }

  /** @see will_write_block */
  #willWriteBlock(): boolean {
    if (!this.guestConnected || this.#failed) return false;
    if (!this.hostConnected) return true;
    this.#reclaimConsumedBuffers();
    return this.outVq.numFree === 0 && !this.outVq.broken;
  }

  /** Takes the next input if there is none at hand. @see port_has_data, get_inbuf */
  #hasData(): boolean {
    if (this.#owner === null) return false;
    this.#inbuf ??= this.inVq.getBuf()?.data[0] ?? null;
    return this.#inbuf !== null;
  }

  /** A buffer that is used up goes back to the host. @see fill_readbuf */
  #fillReadbuf(count: number): Uint8Array {
    if (count === 0 || !this.#hasData() || this.#inbuf === null) return new Uint8Array(0);
    const taken = this.#inbuf.slice(0, count);
    const rest = this.#inbuf.subarray(taken.length);
    this.#inbuf = rest;
    if (rest.length === 0) this.#returnInbuf();
    return taken;
  }

  #returnInbuf(): void {
    this.#inbuf = null;
    addInbuf(this.inVq);
  }

  /** @see discard_port_data */
  #discardPortData(): void {
    while (this.#hasData()) this.#returnInbuf();
  }

  /** @see reclaim_consumed_buffers */
  #reclaimConsumedBuffers(): void {
    if (this.#owner === null) return;
    const { outVq } = this;
    for (let done = outVq.getBuf(); done !== undefined; done = outVq.getBuf()) this.#sending.delete(done.token);
  }

  /** @returns how many bytes are on their way, or a negative errno @see __send_to_port */
  #sendToPort(bytes: Uint8Array): number {
    this.#reclaimConsumedBuffers();
    const error = this.outVq.add({ out: [bytes] }, bytes);
    if (error === 0) this.#sending.add(bytes);
    if (this.outVq.kick()) return error === 0 ? bytes.length : error;
    this.#owner?.broken();
    return -EIO;
  }

  #send(event: number, value: number): MaySleep<void> {
    return this.#owner?.sendControl(this.id, event, value);
  }

  #wait(what: string, condition: () => boolean): MaySleep<void> {
    return this.#waitqueue.waitUntil(this.dev.kernel.world, condition, `${what}(${this.devName})`);
  }

  /** Wakes waiters, which check again. */
  wake(): void {
    this.#waitqueue.wakeAll(this.dev.kernel.world);
  }

  /** A port that is not open drops input. @see in_intr */
  inIntr(): void {
    if (this.#hasData() && !this.guestConnected) this.#discardPortData();
    this.wake();
    if (this.#hvc?.poll() === true) this.#hvc.kick();
  }

  /** The device has failed: all waits end. */
  fail(): void {
    this.wake();
    this.#hvc?.poll();
  }

  /** The host says that this is a console. @returns 0 or a negative errno @see init_port_console */
  async initConsole(): Promise<number> {
    if (this.isConsole) return 0;
    const { kernel } = this.dev;
    const error = await guard(
      kernel.world,
      () => `init_port_console(${this.devName})`,
      async () => {
        this.#hvc = await hvcAlloc(kernel, this.#hvOps(), PAGE_SIZE);
        this.guestConnected = true;
      },
    );
    if (error === 0) await this.#send(CONSOLE.PORT_OPEN, 1);
    else kernel.log.err(devMessage(this.dev, `error ${String(error)} allocating hvc for port`));
    return error;
  }

  #hvOps(): HvOps {
    return {
      getChars: (count) => (this.#owner === null || this.#failed ? -EPIPE : this.#fillReadbuf(count)),
      putChars: (bytes) => this.#putChars(bytes),
      notifierAdd: () => {
        this.#resizeConsole();
        return 0;
      },
      notifierDel: () => undefined,
    };
  }

  /** Waits until the host has taken it. @see put_chars, __send_to_port */
  async #putChars(bytes: Uint8Array): Promise<number> {
    if (this.#owner === null) return -EPIPE;
    const sent = this.#sendToPort(bytes);
    if (sent < 0) return sent;
    const taken = (): boolean => {
      this.#reclaimConsumedBuffers();
      return this.#owner === null || this.outVq.broken || !this.#sending.has(bytes);
    };
    await this.#wait('put_chars', taken);
    return sent;
  }

  /** @see set_console_size, resize_console */
  setSize(rows: number, cols: number): void {
    if (!this.isConsole) return;
    this.#size = { rows, cols };
    this.#resizeConsole();
  }

  #resizeConsole(): void {
    if (this.#owner?.vdev.hasFeature(CONSOLE.F_SIZE) === true) this.#hvc?.resize(this.#size);
  }

  /** @see handle_control_message VIRTIO_CONSOLE_PORT_OPEN */
  setHostConnected(connected: boolean): void {
    this.hostConnected = connected;
    this.wake();
    this.#reclaimConsumedBuffers();
  }

  /** The name never changes. @see handle_control_message VIRTIO_CONSOLE_PORT_NAME */
  setName(name: string): void {
    if (this.name !== null) return;
    this.name = name;
    this.dev.createFile(nameAttr);
    this.dev.uevent('change');
  }

  /** The queues are about to go; whether the host has its end open, it says again. @see virtcons_freeze */
  freeze(): void {
    this.inVq.disableCb();
    this.outVq.disableCb();
    this.hostConnected = false;
    this.#discardPortData();
    this.#reclaimConsumedBuffers();
    this.#sending.clear();
  }

  /** The host is notified of the state before the freeze. @see virtcons_restore */
  async restore(inVq: Virtqueue, outVq: Virtqueue): Promise<void> {
    this.inVq = inVq;
    this.outVq = outVq;
    fillQueue(inVq);
    await this.#send(CONSOLE.PORT_READY, 1);
    if (this.guestConnected) await this.#send(CONSOLE.PORT_OPEN, 1);
    // A writer that waited when the queues were deleted waits for a completion that will not come.
    if (this.isConsole) this.wake();
  }

  /** Readers and writers get ENODEV, a terminal is hung up, the node goes. @see unplug_port */
  async unplug(): Promise<void> {
    this.guestConnected = this.hostConnected = false;
    if (this.#hvc !== null) hvcRemove(this.dev.kernel, this.#hvc);
    this.#discardPortData();
    this.#reclaimConsumedBuffers();
    this.#owner = null;
    this.wake();
    if (this.name !== null) await this.dev.removeFile('name');
    await this.dev.unregister();
    cdevDel(this.dev);
  }
}
