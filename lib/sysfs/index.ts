export { attrRo, attrRw, attrWo, type Attribute, type AttributeGroup, type BinAttribute } from './attribute';
export { SysfsDir } from './dir';
export { SysfsFs, SysfsStats } from './fs';
export { createGroup, createGroups, mergeGroup, removeGroup, removeGroups, unmergeGroup, updateGroup } from './group';
export { OpenFile, PAGE_SIZE } from './open-file';
export { Sysfs, type Found, type SysfsStat } from './sysfs';
