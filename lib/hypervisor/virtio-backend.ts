import type { DeviceModel } from './device-model';
import type { Guest } from './guest';
import { checkRingSizes, RING_FEATURES, RingQueues } from './ring-queues';
import { VirtioHostDevice } from './virtio-host-device';
import type { BackendQueue } from './virtio-queue';

/** What a transport's host half gets to know. */
export interface BackendEvents {
  /** The driver is to be interrupted: for used buffers of `queue`, or for a change of configuration or status. */
  interrupt(kind: 'queue' | 'config', queue?: number): void;
}

/** A device of one guest's machine, with rings in that guest's memory: what the native transports show. */
export class VirtioBackend extends VirtioHostDevice {
  readonly #rings: RingQueues;

  /**
   * @param lastId the highest device id that the transport can represent
   * @param moreFeatures bits that only this transport offers
   * @throws ErrnoError EINVAL when the model's queue sizes are not powers of two up to 32768, or for a device id that
   *   cannot be represented
   */
  constructor(
    model: DeviceModel,
    readonly guest: Guest,
    events: BackendEvents,
    lastId?: number,
    moreFeatures = 0n,
  ) {
    super(checkRingSizes(model), guest.world, guest.log, lastId);
    this.#rings = new RingQueues(this, guest, (queue) => events.interrupt('queue', queue));
    this.attach({
      guest,
      features: RING_FEATURES | moreFeatures,
      interrupt: (kind, queue) => events.interrupt(kind, queue),
      cleared: () => this.#rings.reset(),
    });
  }

  get queues(): readonly BackendQueue[] {
    return this.#rings.queues;
  }

  override unplug(): void {
    if (!this.gone) this.guest.models.remove(this.model);
    super.unplug();
  }
}
