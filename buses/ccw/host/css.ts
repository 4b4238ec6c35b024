import { ErrnoError } from '../../../lib/errno';
import { busFull, type Guest } from '../../../lib/hypervisor';
import { busId, CRW, packSchid, SUBCHANNEL_TYPE_IO, VECTOR, type Crw, type SubchannelId } from '../layout';
import { HostSubchannel } from './subchannel';
import { SubchannelSet } from './subchannel-set';
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
  readonly #sets = new Map<number, SubchannelSet>();
  readonly #byUnit = new Map<ControlUnit, HostSubchannel>();
  /** An interruption is pending for them, or was. */
  readonly #interrupting = new Set<HostSubchannel>();
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
    if (schNo > set.last) return null;
    return this.#at(ssid, schNo);
  }

  /**
   * Puts a device behind the lowest free subchannel of its set, and reports it to a guest that runs.
   *
   * @throws ErrnoError EEXIST when the device number is taken, EBUSY when the unit has one already, EINVAL for a number
   *   that cannot be, ENOSPC when the set is full
   */
  plug(unit: ControlUnit, { devno, ssid = 0, path = VIRTUAL_PATH }: SubchannelPlace = {}): HostSubchannel {
    const schNo = this.#freeSubchannel(ssid);
    const number = devno ?? this.#set(ssid).freeDevno();
    this.#check(ssid, number);
    this.#checkNew(unit, busId(ssid, number));
    const sch = this.#at(ssid, schNo);
    this.paths.set(path.id, path);
    sch.attach(unit, { dev: number, chpid: [path.id, 0, 0, 0, 0, 0, 0, 0], st: SUBCHANNEL_TYPE_IO });
    this.#set(ssid).attached(sch);
    this.#byUnit.set(unit, sch);
    this.report(sch);
    return sch;
  }

  /** Takes a device away without asking, and reports it. */
  unplug(sch: HostSubchannel): void {
    const { unit, pmcw } = sch;
    if (unit === null) return;
    sch.detach();
    this.#set(sch.id.ssid).detached(sch, pmcw.dev);
    this.#byUnit.delete(unit);
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
    let lowest: HostSubchannel | undefined;
    for (const sch of this.#interrupting) {
      if (!sch.interruptionPending) this.#interrupting.delete(sch);
      else if (lowest === undefined || packSchid(sch.id) < packSchid(lowest.id)) lowest = sch;
    }
    if (lowest !== undefined) lowest.interruptionPending = false;
    return lowest;
  }

  /** All subchannels in order. */
  all(): HostSubchannel[] {
    const sets = [...this.#sets].sort(([a], [b]) => a - b);
    return sets.flatMap(([, set]) => set.list());
  }

  #queueCrws(crws: readonly Crw[]): void {
    if (this.#crws.length + crws.length > MAX_CRWS) this.#lostCrws = true;
    else this.#crws.push(...crws);
  }

  #set(ssid: number): SubchannelSet {
    const set = this.#sets.get(ssid) ?? new SubchannelSet();
    this.#sets.set(ssid, set);
    return set;
  }

  #at(ssid: number, schNo: number): HostSubchannel {
    const set = this.#set(ssid);
    const known = set.get(schNo);
    if (known !== undefined) return known;
    const sch = this.#make({ ssid, schNo });
    set.add(sch);
    return sch;
  }

  #make(id: SubchannelId): HostSubchannel {
    const { guest } = this;
    return new HostSubchannel(id, guest, {
      interrupt: (sch) => {
        this.#interrupting.add(sch);
        guest.interrupt(VECTOR.IO, (BigInt(packSchid(sch.id)) << 32n) | BigInt(sch.pmcw.intparm));
      },
      refused: (what, no) => guest.log.refuse(guest.name, what, -no),
      failed: (what, error) => guest.log.fail(guest.name, what, error),
    });
  }

  #freeSubchannel(ssid: number): number {
    const set = this.#set(ssid);
    const schNo = set.freeSchNo();
    if (schNo !== undefined) return schNo;
    const path = `subchannel set ${String(ssid)} of guest ${this.guest.name}`;
    throw busFull(this.guest.log, path, `all ${String(set.size)} subchannels are taken`);
  }

  #check(ssid: number, devno: number): void {
    const path = `device ${busId(ssid, devno)} of guest ${this.guest.name}`;
    const possible = Number.isInteger(devno) && devno >= 0 && devno <= 0xffff && [0, 1, 2, 3].includes(ssid);
    if (!possible) throw new ErrnoError('EINVAL', { syscall: 'plug_device', path });
    if (this.#set(ssid).hasDevno(devno)) throw new ErrnoError('EEXIST', { syscall: 'plug_device', path });
  }

  #checkNew(unit: ControlUnit, name: string): void {
    const sch = this.#byUnit.get(unit);
    if (sch === undefined) return;
    const reason = `it is plugged already, as ${busId(sch.id.ssid, sch.pmcw.dev)}`;
    throw new ErrnoError('EBUSY', { syscall: 'plug_device', path: name, reason });
  }
}
