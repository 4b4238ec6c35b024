import type { Device } from './device';
import type { Driver } from './driver';
import { callAtomic } from './guard';
import type { BusType, MatchKey } from './types';

interface Entry {
  /** Its place in the order of registration. */
  readonly order: number;
  /** What {@link BusType.driverKeys} gave last. */
  readonly keys: ReadonlySet<MatchKey>;
}

/**
 * A bus's drivers by what their id tables match, so that a device asks few of a thousand drivers. It gives the same
 * drivers in the same order as asking all of them.
 */
export class DriverIndex {
  readonly #byKey = new Map<MatchKey, Driver[]>();
  /** Drivers that match by something else than keys: each device asks them. */
  readonly #always: Driver[] = [];
  readonly #entries = new Map<Driver, Entry>();
  readonly #type: BusType;
  #last = 0;

  constructor(type: BusType) {
    this.#type = type;
  }

  add(drv: Driver): void {
    this.#insert(drv, this.#last++);
  }

  remove(drv: Driver): void {
    this.#take(drv);
    this.#entries.delete(drv);
  }

  /** The driver's id table has changed. */
  update(drv: Driver): void {
    const entry = this.#entries.get(drv);
    if (entry === undefined) return;
    this.#take(drv);
    this.#insert(drv, entry.order);
  }

  /** The drivers that could match, in the order of registration; null when all must be asked. */
  candidates(dev: Device): readonly Driver[] | null {
    if (dev.kernel.trace.on || dev.driverOverride !== null) return null;
    const keys = this.#type.deviceKeys?.(dev);
    if (keys === undefined) return null;
    if (!isList(keys)) return noKeys(dev, keys);
    const key = keys[0];
    if (keys.length === 1 && key !== undefined && this.#always.length === 0) return this.#byKey.get(key) ?? [];
    const found = new Set([...this.#always, ...keys.flatMap((one) => this.#byKey.get(one) ?? [])]);
    return this.#sorted([...found]);
  }

  #insert(drv: Driver, order: number): void {
    const where = (): string => `driver keys: driver ${drv.def.name}`;
    const named = callAtomic(drv.kernel, where, () => this.#type.driverKeys?.(drv)) ?? null;
    const keys = new Set(named);
    this.#entries.set(drv, { order, keys });
    if (named === null) this.#always.push(drv);
    else for (const key of keys) this.#byKey.set(key, this.#sorted([...(this.#byKey.get(key) ?? []), drv]));
  }

  /** Lists are replaced, never changed: a walk over one goes on undisturbed. */
  #take(drv: Driver): void {
    const at = this.#always.indexOf(drv);
    if (at >= 0) this.#always.splice(at, 1);
    for (const key of this.#entries.get(drv)?.keys ?? []) {
      const others = (this.#byKey.get(key) ?? []).filter((other) => other !== drv);
      if (others.length === 0) this.#byKey.delete(key);
      else this.#byKey.set(key, others);
    }
  }

  #sorted(drivers: Driver[]): Driver[] {
    const orderOf = (drv: Driver): number => this.#entries.get(drv)?.order ?? 0;
    return drivers.sort((a, b) => orderOf(a) - orderOf(b));
  }
}

function isList(keys: unknown): boolean {
  return Array.isArray(keys);
}

/** For a promise. @throws SleepInAtomic */
function noKeys(dev: Device, keys: unknown): null {
  callAtomic(
    dev.kernel,
    () => `device keys: device ${String(dev.name)}`,
    () => keys,
  );
  return null;
}
