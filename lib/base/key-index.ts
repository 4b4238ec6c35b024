import type { KlistNode } from '../list';
import type { Bus } from './bus';
import type { Device } from './device';
import type { Driver } from './driver';
import { callAtomic } from './guard';
import type { MatchKey } from './types';

/**
 * Which drivers of a bus could match a device, and which devices a driver, by the keys of {@link BusType}: a device is
 * matched with few of a thousand drivers. Both return nodes of the bus's lists, in their order; null: all must be
 * matched.
 */
export class KeyIndex {
  readonly #bus: Bus;
  /** Drivers by key. Lists are replaced, never changed, so that a walk over one is not affected. */
  readonly #drivers = new Map<MatchKey, readonly KlistNode<Driver>[]>();
  /** Drivers that match by something other than keys: each device is matched with them. */
  #keyless: readonly KlistNode<Driver>[] = [];
  readonly #keysOf = new Map<Driver, ReadonlySet<MatchKey>>();
  /** Order of registration. */
  readonly #order = new Map<Driver, number>();
  #last = 0;
  /** Devices by key; null until it is worth its price. */
  #devices: DevicesByKey | null = null;
  /** {@link Klist.changes} when the devices were last indexed. */
  #devicesAt = -1;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  add(drv: Driver, node: KlistNode<Driver>): void {
    const keys = this.#askDriver(drv);
    this.#order.set(drv, this.#last++);
    if (keys === null) this.#keyless = [...this.#keyless, node];
    else {
      this.#keysOf.set(drv, keys);
      for (const key of keys) this.#drivers.set(key, [...(this.#drivers.get(key) ?? []), node]);
    }
  }

  remove(drv: Driver): void {
    const others = (nodes: readonly KlistNode<Driver>[]): KlistNode<Driver>[] =>
      nodes.filter(({ item }) => item !== drv);
    const keys = this.#keysOf.get(drv);
    if (keys === undefined) this.#keyless = others(this.#keyless);
    for (const key of keys ?? []) {
      const left = others(this.#drivers.get(key) ?? []);
      if (left.length === 0) this.#drivers.delete(key);
      else this.#drivers.set(key, left);
    }
    this.#keysOf.delete(drv);
    this.#order.delete(drv);
  }

  driversFor(dev: Device): readonly KlistNode<Driver>[] | null {
    if (dev.kernel.trace.on || dev.driverOverride !== null) return null;
    const keys = this.#askDevice(dev);
    if (keys === null) return null;
    const key = keys[0];
    if (keys.length === 1 && key !== undefined && this.#keyless.length === 0) return this.#drivers.get(key) ?? [];
    const found = new Set([...this.#keyless, ...keys.flatMap((one) => this.#drivers.get(one) ?? [])]);
    const orderOf = ({ item }: KlistNode<Driver>): number => this.#order.get(item) ?? 0;
    return [...found].sort((a, b) => orderOf(a) - orderOf(b));
  }

  /**
   * The first driver that is added after a change of the devices is matched with all of them: an index for one would
   * cost more.
   */
  devicesFor(drv: Driver): readonly KlistNode<Device>[] | null {
    const { changes } = this.#bus.klistDevices;
    const keys = this.#keysOf.get(drv);
    if (keys === undefined || drv.kernel.trace.on) return null;
    if (this.#devicesAt !== changes) {
      this.#devices = null;
      this.#devicesAt = changes;
      return null;
    }
    this.#devices ??= this.#indexDevices();
    const { byKey, keyless } = this.#devices;
    const [key] = keys;
    if (keys.size === 1 && key !== undefined && keyless.length === 0)
      return (byKey.get(key) ?? []).map(({ node }) => node);
    const found = new Set([...keyless, ...[...keys].flatMap((one) => byKey.get(one) ?? [])]);
    return [...found].sort((a, b) => a.order - b.order).map(({ node }) => node);
  }

  #indexDevices(): DevicesByKey {
    const byKey = new Map<MatchKey, IndexedDevice[]>();
    const keyless: IndexedDevice[] = [];
    let order = 0;
    for (const dev of this.#bus.klistDevices) {
      const place = { node: dev.knodeBus as KlistNode<Device>, order: order++ };
      const keys = dev.driverOverride === null ? this.#askDevice(dev) : null;
      if (keys === null) keyless.push(place);
      for (const key of new Set(keys)) {
        const known = byKey.get(key);
        if (known === undefined) byKey.set(key, [place]);
        else known.push(place);
      }
    }
    return { byKey, keyless };
  }

  #askDriver(drv: Driver): ReadonlySet<MatchKey> | null {
    const where = (): string => `driver keys: driver ${drv.def.name}`;
    const keys = callAtomic(drv.kernel, where, () => this.#bus.type.driverKeys?.(drv)) ?? null;
    return keys === null ? null : new Set(keys);
  }

  /** @returns null, for a promise too, which is an oops @throws SleepInAtomic */
  #askDevice(dev: Device): readonly MatchKey[] | null {
    const keys: unknown = this.#bus.type.deviceKeys?.(dev);
    if (Array.isArray(keys)) return keys as readonly MatchKey[];
    callAtomic(
      dev.kernel,
      () => `device keys: device ${String(dev.name)}`,
      () => keys,
    );
    return null;
  }
}

interface IndexedDevice {
  readonly node: KlistNode<Device>;
  readonly order: number;
}

interface DevicesByKey {
  readonly byKey: ReadonlyMap<MatchKey, readonly IndexedDevice[]>;
  /** Devices without keys, or whose driver_override names a driver. */
  readonly keyless: readonly IndexedDevice[];
}
