import { EINVAL, ENOENT } from '../errno';
import { each, type MaySleep } from '../may-sleep';
import type { AttributeGroup } from './attribute';
import { SysfsDir } from './dir';

/** Mode bits that a file of a group may have. @see fs/sysfs/group.c create_files */
const ALLOWED = 0o664;

/**
 * Makes the files of a group, all or none: a name that is taken removes every name of the group again, the older file
 * included.
 *
 * @returns 0, -EEXIST, -ENOENT when the directory is gone, -EINVAL for a group without a list
 * @see fs/sysfs/group.c internal_create_group
 */
export function createGroup(dir: SysfsDir, group: AttributeGroup<never>): number {
  if (group.attrs === undefined && group.binAttrs === undefined) {
    dir.root.warn(`sysfs: (bin_)attrs not set by subsystem for group: ${dir.name}/${group.name ?? ''}`);
    return -EINVAL;
  }
  if (group.name === undefined) return createFiles(dir, dir.owner, group);
  const scratch = new SysfsDir(dir.root, group.name, dir, dir.owner);
  if (dir.has(group.name) || dir.removed) return dir.addGroupDir(group.name, scratch.layout);
  const result = createFiles(scratch, dir.owner, group);
  return result === 0 ? dir.addGroupDir(group.name, scratch.layout) : result;
}

/** @see fs/sysfs/group.c create_files */
function createFiles(dir: SysfsDir, owner: unknown, group: AttributeGroup<never>): number {
  const { attrs = [], binAttrs = [] } = group as AttributeGroup;
  const visible = group as AttributeGroup;
  for (const [index, attr] of attrs.entries()) {
    const ask = (): number | undefined => visible.isVisible?.(owner, attr, index);
    const mode = visible.isVisible === undefined ? attr.mode : askMode(dir, attr, ask);
    const result = mode === 0 ? 0 : dir.addFile(attr, permitted(dir, attr.name, mode));
    if (result !== 0) return undoFiles(dir, group, result);
  }
  for (const [index, attr] of binAttrs.entries()) {
    const ask = (): number | undefined => visible.isBinVisible?.(owner, attr, index);
    const mode = visible.isBinVisible === undefined ? attr.mode : askMode(dir, attr, ask);
    const result = mode === 0 ? 0 : dir.addBinFile(attr, permitted(dir, attr.name, mode));
    if (result !== 0) return undoFiles(dir, group, result);
  }
  return 0;
}

function askMode(
  dir: SysfsDir,
  { name, mode }: { readonly name: string; readonly mode: number },
  ask: () => number | undefined,
): number {
  return dir.root.callAtomic(() => `is_visible: ${dir.path}/${name}`, ask) ?? mode;
}

function permitted(dir: SysfsDir, name: string, mode: number): number {
  if ((mode & ~ALLOWED) !== 0) dir.root.warn(`Attribute ${name}: Invalid permissions 0${mode.toString(8)}`);
  return mode & ALLOWED;
}

function undoFiles(dir: SysfsDir, group: AttributeGroup<never>, result: number): number {
  for (const name of namesOf(group)) void dir.removeName(name);
  return result;
}

function namesOf(group: AttributeGroup<never>): string[] {
  return [...(group.attrs ?? []), ...(group.binAttrs ?? [])].map((attr) => attr.name);
}

/** A missing directory of a named group is warned about. @see fs/sysfs/group.c sysfs_remove_group */
export function removeGroup(dir: SysfsDir, group: AttributeGroup<never>): MaySleep<void> {
  if (group.name === undefined) return each(namesOf(group), (name) => dir.removeName(name));
  if (dir.slot(group.name)?.kind !== 'group') {
    dir.root.warn(`sysfs group '${group.name}' not found for kobject '${dir.name}'`);
    return undefined;
  }
  return dir.removeName(group.name);
}

/**
 * Makes groups in order; on an error those made are removed in reverse.
 *
 * @see fs/sysfs/group.c internal_create_groups
 */
export function createGroups(dir: SysfsDir, groups: readonly AttributeGroup<never>[] | undefined): number {
  if (groups === undefined) return 0;
  for (const [index, group] of groups.entries()) {
    const result = createGroup(dir, group);
    if (result === 0) continue;
    for (const made of groups.slice(0, index).reverse()) void removeGroup(dir, made);
    return result;
  }
  return 0;
}

/** @see fs/sysfs/group.c sysfs_remove_groups */
export function removeGroups(dir: SysfsDir, groups: readonly AttributeGroup<never>[] | undefined): MaySleep<void> {
  return groups === undefined ? undefined : each(groups, (group) => removeGroup(dir, group));
}

/**
 * Decides the visibility of a group's files again: each is removed and, if visible, made again.
 *
 * @returns 0, -EINVAL for a named group that is not there
 * @see fs/sysfs/group.c sysfs_update_group
 */
export function updateGroup(dir: SysfsDir, group: AttributeGroup<never>): number {
  if (group.name === undefined) {
    for (const name of namesOf(group)) void dir.removeName(name);
    return createFiles(dir, dir.owner, group);
  }
  const slot = dir.slot(group.name);
  if (slot?.kind !== 'group') return -EINVAL;
  return editGroupDir(dir, group.name, (scratch) => {
    for (const name of namesOf(group)) void scratch.removeName(name);
    return createFiles(scratch, dir.owner, group);
  });
}

/**
 * Adds files to the directory of a group that exists. A name that is taken removes the names up to and including it,
 * the older file too: Linux counts one step too far.
 *
 * @returns 0, -ENOENT when there is no such directory, -EEXIST
 * @see fs/sysfs/group.c sysfs_merge_group
 */
export function mergeGroup(dir: SysfsDir, group: AttributeGroup<never>): number {
  const name = group.name ?? '';
  if (dir.slot(name)?.kind !== 'group') return -ENOENT;
  return editGroupDir(dir, name, (scratch) => {
    for (const [index, attr] of (group.attrs ?? []).entries()) {
      const result = scratch.addFile(attr);
      if (result === 0) continue;
      for (const { name: undone } of (group.attrs ?? []).slice(0, index + 1)) void scratch.removeName(undone);
      return result;
    }
    return 0;
  });
}

/** @see fs/sysfs/group.c sysfs_unmerge_group */
export function unmergeGroup(dir: SysfsDir, group: AttributeGroup<never>): void {
  editGroupDir(dir, group.name ?? '', (scratch) => {
    for (const name of namesOf(group)) void scratch.removeName(name);
    return 0;
  });
}

function editGroupDir(dir: SysfsDir, name: string, edit: (scratch: SysfsDir) => number): number {
  const slot = dir.slot(name);
  if (slot?.kind !== 'group') return 0;
  const scratch = new SysfsDir(dir.root, name, dir, dir.owner);
  scratch.layout = slot.layout;
  const result = edit(scratch);
  dir.replaceGroupDir(name, scratch.layout);
  return result;
}
