import { Device } from '../../../lib/base/device';
import { callAtomicVoid } from '../../../lib/base/guard';
import type { BusType, DeviceDriver } from '../../../lib/base/types';
import type { DmaBuffer } from '../../../lib/access';
import { ErrnoError } from '../../../lib/errno';
import type { MayNotSleep, MaySleep } from '../../../lib/may-sleep';
import type { AttributeGroup } from '../../../lib/sysfs';
import { WaitQueue, type Timer, type Work } from '../../../lib/world';
import { busId } from '../layout';
import { CCW_BYTES, packCcw1, SENSE_BYTES, SENSE_ID, type Ccw, type SenseId } from '../layout/ccw';
import { EMPTY_SCSW, type Irb } from '../layout/scsw';
import type { Subchannel } from './subchannel';

/** How one channel program of a request ended. @see drivers/s390/cio/io_sch.h enum io_status */
export type IoStatus = 'done' | 'running' | 'status-error' | 'path-error' | 'rejected' | 'killed';

/**
 * A channel program of the device's own, tried again on each path until it works.
 *
 * @see drivers/s390/cio/io_sch.h struct ccw_request
 */
export interface CcwRequest {
  readonly cp: number;
  /** ns until an interrupt must have come. */
  readonly timeout: number;
  /** Tries on each path. */
  readonly maxRetries: number;
  readonly lpm: number;
  readonly singlePath: boolean;
  /** Evaluates the status. @returns 0; -EAGAIN: retry; -EACCES: try the next path; else the request fails */
  check?(cdev: CcwDevice): number;
  filter?(cdev: CcwDevice, irb: Irb, status: IoStatus): IoStatus;
  callback(cdev: CcwDevice, result: number): void;
  mask: number;
  retries: number;
  drc: number;
  done: boolean;
}

/** Tries that are left, for {@link cioCancelHaltClear}. */
export interface Retries {
  left: number;
}

/** States of a device. @see drivers/s390/cio/device.h enum dev_state */
export type DevState =
  | 'not-oper'
  | 'sense-id'
  | 'offline'
  | 'verify'
  | 'online'
  | 'w4sense'
  | 'boxed'
  | 'timeout-kill'
  | 'quiesce'
  | 'disconnected'
  | 'disconnected-sense-id'
  | 'steal-lock';

/** What can happen to it. @see enum dev_event */
export type DevEvent = 'notoper' | 'interrupt' | 'timeout' | 'verify';

/** Work that waits for a device; a higher one replaces a lower one. @see io_sch.h enum cdev_todo */
export const CDEV_TODO = Object.freeze({ NOTHING: 0, REBIND: 2, REGISTER: 3, UNREG: 4, UNREG_EVAL: 5 });

/** Events that a driver is notified of. @see arch/s390/include/asm/cio.h CIO_* */
export type CioEvent = 'gone' | 'no-path' | 'oper' | 'boxed';

/** One line of a driver's id table; what is absent does not count. @see struct ccw_device_id */
export interface CcwDeviceId {
  readonly cuType: number;
  readonly cuModel?: number;
  readonly devType?: number;
  readonly devModel?: number;
}

/**
 * What binds to channel-attached devices. Binding does not open a device: online does, a step of its own.
 *
 * @see arch/s390/include/asm/ccwdev.h struct ccw_driver
 */
export interface CcwDriver extends DeviceDriver<CcwDevice> {
  readonly ids: readonly CcwDeviceId[];
  probe(cdev: CcwDevice): MaySleep<number | void>;
  remove?(cdev: CcwDevice): MaySleep<void>;
  /** The device can be used from here on. Without it a device of this driver cannot be set online by hand. */
  setOnline?(cdev: CcwDevice): MaySleep<number | void>;
  /** The device is about to be closed. A refusal keeps it online. */
  setOffline?(cdev: CcwDevice): MaySleep<number | void>;
  /** Something happened to a device that is online. True: keep it. May not sleep. */
  notify?(cdev: CcwDevice, event: CioEvent): boolean;
}

