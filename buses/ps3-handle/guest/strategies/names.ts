import { each, type MaySleep } from '../../../../lib/may-sleep';
import type { AttributeGroup } from '../../../../lib/sysfs';
import type { Ps3Device, Ps3System } from '../device';
import { className, MATCH_ID_VIRTIO } from '../../layout';

/** So many of each class, by VIRTIO device id: part of a kernel's configuration. */
export type PerClass = ReadonlyMap<number, number>;

/** How many placeholders a kernel makes of a class. */
export type Placeholders = PerClass;

/** `blk_00`, `blk_01`, `rng_00`, ...: class and number, from 00, in hexadecimal. */
export function deviceName(classId: number, number: number): string {
  return `${className(classId)}_${number.toString(16).padStart(2, '0')}`;
}

/**
 * Names of devices that hold a handle. One is in use from before there is a device until its last reference is gone.
 */
export class Names {
  readonly #used = new Set<string>();
  /** Of each class the numbers below it are in use; and which name stands for which of them. */
  readonly #lowest = new Map<number, number>();
  readonly #passed = new Map<string, { readonly classId: number; readonly number: number }>();

  /** False when it is in use. */
  reserve(name: string): boolean {
    if (this.#used.has(name)) return false;
    this.#used.add(name);
    return true;
  }

  /** The first of {@link deviceName} that is not in use. */
  next(classId: number): string {
    for (let number = this.#lowest.get(classId) ?? 0; ; number += 1) {
      const name = deviceName(classId, number);
      this.#passed.set(name, { classId, number });
      this.#lowest.set(classId, number + 1);
      if (this.reserve(name)) return name;
    }
  }

  free(name: string): void {
    this.#used.delete(name);
    const passed = this.#passed.get(name);
    if (passed === undefined) return;
    this.#passed.delete(name);
    const { classId, number } = passed;
    this.#lowest.set(classId, Math.min(number, this.#lowest.get(classId) ?? number));
  }
}

/** Registers placeholders that are not registered yet. @throws ErrnoError as Device.add */
export function addPlaceholders(
  system: Ps3System,
  placeholders: Placeholders,
  groups: readonly AttributeGroup<Ps3Device>[] = [],
): MaySleep<void> {
  const known = new Set(system.devices().map((dev) => dev.name));
  const missing = [...placeholders].flatMap(([classId, count]) =>
    Array.from({ length: count }, (_, i) => ({
      name: deviceName(classId, i),
      matchId: MATCH_ID_VIRTIO,
      classId,
      groups,
    })),
  );
  return each(
    missing.filter(({ name }) => !known.has(name)),
    (init) => system.addDevice(init),
  );
}
