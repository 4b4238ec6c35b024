import { Device } from '../../../lib/base/device';
import type { Kernel } from '../../../lib/base/kernel';
import type { BusType, DeviceDriver } from '../../../lib/base/types';
import type { Driver } from '../../../lib/base/driver';
import { lastHolds, misfit, overrideClause, tableClauses, type MatchExplanation } from '../../../lib/base/why';
import type { DmaBuffer } from '../../../lib/access';
import { ErrnoError } from '../../../lib/errno';
import type { UeventEnv } from '../../../lib/kobject';
import type { MayNotSleep, MaySleep } from '../../../lib/may-sleep';
import { attrRo, attrRw, type AttributeGroup } from '../../../lib/sysfs';
import { andThen } from '../../../lib/may-sleep';
import { WaitQueue, Workqueue, type Timer, type Work } from '../../../lib/world';
import { busId, hex, SUBCHANNEL_TYPE_IO, type SubchannelId } from '../layout';
import type { Irb } from '../layout/scsw';
import { EMPTY_PMCW, type Pmcw, type Schib } from '../layout/schib';
import { AdapterInterrupts, AIRQ_BYTES } from './airq';
import { Ioasm, IOASM_BYTES } from './ioasm';
import { SchidSet } from './schid-set';

/** What binds to subchannels of some types. @see drivers/s390/cio/css.h struct css_driver */
export interface CssDriver extends DeviceDriver<Subchannel> {
  readonly subchannelTypes: readonly number[];
  probe(sch: Subchannel): MaySleep<number | void>;
  remove(sch: Subchannel): MaySleep<void>;
  /** An interrupt of this subchannel: may not sleep. */
  irq(sch: Subchannel, irb: Irb): MayNotSleep;
  /**
   * Something may have happened to the subchannel.
   *
   * @param process it may sleep
   * @returns 0, or -EAGAIN: call again where it may sleep
   */
  schEvent(sch: Subchannel, process: boolean): MaySleep<number>;
  /** Returns when all devices that were found are ready. */
  settle?(css: ChannelSubsystem): MaySleep<void>;
}

/** What the subchannel is to be set to. @see drivers/s390/cio/cio.h struct schib_config */
export interface SchibConfig {
  intparm: number;
  isc: number;
  ena: boolean;
  mp: boolean;
  csense: boolean;
}

/** Work that waits for a subchannel; a higher one replaces a lower one. @see enum sch_todo */
export const SCH_TODO = Object.freeze({ NOTHING: 0, EVAL: 1, UNREG: 2 });

/**
 * A subchannel on the css bus: the way to a device, not the device.
 *
 * @see drivers/s390/cio/cio.h struct subchannel
 */
export class Subchannel extends Device {
  readonly schid: SubchannelId;
  readonly st: number;
  /** As it was stored last; null while there is no valid device. */
  schib: Schib | null;
  /** Verified, logical and operational paths. */
  vpm = 0;
  lpm = 0;
  opm = 0;
  isc = 0;
  /** Paths that are installed, and their numbers. @see struct chsc_ssd_info */
  ssdMask = 0;
  ssdChpids: readonly number[] = [];
  cssDriver: CssDriver | null = null;
  config: SchibConfig = { intparm: 0, isc: 0, ena: false, mp: false, csense: false };
  todo: number = SCH_TODO.NOTHING;
  readonly todoWork: Work;
  /** The data that the machine stores for each interrupt. */
  readonly token: number;
  /** The place of devices that have lost their subchannel. @see css.h pseudo_subchannel */
  readonly isPseudo: boolean;

  /** @param schid null for the pseudo subchannel */
  constructor(
    readonly css: ChannelSubsystem,
    schid: SubchannelId | null,
    schib: Schib | null,
  ) {
    const isIo = schid !== null && schib?.pmcw.st === SUBCHANNEL_TYPE_IO;
    super(css.kernel, {
      name: schid === null ? 'defunct' : busId(schid.ssid, schid.schNo),
      parent: css.root,
      ...(schid === null ? {} : { bus: cssBus, groups: SUBCHANNEL_GROUPS }),
      ...(isIo ? { type: ioSubchannelType } : {}),
      release: (sch: Subchannel) => css.forget(sch),
    });
    this.schid = schid ?? { ssid: 0, schNo: 0 };
    this.isPseudo = schid === null;
    this.schib = schib;
    this.st = schib?.pmcw.st ?? 0;
    this.token = css.tokenOf(this);
    this.todoWork = { name: `css_sch_todo ${String(this.name)}`, run: () => css.ops.todo(this) };
  }
}

