import type { RealTime } from '../../lib';

/** Time outside of a world that a test moves. */
export class HandTime implements RealTime {
  readonly #looks = new Map<() => void, number>();

  /** How many are looking. */
  get looking(): number {
    return this.#looks.size;
  }

  every(ms: number, look: () => void): { stop(): void } {
    this.#looks.set(look, ms);
    return { stop: () => void this.#looks.delete(look) };
  }

  /** So much time passes in which the program has nothing to do. */
  async pass(ms: number): Promise<void> {
    for (let at = 100; at <= ms; at += 100) {
      await new Promise(setImmediate);
      for (const [look, every] of this.#looks) if (at % every === 0) look();
    }
  }
}
