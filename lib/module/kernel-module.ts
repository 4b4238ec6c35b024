import type { Kernel } from '../base/kernel';
import { ModuleKobject } from '../base/module-kobject';
import type { Kobject } from '../kobject/kobject';
import type { MaySleep } from '../may-sleep';

/**
 * A module as it lies on the disk: a value without state, so that it can be loaded in many kernels. What it keeps while
 * it is loaded is in {@link Module.data}.
 */
export interface ModuleDef {
  /** With underscores, as in /sys/module. */
  readonly name: string;
  /** Patterns of the MODALIAS texts that it is for. @see include/linux/module.h MODULE_ALIAS, MODULE_DEVICE_TABLE */
  readonly aliases?: readonly string[];
  /** Names of the modules whose functions it calls: they must be loaded before it and stay loaded as long as it is. */
  readonly depends?: readonly string[];
  /**
   * Starts it: registers drivers, buses, classes.
   *
   * @returns nothing or 0; a negative errno, or a thrown ErrnoError: it is not loaded, and has undone what it did
   */
  init?(kernel: Kernel, module: Module): MaySleep<number | void>;
  /** Ends it; everything that it registered is gone afterwards. With an init and no exit it cannot be unloaded. */
  exit?(kernel: Kernel, module: Module): MaySleep<void>;
}

/** @see include/linux/module.h enum module_state */
export type ModuleState = 'unformed' | 'coming' | 'live' | 'going';

/**
 * A module in one kernel.
 *
 * @see include/linux/module.h struct module
 */
export class Module extends ModuleKobject {
  declare readonly kernel: Kernel;
  state: ModuleState = 'unformed';
  /** What the module keeps of its own: its static variables. */
  data: unknown = null;
  /** Modules that it uses, and those that use it, in the order in which they came. */
  readonly uses: Module[] = [];
  readonly users: Module[] = [];
  /** Links to the modules that use it. */
  holdersDir: Kobject | null = null;
  /** Its users: modules that depend on it, open devices, and loading itself. */
  #references = 1;

  constructor(
    kernel: Kernel,
    readonly def: ModuleDef,
  ) {
    super(kernel);
  }

  /** How many need it to stay; -1 while it goes. @see kernel/module/main.c module_refcount */
  get refcnt(): number {
    return this.#references;
  }

  /** Keeps it loaded. False when it is about to go: it must not be used. @see kernel/module/main.c try_module_get */
  tryGet(): boolean {
    if (this.state === 'going' || this.state === 'unformed') return false;
    this.#references++;
    return true;
  }

  /** Ends what {@link tryGet} began. @see kernel/module/main.c module_put */
  modulePut(): void {
    if (this.#references <= 0) this.kernel.warn(`module_put: ${this.def.name} is not in use`);
    else this.#references--;
  }

  /** No more references can be taken. @see kernel/module/main.c try_stop_module */
  stop(): boolean {
    if (this.#references !== 0) return false;
    this.#references = -1;
    this.state = 'going';
    return true;
  }
}
