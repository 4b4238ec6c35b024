import { EINVAL, ENOENT } from '../errno';
import { kobjectGet, kobjectGetPath, type Kobject } from './kobject';
import { kobjectPut } from './kobject-life';
import { kobjectUeventEnv } from './uevent';

/**
 * Gives an object another name. Links to it keep theirs. Sends move with the old path.
 *
 * @returns 0; -EINVAL without a parent; -EEXIST when the name is taken
 * @see lib/kobject.c kobject_rename
 */
export function kobjectRename(kobj: Kobject, name: string): number {
  if (kobj.kobjParent === null) return -EINVAL;
  return relocate(kobj, () => {
    const { sd } = kobj;
    if (sd?.parent === undefined || sd.parent === null) return -ENOENT;
    const error = sd.moveTo(sd.parent, name);
    if (error === 0) kobj.name = name;
    return error;
  });
}

/**
 * Puts an object below another one, or below its kset, or in the root. Sends move with the old path.
 *
 * @returns 0; -EEXIST when the name is taken there
 * @see lib/kobject.c kobject_move
 */
export function kobjectMove(kobj: Kobject, parent: Kobject | null): number {
  const above = parent ?? kobj.kset;
  return relocate(kobj, () => {
    const error = kobj.sd?.moveTo(above?.sd ?? kobj.kernel.sysfs.top, kobj.name ?? '') ?? -ENOENT;
    if (error !== 0) return error;
    const old = kobj.kobjParent;
    kobj.kobjParent = above === null ? null : kobjectGet(above);
    if (old !== null) kobjectPut(old);
    return 0;
  });
}

function relocate(kobj: Kobject, move: () => number): number {
  kobjectGet(kobj);
  const devpath = kobjectGetPath(kobj);
  const error = move();
  if (error === 0) kobjectUeventEnv(kobj, 'move', [`DEVPATH_OLD=${devpath}`]);
  kobjectPut(kobj);
  return error;
}
