import { Device } from '../../../lib/base/device';
import type { BusType, DeviceDriver } from '../../../lib/base/types';
import type { Driver } from '../../../lib/base/driver';
import { lastHolds, misfit, overrideClause, tableClauses, type MatchExplanation } from '../../../lib/base/why';
import type { UeventEnv } from '../../../lib/kobject';
import type { MayNotSleep, MaySleep } from '../../../lib/may-sleep';
import { attrRo, attrRw, type AttributeGroup } from '../../../lib/sysfs';
import { andThen } from '../../../lib/may-sleep';
import type { Work } from '../../../lib/world';
import { cssDriverAliases } from './aliases';
import { busId, hex, SUBCHANNEL_TYPE_IO, type SubchannelId } from '../layout';
import type { Irb } from '../layout/scsw';
import { EMPTY_PMCW, type Pmcw, type Schib } from '../layout/schib';
import type { ChannelSubsystem } from './css';

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
    this.todoWork = { name: `css_sch_todo ${String(this.name)}`, run: () => css.schTodo(this) };
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
  aliases: cssDriverAliases,
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
