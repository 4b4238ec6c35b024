/** The public door of the core: world, objects, /sys, buses, classes, devices, drivers. */
export {
  check, errno, errnoByName, ErrnoError, errnoName, errnoOf, errnoText, strerror, type ErrnoName, type ErrorPlace,
} from './errno';
export {
  bitmapParse, cString, kstrtobool, kstrtoint, kstrtol, kstrtoll, kstrtos16, kstrtos32, kstrtos64, kstrtos8, kstrtou16,
  kstrtou32, kstrtou64, kstrtou8, kstrtouint, kstrtoul, kstrtoull, scanNumber, simpleStrtol, simpleStrtoul,
  simpleStrtoull, skipSpaces, strim, sysfsMatchString, sysfsStreq, type Base, type Leading, type Parsed,
} from './kstrtox';
export { after, each, eachUntil, slept, type MayNotSleep, type MaySleep } from './may-sleep';
export { Klist, KlistNode, type KlistHooks } from './list';
export {
  Tracer, type ConfigEvent, type DeferEvent, type IrqEvent, type MatchEvent, type NotifyEvent, type ProbeEvent,
  type StepEvent, type TraceEvent,
} from './trace';
export {
  Completion, ForeignWait, GuestDead, HungTask, Mutex, orForeignWait, Random, SleepInAtomic, SoftLockup, Task, WaitQueue,
  watchForeignWaits, Workqueue, World, type Blocked, type Callback, type InMotion, type Oops, type RealTime,
  type Spawned, type Timer, type Work, type WorldOptions,
} from './world';
export {
  decidingKset, Kobject, KOBJECT_ACTIONS, kobjectAdd, kobjectCreateAndAdd, kobjectDel, kobjectGet, kobjectGetPath,
  kobjectGetUnlessZero, kobjectMove, kobjectPut, kobjectRename, kobjectSetName, kobjectSynthUevent, kobjectUevent,
  kobjectUeventEnv, Kset, ksetFindObj, ksetRegister, ksetUnregister, nameOf, UEVENT_BUFFER_SIZE, UEVENT_NUM_ENVP,
  UeventEnv, UeventSocket, type KobjectAction, type KobjType, type KsetUeventOps, type Uevent,
} from './kobject';
export {
  attrRo, attrRw, attrWo, createGroup, createGroups, mergeGroup, OpenFile, PAGE_SIZE, removeGroup, removeGroups, Sysfs,
  SysfsDir, SysfsFs, SysfsStats, unmergeGroup, updateGroup, type Attribute, type AttributeGroup, type BinAttribute,
  type Found, type SysfsStat,
} from './sysfs';
export { Bus } from './base/bus';
export { Class } from './base/class';
export { setDeferredProbeReason } from './base/deferred';
export { devErrProbe } from './base/dev-err-probe';
export { Device, devMessage, type DeviceInit, type DevT, type LinksStatus } from './base/device';
export { Devres } from './base/devres';
export { Driver } from './base/driver';
export { DeviceLink, type DeviceLinkState } from './base/links/device-link';
export { DL_FLAG } from './base/links/flags';
export type { DpmOrder } from './base/device-move';
export {
  PM_FREEZE, PM_HIBERNATE, PM_RESTORE, PM_RESUME, PM_SUSPEND, PM_THAW, systemSleepPmOps, type DevPmOps, type PmEvent,
  type PmSleepEvent,
} from './base/power/pm-ops';
export { enterSleep, leaveSleep } from './base/power/system-sleep';
export { Kernel, type KernelOptions } from './base/kernel';
export { KernelLog, type KernelLogOptions, type LogEntry, type LogLevel } from './base/printk';
export { why, type MatchClause, type MatchExplanation, type Why, type WhyRule } from './base/why';
export type {
  BusNotifier, BusNotifyEvent, BusType, ClassInterface, DeviceClass, DeviceDriver, DeviceType, SubsysInterface,
} from './base/types';
export {
  deleteModule, driverAliases, driverModule, findModule, initModule, loadedModules, Module, type DriverModuleOptions,
  type ModuleDef, type ModuleState,
} from './module';
export { coldplug, fnmatch, modprobe, ModuleIndex, Udev, type UdevRecord } from './userspace';
export { Ida } from './ida';
export {
  BlockDevice, ConsoleDevice, ConsolePort, COSTS, DeviceModel, done, EntropyDevice, failed, formatEntry, GuestMemory,
  Hypervisor, ModelServer, NetworkDevice, NetworkHub, VirtioBackend, type BackendEvents, type BlockImage,
  type BlockOptions, type CallLog, type Claim, type ClaimEvent, type Claims, type ConsoleOptions,
  type ConsolePortOptions, type CostCounters, type Crossing, type DeviceHost, type DeviceRequest, type EntropyOptions,
  type ExitEvent, type Guest, type GuestOptions, type HubPlace, type HubPort, type Hypercall, type HypercallResult,
  type HypervisorOptions,
  type LogEntry as CallLogEntry, type Mapping, type MmioHandlers, type NetworkOptions, type Port,
} from './hypervisor';
export { DmaPool, InterruptTable, Softirqs, type DmaBuffer } from './access';
export {
  DEVICE_ID, FEATURE, featureBit, registerVirtioBus, registerVirtioDevice, SplitVirtqueue, STATUS,
  unregisterVirtioDevice, virtioBreakDevice, virtioBus, VirtioDevice, virtioDeviceFreeze, virtioDeviceRestore,
  type Buffers, type Completed, type VirtioDeviceId, type VirtioDriver, type VirtioTransport, type Virtqueue,
  type VirtqueueSpec,
} from './virtio';
export {
  addDisk, allocDisk, BlockDisk, blockDisk, blockDisks, cdevAdd, cdevDel, CharFile, delGendisk, hwrng, initSubsystems,
  MISC_DYNAMIC_MINOR, miscDeregister, MiscDevice, miscRegister, Napi, NetDevice, netDevice, netDevices, openChrdev,
  registerChrdev, registerHwrng, registerNetdev, registerNetdevice, SECTOR_SIZE, unregisterChrdev, unregisterNetdev,
  type FileOperations, type HwrngSource, type MiscInit, type NetDeviceInit, type NetDeviceOps, type OpenedFile,
  type OpenOptions,
} from './subsystems';
export * from './study';
