import {
  Device,
  Kobject,
  Kset,
  type Bus,
  type BusType,
  type Class,
  type ClassInterface,
  type DeviceClass,
  type DeviceDriver,
  type DeviceInit,
  type DeviceType,
  type Driver,
  type Kernel,
  type KobjType,
  type KsetUeventOps,
  type SubsysInterface,
} from '../../lib';
import { LabObject } from './objects';
import type { MatchSpec, ProbeSpec } from './values';

/** A device that knows its handle. */
export class LabDevice extends Device {
  constructor(
    kernel: Kernel,
    init: DeviceInit,
    readonly lab: LabDev,
  ) {
    super(kernel, init);
  }
}

/** A driver definition that knows its handle. */
export interface LabDriver extends DeviceDriver<LabDevice> {
  readonly lab: LabDrv;
}

export type LabBusType = BusType<LabDevice, LabDriver>;

export class LabBus extends LabObject {
  static override readonly kind = 'bus';
  match: MatchSpec = 'ids';
  uevent = 0;
  dma = 0;
  type!: LabBusType;
  registration!: Bus;
  stopNotifier: (() => void) | null = null;

  override get leaked(): boolean {
    return false;
  }
}

export class LabClass extends LabObject {
  static override readonly kind = 'class';
  type!: DeviceClass<LabDevice>;
  registration!: Class;

  /** One that could not be added is not missed. */
  override get leaked(): boolean {
    return this.state === 'deleted' && !this.released;
  }
}

export class LabType extends LabObject {
  static override readonly kind = 'type';
  override released = true;

  constructor(
    handle: string,
    readonly type: DeviceType<LabDevice>,
  ) {
    super(handle);
  }
}

export class LabIntf extends LabObject {
  static override readonly kind = 'intf';
  override released = true;

  constructor(
    handle: string,
    readonly cls: LabClass,
    readonly intf: ClassInterface<LabDevice>,
  ) {
    super(handle);
  }
}

export class LabSif extends LabObject {
  static override readonly kind = 'sif';
  override released = true;

  constructor(
    handle: string,
    readonly bus: LabBus,
    readonly sif: SubsysInterface<LabDevice>,
  ) {
    super(handle);
  }
}

export class LabDev extends LabObject {
  static override readonly kind = 'dev';
  id: string | null = null;
  probe: ProbeSpec | undefined;
  device!: LabDevice;
  /** An op or a callback is at work on it. */
  callbacks = 0;
  /** Calls of probe and remove that run. */
  probing = 0;

  constructor(
    handle: string,
    readonly bus: LabBus | undefined,
    readonly cls: LabClass | undefined,
    readonly parent: LabDev | undefined,
  ) {
    super(handle);
  }
}

export class LabDrv extends LabObject {
  static override readonly kind = 'drv';
  ids: readonly string[] = [];
  devm: readonly string[] = [];
  probe: ProbeSpec = { kind: 'fixed', value: 0 };
  match: MatchSpec = 'ids';
  registration!: Driver<LabDriver>;
  readonly hooks: Record<'probe' | 'remove', string | null> = { probe: null, remove: null };
  override released = true;

  constructor(
    handle: string,
    readonly bus: LabBus,
  ) {
    super(handle);
  }
}

export class LabKobj extends LabObject {
  static override readonly kind = 'kobj';
  kobj!: Kobject;
}

export class LabKset extends LabObject {
  static override readonly kind = 'kset';
  kset!: LabKsetObject;
}

/** A kset that knows its handle. */
export class LabKsetObject extends Kset {
  constructor(
    kernel: Kernel,
    ops: KsetUeventOps | null,
    ktype: KobjType<never>,
    readonly lab: LabKset,
  ) {
    super(kernel, ops, ktype);
  }
}

/** Handle of the driver that a device has at this moment, or `-`. */
export function driverHandle(device: Device): string {
  return device.driver === null ? '-' : drvOf(device.driver).handle;
}

export function drvOf(driver: Driver): LabDrv {
  return (driver.def as unknown as LabDriver).lab;
}
