/**
 * The last entries of a log. Entries have sequence numbers from 0, which are kept when old ones are dropped, so that a
 * reader can detect lost entries.
 *
 * @see kernel/printk/printk_ringbuffer.c
 */
export class LogRing<T> {
  readonly #entries: T[] = [];
  /** Before it are entries that were dropped: they are cut off when they are the half, not one by one. */
  #first = 0;
  #count = 0;

  /**
   * @param limit how many are kept
   * @throws RangeError unless that is a whole number from 1 on
   */
  constructor(readonly limit: number) {
    if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError(`a log cannot keep ${String(limit)} entries`);
  }

  /** What is kept, oldest first. */
  get entries(): readonly T[] {
    this.#cut();
    return this.#entries;
  }

  /** Number of the next entry: how many there ever were. */
  get count(): number {
    return this.#count;
  }

  /** Number of the first entry that is kept: how many are not kept any more. */
  get dropped(): number {
    return this.#count - this.#length;
  }

  /** Adds one. @returns the oldest, which is dropped when there are too many */
  push(entry: T): T | undefined {
    this.#entries.push(entry);
    this.#count += 1;
    return this.#length > this.limit ? this.shift() : undefined;
  }

  /** Drops the oldest. @returns it; undefined when there is none */
  shift(): T | undefined {
    const entry = this.#entries[this.#first];
    if (this.#length > 0) this.#first += 1;
    if (this.#first > this.#length) this.#cut();
    return entry;
  }

  /**
   * The entries from a number on.
   *
   * @throws RangeError when some of them have been dropped
   */
  since(number: number): readonly T[] {
    const at = number - this.dropped;
    if (at >= 0) return this.#entries.slice(this.#first + at);
    const kept = `the log keeps ${String(this.limit)} entries`;
    throw new RangeError(`${String(-at)} entries were dropped before they were read: ${kept}, give it a larger limit`);
  }

  /** Drops all. */
  clear(): void {
    this.#entries.length = this.#first = 0;
  }

  get #length(): number {
    return this.#entries.length - this.#first;
  }

  #cut(): void {
    if (this.#first > 0) this.#entries.splice(0, this.#first);
    this.#first = 0;
  }
}
