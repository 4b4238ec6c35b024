import { callAtomic } from '../base/guard';
import type { Kernel } from '../base/kernel';
import { andThen, type MaySleep } from '../may-sleep';
import { WaitQueue } from '../world/wait';

/** @see include/linux/netdevice.h NAPI_POLL_WEIGHT */
const NAPI_POLL_WEIGHT = 64;
/** Frames that one round of polling may take from all devices. @see net/core/dev.c netdev_budget */
const NETDEV_BUDGET = 300;
/** ns that a round may take: two ticks. @see net/core/dev.c netdev_budget_usecs */
const NETDEV_BUDGET_TIME = 8_000_000;

/** What one kernel keeps of those that are to be polled. @see include/linux/netdevice.h struct softnet_data */
class Softnet {
  pollList: Napi[] = [];
  /** Rounds that ended before the work did. */
  timeSqueeze = 0;
  readonly rxAction = (): void => this.#netRxAction();
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** @see net/core/dev.c __napi_schedule */
  schedule(napi: Napi): void {
    this.pollList.push(napi);
    this.#kernel.softirqs.raise(this.rxAction);
  }

  remove(napi: Napi): void {
    this.pollList = this.pollList.filter((other) => other !== napi);
  }

  /** @see net/core/dev.c net_rx_action */
  #netRxAction(): void {
    const { world, softirqs } = this.#kernel;
    const end = world.now + NETDEV_BUDGET_TIME;
    const list = this.pollList;
    this.pollList = [];
    const repoll: Napi[] = [];
    let budget = NETDEV_BUDGET;
    for (let napi = list.shift(); napi !== undefined; napi = list.shift()) {
      budget -= this.#poll(napi, repoll);
      if (budget > 0 && world.now < end) continue;
      this.timeSqueeze += 1;
      break;
    }
    this.pollList = [...list, ...this.pollList, ...repoll];
    if (this.pollList.length > 0) softirqs.raise(this.rxAction);
  }

  /** @see net/core/dev.c napi_poll */
  #poll(napi: Napi, repoll: Napi[]): number {
    const { work, again } = napi.pollOnce();
    if (again && !this.pollList.includes(napi)) repoll.push(napi);
    return work;
  }
}

const softnetData = (kernel: Kernel): Softnet => new Softnet(kernel);

/**
 * Rounds of polling in this kernel that ended before the work did.
 *
 * @see /proc/net/softnet_stat
 * @internal there is no /proc
 */
export function timeSqueeze(kernel: Kernel): number {
  return kernel.stateOf(softnetData).timeSqueeze;
}

/**
 * Something that is polled: its interrupt is off while there is work, and it takes so many frames in its turn. It is
 * disabled when it is made.
 *
 * @see include/linux/netdevice.h struct napi_struct, net/core/dev.c
 */
export class Napi {
  readonly #softnet: Softnet;
  readonly #kernel: Kernel;
  readonly #pollFn: (budget: number) => number;
  readonly #idle = new WaitQueue();
  /** NAPI_STATE_SCHED: it is to be polled, or disabled. */
  #scheduled = true;
  /** NAPI_STATE_MISSED: it was scheduled again meanwhile. */
  #missed = false;
  /** NAPI_STATE_DISABLE: a task waits for it to be disabled. */
  #disabling = false;
  /** NAPI_STATE_NPSVC */
  #disabled = true;
  #warned = false;

  /**
   * @param name for reports
   * @param poll handles up to `budget` frames and returns how many; if these are fewer it has called {@link
   *   completeDone}. May not sleep.
   * @see net/core/dev.c netif_napi_add
   */
  constructor(
    kernel: Kernel,
    readonly name: string,
    poll: (budget: number) => number,
    readonly weight = NAPI_POLL_WEIGHT,
  ) {
    this.#kernel = kernel;
    this.#softnet = kernel.stateOf(softnetData);
    this.#pollFn = poll;
  }

  /** @see net/core/dev.c napi_enable */
  enable(): void {
    this.#scheduled = this.#disabled = false;
  }

  /** Returns when it is polled no more, and is not until {@link enable}. @see net/core/dev.c napi_disable */
  disable(): MaySleep<void> {
    this.#disabling = true;
    const what = `napi_disable(${this.name})`;
    return andThen(
      this.#idle.waitUntil(this.#kernel.world, () => !this.#scheduled, what),
      () => {
        this.#scheduled = this.#disabled = true;
        this.#disabling = false;
      },
    );
  }

  /** May the caller {@link schedule} it? If it is scheduled already, it is polled once more. */
  schedulePrep(): boolean {
    if (this.#disabling) return false;
    if (this.#scheduled) this.#missed = true;
    const may = !this.#scheduled;
    this.#scheduled = true;
    return may;
  }

  /** Has it polled, after {@link schedulePrep}. @see net/core/dev.c __napi_schedule */
  schedule(): void {
    this.#softnet.schedule(this);
  }

  /**
   * For its poll: there is no work left.
   *
   * @returns false when it is polled again
   * @see net/core/dev.c napi_complete_done
   */
  completeDone(): boolean {
    if (this.#disabled) return false;
    this.#softnet.remove(this);
    if (this.#missed) {
      this.#missed = false;
      this.schedule();
      return false;
    }
    this.#scheduled = false;
    this.#idle.wakeAll(this.#kernel.world);
    return true;
  }

  /** @returns how many frames were taken, and whether it must be polled again @see net/core/dev.c __napi_poll */
  pollOnce(): { readonly work: number; readonly again: boolean } {
    const poll = (): number => this.#pollFn(this.weight);
    const work = this.#scheduled ? callAtomic(this.#kernel, () => `__napi_poll: ${this.name}`, poll) : 0;
    if (work > this.weight) this.#warn(work);
    if (work < this.weight) return { work, again: false };
    if (this.#disabling) this.completeDone();
    return { work, again: !this.#disabling };
  }

  #warn(work: number): void {
    if (!this.#warned) {
      const what = `returned ${String(work)}, exceeding its budget of ${String(this.weight)}.`;
      this.#kernel.log.err(`NAPI poll function ${this.name} ${what}`);
    }
    this.#warned = true;
  }
}
