import { guard, guardVoid } from '../base/guard';
import type { Kernel } from '../base/kernel';
import { EAGAIN, EBUSY, EEXIST, ENOENT } from '../errno';
import { kobjectPut } from '../kobject/kobject-life';
import { kobjectUevent } from '../kobject/uevent';
import { andThen, type MaySleep } from '../may-sleep';
import { WaitQueue } from '../world/wait';
import { Module, type ModuleDef } from './kernel-module';
import { modSysfsSetup, modSysfsTeardown } from './module-sysfs';

/** The modules of one kernel. @see kernel/module/main.c modules, module_wq */
class ModuleTable {
  /** In the order of loading. */
  readonly modules = new Map<string, Module>();
  readonly #wq = new WaitQueue();
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** A module that can be seen. @see kernel/module/main.c find_module */
  find(name: string): Module | null {
    const mod = this.modules.get(name);
    return mod === undefined || mod.state === 'unformed' ? null : mod;
  }

  /** Sleeps while a module of that name is being loaded. @see kernel/module/main.c finished_loading */
  waitLoaded(name: string): MaySleep<void> {
    const loading = (): boolean => ['unformed', 'coming'].includes(this.modules.get(name)?.state ?? 'live');
    return this.#wq.waitUntil(this.#kernel.world, () => !loading(), `module_wq(${name})`);
  }

  changed(): void {
    this.#wq.wakeAll(this.#kernel.world);
  }

  drop(mod: Module): void {
    if (this.modules.get(mod.def.name) === mod) this.modules.delete(mod.def.name);
    this.changed();
  }
}

const moduleTable = (kernel: Kernel): ModuleTable => new ModuleTable(kernel);

/** A loaded module by name; null when there is none. @see kernel/module/main.c find_module */
export function findModule(kernel: Kernel, name: string): Module | null {
  return kernel.stateOf(moduleTable).find(name);
}

/** Loaded modules, the last first, as /proc/modules lists them. @see kernel/module/procfs.c */
export function loadedModules(kernel: Kernel): readonly Module[] {
  return [...kernel.stateOf(moduleTable).modules.values()].filter((mod) => mod.state !== 'unformed').reverse();
}

/**
 * Loads a module, as insmod does. Its add event is sent after its init has run, so after the events of the objects that
 * it registers; then it waits for asynchronous probes.
 *
 * @throws ErrnoError EEXIST when it is loaded, EBUSY when it is being unloaded or failed to load meanwhile, ENOENT when
 *   a module that it depends on is not loaded, EINVAL for an empty name, the error of its init: nothing is left behind
 * @see kernel/module/main.c load_module
 */
export function initModule(kernel: Kernel, def: ModuleDef): MaySleep<Module> {
  const mod = new Module(kernel, def);
  return kernel.query(
    'init_module',
    def.name,
    () => loadModule(kernel.stateOf(moduleTable), mod),
    () => mod,
  );
}

/**
 * Unloads a module, as rmmod does. Drivers unbind their devices; the devices stay.
 *
 * @throws ErrnoError ENOENT when it is not loaded; EAGAIN when another module uses it or its reference count is not 0;
 *   EBUSY while it is loaded or unloaded, and when it has no exit
 * @see kernel/module/main.c delete_module
 */
export function deleteModule(kernel: Kernel, name: string): MaySleep<void> {
  return kernel.operate('delete_module', name, () => {
    const table = kernel.stateOf(moduleTable);
    const mod = table.find(name);
    return mod === null ? -ENOENT : unload(table, mod);
  });
}

async function loadModule(table: ModuleTable, mod: Module): Promise<number> {
  const refused = await addUnformedModule(table, mod);
  if (refused !== 0) {
    kobjectPut(mod);
    return refused;
  }
  const error = (await resolveUses(table, mod)) || form(mod);
  if (error === 0) return doInitModule(table, mod);
  moduleUnloadFree(mod);
  kobjectPut(mod);
  table.drop(mod);
  return error;
}

/** The name is reserved at once; another load of the same module waits for the first. @see add_unformed_module */
async function addUnformedModule(table: ModuleTable, mod: Module): Promise<number> {
  const { modules } = table;
  const { name } = mod.def;
  const old = modules.get(name);
  if (old === undefined) {
    modules.set(name, mod);
    return 0;
  }
  await table.waitLoaded(name);
  return modules.get(name)?.state === 'live' ? -EEXIST : -EBUSY;
}

/** @see kernel/module/main.c resolve_symbol_wait, use_module */
async function resolveUses(table: ModuleTable, mod: Module): Promise<number> {
  for (const name of mod.def.depends ?? []) {
    await table.waitLoaded(name);
    const used = table.find(name);
    if (used?.tryGet() !== true) {
      mod.kernel.log.warn(`${mod.def.name}: Unknown symbol of ${name} (err -2)`);
      return -ENOENT;
    }
    mod.uses.push(used);
    used.users.push(mod);
  }
  return 0;
}

/** @see kernel/module/main.c complete_formation */
function form(mod: Module): number {
  mod.state = 'coming';
  const error = modSysfsSetup(mod);
  if (error !== 0) mod.state = 'going';
  return error;
}

/** @see kernel/module/main.c module_unload_free */
function moduleUnloadFree(mod: Module): void {
  for (const used of mod.uses.splice(0)) {
    used.modulePut();
    used.users.splice(used.users.indexOf(mod), 1);
  }
}

/** An oops in init leaves the module as it is: coming for ever. @see kernel/module/main.c do_init_module */
async function doInitModule(table: ModuleTable, mod: Module): Promise<number> {
  const { def, kernel } = mod;
  const result = await guard(
    kernel.world,
    () => `do_init_module: ${def.name}`,
    () => def.init?.(kernel, mod),
  );
  if (result < 0) {
    mod.state = 'going';
    await freeModule(table, mod);
    return result;
  }
  if (result > 0) warnOfResult(mod, result);
  mod.state = 'live';
  kobjectUevent(mod, 'add');
  await kernel.async.synchronizeFull();
  mod.modulePut();
  table.changed();
  return 0;
}

function warnOfResult({ def, kernel }: Module, result: number): void {
  const text = `'${def.name}'->init suspiciously returned ${String(result)}, it should follow 0/-E convention`;
  kernel.log.warn(`do_init_module: ${text}`);
  kernel.log.warn('do_init_module: loading module anyway...');
}

function unload(table: ModuleTable, mod: Module): MaySleep<number> {
  const { def, kernel } = mod;
  if (mod.users.length > 0) return -EAGAIN;
  if (mod.state !== 'live') return -EBUSY;
  if (def.init !== undefined && def.exit === undefined) return -EBUSY;
  if (!mod.stop()) return -EAGAIN;
  const ended = guardVoid(
    kernel.world,
    () => `delete_module: ${def.name}`,
    () => def.exit?.(kernel, mod),
  );
  return andThen(ended, async () => {
    await kernel.async.synchronizeFull();
    await freeModule(table, mod);
    return 0;
  });
}

/** @see kernel/module/main.c free_module */
async function freeModule(table: ModuleTable, mod: Module): Promise<void> {
  await modSysfsTeardown(mod);
  mod.state = 'unformed';
  moduleUnloadFree(mod);
  table.drop(mod);
}
