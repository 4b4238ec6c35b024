import { layoutFault, SplitRing, type RingFeatures, type RingLayout } from './split-ring';
import type { GuestMemory } from './memory';

/** Callbacks of a queue to its device. */
export interface QueueOwner {
  readonly memory: GuestMemory;
  /** Why queues may not be set up now; undefined when they may. */
  setupFault(): string | undefined;
  ringFeatures(): RingFeatures;
  badQueue(queue: BackendQueue, reason: string): void;
  refused(what: string): void;
  notified(queue: BackendQueue): void;
}

/** One virtqueue as a transport's registers show it. VIRTIO 1.2 §4.1.4.3, §4.2.2 */
export class BackendQueue implements RingLayout {
  /** Size that the driver wants; a power of two up to maxSize. */
  size: number;
  /** Guest-physical addresses of descriptor table, driver area, device area. */
  desc = 0;
  driver = 0;
  device = 0;
  /** The rings while the queue is ready; a new object each time. */
  ring: SplitRing | null = null;
  readonly #owner: QueueOwner;

  constructor(
    readonly index: number,
    readonly maxSize: number,
    owner: QueueOwner,
  ) {
    this.size = maxSize;
    this.#owner = owner;
  }

  get ready(): boolean {
    return this.ring !== null;
  }

  /**
   * Starts the queue with the values of the other fields, or stops it. Before FEATURES_OK it is refused; an invalid
   * layout makes the device need a reset. Both are logged.
   */
  set ready(ready: boolean) {
    if (!ready) this.ring = null;
    else if (this.ring === null) this.#start();
  }

  /** The driver notifies that it has made buffers available. */
  notify(): void {
    this.#owner.notified(this);
  }

  /** Back to the state after power-on. */
  reset(): void {
    this.ring = null;
    this.size = this.maxSize;
    this.desc = this.driver = this.device = 0;
  }

  #start(): void {
    const early = this.#owner.setupFault();
    if (early !== undefined) {
      this.#owner.refused(`queue ${String(this.index)} made ready ${early}`);
      return;
    }
    const tooBig = this.size > this.maxSize ? `size ${String(this.size)} is above ${String(this.maxSize)}` : undefined;
    const bad = tooBig ?? layoutFault(this.#owner.memory, this);
    if (bad !== undefined) this.#owner.badQueue(this, bad);
    else this.ring = new SplitRing(this.#owner.memory, this.#layout(), this.#owner.ringFeatures());
  }

  #layout(): RingLayout {
    const { size, desc, driver, device } = this;
    return { size, desc, driver, device };
  }
}
