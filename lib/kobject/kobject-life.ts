import { EINVAL, EEXIST, ENOENT } from '../errno';
import { andThen, type MayNotSleep, type MaySleep } from '../may-sleep';
import { createGroups, removeGroups } from '../sysfs/group';
import { atomicVoid } from '../world/atomic';
import { Kobject, kobjectGet, kobjectSetName, nameOf, type KobjectOwner, type KobjType } from './kobject';
import type { Kset } from './kset';
import { kobjectUevent } from './uevent';

/** Drops a reference; the last one deletes and releases the object at once. @see lib/kobject.c kobject_put */
export function kobjectPut(kobj: Kobject): void {
  if (kobj.refcount === 0) {
    kobj.kernel.warn(`refcount_t: underflow; use-after-free. (${nameOf(kobj)})`);
    return;
  }
  if (--kobj.refcount === 0) kobjectCleanup(kobj);
}

/** @see lib/kobject.c kobject_cleanup */
function kobjectCleanup(kobj: Kobject): void {
  let parent: Kobject | null = null;
  if (kobj.stateInSysfs) {
    parent = kobj.kobjParent;
    void __kobjectDel(kobj);
  }
  release(kobj);
  kobj.kernel.kobjects?.delete(kobj);
  if (parent !== null) kobjectPut(parent);
}

function release(kobj: Kobject): void {
  const ktype: KobjType = kobj.ktype;
  const { world } = kobj.kernel;
  let result: MayNotSleep;
  world.atomicDepth++;
  try {
    result = ktype.release?.(kobj);
  } finally {
    world.atomicDepth--;
  }
  if (result !== undefined || world.sleptOn !== null) checkReleased(kobj, result);
}

function checkReleased(kobj: Kobject, result: MayNotSleep): void {
  atomicVoid(
    kobj.kernel.world,
    kobj.kernel.log,
    () => `kobject_cleanup: ${kobj.ktype.name} ${nameOf(kobj)}`,
    () => result,
  );
}

/**
 * Gives the object its name and its directory below `parent`, else below its kset, else in the root. Sends no event.
 *
 * @returns 0; -EINVAL for an empty name, -EEXIST, -ENOENT when the parent has no directory: the object has left its
 *   kset and has no parent, and the caller must still put it
 * @see lib/kobject.c kobject_add
 */
export function kobjectAdd(kobj: Kobject, parent: Kobject | null, name: string | null): number {
  if (name !== null) kobjectSetName(kobj, name);
  kobj.kobjParent = parent;
  return kobjectAddInternal(kobj);
}

/** @see lib/kobject.c kobject_add_internal */
function kobjectAddInternal(kobj: Kobject): number {
  if (kobj.name === null || kobj.name === '') {
    kobj.kernel.warn('kobject: attempted to be registered with empty name!');
    return -EINVAL;
  }
  let parent = kobj.kobjParent;
  if (parent !== null) kobjectGet(parent);
  if (kobj.kset !== null) {
    parent ??= kobjectGet(kobj.kset);
    ksetJoin(kobj, kobj.kset);
    kobj.kobjParent = parent;
  }
  const error = createDir(kobj);
  if (error === 0) kobj.stateInSysfs = true;
  else refuseAdd(kobj, parent, error);
  return error;
}

function refuseAdd(kobj: Kobject, parent: Kobject | null, error: number): void {
  ksetLeave(kobj);
  if (parent !== null) kobjectPut(parent);
  kobj.kobjParent = null;
  const why =
    error === -EEXIST
      ? "with -EEXIST, don't try to register things with the same name in the same directory."
      : `(error: ${String(error)} parent: ${parent === null ? "'none'" : nameOf(parent)})`;
  kobj.kernel.log.err(`kobject_add_internal failed for ${nameOf(kobj)} ${why}`);
}

/** @see lib/kobject.c create_dir */
function createDir(kobj: Kobject): number {
  const above = kobj.kobjParent === null ? kobj.kernel.sysfs.top : kobj.kobjParent.sd;
  if (above === null) return -ENOENT;
  const dir = above.addDir(kobj.name ?? '', kobj);
  if (typeof dir === 'number') return dir;
  kobj.sd = dir;
  const error = createGroups(dir, kobj.ktype.defaultGroups);
  if (error !== 0) void dropDir(kobj);
  return error;
}

function dropDir(kobj: Kobject): MaySleep<void> {
  const { sd } = kobj;
  kobj.sd = null;
  return sd?.remove();
}

/** @see lib/kobject.c kobject_del */
export function kobjectDel(kobj: Kobject): MaySleep<void> {
  const parent = kobj.kobjParent;
  return andThen(__kobjectDel(kobj), putParent, parent);
}

function putParent(_: void, parent: Kobject | null): void {
  if (parent !== null) kobjectPut(parent);
}

/** Sends remove if add was sent and remove was not. @see lib/kobject.c __kobject_del */
function __kobjectDel(kobj: Kobject): MaySleep<void> {
  const groupsGone = kobj.sd === null ? undefined : removeGroups(kobj.sd, kobj.ktype.defaultGroups);
  return andThen(andThen(groupsGone, removeFromSysfs, kobj), leaveKset, kobj);
}

function removeFromSysfs(_: void, kobj: Kobject): MaySleep<void> {
  if (kobj.stateAddUeventSent && !kobj.stateRemoveUeventSent) kobjectUevent(kobj, 'remove');
  return dropDir(kobj);
}

function leaveKset(_: void, kobj: Kobject): void {
  kobj.stateInSysfs = false;
  ksetLeave(kobj);
  kobj.kobjParent = null;
}

/** @see lib/kobject.c kobj_kset_join */
function ksetJoin(kobj: Kobject, kset: Kset): void {
  kobjectGet(kset);
  kobj.ksetEntry = kset.list.addTail(kobj);
}

/** @see lib/kobject.c kobj_kset_leave */
function ksetLeave(kobj: Kobject): void {
  if (kobj.kset === null) return;
  if (kobj.ksetEntry !== null) kobj.kset.list.del(kobj.ksetEntry);
  kobj.ksetEntry = null;
  kobjectPut(kobj.kset);
}

/**
 * A directory with nothing behind it.
 *
 * @see lib/kobject.c kobject_create_and_add
 */
export function kobjectCreateAndAdd(kernel: KobjectOwner, name: string, parent: Kobject | null): Kobject {
  const kobj = new Kobject(kernel, { name: 'dynamic_kobj_ktype' });
  const error = kobjectAdd(kobj, parent, name);
  if (error !== 0) kernel.warn(`kobject_create_and_add: kobject_add error: ${String(error)}`);
  return kobj;
}
