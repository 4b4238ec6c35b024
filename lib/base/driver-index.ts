import type { Device } from './device';
import type { Driver } from './driver';
import type { BusType, MatchKey } from './types';

/**
 * A bus's drivers by what their id tables match, so that a device asks few of a thousand drivers. It gives the same
 * drivers in the same order as asking all of them.
 */
export class DriverIndex {
  readonly #byKey = new Map<MatchKey, Driver[]>();
  /** Drivers that match by something else than keys: each device asks them. */
  readonly #always: Driver[] = [];
  /** The order of registration. */
  readonly #order = new Map<Driver, number>();
  readonly #type: BusType;
  #last = 0;

  constructor(type: BusType) {
    this.#type = type;
  }

  add(drv: Driver): void {
    this.#order.set(drv, this.#last++);
    this.#insert(drv);
  }

  remove(drv: Driver): void {
    this.#order.delete(drv);
    this.#take(drv);
  }

  /** The driver's id table has changed. */
  update(drv: Driver): void {
    if (!this.#order.has(drv)) return;
    this.#take(drv);
    this.#insert(drv);
  }

  /** The drivers that could match, in the order of registration; null when all must be asked. */
  candidates(dev: Device): readonly Driver[] | null {
    if (dev.kernel.trace.on || dev.driverOverride !== null) return null;
    const keys = this.#type.deviceKeys?.(dev);
    if (keys === undefined) return null;
    const [key] = keys;
    if (keys.length === 1 && key !== undefined && this.#always.length === 0) return this.#byKey.get(key) ?? [];
    const found = new Set([...this.#always, ...keys.flatMap((one) => this.#byKey.get(one) ?? [])]);
    return [...found].sort((a, b) => (this.#order.get(a) ?? 0) - (this.#order.get(b) ?? 0));
  }

  #insert(drv: Driver): void {
    const keys = this.#type.driverKeys?.(drv) ?? null;
    if (keys === null) this.#always.push(drv);
    else for (const key of keys) this.#byKey.set(key, this.#sorted([...(this.#byKey.get(key) ?? []), drv]));
  }

  /** Lists are replaced, never changed: a walk over one goes on undisturbed. */
  #take(drv: Driver): void {
    const at = this.#always.indexOf(drv);
    if (at >= 0) this.#always.splice(at, 1);
    for (const [key, drivers] of this.#byKey) {
      if (!drivers.includes(drv)) continue;
      if (drivers.length === 1) this.#byKey.delete(key);
      else this.#byKey.set(key, drivers.filter((other) => other !== drv));
    }
  }

  #sorted(drivers: Driver[]): Driver[] {
    return drivers.sort((a, b) => (this.#order.get(a) ?? 0) - (this.#order.get(b) ?? 0));
  }
}
