import type { Kernel } from '../base/kernel';
import { EEXIST, ENOENT, ErrnoError } from '../errno';
import { findModule, initModule, type ModuleDef } from '../module';
import { isPending, type MaySleep } from '../may-sleep';
import type { ModuleIndex } from './module-index';

/**
 * Loads the modules for a name or an alias, each after its dependencies. Loaded modules are skipped.
 *
 * @returns names of the modules that were loaded now, in order
 * @throws ErrnoError ENOENT when there is no module for it; as {@link ModuleIndex.lookup} and {@link
 *   ModuleIndex.loadOrder}; the error of the last module that failed to load
 * @see modprobe(8), libkmod kmod_module_probe_insert_module
 */
export function modprobe(kernel: Kernel, index: ModuleIndex, text: string): MaySleep<readonly string[]> {
  return kernel.world.run(() => load(kernel, index, text), `modprobe(${text})`, kernel);
}

async function load(kernel: Kernel, index: ModuleIndex, text: string): Promise<readonly string[]> {
  const found = index.lookup(text);
  if (found.length === 0) throw new ErrnoError(ENOENT, { syscall: 'modprobe', path: text });
  const loaded: string[] = [];
  let refused: Refusal = null;
  for (const def of found) refused = (await loadWithNeeds(kernel, index.loadOrder(def), loaded)) ?? refused;
  if (refused !== null) throw refused;
  return loaded;
}

type Refusal = ErrnoError | null;

async function loadWithNeeds(kernel: Kernel, order: readonly ModuleDef[], loaded: string[]): Promise<Refusal> {
  for (const def of order) {
    if (findModule(kernel, def.name)?.state === 'live') continue;
    const error = await insert(kernel, def);
    if (error === null) loaded.push(def.name);
    else if (error.errno !== -EEXIST) return error;
  }
  return null;
}

async function insert(kernel: Kernel, def: ModuleDef): Promise<Refusal> {
  try {
    const loading = initModule(kernel, def);
    if (isPending(loading)) await loading;
    return null;
  } catch (error) {
    if (error instanceof ErrnoError) return error;
    throw error;
  }
}
