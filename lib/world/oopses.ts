/** What is kept of a thrown value that is not a refusal. */
export interface Oops {
  readonly error: unknown;
  /** The kernel function and what it was called for, e.g. "really_probe: driver virtio_blk, device virtio0". */
  readonly where: string;
  readonly task: string;
  /** World time in ns. */
  readonly time: number;
}

/** Oopses of which a report is kept: the first ones are the most useful. */
const KEPT = 100;

const NOTHING = Symbol('nothing was thrown');

/** The oopses of a world. */
export class Oopses {
  readonly reports: Oops[] = [];
  #count = 0;
  /** The one that was thrown last: it can be reported again on its way up. */
  #last: unknown = NOTHING;

  /** How many there were. */
  get count(): number {
    return this.#count;
  }

  /** One value is one oops, however often it is reported on its way up. */
  report(oops: Oops): void {
    const { error } = oops;
    if (error === this.#last || this.reports.some((known) => known.error === error)) return;
    this.#last = error;
    this.#count += 1;
    if (this.reports.length < KEPT) this.reports.push(oops);
  }
}
