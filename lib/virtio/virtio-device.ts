import { Device } from '../base/device';
import type { Kernel } from '../base/kernel';
import { ErrnoError } from '../errno';
import { andThen, each, type MayNotSleep, type MaySleep } from '../may-sleep';
import { hasFeature, NO_STATUS, STATUS } from './spec';
import type { Virtqueue, VirtioTransport, VirtqueueSpec } from './transport';
import { virtioBus } from './virtio-bus';
import { statusWorkOf } from './virtio-config';
import type { VirtioDriver, VirtioId } from './virtio-driver';
import { TRANSPORT_F_START } from './virtio-features';
import { virtioDelVqs, virtioResetDevice } from './virtio-reset';

/** How often a configuration that changes while it is read is read again. */
const MAX_CONFIG_READS = 100;

/** How a transport driver describes a device that it has found. */
export interface VirtioDeviceInit {
  /** The device below: a PCI function, a handle. */
  readonly parent: Device;
  readonly transport: VirtioTransport;
  readonly id: VirtioId;
  /** Called once, when the last reference is gone. */
  release?(dev: VirtioDevice): MayNotSleep;
}

/**
 * A device on the virtio bus, whatever bus it is reached over.
 *
 * @see include/linux/virtio.h struct virtio_device
 */
export class VirtioDevice extends Device {
  readonly virtioId: VirtioId;
  readonly transport: VirtioTransport;
  /** Number behind its name: the lowest that was free. */
  readonly index: number;
  /** What driver and device have agreed on, as a word of bits; stays when the driver leaves. */
  features = 0n;
  /** The queues in use. */
  vqs: readonly Virtqueue[] = [];
  /** Its queues were broken from outside since the driver came; see virtioBreakDevice. */
  isBroken = false;
  /**
   * A probe has failed and left the device with status FAILED, or nobody could reset it: it is reset before the next
   * driver has it.
   */
  isFailed = false;
  configEnabled = false;
  configChangePending = false;
  readonly statusWork = statusWorkOf(this);

  /** Only for registerVirtioDevice, which chooses the index. */
  constructor(kernel: Kernel, index: number, init: VirtioDeviceInit) {
    const release = (dev: VirtioDevice): MayNotSleep => init.release?.(dev);
    super(kernel, { name: `virtio${String(index)}`, bus: virtioBus, parent: init.parent, release });
    this.index = index;
    this.transport = init.transport;
    this.virtioId = init.id;
  }

  /** The driver that has it, from before probe until after remove. */
  get virtioDriver(): VirtioDriver | null {
    return (this.driver?.def as VirtioDriver | undefined) ?? null;
  }

  /**
   * Was this feature agreed on?
   *
   * @throws Error (an oops) when the driver asks for a bit that it does not list
   * @see include/linux/virtio_config.h virtio_has_feature
   */
  hasFeature(bit: number): boolean {
    if (bit < TRANSPORT_F_START) this.#checkOffered(bit);
    return hasFeature(this.features, bit);
  }

