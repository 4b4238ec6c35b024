import { EINVAL, ENOSPC, ErrnoError } from '../../../errno';
import { checkServed, totalLength } from '../../../hypervisor';
import type { DeviceModel, Guest, MemoryArea, VirtioHostDevice } from '../../../hypervisor';
import { MAX_QUEUE_SIZE } from '../../../virtio/spec';
import type { Endpoint, HostSite } from '../host';
import { MAX_COMPLETIONS } from './layout';

/** A request of a guest to a queue. The cookie is the guest's own and is returned with the completion. */
export interface Request {
  readonly queue: number;
  readonly cookie: number;
  readonly readable: readonly MemoryArea[];
  readonly writable: readonly MemoryArea[];
}

/** A request that is done. */
interface Completion {
  readonly queue: number;
  readonly cookie: number;
  readonly length: number;
}

/** Events since the guest's last call. */
interface Events {
  readonly configChanged: boolean;
  readonly completions: readonly Completion[];
  readonly more: boolean;
}

/** A device as one guest reaches it by commands: requests come one by one, and there are no rings. */
export class ChannelEndpoint implements Endpoint {
  readonly window = null;
  readonly device: VirtioHostDevice;
  readonly #raise: () => void;
  /** Areas of requests in flight, by queue. */
  #inUse: number[] = [];
  #completions: Completion[] = [];
  #configChanged = false;
  /** An interrupt is pending, and the guest has not fetched events since. */
  #interrupted = false;

  constructor({ device, guest, raise }: Pick<HostSite, 'device' | 'guest' | 'raise'>) {
    this.device = device;
    this.#raise = raise;
    const interrupt = (kind: 'queue' | 'config'): void => {
      if (kind === 'config') this.#configChanged = true;
      this.#interrupt();
    };
    device.attach({ guest, features: 0n, interrupt, cleared: () => this.#clear() });
  }

  get name(): string {
    return this.device.model.name;
  }

  close(): void {
    this.device.detach();
  }

  gone(): void {
    this.#raise();
  }

  /** Why a request may not come now: an error number, or 0. */
  submitFault({ queue, readable, writable }: Request): number {
    const fault = this.device.submitFault(queue);
    if (fault !== 0) return fault;
    const areas = readable.length + writable.length;
    if (areas === 0) return EINVAL;
    return (this.#inUse[queue] ?? 0) + areas > (this.device.queueSizes[queue] ?? 0) ? ENOSPC : 0;
  }

  /** Hands a request that {@link submitFault} found good to the model. @throws ErrnoError ENXIO from a dead guest */
  submit({ queue, cookie, readable, writable }: Request, guest: Guest): void {
    const areas = readable.length + writable.length;
    const who = `device ${this.name}, queue ${String(queue)}`;
    const bytes = guest.gather(readable, who);
    this.#inUse[queue] = (this.#inUse[queue] ?? 0) + areas;
    this.device.submit(queue, {
      readable: bytes,
      writable: totalLength(writable),
      done: (...written) => {
        this.#inUse[queue] = (this.#inUse[queue] ?? areas) - areas;
        if (!guest.reaches(writable[0]?.address ?? 0, who)) return;
        this.#completions.push({ queue, cookie, length: guest.scatter(writable, written, who) });
        this.#interrupt();
      },
    });
  }

  /** Takes out what the guest has not seen yet; from now on it can be interrupted again. */
  takeEvents(): Events {
    const completions = this.#completions.splice(0, MAX_COMPLETIONS);
    const configChanged = this.#configChanged;
    this.#configChanged = false;
    this.#interrupted = this.#completions.length > 0;
    return { configChanged, completions, more: this.#interrupted };
  }

  /** An interrupt without a handler must not block the notification of the next driver. */
  #clear(): void {
    this.#inUse = [];
    this.#completions = [];
    this.#configChanged = this.#interrupted = false;
  }

  /** One interrupt until the guest has fetched events: later events are returned together. */
  #interrupt(): void {
    if (this.#interrupted) return;
    this.#interrupted = true;
    this.#raise();
  }
}

/** @throws ErrnoError EINVAL when a queue of the model has no size from 1 to 32768, and for an end of a pair */
export function checkQueueSizes(model: DeviceModel): void {
  checkServed(model);
  const isSize = (size: number): boolean => Number.isInteger(size) && size > 0 && size <= MAX_QUEUE_SIZE;
  const bad = model.queueSizes().find((size) => !isSize(size));
  if (bad === undefined) return;
  throw new ErrnoError('EINVAL', { syscall: 'plug_device', path: `${model.name}: queue size ${String(bad)}` });
}
