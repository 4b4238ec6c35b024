import { Klist } from '../../list';
import type { Device, DpmStage } from '../device';

/**
 * Where the devices of one kernel stand while the machine goes to sleep or wakes; each list in the order of
 * dependence.
 *
 * @see drivers/base/power/main.c dpm_list and following
 */
export class DpmLists {
  readonly #lists: Readonly<Record<DpmStage, Klist<Device>>> = {
    on: new Klist(),
    prepared: new Klist(),
    suspended: new Klist(),
    'late-early': new Klist(),
    noirq: new Klist(),
  };

  first(stage: DpmStage): Device | undefined {
    return this.#lists[stage].first();
  }

  last(stage: DpmStage): Device | undefined {
    return this.#lists[stage].last();
  }

  /** Devices that are awake, in the order of dependence. */
  [Symbol.iterator](): Iterator<Device> {
    return this.#lists.on[Symbol.iterator]();
  }

  /** @see drivers/base/power/main.c device_pm_add */
  add(dev: Device): void {
    dev.knodeDpm = this.#lists.on.addTail(dev);
    dev.dpmStage = 'on';
  }

  /** @see drivers/base/power/main.c device_pm_remove */
  remove(dev: Device): void {
    if (dev.knodeDpm !== null) this.#lists[dev.dpmStage].del(dev.knodeDpm);
    dev.knodeDpm = null;
  }

  /** Moves a device that is on some list to the head or the tail of another. */
  move(dev: Device, stage: DpmStage, end: 'head' | 'tail'): void {
    if (dev.knodeDpm === null) return;
    this.remove(dev);
    const list = this.#lists[stage];
    dev.knodeDpm = end === 'head' ? list.addHead(dev) : list.addTail(dev);
    dev.dpmStage = stage;
  }

  /** @see drivers/base/power/main.c device_pm_move_last */
  moveLast(dev: Device): void {
    this.move(dev, 'on', 'tail');
  }

  /** @see drivers/base/power/main.c device_pm_move_after, device_pm_move_before */
  moveBeside(dev: Device, other: Device, side: 'after' | 'before'): void {
    if (dev.knodeDpm === null || other.knodeDpm === null) return;
    this.remove(dev);
    const list = this.#lists[other.dpmStage];
    dev.knodeDpm = side === 'after' ? list.addBehind(dev, other.knodeDpm) : list.addBefore(dev, other.knodeDpm);
    dev.dpmStage = other.dpmStage;
  }
}
