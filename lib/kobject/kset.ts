import { Klist } from '../list';
import { Kobject, kobjectGetUnlessZero, nameOf, type KobjectOwner, type KobjType } from './kobject';
import { kobjectAdd, kobjectDel, kobjectPut } from './kobject-life';
import { kobjectUevent } from './uevent';
import type { UeventEnv } from './uevent-env';
import { andThen, type MaySleep } from '../may-sleep';
import { atomic } from '../world/atomic';

/**
 * How a kset decides about the events of its members. None may sleep.
 *
 * @see include/linux/kobject.h struct kset_uevent_ops
 */
export interface KsetUeventOps {
  /** False drops the event silently. */
  filter?(kobj: Kobject): boolean;
  /** Value of SUBSYSTEM; null drops the event. Absent: the kset's name. */
  subsystem?(kobj: Kobject): string | null;
  /** True: {@link uevent} has no callback for this member and cannot fail, so it may be skipped without a listener. */
  isQuiet?(kobj: Kobject): boolean;
  /** Adds variables; a result that is not 0 ends the event. */
  uevent?(kobj: Kobject, env: UeventEnv): number;
}

/** A kobject that other kobjects are members of. @see lib/kobject.c kset_create */
export class Kset extends Kobject {
  /** Members in the order of their adding. */
  readonly list = new Klist<Kobject>();
  ueventOps: KsetUeventOps | null;

  constructor(
    kernel: KobjectOwner,
    ueventOps: KsetUeventOps | null = null,
    ktype: KobjType<never> = { name: 'kset_ktype' },
  ) {
    super(kernel, ktype);
    this.ueventOps = ueventOps === null ? null : sleepless(this, ueventOps);
  }
}

/** Operations that are looked after. */
function sleepless(kset: Kset, ops: KsetUeventOps): KsetUeventOps {
  const { kernel } = kset;
  const ask = <T>(callback: string, kobj: Kobject, body: () => T): T => {
    const where = (): string => `kobject_uevent_env: ${callback} of kset ${nameOf(kset)}, ${nameOf(kobj)}`;
    return atomic(kernel.world, kernel.log, where, body);
  };
  return {
    isQuiet: ops.isQuiet && ((kobj) => ask('is_quiet', kobj, () => ops.isQuiet?.(kobj)) === true),
    filter: ops.filter && ((kobj) => ask('filter', kobj, () => ops.filter?.(kobj)) !== false),
    subsystem: ops.subsystem && ((kobj) => ask('name', kobj, () => ops.subsystem?.(kobj)) ?? null),
    uevent: ops.uevent && ((kobj, env) => ask('uevent', kobj, () => ops.uevent?.(kobj, env)) ?? 0),
  };
}

/** Adds it and sends its add event. @returns 0 or the error of kobject_add @see lib/kobject.c kset_register */
export function ksetRegister(kset: Kset, name: string, parent: Kobject | null = null): number {
  const error = kobjectAdd(kset, parent, name);
  if (error === 0) kobjectUevent(kset, 'add');
  return error;
}

/** @see lib/kobject.c kset_unregister */
export function ksetUnregister(kset: Kset): MaySleep<void> {
  return andThen(kobjectDel(kset), () => kobjectPut(kset));
}

/** A member by name, with a reference; null if there is none. @see lib/kobject.c kset_find_obj */
export function ksetFindObj(kset: Kset, name: string): Kobject | null {
  for (const kobj of kset.list) if (kobj.name === name) return kobjectGetUnlessZero(kobj);
  return null;
}
