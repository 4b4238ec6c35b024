import { Kernel } from '../lib/base/kernel';
import { ErrnoError } from '../lib/errno';
import { Hypervisor, NetworkHub, type Guest } from '../lib/hypervisor';
import { initModule, type ModuleDef } from '../lib/module';
import type { ShellMachine } from '../lib/shell';
import type { Node } from '../lib/shell/files/node';
import { bdiClassInit, deadlineInit, initSubsystems, registerChrdev } from '../lib/subsystems';
import { World } from '../lib/world';
import { Arm64Board } from './arm64-of/board';
import type { Board, BoardParts, PluggedDevice } from './board';
import type { Base, MachineDef } from './definition';
import { runMonitor } from './monitor';
import { virtioDriverModules } from './modules';
import { Ps3Board } from './ps3';
import { S390xBoard } from './s390x-ccw';
import { X86Board } from './x86-pci/board';

const BOARDS: Readonly<Record<Base, new (parts: BoardParts) => Board>> = {
  'x86-pci': X86Board,
  's390x-ccw': S390xBoard,
  'arm64-of': Arm64Board,
  ps3: Ps3Board,
};

/** Places of a disk's queue: virtio-mmio has room for QEMU's largest. */
const QUEUE_SIZES: Readonly<Record<Base, number>> = { 'x86-pci': 256, 's390x-ccw': 256, 'arm64-of': 1024, ps3: 256 };

const ARM_SERIAL = ['ttyAML', 'ttyMSM', 'ttyMSM', 'ttyHS', 'ttyTHS', 'ttyLP'];

/** Drivers of character devices that the kernels have built in and that take a number each, in that order. */
const CHAR_DEVICES: Readonly<Record<Base, readonly string[]>> = {
  'x86-pci': ['gpiochip', 'tpm', 'dax', 'rtc', 'pps', 'ptp', 'bsg', 'cxl'],
  's390x-ccw': ['gpiochip', 'tpm', 'dax', 'pps', 'ptp', 'bsg'],
  'arm64-of': ['gpiochip', 'ttyMV', 'tpm', 'rtc', 'pps', 'ptp', 'watchdog', 'bsg', ...ARM_SERIAL, 'cxl', 'rpmb'],
  ps3: [],
};

/** Kernels with power management. */
const BOARD_PM: readonly Base[] = ['x86-pci', 'arm64-of', 'ps3'];

/** How a machine boots. */
export interface BootOptions {
  /** What init loads: `all`, `none`, `transport`, or names. Default: all. */
  readonly modules?: string;
  /** Modules besides those of the machine, on its disk. */
  readonly more?: readonly ModuleDef[];
}

/** As long as a process takes to start, in ns. */
const PROCESS_NS = 10e6;
/** So long no event has come when the events are over, in ns. */
const QUIET_NS = 400e6;
/** So long devices wait for drivers that come later, in ns. @see drivers/base/dd.c driver_deferred_probe_timeout */
const DEFERRED_NS = 10e9;

/** A machine that runs: a host with devices, a guest with its kernel. */
export class VirtualMachine implements ShellMachine {
  readonly world = new World();
  readonly hypervisor = new Hypervisor(this.world);
  readonly guest: Guest;
  readonly kernel: Kernel;
  readonly board: Board;
  readonly modules: ReadonlyMap<string, ModuleDef>;
  readonly def: MachineDef;
  /** What can be plugged and unplugged, by its name on the host. */
  readonly plugged = new Map<string, PluggedDevice>();
  /** Tasks of commands that the kernel has killed. */
  readonly deaths: unknown[] = [];
  readonly #hub = new NetworkHub();
  #models = 0;

  private constructor(def: MachineDef, more: readonly ModuleDef[]) {
    this.def = def;
    this.guest = this.hypervisor.createGuest({ name: def.base });
    this.kernel = new Kernel(this.world, { name: def.base, port: this.guest.port, pm: BOARD_PM.includes(def.base) });
    const { hypervisor, guest } = this;
    const modelParts = (): ReturnType<BoardParts['modelParts']> => ({
      hub: this.#hub,
      seed: this.#models++,
      queueSize: QUEUE_SIZES[def.base],
    });
    this.board = new BOARDS[def.base]({ def, hypervisor, guest, modelParts });
    const modules = [...this.board.modules, ...virtioDriverModules(this.board.core, this.board.balloon), ...more];
    this.modules = new Map(modules.map((module) => [module.name, module]));
  }

  /**
   * Builds a machine and boots it.
   *
   * @throws ErrnoError a device cannot be plugged, or a module cannot be loaded: ENOENT for an unknown one
   */
  static async boot(def: MachineDef, { modules = 'all', more = [] }: BootOptions = {}): Promise<VirtualMachine> {
    const machine = new VirtualMachine(def, more);
    for (const device of def.devices) machine.plugged.set(device.id, machine.board.plug(device));
    await machine.#boot(machine.#selected(modules, more));
    return machine;
  }

  get release(): string {
    return this.def.release;
  }

  get arch(): string {
    return this.board.arch;
  }

  get commandLine(): string {
    return this.def.commandLine;
  }

  get hasDeviceTree(): boolean {
    return this.board.hasDeviceTree;
  }

  get proc(): Readonly<Record<string, Node>> {
    return this.board.proc?.(this.kernel) ?? {};
  }

  monitor(line: string): Promise<string> {
    return runMonitor(this, line);
  }

  async settle(): Promise<void> {
    await this.pass(QUIET_NS);
  }

  async pass(ns: number): Promise<void> {
    await this.world.advance(ns);
  }

  async commandDone(): Promise<void> {
    await this.pass(PROCESS_NS);
  }

  commandDied(error: unknown): void {
    this.deaths.push(error);
    this.kernel.log.crit(`Oops: ${String(error)} [#${String(this.deaths.length)}]`);
  }

  /** What init loads, in order. */
  #selected(modules: string, more: readonly ModuleDef[]): readonly string[] {
    const { board } = this;
    const transport = board.modules.map(({ name }) => name).filter((name) => !board.atHand.includes(name));
    if (modules === 'none') return [];
    if (modules === 'transport') return transport;
    if (modules !== 'all') return modules.split(/\s+/).map((name) => name.replaceAll('-', '_'));
    const extra = more.map(({ name }) => name);
    return [...this.modules.keys()].filter((name) => !board.atHand.includes(name) && !extra.includes(name));
  }

  async #boot(names: readonly string[]): Promise<void> {
    await initSubsystems(this.kernel);
    await bdiClassInit(this.kernel);
    deadlineInit(this.kernel);
    for (const name of CHAR_DEVICES[this.def.base]) registerChrdev(this.kernel, name);
    await this.board.boot(this.kernel);
    this.kernel.deferred.startTimeout(DEFERRED_NS);
    await this.settle();
    for (const name of names) {
      const module = this.modules.get(name);
      if (module === undefined) throw new ErrnoError('ENOENT', { syscall: 'insmod', path: name });
      await initModule(this.kernel, module);
      await this.commandDone();
    }
    await this.settle();
  }
}
