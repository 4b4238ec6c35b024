import { ErrnoError } from './errno';

/**
 * Numbers that are given out once: always the lowest free one.
 *
 * @see lib/idr.c ida_alloc
 */
export class Ida {
  readonly #taken = new Set<number>();
  /** All below it are taken. */
  #lowest = 0;

  /** @param max highest number that may be given out */
  constructor(readonly max = 0x7fffffff) {}

  /** How many numbers are given out. */
  get inUse(): number {
    return this.#taken.size;
  }

  /** @throws ErrnoError ENOSPC when all are taken @see lib/idr.c ida_alloc */
  alloc(): number {
    let index = this.#lowest;
    while (this.#taken.has(index)) index += 1;
    this.#lowest = index;
    if (index > this.max) throw new ErrnoError('ENOSPC', { syscall: 'ida_alloc' });
    this.#taken.add(index);
    return index;
  }

  /** Gives a number back; one that is free stays so. @see lib/idr.c ida_free */
  free(index: number): void {
    if (this.#taken.delete(index)) this.#lowest = Math.min(this.#lowest, index);
  }
}
