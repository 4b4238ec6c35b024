import { EBUSY, EINVAL, EPERM } from '../errno';
import { LogRing } from '../log-ring';
import type { CallLog } from './call-log';
import type { DeviceModel } from './device-model';
import type { Guest } from './guest';
import type { World } from '../world/index';

/** One line of a claim's life. */
export interface ClaimEvent {
  /** World time in ns. */
  readonly time: number;
  readonly action: 'claim' | 'release' | 'refuse';
  readonly device: string;
  readonly guest: string;
}

/** A claim that stands. */
export interface Claim {
  readonly device: DeviceModel;
  readonly guest: Guest;
  /** World time in ns since when. */
  readonly since: number;
}

/**
 * Exclusive claims on devices, for buses that allocate. A claim outlives its guest: the host decides when to take the
 * device back.
 */
export class Claims {
  readonly #world: World;
  readonly #log: CallLog;
  readonly #claims = new Map<DeviceModel, Claim>();
  readonly #history: LogRing<ClaimEvent>;
  readonly #counts: Record<ClaimEvent['action'], number> = { claim: 0, release: 0, refuse: 0 };

  /** @param limit how much of the history is kept */
  constructor(world: World, log: CallLog, limit: number) {
    this.#world = world;
    this.#log = log;
    this.#history = new LogRing(limit);
  }

  /** What happened, refusals too, in order; what is long ago is dropped. */
  get history(): readonly ClaimEvent[] {
    return this.#history.entries;
  }

  /** How much ever happened: a mark for {@link since}. */
  get mark(): number {
    return this.#history.count;
  }

  /** What happened after a mark. @throws RangeError when some of it has been dropped */
  since(mark: number): readonly ClaimEvent[] {
    return this.#history.since(mark);
  }

  /** How often each of it ever happened. */
  get counts(): Readonly<Record<ClaimEvent['action'], number>> {
    return { ...this.#counts };
  }

  /** The claims that stand, oldest first. */
  list(): readonly Claim[] {
    return [...this.#claims.values()];
  }

  ownerOf(device: DeviceModel): Guest | undefined {
    return this.#claims.get(device)?.guest;
  }

  /** @returns 0, or -EBUSY when it is claimed, even by the same guest (logged as a refusal) */
  claim(device: DeviceModel, guest: Guest): number {
    const owner = this.ownerOf(device);
    if (owner !== undefined) {
      return this.#refuse(device, guest, -EBUSY, `device ${device.name} belongs to guest ${owner.name}`);
    }
    this.#claims.set(device, { device, guest, since: this.#world.now });
    this.#note('claim', device, guest);
    return 0;
  }

  /**
   * Ends a claim.
   *
   * @param by the guest that releases it; without it the host revokes the claim
   * @returns 0, -EINVAL when the device is not claimed, -EPERM when it is not `by`'s (logged as a refusal)
   */
  release(device: DeviceModel, by?: Guest): number {
    const owner = this.ownerOf(device);
    if (owner === undefined) return -EINVAL;
    if (by !== undefined && by !== owner) {
      return this.#refuse(device, by, -EPERM, `device ${device.name} does not belong to guest ${by.name}`);
    }
    this.#claims.delete(device);
    this.#note('release', device, owner);
    return 0;
  }

  #refuse(device: DeviceModel, guest: Guest, status: number, why: string): number {
    this.#note('refuse', device, guest);
    this.#log.refuse(guest.name, why, status);
    return status;
  }

  #note(action: ClaimEvent['action'], device: DeviceModel, guest: Guest): void {
    this.#counts[action] += 1;
    this.#history.push({ time: this.#world.now, action, device: device.name, guest: guest.name });
    if (action !== 'refuse') this.#log.claim(guest.name, `${action}s ${device.name}`);
  }
}
