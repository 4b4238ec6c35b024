import { devMessage, type Device } from '../../base/device';
import type { Kernel } from '../../base/kernel';
import { check, EINVAL, ENODEV, ErrnoError } from '../../errno';
import type { Port } from '../../hypervisor/port';
import type { AccessTransport, TransportSite } from '../../virtio/access-style';
import { featureBit, FEATURE, hasFeature } from '../../virtio/spec';
import { virtioConfigChanged, virtioConfigIgnored } from '../../virtio/virtio-config';
import type { VirtioDevice, VirtioId } from '../../virtio/virtio-device';
import { TRANSPORT_F_START } from '../../virtio/virtio-features';
import type { Virtqueue, VirtqueueSpec } from '../../virtio/virtqueue';
import { NOWHERE, type Place } from '../place';

/** Features that do without rings: those of the device type, and VERSION_1. */
const NO_RINGS = featureBit(TRANSPORT_F_START) - 1n + featureBit(FEATURE.VERSION_1);

/** What transports without registers have in common: their place, its interrupt, and a device that can be lost. */
export abstract class PlacedTransport implements AccessTransport {
  readonly busName: string;
  protected readonly dev: Device;
  protected readonly kernel: Kernel;
  protected readonly port: Port;
  protected place: Place = NOWHERE;
  /** The device does not respond any more, or it may be another guest's. */
  protected gone = false;
  /** What was negotiated. */
  protected features = 0n;
  readonly #site: TransportSite;
  #vdev: VirtioDevice | null = null;
  #listens = false;
  /** From findVqs to delVqs: on other buses an interrupt is requested there and given back. */
  #wantsConfig = false;

  /** @throws ErrnoError ENODEV in a kernel without a hypervisor */
  constructor(site: TransportSite) {
    const { dev } = site;
    this.busName = dev.name ?? '';
    if (dev.kernel.port === null) throw this.error(ENODEV, 'virtio_transport');
    this.#site = site;
    this.dev = dev;
    this.kernel = dev.kernel;
    this.port = dev.kernel.port;
  }

  abstract identify(): VirtioId | number;
  abstract getConfig(offset: number, length: number): Uint8Array;
  abstract setConfig(offset: number, bytes: Uint8Array): void;
  abstract generation(): number;
  abstract getStatus(): number;
  abstract setStatus(status: number): void;
  abstract getFeatures(): bigint;
  /** Writes the negotiated features. @returns 0 or a negative errno */
  protected abstract writeFeatures(features: bigint): number;
  /** All or none. @throws ErrnoError ENOENT without such a queue, ENOMEM, EINVAL for an impossible size */
  protected abstract makeQueues(specs: readonly VirtqueueSpec[]): readonly Virtqueue[];
  protected abstract freeQueues(): void;
  /** The interrupt of the place. */
  protected abstract interrupt(): void;

  attach(vdev: VirtioDevice): void {
    this.#vdev = vdev;
  }

  connect(place: Place): void {
    this.disconnect();
    this.place = place;
    this.gone = false;
    const { vector, value } = place;
    check(
      this.kernel.irq.request(vector, () => this.interrupt(), this.busName, value),
      'request_irq',
      this.busName,
    );
    this.#listens = true;
  }

  disconnect(): void {
    if (this.#listens) this.kernel.irq.free(this.place.vector, this.place.value);
    this.#listens = false;
    this.gone = true;
  }

  lost(): void {
    this.gone = true;
  }

  dispose(): void {
    this.disconnect();
    this.delVqs();
  }

  reset(): void {
    this.setStatus(0);
  }

  finalizeFeatures(features: bigint): number {
    if (!hasFeature(features, FEATURE.VERSION_1)) {
      const what = 'virtio: device uses modern interface but does not have VIRTIO_F_VERSION_1';
      this.kernel.log.err(devMessage(this.dev, what));
      return -EINVAL;
    }
    this.features = features;
    return this.writeFeatures(features);
  }

  /** @throws ErrnoError as {@link makeQueues}; EBUSY when there are queues */
  findVqs(specs: readonly VirtqueueSpec[]): readonly Virtqueue[] {
    if (this.#wantsConfig) throw this.error('EBUSY', 'find_vqs');
    const queues = this.makeQueues(specs);
    this.#wantsConfig = true;
    return queues;
  }

  delVqs(): void {
    this.#wantsConfig = false;
    this.freeQueues();
  }

  /** Callbacks run within the interrupt handler. */
  synchronizeCbs(): void {
    return undefined;
  }

  /** For styles without rings: nothing about rings can be agreed on. */
  protected withoutRings(features: bigint): bigint {
    return features & NO_RINGS;
  }

  /** The configuration or the status has changed. */
  protected notifyConfig(): void {
    if (this.#vdev === null) return;
    if (this.#wantsConfig) virtioConfigChanged(this.#vdev);
    else virtioConfigIgnored(this.#vdev);
  }

  /** From the interrupt: the device turns out to be gone. */
  protected notifyGone(): void {
    if (this.gone) return;
    this.lost();
    this.#site.gone();
  }

  /** What the host says makes no sense. */
  protected report(what: string): void {
    this.kernel.log.err(devMessage(this.dev, what));
  }

  protected error(no: number | 'EPROTO' | 'EBUSY', syscall: string): ErrnoError {
    return new ErrnoError(no, { syscall, path: this.busName });
  }
}
