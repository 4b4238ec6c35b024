import { EINVAL } from '../errno';
import { kobjectAdd, kobjectCreateAndAdd, kobjectDel, kobjectPut } from '../kobject/kobject-life';
import { ksetFindObj } from '../kobject/kset';
import { kobjectSynthUevent } from '../kobject/synth-uevent';
import { attrRo, attrWo, type Attribute } from '../sysfs/attribute';
import type { Module } from './kernel-module';

/** @see kernel/module/main.c modinfo_attrs */
const MODINFO_ATTRS: readonly Attribute<Module>[] = [
  attrWo<Module>('uevent', (mod, text) => kobjectSynthUevent(mod, text) || undefined),
  attrRo<Module>('initstate', ({ state }) => `${state === 'unformed' ? 'unknown' : state}\n`),
  attrRo<Module>('refcnt', ({ refcnt }) => `${String(refcnt)}\n`),
];

/** @see kernel/module/sysfs.c mod_sysfs_init */
function modSysfsInit(mod: Module): number {
  const { def, kernel } = mod;
  const taken = ksetFindObj(kernel.moduleKset, def.name);
  if (taken === null) return kobjectAdd(mod, null, def.name);
  kernel.log.err(`${def.name}: module is already loaded`);
  kobjectPut(taken);
  return -EINVAL;
}

/**
 * Makes the module's directory and its links from the modules that it uses. Sends no event.
 *
 * @returns 0; -EINVAL when the name is taken or empty
 * @see kernel/module/sysfs.c mod_sysfs_setup
 */
export function modSysfsSetup(mod: Module): number {
  const error = modSysfsInit(mod);
  if (error !== 0) return error;
  mod.holdersDir = kobjectCreateAndAdd(mod.kernel, 'holders', mod);
  for (const attr of MODINFO_ATTRS) mod.sd?.addFile(attr);
  for (const used of mod.uses) used.holdersDir?.sd?.addLink(mod.def.name, mod.sd);
  return 0;
}

/** Takes the directory away, with its remove event if add was sent. @see kernel/module/sysfs.c mod_sysfs_teardown */
export async function modSysfsTeardown(mod: Module): Promise<void> {
  for (const used of mod.uses) await used.holdersDir?.sd?.removeName(mod.def.name);
  for (const { name } of MODINFO_ATTRS) await mod.sd?.removeName(name);
  if (mod.driversDir !== null) kobjectPut(mod.driversDir);
  if (mod.holdersDir !== null) kobjectPut(mod.holdersDir);
  await kobjectDel(mod);
  kobjectPut(mod);
}