  /** @see drivers/virtio/virtio.c virtio_check_driver_offered_feature */
  #checkOffered(bit: number): void {
    const driver = this.virtioDriver;
    if (driver === null || driver.featureTable?.includes(bit) || driver.featureTableLegacy?.includes(bit)) return;
    throw new Error(`driver ${driver.name} asks for feature ${String(bit)}, which is not in its table`);
  }

  /** Adds bits to the device status. @see drivers/virtio/virtio.c virtio_add_status */
  addStatus(bits: number): MaySleep<void> {
    return andThen(this.transport.getStatus(), (status) => this.transport.setStatus(status | bits));
  }

  /**
   * Sets DRIVER_OK: from here on the queues work. A driver that needs them in its probe calls this there, once.
   *
   * @throws ErrnoError ENODEV when nothing answers (Linux: a BUG), and what the transport refuses with
   * @see include/linux/virtio_config.h virtio_device_ready
   */
  ready(): MaySleep<void> {
    return andThen(this.transport.getStatus(), (status) => {
      if (status === NO_STATUS)
        throw new ErrnoError('ENODEV', { syscall: 'virtio_device_ready', path: this.name ?? '' });
      const again = (status & STATUS.DRIVER_OK) !== 0;
      if (again) this.kernel.warn(`virtio_device_ready: ${String(this.name)} is ready already`);
      return this.transport.setStatus(status | STATUS.DRIVER_OK);
    });
  }

  /**
   * For drivers that leave it: has the device forget all, so that it sends no interrupts and reaches no memory. Buffers
   * in its queues can be detached afterwards. Always finishes: a device that cannot be reset has its queues broken.
   *
   * @see drivers/virtio/virtio.c virtio_reset_device
   */
  reset(): MaySleep<void> {
    return virtioResetDevice(this);
  }

  /**
   * Makes the queues, all or none, and asks for their interrupts and for that of the configuration: without it
   * {@link VirtioDriver.configChanged} is not called, so a driver without queues passes an empty list. Called in `probe`
   * and again in `restore`; {@link delVqs} gives all of it back, after a {@link reset}.
   *
   * @throws ErrnoError as the transport: ENOENT when the device has no such queue, ENOMEM, EBUSY; nothing is kept then
   * @see include/linux/virtio_config.h virtio_find_vqs
   */
  findVqs(specs: readonly VirtqueueSpec[]): MaySleep<readonly Virtqueue[]> {
    return andThen(this.transport.findVqs(specs), (vqs) => (this.vqs = vqs));
  }

  /** Makes the only queue of a device. @throws ErrnoError as {@link findVqs} @see virtio_find_single_vq */
  findSingleVq(spec: VirtqueueSpec): MaySleep<Virtqueue> {
    return andThen(this.findVqs([spec]), ([vq]) => {
      if (vq === undefined) throw new ErrnoError('ENOENT', { syscall: 'find_vqs', path: spec.name });
      return vq;
    });
  }

  /**
   * Gives up all queues with what is in them; the device was reset before. Always finishes.
   *
   * @see include/linux/virtio_config.h struct virtio_config_ops del_vqs
   */
  delVqs(): MaySleep<void> {
    return virtioDelVqs(this);
  }

  /** Reads an 8 bit number of the configuration. @see include/linux/virtio_config.h virtio_cread8 */
  creadU8(offset: number): MaySleep<number> {
    return andThen(this.transport.getConfig(offset, 1), (bytes) => view(bytes).getUint8(0));
  }

  /** Reads a 16 bit number of the configuration. @see include/linux/virtio_config.h virtio_cread16 */
  creadU16(offset: number): MaySleep<number> {
    return andThen(this.transport.getConfig(offset, 2), (bytes) => view(bytes).getUint16(0, true));
  }

  /** Reads a 32 bit number of the configuration. @see include/linux/virtio_config.h virtio_cread32 */
  creadU32(offset: number): MaySleep<number> {
    return andThen(this.transport.getConfig(offset, 4), (bytes) => view(bytes).getUint32(0, true));
  }

  /**
   * Reads a 64 bit number of the configuration, again until no change came between its parts.
   *
   * @throws ErrnoError EIO when it never holds still (Linux would read for ever)
   * @see include/linux/virtio_config.h virtio_cread64, VIRTIO 1.2 §2.5.1
   */
  creadU64(offset: number): MaySleep<bigint> {
    return andThen(this.#creadMany(offset, 1, 8), (bytes) => view(bytes).getBigUint64(0, true));
  }

  /**
   * Reads an array of bytes of the configuration, byte by byte, again until no change came between them.
   *
   * @throws ErrnoError EIO when it never holds still (Linux would read for ever)
   * @see include/linux/virtio_config.h virtio_cread_bytes
   */
  creadBytes(offset: number, length: number): MaySleep<Uint8Array> {
    return this.#creadMany(offset, length, 1);
  }

  /** @see include/linux/virtio_config.h __virtio_cread_many */
  #creadMany(offset: number, count: number, bytes: number): MaySleep<Uint8Array> {
    const fields = Array.from({ length: count }, (_, i) => bytes * i);
    const into = new Uint8Array(count * bytes);
    const read = (at: number): MaySleep<void> =>
      andThen(this.transport.getConfig(offset + at, bytes), (field) => into.set(field, at));
    const readSteadily = (before: number, tries: number): MaySleep<Uint8Array> =>
      andThen(each(fields, read), () =>
        andThen(this.transport.generation(), (generation) => {
          if (generation === before) return into;
          if (tries > 1) return readSteadily(generation, tries - 1);
          const path = `${String(this.name)}: offset ${String(offset)}`;
          throw new ErrnoError('EIO', { syscall: 'virtio_cread_many', path });
        }),
      );
    return andThen(this.transport.generation(), (generation) => readSteadily(generation, MAX_CONFIG_READS));
  }
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
