import { ioOr } from '../../../lib/access';
import { EINVAL, ENOENT, ErrnoError } from '../../../lib/errno';
import type { Port } from '../../../lib/hypervisor/port';
import type { MaySleep } from '../../../lib/may-sleep';
import {
  FEATURE,
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
import type { PlatformDevice } from '../guest/device';
import { INTERRUPT, MMIO } from '../layout';
import { platformGetIrq } from '../guest/platform-resource';

/**
 * A virtio device behind a window of registers. One interrupt serves all: status, then acknowledge.
 *
 * @see drivers/virtio/virtio_mmio.c virtio_mmio_config_ops, VIRTIO 1.2 §4.2
 */
export class MmioTransport implements VirtioTransport {
  #vdev: VirtioDevice | null = null;
  #queues: readonly SplitVirtqueue[] = [];
  #features = 0n;
  #vector: number | null = null;

  constructor(
    readonly pdev: PlatformDevice,
    readonly port: Port,
    readonly base: number,
  ) {}

  get busName(): string {
    return this.pdev.platformName;
  }

  get #name(): string {
    return this.#vdev?.name ?? this.busName;
  }

  /** The virtio device; null before it is registered. */
  get vdev(): VirtioDevice | null {
    return this.#vdev;
  }

  attach(vdev: VirtioDevice): void {
    this.#vdev = vdev;
  }

  read(register: number): number {
    return this.port.read(this.base + register, 4);
  }

  #write(register: number, value: number): void {
    this.port.write(this.base + register, 4, value);
  }

  /** @throws ErrnoError EINVAL behind the end of the window @see vm_get */
  getConfig(offset: number, length: number): Uint8Array {
    const base = this.#configBase(offset, length, 'vm_get');
    return readConfigField(length, (at, width) => this.port.read(base + at, width));
  }

  /** @throws ErrnoError EINVAL behind the end of the window @see vm_set */
  setConfig(offset: number, bytes: Uint8Array): void {
    const base = this.#configBase(offset, bytes.length, 'vm_set');
    writeConfigField(bytes, (at, width, value) => this.port.write(base + at, width, value));
  }

  #configBase(offset: number, length: number, syscall: string): number {
    if (offset >= 0 && length >= 0 && offset + length <= MMIO.BYTES - MMIO.CONFIG) {
      return this.base + MMIO.CONFIG + offset;
    }
    throw new ErrnoError(EINVAL, { syscall, path: `${this.busName}: ${String(length)} bytes at ${String(offset)}` });
  }

  /** @see vm_generation */
  generation(): number {
    return this.read(MMIO.CONFIG_GENERATION);
  }

  /** @see vm_get_status */
  getStatus(): number {
    return this.read(MMIO.STATUS) & 0xff;
  }

  /** @see vm_set_status */
  setStatus(status: number): void {
    this.#write(MMIO.STATUS, status);
  }

  /** @see vm_reset */
  reset(): void {
    this.#write(MMIO.STATUS, 0);
  }

  /** @see vm_get_features */
  getFeatures(): bigint {
    this.#write(MMIO.DEVICE_FEATURES_SEL, 1);
    const high = this.read(MMIO.DEVICE_FEATURES);
    this.#write(MMIO.DEVICE_FEATURES_SEL, 0);
    return (BigInt(high) << 32n) | BigInt(this.read(MMIO.DEVICE_FEATURES));
  }

  /** @returns -EINVAL without VERSION_1 @see vm_finalize_features */
  finalizeFeatures(features: bigint): number {
    if (!hasFeature(features, FEATURE.VERSION_1)) {
      const what = 'New virtio-mmio devices (version 2) must provide VIRTIO_F_VERSION_1 feature!';
      this.pdev.kernel.log.err(`${this.#name}: ${what}`);
      return -EINVAL;
    }
    this.#features = features;
    this.#write(MMIO.DRIVER_FEATURES_SEL, 1);
    this.#write(MMIO.DRIVER_FEATURES, Number(features >> 32n));
    this.#write(MMIO.DRIVER_FEATURES_SEL, 0);
    this.#write(MMIO.DRIVER_FEATURES, Number(features & 0xffff_ffffn));
    return 0;
  }

  /** @throws ErrnoError ENXIO, EPROBE_DEFER, EBUSY for the interrupt, ENOENT, ENOMEM for a queue @see vm_find_vqs */
  findVqs(specs: readonly VirtqueueSpec[]): readonly Virtqueue[] {
    const vector = platformGetIrq(this.pdev, 0);
    const { irq } = this.pdev.kernel;
    const error = vector < 0 ? vector : irq.request(vector, () => this.#interrupt(), this.#name);
    if (error !== 0) throw new ErrnoError(error, { syscall: 'vm_find_vqs', path: this.busName });
    this.#vector = vector;
    try {
      specs.forEach((spec, index) => (this.#queues = [...this.#queues, this.#setupVq(index, spec)]));
    } catch (failure) {
      this.delVqs();
      throw failure;
    }
    return this.#queues;
  }

  /** @see vm_setup_vq */
  #setupVq(index: number, spec: VirtqueueSpec): SplitVirtqueue {
    this.#write(MMIO.QUEUE_SEL, index);
    const size = this.read(MMIO.QUEUE_READY) === 0 ? this.read(MMIO.QUEUE_NUM_MAX) : 0;
    if (size === 0) {
      const path = `${this.busName}: queue ${String(index)} ${spec.name}`;
      throw new ErrnoError(ENOENT, { syscall: 'vm_setup_vq', path });
    }
    const notify = (): boolean => this.#notify(index);
    const vq = new SplitVirtqueue({ kernel: this.pdev.kernel, index, spec, size, features: this.#features, notify });
    try {
      this.#activate(vq);
    } catch (error) {
      vq.free();
      throw error;
    }
    return vq;
  }

  #activate(vq: SplitVirtqueue): void {
    this.#write(MMIO.QUEUE_NUM, vq.size);
    this.#writeAddress(MMIO.QUEUE_DESC_LOW, vq.desc);
    this.#writeAddress(MMIO.QUEUE_DRIVER_LOW, vq.driver);
    this.#writeAddress(MMIO.QUEUE_DEVICE_LOW, vq.device);
    this.#write(MMIO.QUEUE_READY, 1);
  }

  #writeAddress(low: number, address: number): void {
    this.#write(low, address % 2 ** 32);
    this.#write(low + 4, Math.floor(address / 2 ** 32));
  }

  /** @see vm_notify */
  #notify(index: number): boolean {
    this.#write(MMIO.QUEUE_NOTIFY, index);
    return true;
  }

  /** @see vm_interrupt */
  #interrupt(): void {
    // A read of a device that is gone has all bits set: the reason is unknown, so all are handled.
    const status = ioOr(0xffff_ffff, () => this.read(MMIO.INTERRUPT_STATUS));
    ioOr(undefined, () => this.#write(MMIO.INTERRUPT_ACK, status));
    if ((status & INTERRUPT.CONFIG) !== 0 && this.#vdev !== null) virtioConfigChanged(this.#vdev);
    if ((status & INTERRUPT.QUEUE) !== 0) for (const vq of this.#queues) vq.vqInterrupt();
  }

  /** @see vm_del_vqs */
  delVqs(): void {
    for (const vq of this.#queues) {
      ioOr(undefined, () => {
        this.#write(MMIO.QUEUE_SEL, vq.index);
        this.#write(MMIO.QUEUE_READY, 0);
      });
      vq.free();
    }
    this.#queues = [];
    if (this.#vector !== null) this.pdev.kernel.irq.free(this.#vector);
    this.#vector = null;
  }

  /** Interrupts are delivered one at a time and to their end. @see vm_synchronize_cbs */
  synchronizeCbs(): MaySleep<void> {
    return undefined;
  }
}
