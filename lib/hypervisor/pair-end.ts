import { ErrnoError } from '../errno';
import { GuestMemory } from './memory';

/** A page for the indices, then the bytes that are on their way: one end puts them in, the other takes them out. */
export interface SharedRing {
  /** Where it is in the pages of the pair. */
  readonly offset: number;
  /** Of the data: a power of two. */
  readonly bytes: number;
  /** Bytes that may be put in at a time. */
  readonly piece: number;
}

/** What the rings of a pair are to be. */
export interface PairRings {
  /** For the log. */
  readonly name: string;
  /** Queues for input that have the other end's next queue as their source. */
  readonly inputs: readonly number[];
  readonly bytes: number;
  readonly piece: number;
}

const PAGE = 4096;

/**
 * One of two ends whose queues lead to each other: the pages of both directions, and whether somebody works at the
 * other end. The host moves no byte between them.
 */
export class PairEnd {
  /** Called when a driver begins or ceases to work at the other end. */
  changed: () => void = () => undefined;
  #other: PairEnd = this;
  #raise: (() => void) | null = null;

  /** Only for pairOfEnds. @param rings by queue; queues that are not in it are the host's */
  constructor(
    readonly number: 1 | 2,
    readonly pages: GuestMemory,
    readonly rings: ReadonlyMap<number, SharedRing>,
  ) {}

  /** Only for pairOfEnds. */
  connect(other: PairEnd): void {
    this.#other = other;
  }

  /** Does a driver work at this end? */
  get isRunning(): boolean {
    return this.#raise !== null;
  }

  /** Does a driver work at the other end? */
  get isConnected(): boolean {
    return this.#other.isRunning;
  }

  /** From now on a driver works at this end, and is interrupted by `raise`; null: no driver does. */
  setRunning(raise: (() => void) | null): void {
    const wasRunning = this.isRunning;
    this.#raise = raise;
    if (wasRunning !== this.isRunning) this.#other.changed();
  }

  /** This end has put something in, or taken something out. Nobody is interrupted where no driver works. */
  signal(): void {
    this.#other.#raise?.();
  }
}

/** Two ends of one cable. */
export function pairOfEnds({ name, inputs, bytes, piece }: PairRings): readonly [PairEnd, PairEnd] {
  const stride = PAGE + bytes;
  const pages = new GuestMemory(2 * stride * inputs.length, name);
  const ringAt = (index: number): SharedRing => ({ offset: stride * index, bytes, piece });
  /** @param direction 0 where the end takes out of the first ring of two */
  const ringsOf = (direction: 0 | 1): Map<number, SharedRing> =>
    new Map(
      inputs.flatMap((queue, i) => [
        [queue, ringAt(2 * i + direction)] as const,
        [queue + 1, ringAt(2 * i + 1 - direction)] as const,
      ]),
    );
  const ends = [new PairEnd(1, pages, ringsOf(0)), new PairEnd(2, pages, ringsOf(1))] as const;
  ends[0].connect(ends[1]);
  ends[1].connect(ends[0]);
  return ends;
}

/** @throws ErrnoError EINVAL for a model whose queues lead to another guest's: its pages have to be mapped */
export function checkServed({ name, pair }: { readonly name: string; readonly pair?: PairEnd }): void {
  if (pair === undefined) return;
  const path = `${name}: an end of a pair, which only memory that both ends have mapped can carry`;
  throw new ErrnoError('EINVAL', { syscall: 'plug_device', path });
}
