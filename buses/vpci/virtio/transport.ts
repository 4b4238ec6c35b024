import { ioOr } from '../../../lib/access';
import { EINVAL, ErrnoError, errnoOf } from '../../../lib/errno';
import type { MaySleep } from '../../../lib/may-sleep';
import {
  FEATURE,
  featureBit,
  hasFeature,
  readConfigField,
  SplitVirtqueue,
  virtioConfigChanged,
  writeConfigField,
  type VirtioDevice,
  type VirtioTransport,
  type Virtqueue,
  type VirtqueueSpec,
} from '../../../lib/virtio';
import { vringTransportFeatures } from '../../../lib/virtio/virtio-features';
import type { PciDevice } from '../guest/device';
import { clearMaster, setMaster, type IoMem } from '../guest/enable';
import { COMMON, NO_VECTOR } from '../layout';
import { deviceIsPresent } from '../guest/scan';
import type { ModernDevice } from './caps';
import { VirtioVectors, type VectorPolicy } from './vectors';

const MS = 1_000_000;
/** How long a reset may take, ms. */
const RESET_TIMEOUT = 1000;

/**
 * Modern virtio over PCI: the driver's side of the registers.
 *
 * @see drivers/virtio/virtio_pci_modern.c, VIRTIO 1.2 §4.1.4
 */
export class VirtioPciTransport implements VirtioTransport {
  readonly #dev: PciDevice;
  readonly #modern: ModernDevice;
  readonly #common: IoMem;
  readonly #vectors: VirtioVectors;
  #vqs: SplitVirtqueue[] = [];
  #features = 0n;
  /** It did not reset, and has no way to memory since. */
  #isCutOff = false;
  #vdev: VirtioDevice | undefined;

