import { EIO } from '../../../lib/errno';
import { COSTS, hex, type Guest } from '../../../lib/hypervisor';
import { noPromise, type Timer } from '../../../lib/world';
import { busId, type SubchannelId } from '../layout';
import { SENSE_BYTES } from '../layout/ccw';
import { EMPTY_PMCW, type Orb, type Pmcw, type Schib } from '../layout/schib';
import { ACTL, DSTAT, EMPTY_SCSW, FCTL, STCTL, type Irb, type Scsw } from '../layout/scsw';
import { memoryOf } from './memory';
import { ChannelProgram, type ProgramEnd } from './program';
import type { ControlUnit } from './unit';

/** Callbacks of a subchannel to its channel subsystem. */
export interface SubchannelOwner {
  /** Status is pending: the guest is to be interrupted. */
  interrupt(sch: HostSubchannel): void;
  /** The guest did something that ended badly. */
  refused(what: string, no: number): void;
  /** A control unit is defective. */
  failed(what: string, error: unknown): void;
}

const NO_SENSE = new Uint8Array(SENSE_BYTES);
const ENDING = STCTL.STATUS_PEND | STCTL.PRIMARY | STCTL.SECONDARY;

/**
 * One subchannel: its information block, its state, the channel program that runs. The methods that stand for
 * instructions give the condition code. PoP chapter 14; the states are in chapter 16 "Subchannel-Status Word".
 */
export class HostSubchannel {
  pmcw: Pmcw = EMPTY_PMCW;
  scsw: Scsw = EMPTY_SCSW;
  /** An interruption that is still pending. */
  interruptionPending = false;
  unit: ControlUnit | null = null;
  #sense = NO_SENSE;
  #orb: Orb | null = null;
  #program: ChannelProgram | null = null;
  #timer: Timer | null = null;
  readonly #guest: Guest;
  readonly #owner: SubchannelOwner;

  constructor(
    readonly id: SubchannelId,
    guest: Guest,
    owner: SubchannelOwner,
  ) {
    this.#guest = guest;
    this.#owner = owner;
  }

  get name(): string {
    return busId(this.id.ssid, this.id.schNo);
  }

  get schib(): Schib {
    return { pmcw: this.pmcw, scsw: this.scsw };
  }

  /** Puts a control unit behind it. */
  attach(unit: ControlUnit, pmcw: Partial<Pmcw>): void {
    this.#stop();
    this.unit = unit;
    this.scsw = EMPTY_SCSW;
    this.pmcw = { ...EMPTY_PMCW, dnv: true, lpm: 0x80, pim: 0x80, pam: 0x80, pom: 0xff, ...pmcw };
  }

  /** The device is gone: its program is dropped without an interrupt. */
  detach(): void {
    this.#stop();
    this.unit = null;
    this.scsw = EMPTY_SCSW;
    this.pmcw = EMPTY_PMCW;
    this.interruptionPending = false;
  }