/** What the channel subsystem needs of the code that works on it. */
export interface CssOps {
  /** Files of css0. */
  groups(css: ChannelSubsystem): readonly AttributeGroup<Device>[];
  /** Does the work that was scheduled. */
  todo(sch: Subchannel): MaySleep<void>;
  /** Evaluates the subchannels that were scheduled. */
  slowPath(css: ChannelSubsystem): Promise<void>;
}

/**
 * The channel subsystem of one kernel: the instructions, the root of the devices, the work in the background.
 *
 * @see drivers/s390/cio/css.h struct channel_subsystem
 */
export class ChannelSubsystem {
  readonly ioasm: Ioasm;
  readonly airq: AdapterInterrupts;
  readonly root: Device;
  readonly slowPath: SlowPath;
  /** One worker for all that is done to subchannels and their devices. @see css.c cio_work_q */
  readonly workq: Workqueue;
  readonly paths = new Map<number, Device>();
  /**
   * Devices that are being recognised, to wait for them.
   *
   * @see device.c ccw_device_init_count
   */
  recognising = 0;
  recoveryTimer: Timer | null = null;
  recoveryPhase = 0;
  /** Highest subchannel set. */
  maxSsid = 0;
  pseudo: Subchannel | null = null;
  readonly #area: DmaBuffer;
  readonly #tokens = new Map<number, Subchannel>();
  #lastToken = 0;
  readonly #recognised = new WaitQueue();

