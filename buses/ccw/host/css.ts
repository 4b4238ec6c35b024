import { ErrnoError } from '../../../lib/errno';
import type { Guest } from '../../../lib/hypervisor';
import {
  busId,
  CRW,
  MAX_SUBCHANNEL,
  packSchid,
  SUBCHANNEL_TYPE_IO,
  VECTOR,
  type Crw,
  type SubchannelId,
} from '../layout';
import { HostSubchannel } from './subchannel';
import type { ControlUnit } from './unit';

/**
 * Channel report words that wait for one guest at most; then the next one says that some were lost.
 *
 * @internal tests count them
 */
export const MAX_CRWS = 64;

/** Channel path types of descriptions. */
export interface ChannelPath {
  readonly id: number;
  readonly type: number;
}

/** Where a device is to be. */
export interface SubchannelPlace {
  /** Device number; default: the lowest free one. */
  readonly devno?: number;
  /** Subchannel set, default 0. */
  readonly ssid?: number;
  /** Default: path 0 of the type that virtual devices have. */
  readonly path?: ChannelPath;
}

const VIRTUAL_PATH: ChannelPath = { id: 0, type: 0x32 };

/**
 * The channel subsystem as one guest sees it: subchannels by set and number, channel paths, pending channel reports and
 * interruptions.
 */
export class HostCss {
  /** Are subchannel sets other than 0 there? The guest enables them by CHSC. */
  multipleSets = false;
  readonly paths = new Map<number, ChannelPath>();
  readonly #sets = new Map<number, Map<number, HostSubchannel>>();
  #crws: Crw[] = [];
  #lostCrws = false;

  constructor(readonly guest: Guest) {}

  /**
   * The subchannel of an id; null: none here, and none behind it. One below the last that has a device is there even
   * without one.
   */
  subchannel({ ssid, schNo }: SubchannelId): HostSubchannel | null {
    if (ssid > 0 && !this.multipleSets) return null;
    const set = this.#set(ssid);
    if (schNo > lastUsed(set)) return null;
    return this.#at(ssid, schNo);
  }

  /**
   * Puts a device behind the lowest free subchannel of its set, and reports it to a guest that runs.
   *
   * @throws ErrnoError EEXIST when the device number is taken, EBUSY when the unit has one already, EINVAL for a number
   *   that cannot be, ENOSPC when the set is full
   */
  plug(unit: ControlUnit, { devno, ssid = 0, path = VIRTUAL_PATH }: SubchannelPlace = {}): HostSubchannel {
    const number = devno ?? this.#freeDevno(ssid);
    this.#check(ssid, number);
    this.#checkNew(unit, busId(ssid, number));
    const sch = this.#at(ssid, this.#freeSubchannel(ssid));
    this.paths.set(path.id, path);
    sch.attach(unit, { dev: number, chpid: [path.id, 0, 0, 0, 0, 0, 0, 0], st: SUBCHANNEL_TYPE_IO });
    this.report(sch);
    return sch;
  }

  /** Takes a device away without asking, and reports it. */
  unplug(sch: HostSubchannel): void {
    if (sch.unit === null) return;
    sch.detach();
    this.report(sch);
  }

  /** A channel report of one subchannel. A guest that has not booted will find out by itself. */
  report({ id }: HostSubchannel): void {
    if (!this.guest.listens) return;
    const chained = this.multipleSets;
    const crw = { overflow: false, rsc: CRW.RSC_SCH, erc: CRW.ERC_IPARM };
    this.#queueCrws([
      { ...crw, chained, rsid: id.schNo },
      ...(chained ? [{ ...crw, chained: false, rsid: id.ssid << 4 }] : []),
    ]);
    this.guest.interrupt(VECTOR.MACHINE_CHECK);
  }

  /** The next channel report word. */
  takeCrw(): Crw | undefined {
    const crw = this.#crws.shift();
    if (crw === undefined || !this.#lostCrws) return crw;
    this.#lostCrws = false;
    return { ...crw, overflow: true };
  }

  /** The interruption that is pending for the lowest subchannel; it is pending no more. */
  takeInterruption(): HostSubchannel | undefined {
    const found = this.all().find((sch) => sch.interruptionPending);
    if (found !== undefined) found.interruptionPending = false;
    return found;
  }

  /** All subchannels in order. */
  all(): HostSubchannel[] {
    const sets = [...this.#sets].sort(([a], [b]) => a - b);
    return sets.flatMap(([, set]) => [...set].sort(([a], [b]) => a - b).map(([, sch]) => sch));
  }

  #queueCrws(crws: readonly Crw[]): void {
    if (this.#crws.length + crws.length > MAX_CRWS) this.#lostCrws = true;
    else this.#crws.push(...crws);
  }

  #set(ssid: number): Map<number, HostSubchannel> {
    const set = this.#sets.get(ssid) ?? new Map<number, HostSubchannel>();
    this.#sets.set(ssid, set);
    return set;
  }

  #at(ssid: number, schNo: number): HostSubchannel {
    const set = this.#set(ssid);
    const sch = set.get(schNo) ?? this.#make({ ssid, schNo });
    set.set(schNo, sch);
    return sch;
  }

  #make(id: SubchannelId): HostSubchannel {
    const { guest } = this;
    return new HostSubchannel(id, guest, {
      interrupt: (sch) => guest.interrupt(VECTOR.IO, (BigInt(packSchid(sch.id)) << 32n) | BigInt(sch.pmcw.intparm)),
      refused: (what, no) => guest.log.refuse(guest.name, what, -no),
      failed: (what, error) => guest.log.fail(guest.name, what, error),
    });
  }

  #freeSubchannel(ssid: number): number {
    const set = this.#set(ssid);
    for (let schNo = 0; schNo <= MAX_SUBCHANNEL; schNo += 1) if ((set.get(schNo)?.unit ?? null) === null) return schNo;
    const path = `subchannel set ${String(ssid)} of guest ${this.guest.name}`;
    throw new ErrnoError('ENOSPC', { syscall: 'plug_device', path });
  }

  #freeDevno(ssid: number): number {
    const taken = new Set([...this.#set(ssid).values()].filter((sch) => sch.pmcw.dnv).map((sch) => sch.pmcw.dev));
    let devno = 0;
    while (taken.has(devno)) devno += 1;
    return devno;
  }

  #check(ssid: number, devno: number): void {
    const path = `device ${busId(ssid, devno)} of guest ${this.guest.name}`;
    const possible = Number.isInteger(devno) && devno >= 0 && devno <= 0xffff && [0, 1, 2, 3].includes(ssid);
    if (!possible) throw new ErrnoError('EINVAL', { syscall: 'plug_device', path });
    const taken = [...this.#set(ssid).values()].some(({ pmcw }) => pmcw.dnv && pmcw.dev === devno);
    if (taken) throw new ErrnoError('EEXIST', { syscall: 'plug_device', path });
  }

  #checkNew(unit: ControlUnit, name: string): void {
    for (const set of this.#sets.values()) {
      for (const sch of set.values()) {
        if (sch.unit !== unit) continue;
        const reason = `it is plugged already, as ${busId(sch.id.ssid, sch.pmcw.dev)}`;
        throw new ErrnoError('EBUSY', { syscall: 'plug_device', path: name, reason });
      }
    }
  }
}

function lastUsed(set: ReadonlyMap<number, HostSubchannel>): number {
  return [...set.values()].reduce((last, sch) => (sch.unit === null ? last : Math.max(last, sch.id.schNo)), -1);
}
