import {
  ErrnoError,
  kstrtou16,
  MISC_DYNAMIC_MINOR,
  miscDeregister,
  miscRegister,
  virtioBus,
  WaitQueue,
  Workqueue,
  type AttributeGroup,
  type FileOperations,
  type MiscDevice,
  type OpenedFile,
  type VirtioDevice,
  type VirtioDriver,
  type Virtqueue,
  type Work,
} from '../../../lib';
import { CONFIG, THERMOMETER_ID } from './thermometer';

const BUFFERS = 2;

/** The driver's data of one device. */
class Thermometer {
  temperature = 0;
  readonly #work: Work = { name: 'temperature_work', run: () => this.#readTemperature() };
  readonly #wq: Workqueue;
  readonly #alarmed = new WaitQueue();
  #alarms = 0;
  #limit: number | null = null;
  #node: MiscDevice | null = null;
  #gone = false;

  constructor(readonly vdev: VirtioDevice) {
    this.#wq = new Workqueue(vdev.kernel.world, `thermometer(${String(vdev.name)})`, vdev.kernel);
  }

  /** Starts the device after a reset. After an error its state is unchanged. */
  async start(): Promise<void> {
    const { vdev } = this;
    this.temperature = await vdev.creadU16(CONFIG.TEMPERATURE);
    const vq = await vdev.findSingleVq({ name: 'alarms', callback: (queue) => this.#alarm(queue) });
    try {
      if (this.#limit !== null) await this.#writeLimit(this.#limit);
      for (let i = 0; i < BUFFERS; i++) vq.add({ in: [2] }, i);
      await vdev.ready();
      vq.kick();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Stops the device. There is no interrupt after the reset, so no work is queued after the cancelled one. */
  async stop(): Promise<void> {
    await this.vdev.reset();
    await this.#wq.cancelWorkSync(this.#work);
    await this.vdev.delVqs();
  }

  /** The node is registered last: from here on it can be opened. */
  async register(): Promise<void> {
    const { kernel, name } = this.vdev;
    this.#node = await miscRegister(kernel, {
      name: `thermometer-${String(name)}`,
      minor: MISC_DYNAMIC_MINOR,
      parent: this.vdev,
      fops: this.#fops(),
    });
  }

  /** It cannot be opened from here on, and reads of open files fail. */
  async unregister(): Promise<void> {
    if (this.#node !== null) await miscDeregister(this.#node);
    this.leave();
  }

  /** Wakes all readers. May not sleep. */
  leave(): void {
    this.#gone = true;
    this.#alarmed.wakeAll(this.vdev.kernel.world);
  }

  /** From an interrupt: may not sleep, but reading the configuration sleeps on some buses. */
  configChanged(): void {
    this.#wq.queue(this.#work);
  }

  async setLimit(degrees: number): Promise<void> {
    await this.#writeLimit(degrees);
    this.#limit = degrees;
  }

  async #writeLimit(degrees: number): Promise<void> {
    const bytes = new Uint8Array(2);
    new DataView(bytes.buffer).setUint16(0, degrees, true);
    await this.vdev.transport.setConfig(CONFIG.LIMIT, bytes);
  }

  async #readTemperature(): Promise<void> {
    this.temperature = await this.vdev.creadU16(CONFIG.TEMPERATURE);
    this.vdev.uevent('change', [`TEMPERATURE=${String(this.temperature)}`]);
  }

  /** From an interrupt. The buffer is added again for the next alarm. */
  #alarm(vq: Virtqueue): void {
    for (let used = vq.getBuf(); used !== undefined; used = vq.getBuf()) {
      this.#alarms++;
      vq.add({ in: [2] }, used.token);
    }
    vq.kick();
    this.#alarmed.wakeAll(this.vdev.kernel.world);
  }

  /** Each open file sees the alarms after its open. It may outlive the device. */
  #fops(): FileOperations {
    return { open: () => this.#open() };
  }

  #open(): OpenedFile {
    let seen = this.#alarms;
    const isNew = (): boolean => this.#gone || this.#alarms > seen;
    return {
      read: async (_count, nonblock) => {
        if (nonblock && !isNew()) return new ErrnoError('EAGAIN').errno;
        await this.#alarmed.waitUntil(this.vdev.kernel.world, isNew, 'an alarm');
        if (this.#gone) return new ErrnoError('ENODEV').errno;
        seen = this.#alarms;
        return new TextEncoder().encode(`${String(seen)}\n`);
      },
      write: () => new ErrnoError('EINVAL').errno,
      release: () => undefined,
    };
  }
}

function thermometerOf(vdev: VirtioDevice): Thermometer {
  return vdev.drvdata as Thermometer;
}

const files: AttributeGroup<VirtioDevice> = {
  attrs: [
    { name: 'temperature', mode: 0o444, show: (vdev) => `${String(thermometerOf(vdev).temperature)}\n` },
    {
      name: 'limit',
      mode: 0o200,
      async store(vdev, text) {
        const degrees = kstrtou16(text, 10);
        if (typeof degrees === 'number') throw new ErrnoError(degrees);
        await thermometerOf(vdev).setLimit(Number(degrees));
      },
    },
  ],
};

export const virtioThermometer: VirtioDriver = {
  name: 'virtio_thermometer',
  bus: virtioBus,
  idTable: [{ device: THERMOMETER_ID }],
  devGroups: [files],
  async probe(vdev) {
    const thermometer = new Thermometer(vdev);
    vdev.drvdata = thermometer;
    await thermometer.start();
    try {
      await thermometer.register();
    } catch (error) {
      await thermometer.stop();
      throw error;
    }
  },
  async remove(vdev) {
    await thermometerOf(vdev).unregister();
    await thermometerOf(vdev).stop();
  },
  configChanged: (vdev) => thermometerOf(vdev).configChanged(),
  broken: (vdev) => thermometerOf(vdev).leave(),
  freeze: (vdev) => thermometerOf(vdev).stop(),
  restore: (vdev) => thermometerOf(vdev).start(),
};
