import { ErrnoError } from '../../errno';
import { GuestMemory, type BackendQueue, type DeviceModel, type VirtioHostDevice } from '../../hypervisor';
import { HEADER, MAX_CONFIG, MAX_QUEUES, QUEUE, queueAt } from './header';

/** The host's side of the header of a device: pages that a guest writes as it likes, until it says that it did. */
export class HostHeader {
  readonly pages: GuestMemory;
  readonly #device: VirtioHostDevice;
  #events = 0;
  /** As published last. */
  #config = new Uint8Array(0);

  /** @param bytes of the pages; the header is at their start, and what a pair shares at their end */
  constructor(device: VirtioHostDevice, bytes: number) {
    this.#device = device;
    this.pages = new GuestMemory(bytes, device.model.name, (message) => device.refuse(message));
    const shared = device.model.pair?.pages;
    if (shared !== undefined) GuestMemory.share(shared, 0, this.pages, bytes - shared.size, shared.size);
  }

  /** A change of the configuration or the status is to be noticed. */
  countEvent(): void {
    this.#events = ((this.#events & HEADER.GONE) | ((this.#events + 1) & ~HEADER.GONE)) >>> 0;
  }

  markGone(): void {
    this.#events = (this.#events | HEADER.GONE) >>> 0;
    this.publish();
  }

  /** Writes what the device is now; fields of queues but their sizes are the driver's. */
  publish(): void {
    const device = this.#device;
    const { pages } = this;
    const config = device.config().slice(0, MAX_CONFIG);
    pages.setU32(HEADER.MAGIC, HEADER.MAGIC_VALUE);
    pages.setU32(HEADER.DEVICE_ID, device.deviceId);
    pages.setU32(HEADER.STATUS, device.status);
    pages.setU32(HEADER.GENERATION, device.configGeneration >>> 0);
    pages.setU64(HEADER.DEVICE_FEATURES, device.deviceFeatures);
    pages.setU64(HEADER.DRIVER_FEATURES, device.driverFeatures);
    pages.setU32(HEADER.QUEUES, device.queueSizes.length);
    pages.setU32(HEADER.EVENTS, this.#events);
    pages.setU32(HEADER.CONFIG_BYTES, config.length);
    device.queueSizes.forEach((size, i) => pages.setU16(queueAt(i) + QUEUE.MAX, size));
    this.#publishRings();
    pages.write(HEADER.CONFIG, config);
    this.#config = config;
  }

  #publishRings(): void {
    const { pages } = this;
    const { pair } = this.#device.model;
    pages.setU32(HEADER.PEER, pair?.number ?? 0);
    for (const [queue, { offset, bytes, piece }] of pair?.rings ?? []) {
      pages.setU32(queueAt(queue) + QUEUE.RING, pages.size - (pair?.pages.size ?? 0) + offset);
      pages.setU32(queueAt(queue) + QUEUE.RING_BYTES, bytes);
      pages.setU32(queueAt(queue) + QUEUE.PIECE, piece);
    }
  }

  /** Does what the guest has written: configuration, features, status, then queues, in that order. */
  take(queues: readonly BackendQueue[]): void {
    const device = this.#device;
    const { pages } = this;
    const features = pages.getU64(HEADER.DRIVER_FEATURES);
    const status = pages.getU32(HEADER.STATUS) & 0xff;
    this.#takeConfig();
    if (features !== device.driverFeatures) device.driverFeatures = features;
    if (status !== device.status) device.status = status;
    const isHosts = ({ index }: BackendQueue): boolean => device.model.pair?.rings.has(index) !== true;
    if (status !== 0) for (const queue of queues.filter(isHosts)) this.#takeQueue(queue);
    this.publish();
  }

  #takeConfig(): void {
    const old = this.#config;
    const now = this.pages.read(HEADER.CONFIG, old.length);
    const differs = (at: number): boolean => now[at] !== old[at];
    let first = 0;
    while (first < old.length && !differs(first)) first += 1;
    if (first === old.length) return;
    let last = old.length - 1;
    while (!differs(last)) last -= 1;
    this.#device.writeConfig(first, now.subarray(first, last + 1));
  }

  #takeQueue(queue: BackendQueue): void {
    const { pages } = this;
    const at = queueAt(queue.index);
    const ready = pages.getU32(at + QUEUE.READY) === 1;
    if (ready === queue.ready) return;
    queue.size = pages.getU16(at + QUEUE.SIZE);
    queue.desc = pages.getU32(at + QUEUE.DESC);
    queue.driver = pages.getU32(at + QUEUE.DRIVER);
    queue.device = pages.getU32(at + QUEUE.DEVICE);
    queue.ready = ready;
  }
}

/** @throws ErrnoError EINVAL for more queues than a header has room for */
export function checkHeader(model: DeviceModel): void {
  const { length } = model.queueSizes();
  if (length <= MAX_QUEUES) return;
  throw new ErrnoError('EINVAL', { syscall: 'plug_device', path: `${model.name}: ${String(length)} queues` });
}
