import type { AllocationPolicy } from '../../../lib/machine/fixture';
import type { Random } from '../../../lib/world';
import type { HostDevice } from './device';

/** The devices of one hypervisor, and which of them are free. */
export class DevicePool {
  readonly #policy: AllocationPolicy;
  readonly #random: Random;
  readonly #devices: HostDevice[] = [];
  /** In the order of becoming free. */
  readonly #free: HostDevice[] = [];

  constructor(policy: AllocationPolicy, random: Random) {
    this.#policy = policy;
    this.#random = random;
  }

  /** In the order of their ids. */
  get devices(): readonly HostDevice[] {
    return this.#devices;
  }

  /** In the order of becoming free. */
  get free(): readonly HostDevice[] {
    return this.#free;
  }

  count(classId: number): number {
    return this.#devices.filter((device) => device.classId === classId).length;
  }

  countFree(classId: number): number {
    return this.#free.filter((device) => device.classId === classId).length;
  }

  add(device: HostDevice): void {
    const next = this.#devices.findIndex(({ devId }) => devId > device.devId);
    this.#devices.splice(next < 0 ? this.#devices.length : next, 0, device);
    this.#free.push(device);
  }

  remove(device: HostDevice): void {
    drop(this.#devices, device);
    drop(this.#free, device);
  }

  /** Takes a free device of a class out, chosen by the policy; undefined when there is none. */
  take(classId: number): HostDevice | undefined {
    const candidates = this.#free.filter((device) => device.classId === classId);
    const chosen = this.#choose(candidates);
    if (chosen !== undefined) drop(this.#free, chosen);
    return chosen;
  }

  /** Removes this device from the free ones; false when it is in use. */
  takeThis(device: HostDevice): boolean {
    return drop(this.#free, device);
  }

  giveBack(device: HostDevice): void {
    if (this.#devices.includes(device) && !this.#free.includes(device)) this.#free.push(device);
  }

  #choose(candidates: readonly HostDevice[]): HostDevice | undefined {
    if (candidates.length === 0) return undefined;
    switch (this.#policy) {
      case 'lowest':
        return candidates.reduce((low, device) => (device.devId < low.devId ? device : low));
      case 'recent':
        return candidates.at(-1);
      case 'random':
        return candidates[this.#random.below(candidates.length)];
    }
  }
}

function drop<T>(list: T[], item: T): boolean {
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
  return index >= 0;
}
