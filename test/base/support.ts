import {
  Device,
  Kernel,
  World,
  type BusType,
  type DeviceDriver,
  type DeviceInit,
  type Driver,
  type KernelOptions,
  type MaySleep,
  type WorldOptions,
} from '../../lib';

/** A device with an id that drivers list. */
export class TestDevice extends Device {
  constructor(
    kernel: Kernel,
    init: DeviceInit,
    readonly compatible: string,
  ) {
    super(kernel, init);
  }
}

export interface TestDriver extends DeviceDriver<TestDevice> {
  readonly ids: readonly string[];
}

export type TestBus = BusType<TestDevice, TestDriver>;

/** One kernel with one bus `b`, and everything that happens in it as lines of text. */
export class CoreMachine {
  readonly world: World;
  readonly kernel: Kernel;
  /** What happened, in order. */
  readonly log: string[] = [];
  readonly bus: TestBus;

  constructor(extra: Partial<TestBus> = {}, options: { world?: WorldOptions; kernel?: KernelOptions } = {}) {
    this.world = new World(options.world);
    this.kernel = new Kernel(this.world, options.kernel);
    this.bus = { name: 'b', match: (dev, drv) => drv.def.ids.includes(dev.compatible), ...extra };
  }

  /** A bench whose bus is registered and that writes notifications and events into the log. */
  static async make(
    extra: Partial<TestBus> = {},
    options: { world?: WorldOptions; kernel?: KernelOptions } = {},
  ): Promise<CoreMachine> {
    const bench = new CoreMachine(extra, options);
    await bench.kernel.registerBus(bench.bus);
    return bench;
  }

  note(line: string): void {
    this.log.push(line);
  }

  /** What was logged since the last call. */
  taken(): string[] {
    return this.log.splice(0);
  }

  /** Has events and notifications logged too. */
  listen(): this {
    this.kernel.uevents.subscribe(({ action, devpath }) => this.note(`uevent ${action} ${devpath}`));
    this.kernel
      .busOf(this.bus)
      ?.registerNotifier((event, dev) => this.note(`notify ${event} ${dev.name ?? ''} ${dev.driver?.def.name ?? '-'}`));
    return this;
  }

  driver(name: string, extra: Partial<TestDriver> = {}): TestDriver {
    return {
      name,
      ids: ['x'],
      bus: this.bus,
      probe: (dev) => this.note(`probe ${name} ${dev.name ?? ''}`),
      remove: (dev) => this.note(`remove ${name} ${dev.name ?? ''}`),
      ...extra,
    };
  }

  /** A driver whose probe gives that result, or does that. */
  probing(
    name: string,
    result: number | ((dev: TestDevice) => MaySleep<number | void>),
    extra: Partial<TestDriver> = {},
  ): TestDriver {
    return this.driver(name, {
      probe: (dev) => {
        this.note(`probe ${name} ${dev.name ?? ''}`);
        return typeof result === 'number' ? result : result(dev);
      },
      ...extra,
    });
  }

  async register(def: TestDriver): Promise<Driver<TestDriver>> {
    return this.kernel.registerDriver(def);
  }

  device(name: string, init: DeviceInit = {}, compatible = 'x'): TestDevice {
    const release = (dev: Device): void => this.note(`release ${dev.name ?? ''}`);
    return new TestDevice(this.kernel, { name, bus: this.bus, release, ...init }, compatible);
  }

  async add(name: string, init: DeviceInit = {}, compatible = 'x'): Promise<TestDevice> {
    const dev = this.device(name, init, compatible);
    await dev.add();
    return dev;
  }

  read(path: string): Promise<string> {
    return this.kernel.fs.readFile(`/sys/${path}`);
  }

  write(path: string, data: string): Promise<void> {
    return this.kernel.fs.writeFile(`/sys/${path}`, data);
  }

  ls(path: string): string[] {
    return this.kernel.sysfs.readdir(`/sys/${path}`);
  }

  /** Texts of the kernel's log at that level. */
  dmesg(level: string): string[] {
    return this.kernel.log.entries.filter((entry) => entry.level === level).map((entry) => entry.text);
  }
}
