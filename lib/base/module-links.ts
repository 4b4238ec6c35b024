import { kobjectCreateAndAdd } from '../kobject/kobject-life';
import type { Driver } from './driver';

/** @see drivers/base/module.c make_driver_name */
function makeDriverName({ bus, def }: Driver): string {
  return `${bus.type.name}:${def.name}`;
}

/**
 * Links a driver and its module to each other; a name that is taken is passed over.
 *
 * @see drivers/base/module.c module_add_driver
 */
export function moduleAddDriver(drv: Driver): void {
  const { owner } = drv;
  if (owner === null) return;
  drv.sd?.addLink('module', owner.sd);
  owner.driversDir ??= kobjectCreateAndAdd(drv.kernel, 'drivers', owner);
  owner.driversDir.sd?.addLink(makeDriverName(drv), drv.sd);
}

/** @see drivers/base/module.c module_remove_driver */
export function moduleRemoveDriver(drv: Driver): void {
  const { owner } = drv;
  if (owner === null) return;
  void drv.sd?.removeName('module');
  void owner.driversDir?.sd?.removeName(makeDriverName(drv));
}