  constructor(dev: PciDevice, modern: ModernDevice) {
    this.#dev = dev;
    this.#modern = modern;
    this.#common = modern.common;
    const nameOf = (): string => this.#vdev?.name ?? this.busName;
    this.#vectors = new VirtioVectors(dev, modern.common, modern.isr, {
      get name() {
        return nameOf();
      },
      configChanged: () => this.#configChanged(),
      queues: () => this.#vqs,
    });
  }

  get busName(): string {
    return this.#dev.name ?? '';
  }

  /** The virtio device on top is made. */
  attach(vdev: VirtioDevice): void {
    this.#vdev = vdev;
  }

  /** @throws ErrnoError EINVAL behind the end of the configuration */
  getConfig(offset: number, length: number): Uint8Array {
    const device = this.#configRange(offset, length);
    return readConfigField(length, (at, width) => device.read(offset + at, width));
  }

  /** @throws ErrnoError EINVAL behind the end of the configuration */
  setConfig(offset: number, bytes: Uint8Array): void {
    const device = this.#configRange(offset, bytes.length);
    writeConfigField(bytes, (at, width, value) => device.write(offset + at, width, value));
  }

  generation(): number {
    return this.#common.read(COMMON.CONFIG_GENERATION, 1);
  }

  getStatus(): number {
    return this.#common.read(COMMON.DEVICE_STATUS, 1);
  }

  setStatus(status: number): void {
    this.#common.write(COMMON.DEVICE_STATUS, 1, status);
  }

  /**
   * Waits until the status reads 0; a device that has gone is reset enough. One that does not get there in a second
   * loses its way to memory until it does, where Linux would wait for ever.
   *
   * @see drivers/virtio/virtio_pci_modern.c vp_reset, VIRTIO 1.2 §4.1.4.3.2
   */
  reset(): MaySleep<void> {
    this.setStatus(0);
    return this.#isReset() ? this.#wasReset() : this.#waitReset();
  }

  #wasReset(): void {
    if (this.#isCutOff) setMaster(this.#dev);
    this.#isCutOff = false;
  }

  async #waitReset(): Promise<void> {
    for (let ms = 0; ms < RESET_TIMEOUT; ms++) {
      await this.#dev.kernel.world.sleep(MS);
      if (this.#isReset()) {
        this.#wasReset();
        return;
      }
    }
    this.#dev.err(`virtio_pci: no reset after ${String(RESET_TIMEOUT)}ms; giving up`);
    clearMaster(this.#dev);
    this.#isCutOff = true;
  }

  #isReset(): boolean {
    return this.getStatus() === 0 || !deviceIsPresent(this.#dev);
  }

  getFeatures(): bigint {
    this.#common.write(COMMON.DEVICE_FEATURE_SELECT, 4, 0);
    const low = this.#common.read(COMMON.DEVICE_FEATURE, 4);
    this.#common.write(COMMON.DEVICE_FEATURE_SELECT, 4, 1);
    return (BigInt(this.#common.read(COMMON.DEVICE_FEATURE, 4)) << 32n) | BigInt(low);
  }

  /** A queue can be reset by itself. @see drivers/virtio/virtio_pci_modern.c vp_transport_features */
  transportFeatures(features: bigint): bigint {
    return vringTransportFeatures(features) | (features & featureBit(FEATURE.RING_RESET));
  }

  /** @returns 0; -EINVAL without VERSION_1 @see vp_finalize_features */
  finalizeFeatures(features: bigint): number {
    if (!hasFeature(features, FEATURE.VERSION_1)) {
      this.#dev.err('virtio: device uses modern interface but does not have VIRTIO_F_VERSION_1');
      return -EINVAL;
    }
    this.#features = features;
    for (const [select, word] of [features & 0xffff_ffffn, features >> 32n].entries()) {
      this.#common.write(COMMON.DRIVER_FEATURE_SELECT, 4, select);
      this.#common.write(COMMON.DRIVER_FEATURE, 4, Number(word));
    }
    return 0;
  }

  /**
   * A message for each queue; if the device has too few, one for all; else the pin.
   *
   * @throws ErrnoError ENOENT when a queue is not there or in use, EINVAL beyond the device's queues, EBUSY, ENOMEM
   * @see drivers/virtio/virtio_pci_common.c vp_find_vqs
   */
  findVqs(specs: readonly VirtqueueSpec[]): readonly Virtqueue[] {
    const policies: VectorPolicy[] = ['per-queue', 'shared'];
    if (this.#dev.irq !== 0) policies.push('pin');
    let refused: unknown;
    for (const policy of policies) {
      try {
        return this.#tryFindVqs(policy, specs);
      } catch (error) {
        if (errnoOf(error) === undefined) throw error;
        this.delVqs();
        refused = error;
      }
    }
    throw refused;
  }

  #tryFindVqs(policy: VectorPolicy, specs: readonly VirtqueueSpec[]): readonly Virtqueue[] {
    this.#vectors.open(policy, specs);
    for (const [index, spec] of specs.entries()) this.#setupVq(index, spec, this.#vectors.vectorOf(spec));
    // Enabled last: from then on only a reset goes back.
    for (const vq of this.#vqs) {
      this.#select(vq.index);
      this.#common.write(COMMON.QUEUE_ENABLE, 2, 1);
    }
    return this.#vqs;
  }

  /** @see drivers/virtio/virtio_pci_modern.c setup_vq */
  #setupVq(index: number, spec: VirtqueueSpec, vector: number): void {
    const refuse = (code: 'EINVAL' | 'ENOENT' | 'EBUSY'): ErrnoError =>
      new ErrnoError(code, { syscall: 'setup_vq', path: `${this.busName}: queue ${String(index)}` });
    if (index >= this.#common.read(COMMON.NUM_QUEUES, 2)) throw refuse('EINVAL');
    this.#select(index);
    const size = this.#common.read(COMMON.QUEUE_SIZE, 2);
    if (size === 0 || this.#common.read(COMMON.QUEUE_ENABLE, 2) !== 0) throw refuse('ENOENT');
    if ((size & (size - 1)) !== 0) {
      this.#dev.warn(`bad queue size ${String(size)}`);
      throw refuse('EINVAL');
    }
    const notify = this.#notifier(index);
    const vq = new SplitVirtqueue({ kernel: this.#dev.kernel, index, spec, size, features: this.#features, notify });
    this.#vqs.push(vq);
    this.#activate(vq);
    if (vector === NO_VECTOR) return;
    this.#common.write(COMMON.QUEUE_MSIX_VECTOR, 2, vector);
    if (this.#common.read(COMMON.QUEUE_MSIX_VECTOR, 2) === NO_VECTOR) throw refuse('EBUSY');
    this.#vectors.connect(vq, vector);
  }

  /** @see drivers/virtio/virtio_pci_modern.c vp_active_vq */
  #activate(vq: SplitVirtqueue): void {
    this.#common.write(COMMON.QUEUE_SIZE, 2, vq.size);
    const addresses = [
      [COMMON.QUEUE_DESC, vq.desc],
      [COMMON.QUEUE_DRIVER, vq.driver],
      [COMMON.QUEUE_DEVICE, vq.device],
    ] as const;
    for (const [at, address] of addresses) {
      this.#common.write(at, 4, address % 2 ** 32);
      this.#common.write(at + 4, 4, Math.floor(address / 2 ** 32));
    }
  }

  /** Where a queue is notified; the queue is selected. @throws ErrnoError EINVAL outside the structure. §4.1.4.4 */
  #notifier(index: number): () => boolean {
    const { notify, notifyMultiplier } = this.#modern;
    const at = this.#common.read(COMMON.QUEUE_NOTIFY_OFF, 2) * notifyMultiplier;
    if (at + 2 > notify.length) {
      const where = `${String(at)} for queue ${String(index)} (length ${String(notify.length)})`;
      this.#dev.err(`virtio_pci: bad notification offset ${where}`);
      throw new ErrnoError('EINVAL', { syscall: 'vp_modern_map_vq_notify', path: this.busName });
    }
    return () => {
      notify.write(at, 2, index);
      return true;
    };
  }

  /** @see drivers/virtio/virtio_pci_common.c vp_del_vqs */
  delVqs(): void {
    for (const vq of this.#vqs) {
      ioOr(undefined, () => {
        this.#select(vq.index);
        this.#common.write(COMMON.QUEUE_MSIX_VECTOR, 2, NO_VECTOR);
      });
      vq.free();
    }
    this.#vqs = [];
    this.#vectors.close();
  }

  /** Interrupts are events of the world: none runs while a task does. */
  synchronizeCbs(): void {
    return undefined;
  }

  #select(index: number): void {
    this.#common.write(COMMON.QUEUE_SELECT, 2, index);
  }

  #configChanged(): void {
    if (this.#vdev !== undefined) virtioConfigChanged(this.#vdev);
  }

  #configRange(offset: number, length: number): IoMem {
    const { device } = this.#modern;
    if (device !== null && offset >= 0 && length >= 0 && offset + length <= device.length) return device;
    const path = `${this.busName}: configuration ${String(offset)}+${String(length)}`;
    throw new ErrnoError('EINVAL', { syscall: 'vp_get', path });
  }
}
