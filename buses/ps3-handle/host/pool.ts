import { firstIndex } from '../../../lib/sorted';
import type { AllocationPolicy } from '../../../lib/machine/fixture';
import type { Random } from '../../../lib/world';
import type { HostDevice } from './device';
import { GraphicsProcessor } from './native';

/** A free device. Of one class they are in order of rank: lowest by id, and otherwise by when they became free. */
interface Free {
  readonly device: HostDevice;
  readonly rank: number;
}

/** The devices of one hypervisor, and which of them are free. */
export class DevicePool {
  readonly #policy: AllocationPolicy;
  readonly #random: Random;
  readonly #byId = new Map<number, HostDevice>();
  /** In the order of their ids: the graphics processors, and the others. */
  readonly #graphics: HostDevice[] = [];
  readonly #listed: HostDevice[] = [];
  readonly #countOf = new Map<number, number>();
  /** In the order of becoming free. */
  readonly #free = new Map<HostDevice, Free>();
  readonly #freeOf = new Map<number, Free[]>();
  #lastRank = 0;

  constructor(policy: AllocationPolicy, random: Random) {
    this.#policy = policy;
    this.#random = random;
  }

  /** In the order of their ids. */
  get devices(): readonly HostDevice[] {
    return [...this.#byId.values()].sort((a, b) => a.devId - b.devId);
  }

  /** What the repository lists, in the order of ids: all but graphics processors. */
  get listed(): readonly HostDevice[] {
    return this.#listed;
  }

  /** The first graphics processor. */
  get graphics(): HostDevice | undefined {
    return this.#graphics[0];
  }

  /** In the order of becoming free. */
  get free(): readonly HostDevice[] {
    return [...this.#free.keys()];
  }

  byId(devId: number): HostDevice | undefined {
    return this.#byId.get(devId);
  }

  count(classId: number): number {
    return this.#countOf.get(classId) ?? 0;
  }

  countFree(classId: number): number {
    return this.#freeOf.get(classId)?.length ?? 0;
  }

  add(device: HostDevice): void {
    const list = this.#listOf(device);
    list.splice(indexIn(list, device), 0, device);
    this.#byId.set(device.devId, device);
    this.#countOf.set(device.classId, this.count(device.classId) + 1);
    this.#addFree(device);
  }

  remove(device: HostDevice): void {
    if (this.#byId.get(device.devId) !== device) return;
    const list = this.#listOf(device);
    list.splice(indexIn(list, device), 1);
    this.#byId.delete(device.devId);
    this.#countOf.set(device.classId, this.count(device.classId) - 1);
    this.takeThis(device);
  }

  /** Takes a free device of a class out, chosen by the policy; undefined when there is none. */
  take(classId: number): HostDevice | undefined {
    const candidates = this.#freeOf.get(classId) ?? [];
    const chosen = this.#choose(candidates)?.device;
    if (chosen !== undefined) this.takeThis(chosen);
    return chosen;
  }

  /** Removes this device from the free ones; false when it is in use. */
  takeThis(device: HostDevice): boolean {
    const free = this.#free.get(device);
    if (free === undefined) return false;
    const candidates = this.#freeOf.get(device.classId) ?? [];
    candidates.splice(rankIn(candidates, free.rank), 1);
    return this.#free.delete(device);
  }

  giveBack(device: HostDevice): void {
    if (this.#byId.get(device.devId) === device && !this.#free.has(device)) this.#addFree(device);
  }

  #addFree(device: HostDevice): void {
    this.#lastRank += 1;
    const free = { device, rank: this.#policy === 'lowest' ? device.devId : this.#lastRank };
    const candidates = this.#freeOf.get(device.classId) ?? [];
    candidates.splice(rankIn(candidates, free.rank), 0, free);
    this.#freeOf.set(device.classId, candidates);
    this.#free.set(device, free);
  }

  #listOf({ model }: HostDevice): HostDevice[] {
    return model instanceof GraphicsProcessor ? this.#graphics : this.#listed;
  }

  #choose(candidates: readonly Free[]): Free | undefined {
    if (candidates.length === 0) return undefined;
    switch (this.#policy) {
      case 'lowest':
        return candidates[0];
      case 'recent':
        return candidates.at(-1);
      case 'random':
        return candidates[this.#random.below(candidates.length)];
    }
  }
}

function indexIn(devices: readonly HostDevice[], { devId }: HostDevice): number {
  return firstIndex(devices, (device) => device.devId >= devId);
}

function rankIn(candidates: readonly Free[], rank: number): number {
  return firstIndex(candidates, (free) => free.rank >= rank);
}