/**
 * Called for each interrupt with the parameter of the start; a number instead of the block: the request was killed. It
 * may not sleep.
 */
export type CcwHandler = (cdev: CcwDevice, intparm: number, irb: Irb | number) => MayNotSleep;

/** What a device needs of the code that works on it. */
export interface CcwOps {
  readonly bus: BusType<CcwDevice, CcwDriver>;
  readonly groups: readonly AttributeGroup<CcwDevice>[];
  /** Runs the state machine. May not sleep. */
  event(cdev: CcwDevice, event: DevEvent): void;
  /** Does the work that was scheduled. */
  todo(cdev: CcwDevice, todo: number): MaySleep<void>;
  /** Has disconnected devices looked at again later. */
  scheduleRecovery(cdev: CcwDevice): void;
}

/** Where things are in the memory that a device shares with its machine. @see io_sch.h struct ccw_device_dma_area */
const AREA = Object.freeze({ SENSE_ID: 0, CCWS: 40, SENSE_CCW: 56, SENSE: 64, BYTES: 64 + SENSE_BYTES });

export const EMPTY_IRB: Irb = Object.freeze({
  scsw: EMPTY_SCSW,
  lpum: 0,
  cons: false,
  scnt: 0,
  ecw: new Uint8Array(SENSE_BYTES),
});

const FINAL: readonly DevState[] = ['not-oper', 'offline', 'online', 'boxed'];

/**
 * A channel-attached device, named by its device number. Its parent is the subchannel that leads to it, and may change.
 *
 * @see arch/s390/include/asm/ccwdev.h struct ccw_device, drivers/s390/cio/io_sch.h struct ccw_device_private
 */
export class CcwDevice extends Device {
  /** The result of SENSE ID; all zero until the device is recognised. */
  ccwId: SenseId = { cuType: 0, cuModel: 0, devType: 0, devModel: 0 };
  readonly devId: { readonly ssid: number; readonly devno: number };
  ccwDriver: CcwDriver | null = null;
  online = false;
  handler: CcwHandler | null = null;
  state: DevState = 'not-oper';
  /** A request to set it online or offline is under way. */
  onoff = false;
  /** Parameter for the handler. */
  intparm = 0;
  /** A channel program of the driver has not ended. */
  ioPending = false;
  /** Status of the request, as it comes in parts. */
  irb: Irb = EMPTY_IRB;
  req: CcwRequest | null = null;
  readonly retries: Retries = { left: 0 };
  killResult = 0;
  /** Paths without an interrupt. */
  pathNoirqMask = 0;
  readonly flags = {
    dosense: false,
    doverify: false,
    donotify: false,
    recogDone: false,
    fakeIrb: false,
    initialized: true,
  };
  readonly options = { fast: false, repall: false, force: false };
  readonly waitQ = new WaitQueue();
  cdevTodo: number = CDEV_TODO.NOTHING;
  readonly todoWork: Work;
  readonly ops: CcwOps;
  readonly #area: DmaBuffer;
  #timer: Timer | null = null;

