import { MAX_SUBCHANNEL } from '../layout';
import type { HostSubchannel } from './subchannel';

/** The subchannels of one set that were ever used, by number, and the devices behind them, by device number. */
export class SubchannelSet {
  readonly #bySchNo = new Map<number, HostSubchannel>();
  readonly #byDevno = new Map<number, HostSubchannel>();
  /** No subchannel below it is free, and no device number. */
  #lowestFree = 0;
  #lowestDevno = 0;
  /** Highest number with a device; -1 without any. */
  #last = -1;

  /** Highest number with a device; -1 without any. */
  get last(): number {
    return this.#last;
  }

  /** How many devices there are. */
  get size(): number {
    return this.#byDevno.size;
  }

  get(schNo: number): HostSubchannel | undefined {
    return this.#bySchNo.get(schNo);
  }

  add(sch: HostSubchannel): void {
    this.#bySchNo.set(sch.id.schNo, sch);
  }

  /** In order of number. */
  list(): HostSubchannel[] {
    return [...this.#bySchNo].sort(([a], [b]) => a - b).map(([, sch]) => sch);
  }

  hasDevno(devno: number): boolean {
    return this.#byDevno.has(devno);
  }

  /** The lowest number without a device; undefined when all have one. */
  freeSchNo(): number | undefined {
    while ((this.#bySchNo.get(this.#lowestFree)?.unit ?? null) !== null) this.#lowestFree += 1;
    return this.#lowestFree <= MAX_SUBCHANNEL ? this.#lowestFree : undefined;
  }

  /** The lowest device number that no device has. */
  freeDevno(): number {
    while (this.#byDevno.has(this.#lowestDevno)) this.#lowestDevno += 1;
    return this.#lowestDevno;
  }

  /** There is a device behind it. */
  attached(sch: HostSubchannel): void {
    this.#byDevno.set(sch.pmcw.dev, sch);
    this.#last = Math.max(this.#last, sch.id.schNo);
  }

  /** The device of that number behind it is gone. */
  detached({ id: { schNo } }: HostSubchannel, devno: number): void {
    this.#byDevno.delete(devno);
    this.#lowestDevno = Math.min(this.#lowestDevno, devno);
    this.#lowestFree = Math.min(this.#lowestFree, schNo);
    while (this.#last >= 0 && (this.#bySchNo.get(this.#last)?.unit ?? null) === null) this.#last -= 1;
  }
}
