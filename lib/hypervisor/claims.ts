import { EBUSY, EINVAL, EPERM } from '../errno';
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
  readonly #history: ClaimEvent[] = [];

  constructor(world: World, log: CallLog) {
    this.#world = world;
    this.#log = log;
  }

  /** Everything that happened, refusals too, in order. */
  get history(): readonly ClaimEvent[] {
    return this.#history;
  }

  /** The claims that stand, oldest first. */
  list(): readonly Claim[] {
    return [...this.#claims.values()];
  }

  ownerOf(device: DeviceModel): Guest | undefined {
    return this.#claims.get(device)?.guest;
  }

  /** @returns 0, or -EBUSY when somebody has it, be it the same guest (logged as a refusal) */
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
   * @param by the guest that asks; without it the host takes the device back
   * @returns 0, -EINVAL when nobody claims the device, -EPERM when it is not `by`'s (logged as a refusal)
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
    this.#history.push({ time: this.#world.now, action, device: device.name, guest: guest.name });
    if (action !== 'refuse') this.#log.claim(guest.name, `${action}s ${device.name}`);
  }
}
