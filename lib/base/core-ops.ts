import type { KobjectAction } from '../kobject/uevent';
import type { MaySleep } from '../may-sleep';
import type { Attribute } from '../sysfs/attribute';
import type { Bus } from './bus';
import type { Class } from './class';
import type { Device, DpmOrder } from './device';
import type { Driver } from './driver';
import type { KernelCore } from './kernel-core';
import type { DeviceLink } from './links/device-link';
import type { ModuleKobject } from './module-kobject';
import type {
  BusType,
  ClassInterface,
  DeviceClass,
  DeviceDriver,
  PmEvent,
  PmSleepEvent,
  SubsysInterface,
} from './types';

/**
 * The functions of the driver core that devices, drivers, buses and classes call. They reach them through their kernel,
 * so that records know no functions. Each is described where it stands.
 */
export interface CoreOps {
  readonly busProbeDevice: (dev: Device) => MaySleep<void>;
  readonly busRegister: (kernel: KernelCore, type: BusType) => Bus | number;
  readonly busRescanDevices: (bus: Bus) => MaySleep<number>;
  readonly busUnregister: (bus: Bus) => Promise<void>;
  readonly classInterfaceRegister: (cls: Class, intf: ClassInterface) => Promise<void>;
  readonly classInterfaceUnregister: (cls: Class, intf: ClassInterface) => Promise<void>;
  readonly classRegister: (kernel: KernelCore, type: DeviceClass) => Class | number;
  readonly classUnregister: (cls: Class) => Promise<void>;
  readonly deviceAdd: (dev: Device) => MaySleep<number>;
  readonly deviceAttach: (dev: Device) => MaySleep<number>;
  readonly deviceBindDriverTo: (dev: Device, drv: Driver) => MaySleep<number>;
  readonly deviceCreateFile: (dev: Device, attr: Attribute<never>) => void;
  readonly deviceDel: (dev: Device) => MaySleep<void>;
  readonly deviceDriverAttach: (drv: Driver, dev: Device) => MaySleep<number>;
  readonly deviceIsDependent: (dev: Device, target: Device) => boolean;
  readonly deviceLinkAdd: (consumer: Device, supplier: Device, flags: number) => Promise<DeviceLink | null>;
  readonly deviceLinkRemove: (consumer: Device, supplier: Device) => Promise<void>;
  readonly deviceMove: (dev: Device, newParent: Device | null, order: DpmOrder) => Promise<number>;
  readonly deviceOffline: (dev: Device) => Promise<number>;
  readonly deviceOnline: (dev: Device) => Promise<number>;
  readonly deviceReleaseDriver: (dev: Device) => MaySleep<void>;
  readonly deviceRename: (dev: Device, name: string) => number;
  readonly deviceReorderToTail: (dev: Device) => void;
  readonly deviceReprobe: (dev: Device) => MaySleep<number>;
  readonly deviceShutdown: (kernel: KernelCore) => Promise<void>;
  readonly deviceUevent: (dev: Device, action: KobjectAction, vars: readonly string[]) => void;
  readonly deviceUnregister: (dev: Device) => MaySleep<void>;
  readonly dpmResumeEnd: (kernel: KernelCore, event?: PmEvent) => Promise<void>;
  readonly dpmResumeStart: (kernel: KernelCore, event?: PmEvent) => Promise<void>;
  readonly dpmSuspendEnd: (kernel: KernelCore, event?: PmSleepEvent) => Promise<number>;
  readonly dpmSuspendStart: (kernel: KernelCore, event?: PmSleepEvent) => Promise<number>;
  readonly driverAttach: (drv: Driver) => MaySleep<number>;
  readonly driverCreateFile: (drv: Driver, attr: Attribute<never>) => void;
  readonly driverMatchDevice: (drv: Driver, dev: Device) => number;
  readonly driverRegister: (
    kernel: KernelCore,
    def: DeviceDriver,
    owner?: ModuleKobject | null,
  ) => MaySleep<Driver | number>;
  readonly driverSetOverride: (dev: Device, text: string) => Promise<number>;
  readonly driverUnregister: (drv: Driver) => Promise<void>;
  readonly subsysInterfaceRegister: (bus: Bus, sif: SubsysInterface) => Promise<void>;
  readonly subsysInterfaceUnregister: (bus: Bus, sif: SubsysInterface) => Promise<void>;
}