  /** MODIFY SUBCHANNEL. */
  modify(wanted: Pmcw): number {
    if (!this.pmcw.dnv) return 0;
    if (this.#isStatusPending) return 1;
    if (this.scsw.fctl !== 0) return 2;
    const { intparm, isc, ena, mme, mp, lpm, pom, mbi, mbfc, csense } = wanted;
    const disables = this.pmcw.ena && !ena;
    this.pmcw = { ...this.pmcw, intparm, isc, ena, mme, mp, lpm, pom, mbi, mbfc, csense };
    if (disables) noPromise(this.unit?.disabled?.(), () => `disabled() of the control unit of subchannel ${this.name}`);
    return 0;
  }

  /** START SUBCHANNEL. */
  start(orb: Orb): number {
    if (!this.#isOperational) return 3;
    if (this.#isStatusPending) return 1;
    if (this.scsw.fctl !== 0) return 2;
    if ((orb.lpm & this.pmcw.pam) === 0) return 3;
    this.#orb = orb;
    this.pmcw = { ...this.pmcw, intparm: orb.intparm };
    const { key, format1, cpa } = orb;
    this.scsw = { ...EMPTY_SCSW, key, format1, fctl: FCTL.START, actl: ACTL.START_PEND, cpa };
    const memory = memoryOf(this.#guest, `subchannel ${this.name}`);
    this.#program = this.unit === null ? null : new ChannelProgram(memory, orb, this.unit);
    this.#later(COSTS.ccw, () => this.#run());
    return 0;
  }

  /** RESUME SUBCHANNEL. */
  resume(): number {
    if (!this.#isOperational) return 3;
    if (this.#isStatusPending) return 1;
    if (this.scsw.fctl !== FCTL.START || (this.scsw.actl & ACTL.SUSPENDED) === 0 || this.#orb?.spnd !== true) return 2;
    this.scsw = { ...this.scsw, actl: ACTL.RESUME_PEND };
    this.#later(COSTS.ccw, () => this.#run());
    return 0;
  }

  /** HALT SUBCHANNEL. */
  halt(): number {
    if (!this.#isOperational) return 3;
    if (this.#isStatusPending) return 1;
    if ((this.scsw.fctl & (FCTL.HALT | FCTL.CLEAR)) !== 0) return 2;
    const started = (this.scsw.fctl & FCTL.START) !== 0;
    this.scsw = { ...this.scsw, fctl: this.scsw.fctl | FCTL.HALT, actl: this.scsw.actl | ACTL.HALT_PEND };
    this.#later(COSTS.ccw, () => this.#signal(started ? ENDING : STCTL.STATUS_PEND, started ? DSTAT.DEVICE_END : 0));
    return 0;
  }

  /** CLEAR SUBCHANNEL: drops whatever runs or is pending. */
  clear(): number {
    if (!this.#isOperational) return 3;
    this.#stop();
    this.interruptionPending = false;
    this.#sense = NO_SENSE;
    this.scsw = { ...EMPTY_SCSW, fctl: FCTL.CLEAR, actl: ACTL.CLEAR_PEND };
    this.#later(COSTS.ccw, () => this.#signal(STCTL.STATUS_PEND, 0));
    return 0;
  }

  /** CANCEL SUBCHANNEL: only a start that has not begun. */
  cancel(): number {
    if (!this.#isOperational) return 3;
    if (this.#isStatusPending) return 1;
    if (this.scsw.actl !== ACTL.START_PEND) return 2;
    this.#stop();
    this.scsw = EMPTY_SCSW;
    return 0;
  }

  /** TEST SUBCHANNEL: status that was pending is taken along. */
  test(): { readonly cc: number; readonly irb: Irb } | null {
    if (!this.#isOperational) return null;
    const irb = this.#irb();
    if (!this.#isStatusPending) return { cc: 1, irb };
    this.interruptionPending = false;
    this.#sense = NO_SENSE;
    const { stctl, actl } = this.scsw;
    const ended = (stctl & (STCTL.PRIMARY | STCTL.SECONDARY)) !== 0 || actl === 0;
    this.scsw = ended ? EMPTY_SCSW : { ...this.scsw, stctl: 0, actl: actl & ~ACTL.RESUME_PEND };
    return { cc: 0, irb };
  }

  /** Unsolicited status. Nothing when status is pending already. */
  alert(): void {
    if (!this.#isOperational || this.#isStatusPending) return;
    this.scsw = { ...this.scsw, stctl: STCTL.ALERT | STCTL.STATUS_PEND };
    this.#raise();
  }

  get #isOperational(): boolean {
    return this.pmcw.dnv && this.pmcw.ena;
  }

  get #isStatusPending(): boolean {
    return (this.scsw.stctl & STCTL.STATUS_PEND) !== 0;
  }

  #run(): void {
    const program = this.#program;
    if (program === null || !this.#guest.reaches(this.#orb?.cpa ?? 0, `subchannel ${this.name}`)) return;
    const before = program.fetched;
    const end = program.run();
    this.scsw = { ...this.scsw, actl: ACTL.SUBCHANNEL_ACTIVE | ACTL.DEVICE_ACTIVE };
    this.pmcw = { ...this.pmcw, lpum: 0x80 };
    if (end.check !== null) this.#refuse(end.check.message);
    if (end.thrown !== undefined) this.#owner.failed(`control unit of subchannel ${this.name} threw`, end.thrown);
    if (end.kind === 'silent') return;
    const taken = program.fetched - before;
    this.#later(Math.max(0, taken - 1) * COSTS.ccw, () => this.#ended(end));
  }

  #refuse(reason: string): void {
    const at = hex(this.#orb?.cpa ?? 0);
    this.#owner.refused(`subchannel ${this.name}: channel program at ${at}: ${reason}`, EIO);
  }

  #ended({ kind, dstat, cstat, cpa, count }: ProgramEnd): void {
    if (kind === 'suspended') {
      this.scsw = { ...this.scsw, actl: ACTL.SUSPENDED, cpa, count, cstat };
      if (this.#orb?.ssic === true) return;
      this.scsw = { ...this.scsw, stctl: STCTL.INTERMEDIATE | STCTL.STATUS_PEND };
      this.#raise();
      return;
    }
    this.#program = null;
    if ((dstat & DSTAT.UNIT_CHECK) !== 0) this.#takeSense();
    const unusual = cstat !== 0 || (dstat & (DSTAT.UNIT_CHECK | DSTAT.UNIT_EXCEPTION)) !== 0;
    this.scsw = { ...this.scsw, actl: 0, stctl: ENDING | (unusual ? STCTL.ALERT : 0), dstat, cstat, cpa, count };
    this.#raise();
  }

  /** Concurrent sense: the data goes along with the interruption, and the device has it no more. */
  #takeSense(): void {
    if (!this.pmcw.csense || this.unit?.concurrentSense !== true) return;
    this.#sense = this.unit.sense;
    this.unit.sense = new Uint8Array(SENSE_BYTES);
  }

  /** End of a halt or clear function. */
  #signal(stctl: number, dstat: number): void {
    this.#program = null;
    this.scsw = { ...this.scsw, actl: 0, stctl, dstat };
    this.#raise();
  }

  #irb(): Irb {
    const cons = this.#sense !== NO_SENSE;
    const scsw = cons ? { ...this.scsw, eswf: true, ectl: true } : this.scsw;
    return { scsw, lpum: this.pmcw.lpum, cons, scnt: cons ? SENSE_BYTES : 0, ecw: this.#sense };
  }

  #raise(): void {
    this.interruptionPending = true;
    this.#owner.interrupt(this);
  }

  #later(ns: number, body: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#guest.world.after(ns, body);
  }

  #stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#program = null;
  }
}
