/**
 * The driver of virtio consoles.
 *
 * @module linux-driver-model/drivers/virtio_console
 */
import { devMessage } from '../lib/base/device';
import { guard } from '../lib/base/guard';
import type { Kernel } from '../lib/base/kernel';
import { EINVAL, ErrnoError } from '../lib/errno';
import { andThen, each, type MaySleep } from '../lib/may-sleep';
import { registerChrdev, unregisterChrdev } from '../lib/subsystems';
import { utf8Decode } from '../lib/utf8';
import {
  CONSOLE,
  consolePortQueue,
  decodeConsoleMessage,
  DEVICE_ID,
  encodeConsoleMessage,
  virtioBreakDevice,
  virtioBus,
  type Completed,
  type ConsoleMessage,
  type VirtioDevice,
  type VirtioDriver,
  type Virtqueue,
  type VirtqueueSpec,
} from '../lib/virtio';
import { WaitQueue, Workqueue, type Work } from '../lib/world';
import { addInbuf, fillQueue, Port, virtioPortsClass, type PortOwner } from './virtio_console_port';

/** @see VIRTCONS_MAX_PORTS */
const MAX_PORTS = 0x8000;

/**
 * A device with its ports. Consoles become hvcN, all others are nodes of their own.
 *
 * @see drivers/char/virtio_console.c struct ports_device, VIRTIO 1.2 §5.3
 */
class PortsDevice implements PortOwner {
  readonly major: number;
  readonly #wq: Workqueue;
  readonly #controlWork: Work;
  readonly #configWork: Work;
  readonly #ports = new Map<number, Port>();
  readonly #room = new WaitQueue();
  #maxPorts = 1;
  #vqs: readonly Virtqueue[] = [];
  #leaving = false;
  #failed = false;

  constructor(readonly vdev: VirtioDevice) {
    this.major = registerChrdev(vdev.kernel, 'virtio-portsdev');
    this.#wq = new Workqueue(vdev.kernel.world, `virtio_console(${String(vdev.name)})`, vdev.kernel);
    this.#controlWork = { name: 'control_work', run: () => this.#handleControl() };
    this.#configWork = { name: 'config_work', run: () => andThen(this.#readSize(), () => undefined) };
  }

  get failed(): boolean {
    return this.#failed;
  }