  /** @throws ErrnoError ENODEV in a kernel without a host, ENOMEM */
  constructor(
    readonly kernel: Kernel,
    readonly ops: CssOps,
  ) {
    const { dma, port } = kernel;
    if (dma === null || port === null) throw new ErrnoError('ENODEV', { syscall: 'css_bus_init', path: kernel.name });
    this.#area = dma.alloc(IOASM_BYTES + AIRQ_BYTES, 4096, 'css0');
    this.ioasm = new Ioasm(port, this.#area);
    this.airq = new AdapterInterrupts(port.memory, this.#area.address + IOASM_BYTES);
    this.workq = new Workqueue(kernel.world, 'cio', kernel);
    this.slowPath = new SlowPath(this);
    this.root = new Device(kernel, { name: 'css0', groups: ops.groups(this), release: () => this.#area.free() });
  }

  /** Where devices without a subchannel are kept: `defunct`. */
  get pseudoSubchannel(): Subchannel {
    if (this.pseudo === null) throw new Error('the channel subsystem is not registered');
    return this.pseudo;
  }

  /** Subchannels in the order of their registration. */
  subchannels(): Iterable<Subchannel> {
    return (this.kernel.busOf(cssBus)?.devices() ?? []) as Iterable<Subchannel>;
  }

  /** @see css.c get_subchannel_by_schid */
  subchannel({ ssid, schNo }: SubchannelId): Subchannel | null {
    for (const sch of this.subchannels()) if (sch.schid.ssid === ssid && sch.schid.schNo === schNo) return sch;
    return null;
  }

  /** A number for interrupts to come back with. */
  tokenOf(sch: Subchannel): number {
    this.#lastToken += 1;
    this.#tokens.set(this.#lastToken, sch);
    return this.#lastToken;
  }

  /** The subchannel is released. @see css.c css_subchannel_release */
  forget(sch: Subchannel): void {
    this.#tokens.delete(sch.token);
  }

  /** The subchannel of an interrupt. */
  byToken(token: number): Subchannel | null {
    return this.#tokens.get(token) ?? null;
  }

  /** Has work done on a subchannel, unless more important work waits. @see css.c css_sched_sch_todo */
  schedSchTodo(sch: Subchannel, todo: number): void {
    if (sch.todo >= todo) return;
    sch.get();
    sch.todo = todo;
    if (!this.workq.queue(sch.todoWork)) sch.put();
  }

  /** @see css.c css_sch_device_unregister */
  unregister(sch: Subchannel): MaySleep<void> {
    return sch.isRegistered ? sch.unregister() : undefined;
  }

  /** One device less to wait for. @see device.c ccw_device_init_wq */
  recognitionEnded(): void {
    this.recognising -= 1;
    if (this.recognising === 0) this.#recognised.wakeAll(this.kernel.world);
  }

  /** Returns when no device is being recognised. @see device.c io_subchannel_settle */
  waitRecognised(): MaySleep<void> {
    return this.#recognised.waitUntil(this.kernel.world, () => this.recognising === 0, 'ccw_device_init_wq');
  }
}

/**
 * The scan of the subchannels: ids that are to be looked at are collected, and work in the background looks, those that
 * are known first, then the others in order of their ids.
 *
 * @see drivers/s390/cio/css.c css_slow_path_func
 */
export class SlowPath {
  readonly #css: ChannelSubsystem;
  readonly set = new SchidSet();
  readonly #done = new WaitQueue();
  readonly #work: Work = { name: 'css_slow_path_func', run: () => this.#css.ops.slowPath(this.#css) };
  #scheduled = false;

  constructor(css: ChannelSubsystem) {
    this.#css = css;
  }

  /** @see css_schedule_eval */
  schedule(id: SubchannelId): void {
    this.set.add(id);
    this.#queue();
  }

  /** @see css_schedule_eval_all */
  scheduleAll(): void {
    this.set.fill();
    this.set.deleteSetsFrom(this.#css.maxSsid + 1);
    this.#queue();
  }

  /** Sleeps until nothing is to be looked at. @see css_complete_work */
  wait(): MaySleep<void> {
    return this.#done.waitUntil(this.#css.kernel.world, () => !this.#scheduled, 'css_eval_wq');
  }

  #queue(): void {
    this.#scheduled = true;
    this.#css.workq.queue(this.#work);
  }

  /** Nothing is scheduled any more. */
  end(): void {
    this.#scheduled = false;
    this.#done.wakeAll(this.#css.kernel.world);
  }
}

const SUBCHANNEL_GROUPS: readonly AttributeGroup<Subchannel>[] = [
  {
    attrs: [
      attrRo<Subchannel>('type', (sch) => `${sch.st.toString(16)}\n`),
      attrRo<Subchannel>('modalias', (sch) => `${modalias(sch)}\n`),
      attrRw<Subchannel>(
        'driver_override',
        (sch) => `${sch.driverOverride ?? '(null)'}\n`,
        (sch, text) => sch.setDriverOverride(text),
      ),
    ],
  },
];

/** @see drivers/s390/cio/css.c io_subchannel_type */
const ioSubchannelType = {
  groups: [
    {
      attrs: [
        attrRo<Subchannel>('chpids', (sch) => `${chpids(sch)}\n`),
        attrRo<Subchannel>('pimpampom', ({ schib }) => `${pimpampom(schib?.pmcw ?? EMPTY_PMCW)}\n`),
        attrRo<Subchannel>('dev_busid', ({ schib, schid }) =>
          schib?.pmcw.dnv === true ? `${busId(schid.ssid, schib.pmcw.dev)}\n` : 'none\n',
        ),
      ],
    },
  ],
};

function pimpampom({ pim, pam, pom }: Pmcw): string {
  return [pim, pam, pom].map((mask) => hex(mask, 2)).join(' ');
}

function chpids({ ssdMask, ssdChpids }: Subchannel): string {
  const installed = (i: number): boolean => (ssdMask & (0x80 >> i)) !== 0;
  return Array.from({ length: 8 }, (_, i) => `${hex(installed(i) ? (ssdChpids[i] ?? 0) : 0, 2)} `).join('');
}

function modalias({ st }: Subchannel): string {
  return `css:t${st.toString(16).toUpperCase()}`;
}

/**
 * The bus of subchannels.
 *
 * @see drivers/s390/cio/css.c css_bus_type
 */
export const cssBus: BusType<Subchannel, CssDriver> = {
  name: 'css',
  callsDriver: true,
  match: (sch, { def }) => {
    if (sch.driverOverride !== null && sch.driverOverride !== def.name) return false;
    return def.subchannelTypes.includes(sch.st);
  },
  explainMatch,
  aliases: ({ subchannelTypes }) => subchannelTypes.map((type) => `css:t${type.toString(16).toUpperCase()}`),
  uevent: (sch: Subchannel, env: UeventEnv) => {
    const error = env.add('ST', sch.st.toString(16).toUpperCase());
    return error === 0 ? env.add('MODALIAS', modalias(sch)) : error;
  },
  probe: (sch) => {
    sch.cssDriver = driverOf(sch);
    return andThen(sch.cssDriver?.probe(sch), (error) => {
      if (error !== undefined && error !== 0) sch.cssDriver = null;
      return error;
    });
  },
  remove: (sch) =>
    andThen(sch.cssDriver?.remove(sch), () => {
      sch.cssDriver = null;
    }),
  shutdown: (sch) => sch.cssDriver?.shutdown?.(sch),
};

/** The conditions of css_bus_match: an override that names another driver, then the types. */
function explainMatch(sch: Subchannel, { def }: Driver<CssDriver>): MatchExplanation {
  const fn = 'css_bus_match';
  const override = sch.driverOverride === null ? [] : [overrideClause(fn, sch.driverOverride, def.name)];
  if (override.some(({ holds }) => !holds)) return { result: false, clauses: override };
  const types = tableClauses(fn, 'subchannel types', def.subchannelTypes, (type) => [
    misfit('type', type, sch.st, String),
  ]);
  return { result: lastHolds(types), clauses: [...override, ...types] };
}

function driverOf(sch: Subchannel): CssDriver | null {
  return (sch.driver?.def as CssDriver | undefined) ?? null;
}