  /** @throws ErrnoError ENOMEM @see drivers/s390/cio/device.c io_subchannel_create_ccwdev */
  constructor(sch: Subchannel, devno: number, ops: CcwOps) {
    const { bus, groups } = ops;
    const { kernel } = sch.css;
    if (kernel.dma === null) throw new ErrnoError('ENODEV', { syscall: 'io_subchannel_allocate_dev' });
    const name = busId(sch.schid.ssid, devno);
    const area = kernel.dma.alloc(AREA.BYTES, 8, `ccw ${name}`);
    super(kernel, { name, bus, groups, parent: sch, release: (cdev: CcwDevice) => cdev.#release() });
    this.ops = ops;
    this.devId = { ssid: sch.schid.ssid, devno };
    this.#area = area;
    this.todoWork = { name: `ccw_device_todo ${name}`, run: () => this.#todo() };
    sch.get();
  }

  /** The subchannel that leads to it now, or the pseudo subchannel. */
  get sch(): Subchannel {
    return this.parent as Subchannel;
  }

  /** @see drivers/s390/cio/device.c ccw_device_is_orphan */
  get isOrphan(): boolean {
    return this.sch.isPseudo;
  }

  /** It stays in this state until something happens. @see drivers/s390/cio/device.h dev_fsm_final_state */
  get isFinal(): boolean {
    return FINAL.includes(this.state);
  }

  /** @see drivers/s390/cio/device.c device_is_disconnected */
  get isDisconnected(): boolean {
    return this.state === 'disconnected' || this.state === 'disconnected-sense-id';
  }

  /** @see drivers/s390/cio/device_fsm.c dev_fsm_event */
  event(event: DevEvent): void {
    this.ops.event(this, event);
  }

  /** Sleeps until it is in a final state, or disconnected if that will do. */
  waitFinal(orDisconnected = false): MaySleep<void> {
    const settled = (): boolean => this.isFinal || (orDisconnected && this.state === 'disconnected');
    return this.waitQ.waitUntil(this.kernel.world, settled, `dev_fsm_final_state(${String(this.name)})`);
  }

  wake(): void {
    this.waitQ.wakeAll(this.kernel.world);
  }

  /** @param ns 0: none @see drivers/s390/cio/device_fsm.c ccw_device_set_timeout */
  setTimeout(ns: number): void {
    this.#timer?.cancel();
    this.#timer = ns === 0 ? null : this.kernel.world.after(ns, () => this.event('timeout'), this.kernel);
  }

  /** Has work done, unless more important work waits. @see drivers/s390/cio/device.c ccw_device_sched_todo */
  schedTodo(todo: number): void {
    if (this.cdevTodo >= todo) return;
    this.cdevTodo = todo;
    this.get();
    if (!this.sch.css.workq.queue(this.todoWork)) this.put();
  }

  /** Writes a channel program for the device's own use. @returns its address */
  writeProgram(...ccws: readonly Ccw[]): number {
    const at = this.#area.address + AREA.CCWS;
    ccws.forEach((ccw, i) => this.kernel.port?.memory.write(at + CCW_BYTES * i, packCcw1(ccw)));
    return at;
  }

  /** Writes the program that reads sense data: in an area of its own, since the other program may be restarted. */
  writeSenseProgram(ccw: Ccw): number {
    const at = this.#area.address + AREA.SENSE_CCW;
    this.kernel.port?.memory.write(at, packCcw1(ccw));
    return at;
  }

  /** Addresses of the areas for SENSE ID and for sense data. */
  get senseIdArea(): number {
    return this.#area.address + AREA.SENSE_ID;
  }

  get senseArea(): number {
    return this.#area.address + AREA.SENSE;
  }

  /** The SENSE ID area as it is, or as it is to be. */
  readSenseId(): Uint8Array {
    return this.kernel.port?.memory.read(this.senseIdArea, SENSE_ID.BYTES) ?? new Uint8Array(SENSE_ID.BYTES);
  }

  writeSenseId(bytes: Uint8Array): void {
    this.kernel.port?.memory.write(this.senseIdArea, bytes);
  }

  readSense(): Uint8Array {
    return this.kernel.port?.memory.read(this.senseArea, SENSE_BYTES) ?? new Uint8Array(SENSE_BYTES);
  }

  #todo(): MaySleep<void> {
    const todo = this.cdevTodo;
    this.cdevTodo = CDEV_TODO.NOTHING;
    return this.ops.todo(this, todo);
  }

  /** @see drivers/s390/cio/device.c ccw_device_release */
  #release(): void {
    this.setTimeout(0);
    this.#area.free();
    this.sch.put();
  }
}

/** Calls the handler of a device's driver, if there is one. @see struct ccw_device handler */
export function callDriverHandler(cdev: CcwDevice, intparm: number, irb: Irb | number): void {
  const { handler, kernel } = cdev;
  if (handler === null) return;
  const where = (): string => `ccw_device_call_handler: device ${String(cdev.name)}`;
  callAtomicVoid(kernel, where, () => handler(cdev, intparm, irb));
}
