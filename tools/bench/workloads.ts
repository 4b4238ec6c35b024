import { Device, Kernel, World, type BusType, type DeviceDriver, type Driver } from '../../lib';
import type { Clocks } from './figures';

/** A device with a number that drivers match by. */
class BenchDevice extends Device {
  constructor(
    kernel: Kernel,
    readonly number: number,
    readonly key: number,
  ) {
    super(kernel, { name: `bench${String(number)}`, bus: benchBus, release });
  }
}

interface BenchDriver extends DeviceDriver<BenchDevice> {
  /** The devices with this key are its own. */
  readonly key: number;
}

function release(): void {}

/** As the bus of the kernel module: a match by number, and a uevent callback that adds MODALIAS. */
const benchBus: BusType<BenchDevice, BenchDriver> = {
  name: 'bench',
  match: (dev, { def }) => dev.key === def.key,
  deviceKeys: (dev) => [dev.key],
  driverKeys: ({ def }) => [def.key],
  uevent: (dev, env) => env.add('MODALIAS', `bench:${String(dev.number)}`),
};

/** One row of a measurement. */
export interface Sample {
  readonly devices: number;
  readonly drivers: number;
  readonly workload: string;
  readonly nsPerOp: number;
  /**
   * What all threads of the process used, the collector's and the compiler's too: another process adds nothing to it.
   */
  readonly cpuNsPerOp: number;
}

/** The eight workloads of the recorded kernel module, in its order, on one bus. */
export class Benchmark {
  readonly #kernel = new Kernel(new World());
  readonly #devices: BenchDevice[] = [];
  readonly #drivers: Driver<BenchDriver>[] = [];
  #samples: Sample[] = [];
  readonly #deviceCount: number;
  readonly #driverCount: number;
  readonly #now: () => Clocks;

  constructor(devices: number, drivers: number, now: () => Clocks) {
    this.#deviceCount = devices;
    this.#driverCount = drivers;
    this.#now = now;
  }

  /** Times each workload once; can be called again. */
  async run(): Promise<readonly Sample[]> {
    this.#samples = [];
    const bus = await this.#kernel.registerBus(benchBus);
    await this.#time('device_register_no_driver', () => this.#addDevices());
    await this.#time('driver_register_binds_waiting_devices', () => this.#addDrivers());
    await this.#time('unbind', () => this.#each((dev) => dev.releaseDriver()));
    await this.#time('rebind', () => this.#each((dev) => dev.attach()));
    await this.#time('device_unregister_bound', () => this.#removeDevices());
    await this.#time('device_register_probe', () => this.#addDevices());
    this.#checkBound();
    await this.#time('driver_unregister_unbinds', () => this.#removeDrivers());
    await this.#time('device_unregister_unbound', () => this.#removeDevices());
    await bus.unregister();
    return this.#samples;
  }

  /**
   * Heap for each bound device whose files were never read, in bytes.
   *
   * @param heapUsed bytes in use after a collection
   */
  async heapPerDevice(heapUsed: () => number): Promise<number> {
    await this.#kernel.registerBus(benchBus);
    await this.#addDrivers();
    const before = heapUsed();
    await this.#addDevices();
    this.#checkBound();
    return Math.round((heapUsed() - before) / this.#deviceCount);
  }

  async #time(workload: string, body: () => Promise<void>): Promise<void> {
    const start = this.#now();
    await body();
    const end = this.#now();
    const perOp = (clock: keyof Clocks): number => Math.round((end[clock] - start[clock]) / this.#deviceCount);
    const [devices, drivers] = [this.#deviceCount, this.#driverCount];
    this.#samples.push({ devices, drivers, workload, nsPerOp: perOp('wall'), cpuNsPerOp: perOp('cpu') });
  }

  async #each(act: (dev: BenchDevice) => unknown): Promise<void> {
    for (const dev of this.#devices) {
      const done = act(dev);
      if (done instanceof Promise) await done;
    }
  }

  async #addDevices(): Promise<void> {
    const share = Math.max(1, Math.floor(this.#deviceCount / this.#driverCount));
    for (let i = 0; i < this.#deviceCount; i++) {
      const dev = new BenchDevice(this.#kernel, i, Math.floor(i / share));
      const added = dev.add();
      if (added !== undefined) await added;
      this.#devices.push(dev);
    }
  }

  async #removeDevices(): Promise<void> {
    await this.#each((dev) => dev.unregister());
    this.#devices.length = 0;
  }

  async #addDrivers(): Promise<void> {
    for (let key = 0; key < this.#driverCount; key++) {
      const def: BenchDriver = {
        name: `drv${String(key)}`,
        bus: benchBus,
        key,
        probe: () => 0,
        remove: () => undefined,
      };
      this.#drivers.push(await this.#kernel.registerDriver(def));
    }
  }

  async #removeDrivers(): Promise<void> {
    for (const drv of this.#drivers.splice(0)) await drv.unregister();
  }

  #checkBound(): void {
    const unbound = this.#devices.find((dev) => !dev.isBound);
    if (unbound !== undefined) throw new Error(`${String(unbound.name)} is not bound: the measurement means nothing`);
  }
}
