import type { KlistNode } from '../list';
import type { MayNotSleep } from '../may-sleep';
import type { AttributeGroup } from '../sysfs/attribute';
import type { SysfsDir } from '../sysfs/dir';
import type { Sysfs } from '../sysfs/sysfs';
import type { BugLog } from '../world/atomic';
import type { World } from '../world/world';
import type { Kset } from './kset';
import type { UeventSocket } from './uevent';

/** What objects need of the kernel that they belong to. */
export interface KobjectOwner {
  readonly world: World;
  readonly log: BugLog & { warn(text: string): void };
  readonly sysfs: Sysfs;
  readonly uevents: UeventSocket;
  /** The objects that were made since recording began and are not released, for leak checks. Null: not recorded. */
  readonly kobjects: Set<Kobject> | null;
  /** @see include/asm-generic/bug.h WARN */
  warn(text: string): void;
}

/** What all kobjects of a kind have alike. @see include/linux/kobject.h struct kobj_type */
export interface KobjType<K extends Kobject = Kobject> {
  readonly name: string;
  /** Called once, when the last reference is gone. */
  release?(kobj: K): MayNotSleep;
  readonly defaultGroups?: readonly AttributeGroup<never>[];
}

/**
 * A counted object with a name, a parent and a directory below /sys.
 *
 * @see lib/kobject.c, Documentation/core-api/kobject.rst
 */
export class Kobject {
  name: string | null = null;
  kobjParent: Kobject | null = null;
  kset: Kset | null = null;
  /** Its directory while it is added. */
  sd: SysfsDir | null = null;
  refcount = 1;
  stateInSysfs = false;
  stateAddUeventSent = false;
  stateRemoveUeventSent = false;
  declare ueventSuppress: boolean;
  /** Its place in the kset's list. */
  ksetEntry: KlistNode<Kobject> | null = null;

  constructor(
    readonly kernel: KobjectOwner,
    readonly ktype: KobjType<never>,
  ) {
    kernel.kobjects?.add(this);
  }
}

/** Most objects never have it set: it is held once for all. */
Object.assign(Kobject.prototype, { ueventSuppress: false } satisfies Partial<Kobject>);

/** @see lib/kobject.c kobject_get */
export function kobjectGet<K extends Kobject>(kobj: K): K {
  if (kobj.refcount === 0) kobj.kernel.warn(`refcount_t: addition on 0; use-after-free. (${nameOf(kobj)})`);
  kobj.refcount++;
  return kobj;
}

/** A reference, unless the object is dead. @see lib/kobject.c kobject_get_unless_zero */
export function kobjectGetUnlessZero<K extends Kobject>(kobj: K): K | null {
  if (kobj.refcount === 0) return null;
  kobj.refcount++;
  return kobj;
}

/** Every '/' in a name becomes '!'. @see lib/kobject.c kobject_set_name_vargs */
export function kobjectSetName(kobj: Kobject, name: string): void {
  kobj.name = name.includes('/') ? name.replaceAll('/', '!') : name;
}

/** The name, or what the kernel prints for none. */
export function nameOf(kobj: Kobject | null): string {
  return kobj?.name ?? '(null)';
}

/** Path of names from the root of /sys on, e.g. "/devices/pci0000:00". @see lib/kobject.c kobject_get_path */
export function kobjectGetPath(kobj: Kobject): string {
  return `${kobj.kobjParent === null ? '' : kobjectGetPath(kobj.kobjParent)}/${nameOf(kobj)}`;
}
