import {
  createGroups,
  Kernel,
  Kobject,
  kobjectAdd,
  World,
  type AttributeGroup,
  type KobjType,
  type SysfsDir,
} from '../../lib';

/** A kernel with one object that has these groups; its directory is /sys/k. */
export function objectWith(groups: readonly AttributeGroup<Kobject>[] = [], world = new World()) {
  const kernel = new Kernel(world);
  const ktype: KobjType = { name: 'test_ktype', defaultGroups: groups };
  const kobj = new Kobject(kernel, ktype);
  const result = kobjectAdd(kobj, null, 'k');
  return { world, kernel, kobj, result, dir: kobj.sd as SysfsDir, names: () => kernel.sysfs.readdir('/sys/k') };
}

/** Another directory for the same kind of files. */
export function addSibling(kernel: Kernel, name: string, groups: readonly AttributeGroup<Kobject>[] = []): Kobject {
  const kobj = new Kobject(kernel, { name: 'test_ktype' });
  if (kobjectAdd(kobj, null, name) !== 0) throw new Error(`/sys/${name} is taken`);
  if (kobj.sd !== null) createGroups(kobj.sd, groups);
  return kobj;
}