  /** @see use_multiport */
  get #multiport(): boolean {
    return this.vdev.hasFeature(CONSOLE.F_MULTIPORT);
  }

  /** Before the device works: what fails here leaves no port. @see virtcons_probe */
  async findVqs(): Promise<void> {
    if (this.#multiport) this.#maxPorts = await this.vdev.creadU32(CONSOLE.CONFIG_MAX_PORTS);
    if (this.#maxPorts === 0 || this.#maxPorts > MAX_PORTS) {
      const what = `Invalidate max_nr_ports ${String(this.#maxPorts)}`;
      this.vdev.kernel.log.err(devMessage(this.vdev, what));
      throw new ErrnoError(EINVAL, { syscall: 'virtcons_probe', path: what });
    }
    await this.#initVqs();
  }

  /** @see init_vqs */
  async #initVqs(): Promise<void> {
    this.#vqs = await this.vdev.findVqs(this.#queueSpecs());
    if (this.#multiport) this.#controlOut.disableCb();
  }

  /** Port 0, control messages, all other ports. */
  #queueSpecs(): VirtqueueSpec[] {
    const control = [
      { name: 'control-i', callback: () => void this.#wq.queue(this.#controlWork) },
      { name: 'control-o', callback: () => this.#room.wakeAll(this.vdev.kernel.world) },
    ];
    const others = Array.from({ length: this.#maxPorts - 1 }, (_, i) => this.#portSpecs(i + 1));
    return [...this.#portSpecs(0), ...(this.#multiport ? control : []), ...others.flat()];
  }

  #portSpecs(id: number): VirtqueueSpec[] {
    return [
      { name: 'input', callback: (vq) => this.#inIntr(vq, id) },
      { name: 'output', callback: () => this.#ports.get(id)?.wake() },
    ];
  }

  /** Without a port the buffers are unused. */
  #inIntr(vq: Virtqueue, id: number): void {
    const port = this.#ports.get(id);
    if (port !== undefined) port.inIntr();
    else while (vq.getBuf() !== undefined);
    if (vq.broken) this.broken();
  }

  #queue(index: number): Virtqueue {
    const vq = this.#vqs[index];
    if (vq === undefined) throw new Error(`${String(this.vdev.name)} has no queue ${String(index)}`);
    return vq;
  }

  get #controlOut(): Virtqueue {
    return this.#queue(CONSOLE.CONTROL_OUT);
  }

  /** The device works: it may send messages, or has its one console at once. @see virtcons_probe */
  async start(): Promise<void> {
    await this.vdev.ready();
    if (this.#multiport) await this.#fillControl();
    else await this.#addPort(0);
    await this.sendControl(CONSOLE.BAD_ID, CONSOLE.DEVICE_READY, 1);
  }

  async #fillControl(): Promise<void> {
    const error = fillQueue(this.#queue(CONSOLE.CONTROL_IN));
    if (error >= 0) return;
    this.vdev.kernel.log.err(devMessage(this.vdev, 'Error allocating buffers for control queue'));
    await this.sendControl(CONSOLE.BAD_ID, CONSOLE.DEVICE_READY, 0);
    throw new ErrnoError(error, { syscall: 'fill_queue', path: 'control-i' });
  }

  /** Linux waits until the host has read it; here only for room. @see __send_control_msg */
  async sendControl(id: number, event: number, value: number): Promise<void> {
    if (!this.#multiport) return;
    const vq = this.#controlOut;
    const isFull = (): boolean => vq.numFree === 0 && !vq.broken;
    const hasRoom = (): boolean => {
      do while (vq.getBuf() !== undefined);
      while (isFull() && !vq.enableCb());
      return !isFull();
    };
    await this.#room.waitUntil(this.vdev.kernel.world, hasRoom, `send_control_msg(${String(this.vdev.name)})`);
    vq.disableCb();
    if (vq.add({ out: [encodeConsoleMessage(id, event, value)] }, id) === 0) vq.kick();
  }

  /** @see control_work_handler */
  #handleControl(): MaySleep<void> {
    const vq = this.#queue(CONSOLE.CONTROL_IN);
    return each(completed(vq), ({ data }) => {
      const message = decodeConsoleMessage(data[0] ?? new Uint8Array(0));
      return andThen(message === undefined ? undefined : this.#handleMessage(message), () => {
        if (addInbuf(vq) < 0 && !vq.broken) this.#warn('Error adding buffer to queue');
      });
    });
  }

  /** @see handle_control_message, VIRTIO 1.2 §5.3.6.2 */
  #handleMessage({ id, event, value, rest }: ConsoleMessage): MaySleep<unknown> {
    const port = this.#ports.get(id);
    if (event === CONSOLE.DEVICE_ADD) return this.#portAdd(id, port);
    if (port === undefined) return undefined;
    if (event === CONSOLE.DEVICE_REMOVE) return this.#unplug(port);
    if (event === CONSOLE.CONSOLE_PORT && value !== 0) return port.initConsole();
    if (event === CONSOLE.RESIZE && rest.length >= 4) port.setSize(u16(rest, 2), u16(rest, 0));
    if (event === CONSOLE.PORT_OPEN) port.setHostConnected(value !== 0);
    if (event === CONSOLE.PORT_NAME) port.setName(utf8Decode(rest).split('\0', 1)[0] ?? '');
    return undefined;
  }

  async #portAdd(id: number, known: Port | undefined): Promise<void> {
    if (known !== undefined) await this.sendControl(id, CONSOLE.PORT_READY, 1);
    else if (id < this.#maxPorts) await this.#addPort(id);
    else {
      const limit = `max. supported id: ${String(this.#maxPorts - 1)}`;
      this.#warn(`Request for adding port with out-of-bound id ${String(id)}, ${limit}`);
    }
  }

  /** The host is notified whether it worked. @see add_port */
  async #addPort(id: number): Promise<void> {
    const at = consolePortQueue(id);
    const port = new Port(this, id, this.#queue(at), this.#queue(at + 1));
    const error = await this.#startPort(port);
    const what = `Error ${String(error)} creating device for port ${String(id)}`;
    if (error !== 0) this.vdev.kernel.log.err(devMessage(this.vdev, what));
    await this.sendControl(id, CONSOLE.PORT_READY, error === 0 ? 1 : 0);
  }

  /** Without control messages the only port is a console. */
  async #startPort(port: Port): Promise<number> {
    const started = await port.start();
    if (started !== 0) return started;
    this.#ports.set(port.id, port);
    const error = this.#multiport ? 0 : await port.initConsole();
    if (error !== 0) await this.#unplug(port);
    return error;
  }

  #unplug(port: Port): Promise<void> {
    this.#ports.delete(port.id);
    return port.unplug();
  }

  /** Only without control messages, which bring the size of each port. @see config_intr */
  configChanged(): void {
    if (!this.#multiport) this.#wq.queue(this.#configWork);
  }

  /** A size that cannot be read changes nothing. @see config_work_handler */
  #readSize(): MaySleep<unknown> {
    const { vdev } = this;
    return guard(
      vdev.kernel.world,
      () => `config_work_handler(${String(vdev.name)})`,
      () =>
        andThen(vdev.creadU16(CONSOLE.CONFIG_COLS), (cols) =>
          andThen(vdev.creadU16(CONSOLE.CONFIG_ROWS), (rows) => this.#ports.get(0)?.setSize(rows, cols)),
        ),
    );
  }

  /** The device has failed: all waits end. */
  broken(): void {
    if (!this.#leaving) this.#failed = true;
    this.#room.wakeAll(this.vdev.kernel.world);
    for (const port of this.#ports.values()) port.fail();
  }

  /** @see virtcons_remove */
  async remove(): Promise<void> {
    this.#leaving = true;
    virtioBreakDevice(this.vdev);
    await this.#wq.flush();
    await this.vdev.reset();
    await this.#wq.flush();
    for (const port of [...this.#ports.values()]) await this.#unplug(port);
    await this.release();
  }

  /** The ports and their open files stay. @see virtcons_freeze */
  async freeze(): Promise<void> {
    await this.vdev.reset();
    await this.#wq.cancelWorkSync(this.#controlWork);
    await this.#wq.cancelWorkSync(this.#configWork);
    for (const port of this.#ports.values()) port.freeze();
    await this.vdev.delVqs();
  }

  /** @see virtcons_restore */
  async restore(): Promise<void> {
    await this.#initVqs();
    await this.vdev.ready();
    if (this.#multiport) fillQueue(this.#queue(CONSOLE.CONTROL_IN));
    for (const port of this.#ports.values()) {
      const at = consolePortQueue(port.id);
      await port.restore(this.#queue(at), this.#queue(at + 1));
    }
  }

  /** Gives back what {@link findVqs} took. */
  async release(): Promise<void> {
    unregisterChrdev(this.vdev.kernel, this.major);
    await this.vdev.delVqs();
  }

  #warn(text: string): void {
    this.vdev.kernel.log.warn(devMessage(this.vdev, text));
  }
}

/** What the device is done with, also what it finishes meanwhile. */
function* completed(vq: Virtqueue): Generator<Completed> {
  for (let done = vq.getBuf(); done !== undefined; done = vq.getBuf()) yield done;
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

function registerPortsClass(kernel: Kernel): MaySleep<unknown> {
  return kernel.classOf(virtioPortsClass) ?? kernel.registerClass(virtioPortsClass);
}

async function probe(vdev: VirtioDevice): Promise<void> {
  await registerPortsClass(vdev.kernel);
  const portdev = new PortsDevice(vdev);
  vdev.drvdata = portdev;
  try {
    await portdev.findVqs();
  } catch (error) {
    await portdev.release();
    throw error;
  }
  try {
    await portdev.start();
  } catch (error) {
    await portdev.remove();
    throw error;
  }
}

/** Consoles (hvcN) and ports with names (vportNpM). @see drivers/char/virtio_console.c virtio_console */
export const virtioConsole: VirtioDriver = {
  name: 'virtio_console',
  bus: virtioBus,
  idTable: [{ device: DEVICE_ID.CONSOLE }],
  featureTable: [CONSOLE.F_SIZE, CONSOLE.F_MULTIPORT],
  probe,
  remove: (vdev) => (vdev.drvdata as PortsDevice).remove(),
  freeze: (vdev) => (vdev.drvdata as PortsDevice).freeze(),
  restore: (vdev) => (vdev.drvdata as PortsDevice).restore(),
  broken: (vdev) => (vdev.drvdata as PortsDevice).broken(),
  configChanged: (vdev) => (vdev.drvdata as PortsDevice).configChanged(),
};

/** The same for the serial channel of a remote processor. @see drivers/char/virtio_console.c virtio_rproc_serial */
export const virtioRprocSerial: VirtioDriver = {
  name: 'virtio_rproc_serial',
  bus: virtioBus,
  idTable: [{ device: DEVICE_ID.RPROC_SERIAL }],
  featureTable: [],
  probe,
  remove: (vdev) => (vdev.drvdata as PortsDevice).remove(),
};
