import type { Guest } from '../../../lib/hypervisor';
import type { HostDevice } from './device';

/** A handle that a guest holds. */
export interface OpenHandle {
  readonly handle: number;
  readonly guest: Guest;
  readonly device: HostDevice;
}

/**
 * Which guest holds which device under which handle. The numbers are global to the hypervisor, and none is reused: a
 * released handle stays invalid for every guest.
 */
export class HandleTable {
  readonly #held = new Map<number, OpenHandle>();
  /** By device id, which more than one device can have had. */
  readonly #byDevId = new Map<number, readonly OpenHandle[]>();
  #last = 0;

  issue(guest: Guest, device: HostDevice): OpenHandle {
    this.#last += 1;
    const held = { handle: this.#last, guest, device };
    this.#held.set(held.handle, held);
    this.#byDevId.set(device.devId, [...this.heldOf(device.devId), held]);
    return held;
  }

  get(handle: number): OpenHandle | undefined {
    return this.#held.get(handle);
  }

  /** Was this number given to some guest, now or before? */
  wasIssued(handle: number): boolean {
    return Number.isInteger(handle) && handle >= 1 && handle <= this.#last;
  }

  /** Handles that are held, oldest first; of one guest if given. */
  list(guest?: Guest): readonly OpenHandle[] {
    return [...this.#held.values()].filter((held) => guest === undefined || held.guest === guest);
  }

  /** Handles to devices of that id, oldest first: to those that are gone, and to the one that is there. */
  heldOf(devId: number): readonly OpenHandle[] {
    return this.#byDevId.get(devId) ?? [];
  }

  /** The holder of a device; undefined when it is free. */
  holderOf(device: HostDevice): OpenHandle | undefined {
    return this.heldOf(device.devId).find((held) => held.device === device);
  }

  close(handle: number): void {
    const held = this.#held.get(handle);
    if (held === undefined) return;
    this.#held.delete(handle);
    const { devId } = held.device;
    const left = this.heldOf(devId).filter((one) => one !== held);
    if (left.length > 0) this.#byDevId.set(devId, left);
    else this.#byDevId.delete(devId);
  }
}
