import type { World } from '../world/world';

/** How often what was raised meanwhile is done at once. @see kernel/softirq.c MAX_SOFTIRQ_RESTART */
const MAX_SOFTIRQ_RESTART = 10;
/** ns after which the rest is left to ksoftirqd. @see kernel/softirq.c MAX_SOFTIRQ_TIME */
const MAX_SOFTIRQ_TIME = 2_000_000;
/** ns of a tick, with HZ=250: when ksoftirqd has its turn again. */
const JIFFY = 4_000_000;

/**
 * Work that an interrupt defers until it has returned. Work that exceeds the limits is left to the task ksoftirqd,
 * which continues a tick after the world was idle. May not sleep.
 *
 * @see kernel/softirq.c
 */
export class Softirqs {
  readonly #world: World;
  readonly #owner: object;
  readonly #pending = new Set<() => void>();
  /** Interrupts, and sections without softirqs, that it is in. */
  #depth = 0;
  /** ksoftirqd has been woken, and has not had its turn. */
  #woken = false;

  /** @param owner the kernel */
  constructor(world: World, owner: object) {
    this.#world = world;
    this.#owner = owner;
  }

  /** Has `action` run when the interrupt is over; outside of one, by ksoftirqd. @see raise_softirq */
  raise(action: () => void): void {
    this.#pending.add(action);
    if (this.#depth === 0) this.#wakeupSoftirqd(() => this.#spawn());
  }

  /** Calls an interrupt's handler. @see irq_enter, irq_exit */
  interrupt(handler: () => void): void {
    this.#inside(handler);
  }

  /** What `body` raises is done when it is over. @see local_bh_disable, local_bh_enable */
  withBhDisabled(body: () => void): void {
    this.#inside(body);
  }

  /** Softirqs follow, unless ksoftirqd has the work. @see invoke_softirq, do_softirq */
  #inside(body: () => void): void {
    this.#nest(body);
    if (this.#depth === 0 && this.#pending.size > 0 && !this.#woken) this.#handle();
  }

  #nest(body: () => void): void {
    this.#depth += 1;
    try {
      body();
    } finally {
      this.#depth -= 1;
    }
  }

  /** @see handle_softirqs */
  #handle(): void {
    const end = this.#world.now + MAX_SOFTIRQ_TIME;
    let restarts = MAX_SOFTIRQ_RESTART;
    do {
      restarts -= 1;
      const actions = [...this.#pending];
      this.#pending.clear();
      this.#nest(() => actions.forEach((action) => action()));
    } while (this.#pending.size > 0 && this.#world.now < end && restarts > 0);
    if (this.#pending.size > 0) this.#wakeupSoftirqd(() => this.#later());
  }

  #wakeupSoftirqd(start: () => void): void {
    if (this.#woken) return;
    this.#woken = true;
    start();
  }

  #later(): void {
    this.#world.afterIdle(JIFFY, () => this.#spawn(), this.#owner);
  }

  #spawn(): void {
    void this.#world.spawn(() => this.#run(), 'ksoftirqd/0', this.#owner);
  }

  /** @see run_ksoftirqd */
  #run(): void {
    this.#woken = false;
    if (this.#pending.size > 0) this.#handle();
  }
}
