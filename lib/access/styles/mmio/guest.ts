import { check, EINVAL, ENODEV, ENOENT, ENXIO, ErrnoError } from '../../../errno';
import type { Kernel } from '../../../base/kernel';
import type { Port, Width } from '../../../hypervisor/port';
import type { MaySleep } from '../../../may-sleep';
import type { AccessStyle, AccessTransport, TransportSite } from '../../../virtio/access-style';
import { checkConfigRange, readConfigField, writeConfigField } from '../../../virtio/config-field';
import { FEATURE, hasFeature } from '../../../virtio/spec';
import { SplitVirtqueue } from '../../../virtio/split-virtqueue';
import { virtioConfigChanged } from '../../../virtio/virtio-config';
import type { VirtioDevice, VirtioId, VirtioTransport } from '../../../virtio/virtio-device';
import type { Virtqueue, VirtqueueSpec } from '../../../virtio/virtqueue';
import { ioOr } from '../../io';
import { NOWHERE, STYLE, type Place } from '../../place';
import { INTERRUPT, MMIO } from './layout';

/** The interrupt of a window of registers. */
export interface MmioIrq {
  /** Looked up when queues are made. @returns a vector, or a negative errno */
  vector(): number;
  /** Only interrupts with this value; null: all. */
  readonly value: number | null;
}

/**
 * A virtio device behind a window of registers. One interrupt serves all: status, then acknowledge.
 *
 * @see drivers/virtio/virtio_mmio.c virtio_mmio_config_ops, VIRTIO 1.2 §4.2
 */
export class MmioTransport implements VirtioTransport {
  protected base: number;
  protected irq: MmioIrq;
  #vdev: VirtioDevice | null = null;
  #queues: readonly SplitVirtqueue[] = [];
  #features = 0n;
  #vector: number | null = null;

  constructor(
    readonly kernel: Kernel,
    readonly busName: string,
    readonly port: Port,
    base: number,
    irq: MmioIrq,
  ) {
    this.base = base;
    this.irq = irq;
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
    return this.load(register, 4);
  }

  #write(register: number, value: number): void {
    this.store(register, 4, value);
  }

  protected load(at: number, width: Width): number {
    return this.port.read(this.base + at, width);
  }

  protected store(at: number, width: Width, value: number): void {
    this.port.write(this.base + at, width, value);
  }

  /** @throws ErrnoError EINVAL behind the end of the window @see vm_get */
  getConfig(offset: number, length: number): Uint8Array {
    const base = this.#configAt(offset, length, 'vm_get');
    return readConfigField(length, (at, width) => this.load(base + at, width));
  }

  /** @throws ErrnoError EINVAL behind the end of the window @see vm_set */
  setConfig(offset: number, bytes: Uint8Array): void {
    const base = this.#configAt(offset, bytes.length, 'vm_set');
    writeConfigField(bytes, (at, width, value) => this.store(base + at, width, value));
  }

  #configAt(offset: number, length: number, syscall: string): number {
    checkConfigRange(offset, length, MMIO.BYTES - MMIO.CONFIG, { syscall, path: this.busName });
    return MMIO.CONFIG + offset;
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
      this.kernel.log.err(`${this.#name}: ${what}`);
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
    const vector = this.irq.vector();
    const { irq } = this.kernel;
    const error = vector < 0 ? vector : irq.request(vector, () => this.interrupt(), this.#name, this.irq.value);
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
    const vq = new SplitVirtqueue({ kernel: this.kernel, index, spec, size, features: this.#features, notify });
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
  protected interrupt(): void {
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
    if (this.#vector !== null) this.kernel.irq.free(this.#vector, this.irq.value);
    this.#vector = null;
  }

  /** Interrupts are delivered one at a time and to their end. @see vm_synchronize_cbs */
  synchronizeCbs(): MaySleep<void> {
    return undefined;
  }
}

/** The same at a {@link Place}. */
class PlacedMmioTransport extends MmioTransport implements AccessTransport {
  readonly #site: TransportSite;
  #gone = true;

  constructor(site: TransportSite, port: Port) {
    const { dev } = site;
    super(dev.kernel, dev.name ?? '', port, 0, irqOf(NOWHERE));
    this.#site = site;
  }

  identify(): VirtioId | number {
    if (this.read(MMIO.MAGIC_VALUE) !== MMIO.MAGIC) return -ENODEV;
    if (this.read(MMIO.VERSION) !== MMIO.VERSION_MODERN) return -ENXIO;
    return { device: this.read(MMIO.DEVICE_ID), vendor: this.read(MMIO.VENDOR_ID) };
  }

  connect(place: Place): void {
    check(place.size >= MMIO.BYTES ? 0 : -EINVAL, 'virtio_mmio', this.busName);
    this.base = place.base;
    this.irq = irqOf(place);
    this.#gone = false;
  }

  /** Without a reason in the register, the device may have gone. */
  protected override interrupt(): void {
    if (this.read(MMIO.INTERRUPT_STATUS) !== 0 || this.read(MMIO.DEVICE_ID) !== 0) super.interrupt();
    else if (!this.#gone) {
      this.lost();
      this.#site.gone();
    }
  }

  protected override load(at: number, width: Width): number {
    return this.#gone ? 0 : super.load(at, width);
  }

  protected override store(at: number, width: Width, value: number): void {
    if (!this.#gone) super.store(at, width, value);
  }

  /** The interrupt was given back with the queues. */
  disconnect(): void {
    this.#gone = true;
  }

  lost(): void {
    this.#gone = true;
  }

  dispose(): void {
    this.delVqs();
    this.#gone = true;
  }
}

function irqOf({ vector, value }: Place): MmioIrq {
  return { vector: () => vector, value };
}

/** Style (a) of the mail: registers, an interrupt, DMA to guest-physical addresses. */
export const mmioStyle: AccessStyle = {
  name: 'mmio',
  code: STYLE.MMIO,
  transport(site) {
    const { port } = site.dev.kernel;
    if (port === null) throw new ErrnoError(ENODEV, { syscall: 'virtio_mmio', path: site.dev.name ?? '' });
    return new PlacedMmioTransport(site, port);
  },
};
