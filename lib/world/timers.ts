/** Something that will happen at a point of world time. */
export interface Timer {
  /** World time in ns. */
  readonly at: number;
  /** Takes it back; false when it has happened or was taken back before. */
  cancel(): boolean;
}

interface Entry extends Timer {
  readonly fire: () => void;
}

/** The world's events in order of time; equal times in order of creation. */
export class Timers {
  readonly #entries: Entry[] = [];

  get size(): number {
    return this.#entries.length;
  }

  /** Time of the next event, or Infinity. */
  get next(): number {
    return this.#entries[0]?.at ?? Infinity;
  }

  add(at: number, fire: () => void): Timer {
    const entry: Entry = { at, fire, cancel: () => this.#remove(entry) };
    this.#entries.splice(this.#positionAfter(at), 0, entry);
    return entry;
  }

  /** Takes the next event out if it is due. */
  takeDue(now: number): (() => void) | undefined {
    return this.next <= now ? this.#entries.shift()?.fire : undefined;
  }

  #remove(entry: Entry): boolean {
    const index = this.#entries.indexOf(entry);
    if (index < 0) return false;
    this.#entries.splice(index, 1);
    return true;
  }

  #positionAfter(at: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#entries[middle] as Entry).at <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
