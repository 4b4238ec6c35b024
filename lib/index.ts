/** The public door of the core: world, objects, /sys, buses, classes, devices, drivers. */
export {
  check, errno, errnoByName, ErrnoError, errnoName, errnoOf, strerror, type ErrnoName, type ErrorPlace,
} from './errno';
export { after, each, eachUntil, slept, type MaySleep } from './may-sleep';
export { Klist, KlistNode, type KlistHooks } from './list';
export {
  Tracer, type DeferEvent, type MatchEvent, type NotifyEvent, type ProbeEvent, type StepEvent, type TraceEvent,
} from './trace';
export {
  Completion, GuestDead, HungTask, Mutex, Random, Task, WaitQueue, Workqueue, World,
  type Blocked, type Oops, type Spawned, type Timer, type Work, type WorldOptions,
} from './world';
export {
  decidingKset, Kobject, KOBJECT_ACTIONS, kobjectAdd, kobjectCreateAndAdd, kobjectDel, kobjectGet, kobjectGetPath,
  kobjectGetUnlessZero, kobjectPut, kobjectSetName, kobjectSynthUevent, kobjectUevent, kobjectUeventEnv, Kset,
  ksetFindObj, ksetRegister, ksetUnregister, nameOf, UEVENT_BUFFER_SIZE, UEVENT_NUM_ENVP, UeventEnv, UeventSocket,
  type KobjectAction, type KobjType, type KsetUeventOps, type Uevent,
} from './kobject';
export {
  attrRo, attrRw, attrWo, createGroup, createGroups, mergeGroup, OpenFile, PAGE_SIZE, removeGroup, removeGroups, Sysfs,
  SysfsDir, unmergeGroup, updateGroup, type Attribute, type AttributeGroup, type BinAttribute, type Found, type SysfsStat,
} from './sysfs';
export { Bus } from './base/bus';
export { Class } from './base/class';
export { Device, devMessage, type DeviceInit, type DevT, type LinksStatus } from './base/device';
export { Devres } from './base/devres';
export { Driver } from './base/driver';
export { Kernel, type KernelOptions } from './base/kernel';
export { KernelLog, type LogEntry, type LogLevel } from './base/printk';
export type {
  BusNotifier, BusNotifyEvent, BusType, ClassInterface, DeviceClass, DeviceDriver, DeviceType, SubsysInterface,
} from './base/types';
