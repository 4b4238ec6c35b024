import type { WorldOptions } from './options';
import { Random } from './random';
import type { Task } from './task';

/**
 * The tasks that could go on: operations from outside before all others, else in the order in which they were woken.
 */
export class RunQueue {
  readonly #tasks: Task[] = [];
  readonly #choose: boolean;
  readonly #chance: Random;

  /** @param random the world's, for a choice that has no seed of its own */
  constructor({ seed, schedule, scheduleSeed }: WorldOptions, random: Random) {
    this.#chance = scheduleSeed === undefined ? random : new Random(scheduleSeed);
    this.#choose = (schedule ?? (seed === undefined ? 'fifo' : 'seeded')) === 'seeded';
  }

  get length(): number {
    return this.#tasks.length;
  }

  push(task: Task): void {
    const before = task.isOperation ? this.#tasks.findIndex((other) => !other.isOperation) : -1;
    if (before < 0) this.#tasks.push(task);
    else this.#tasks.splice(before, 0, task);
  }

  remove(task: Task): void {
    const index = this.#tasks.indexOf(task);
    if (index >= 0) this.#tasks.splice(index, 1);
  }

  /** The next one, or with a seed any. */
  pick(): Task | undefined {
    if (!this.#choose || this.#tasks.length < 2) return this.#tasks.shift();
    return this.#tasks.splice(this.#chance.below(this.#tasks.length), 1)[0];
  }

  /** With a seed: whether the task in motion lets others go first, where some are runnable. */
  choosesOther(): boolean {
    return this.#choose && this.#tasks.length > 0 && this.#chance.below(2) !== 0;
  }
}
