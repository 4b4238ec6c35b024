import { Kobject, type KobjectOwner, type KobjType } from '../kobject/kobject';
import type { Kset } from '../kobject/kset';

/** @see kernel/params.c module_ktype */
export const moduleKtype: KobjType = { name: 'module_ktype' };

/**
 * The directory of a module in /sys/module: all that drivers need to know of the module that they came with.
 *
 * @see include/linux/module.h struct module_kobject
 */
export class ModuleKobject extends Kobject {
  /** Made with the module's first driver. */
  driversDir: Kobject | null = null;

  constructor(kernel: KobjectOwner & { readonly moduleKset: Kset }) {
    super(kernel, moduleKtype);
    this.kset = kernel.moduleKset;
  }
}
