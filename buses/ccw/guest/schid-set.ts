import { firstIndex } from '../../../lib/sorted';
import { MAX_SSID, MAX_SUBCHANNEL, type SubchannelId } from '../layout';

/** The ids of one set: all from `tail` on but the holes, and some below it. */
class OneSet {
  #tail = MAX_SUBCHANNEL + 1;
  #holes = new Set<number>();
  /** In order. */
  #below: number[] = [];

  fill(): void {
    this.#tail = 0;
    this.#holes = new Set();
    this.#below = [];
  }

  has(n: number): boolean {
    return n >= this.#tail ? n <= MAX_SUBCHANNEL && !this.#holes.has(n) : this.#below[this.#indexBelow(n)] === n;
  }

  add(n: number): void {
    if (n >= this.#tail) this.#holes.delete(n);
    else if (!this.has(n)) this.#below.splice(this.#indexBelow(n), 0, n);
  }

  delete(n: number): void {
    if (!this.has(n)) return;
    if (n < this.#tail) this.#below.splice(this.#indexBelow(n), 1);
    else if (n === this.#tail) this.#tail += 1;
    else this.#holes.add(n);
  }

  /** Deletes `from` and all behind it. */
  deleteFrom(from: number): void {
    this.#below.length = this.#indexBelow(from);
    for (let n = this.#tail; n < from; n += 1) if (!this.#holes.has(n)) this.#below.push(n);
    this.#tail = MAX_SUBCHANNEL + 1;
    this.#holes = new Set();
  }

  /** The lowest that is at least `from`. */
  next(from: number): number | null {
    const below = this.#below[this.#indexBelow(from)];
    if (below !== undefined) return below;
    for (let n = Math.max(from, this.#tail); n <= MAX_SUBCHANNEL; n += 1) if (!this.#holes.has(n)) return n;
    return null;
  }

  #indexBelow(from: number): number {
    return firstIndex(this.#below, (n) => n >= from);
  }
}

/** Ids of subchannels; that all are in it costs nothing. @see drivers/s390/cio/idset.c */
export class SchidSet {
  readonly #sets = Array.from({ length: MAX_SSID + 1 }, () => new OneSet());

  fill(): void {
    for (const set of this.#sets) set.fill();
  }

  has({ ssid, schNo }: SubchannelId): boolean {
    return this.#sets[ssid]?.has(schNo) ?? false;
  }

  add({ ssid, schNo }: SubchannelId): void {
    this.#sets[ssid]?.add(schNo);
  }

  delete({ ssid, schNo }: SubchannelId): void {
    this.#sets[ssid]?.delete(schNo);
  }

  /** Deletes an id and all behind it in its set. @see idset_sch_del_subseq */
  deleteFrom({ ssid, schNo }: SubchannelId): void {
    this.#sets[ssid]?.deleteFrom(schNo);
  }

  /** Deletes all of the sets behind `ssid`. */
  deleteSetsFrom(ssid: number): void {
    for (const set of this.#sets.slice(ssid)) set.deleteFrom(0);
  }

  /** The lowest id of a set that is at least `from`. */
  next(ssid: number, from: number): number | null {
    return this.#sets[ssid]?.next(from) ?? null;
  }

  get isEmpty(): boolean {
    return this.#sets.every((set) => set.next(0) === null);
  }
}
