import type { Device } from './device';
import { isSyncStateOnly } from './links/flags';

/**
 * Puts a device last in the list that shutdown walks. One that shutdown took off comes back.
 *
 * @see drivers/base/core.c devices_kset_move_last
 */
export function devicesKsetMoveLast(dev: Device): void {
  const { list } = dev.kernel.devicesKset;
  if (dev.ksetEntry === null) dev.ksetEntry = list.addTail(dev);
  else list.moveTail(dev.ksetEntry);
}

/**
 * Puts a device beside another one in that list. Beside one that shutdown took off it is off too.
 *
 * @see drivers/base/core.c devices_kset_move_before, devices_kset_move_after
 */
export function devicesKsetMoveBeside(dev: Device, other: Device, side: 'after' | 'before'): void {
  const { list } = dev.kernel.devicesKset;
  if (dev.ksetEntry !== null) list.del(dev.ksetEntry);
  dev.ksetEntry = null;
  if (other.ksetEntry === null) return;
  dev.ksetEntry = side === 'after' ? list.addBehind(dev, other.ksetEntry) : list.addBefore(dev, other.ksetEntry);
}

/**
 * Puts a device, all below it and all that depends on it last for suspend and shutdown, so that they come after what
 * they need. Linux follows every way from one to the other; where it comes last, it stays.
 *
 * @see drivers/base/core.c device_reorder_to_tail
 */
export function deviceReorderToTail(dev: Device): void {
  for (const moved of withDependents(dev)) {
    if (moved.isRegistered) devicesKsetMoveLast(moved);
    moved.kernel.dpm.moveLast(moved);
  }
}

/** Each once, behind all from which a way leads to it. */
function withDependents(dev: Device): Device[] {
  const last: Device[] = [];
  const seen = new Set<Device>();
  const visit = (at: Device): void => {
    if (seen.has(at)) return;
    seen.add(at);
    for (const dependent of dependents(at).reverse()) visit(dependent);
    last.push(at);
  };
  visit(dev);
  return last.reverse();
}

function dependents(dev: Device): Device[] {
  const consumers = dev.consumers.filter(({ flags }) => !isSyncStateOnly(flags));
  return [...dev.children(), ...consumers.map(({ consumer }) => consumer)];
}
