import { Device, devMessage } from '../base/device';
import { callAtomicVoid, guard } from '../base/guard';
import type { Kernel } from '../base/kernel';
import type { DeviceDriver } from '../base/types';
import { ErrnoError } from '../errno';
import { andThen, each, type MayNotSleep, type MaySleep } from '../may-sleep';
import type { Work } from '../world/workqueue';
import { hasFeature, NO_STATUS, STATUS } from './spec';
import { TRANSPORT_F_START } from './virtio-features';
import type { Virtqueue, VirtqueueSpec } from './virtqueue';

/** How often a configuration that changes while it is read is read again. */
const MAX_CONFIG_READS = 100;
/** Number of attempts at an operation that removal depends on. Linux polls a PCI function until it has reset. */
const TRIES = 3;

/** In an id table: any device, or any vendor. @see include/uapi/linux/virtio_ids.h VIRTIO_DEV_ANY_ID */
export const VIRTIO_DEV_ANY_ID = 0xffffffff;

/** The ids of a virtio device: device id (VIRTIO 1.2 §5) and vendor. */
export interface VirtioId {
  readonly device: number;
  readonly vendor: number;
}

/** One line of a driver's id table. No vendor: any. */
export interface VirtioDeviceId {
  readonly device: number;
  readonly vendor?: number;
}

/**
 * How a virtio device is reached over one bus: what a transport driver gives to the virtio bus.
 *
 * All may sleep, for on some buses each of them is an I/O operation.
 *
 * @see include/linux/virtio_config.h struct virtio_config_ops
 */
export interface VirtioTransport {
  /** Name of the device below, for messages. @see bus_name */
  readonly busName: string;
  /** Called once, before everything else, with the device of this transport, for virtioConfigChanged. */
  attach?(dev: VirtioDevice): MayNotSleep;
  /**
   * One field of the device's configuration: a number of 1, 2, 4 or 8 bytes, which is accessed as such, or an array of
   * bytes.
   *
   * @throws ErrnoError EINVAL beyond its end
   */
  getConfig(offset: number, length: number): MaySleep<Uint8Array>;
  setConfig(offset: number, bytes: Uint8Array): MaySleep<void>;
  /** Changes whenever the configuration has changed. */
  generation(): MaySleep<number>;
  getStatus(): MaySleep<number>;
  /** Never 0: that is {@link reset}. */
  setStatus(status: number): MaySleep<void>;
  /** Returns when the reset is complete: status is 0, no queue is in use. */
  reset(): MaySleep<void>;
  getFeatures(): MaySleep<bigint>;
  /**
   * Takes out the features from bit 28 on that this transport or its queues cannot do; other bits stay. Called before
   * {@link finalizeFeatures}. Default: keeps what a split queue in memory can do.
   *
   * @see drivers/virtio/virtio_ring.c vring_transport_features
   */
  transportFeatures?(features: bigint): bigint;
  /**
   * Writes the negotiated features to the device.
   *
   * @returns 0; -EINVAL without VERSION_1 where the transport needs it
   */
  finalizeFeatures(features: bigint): MaySleep<number>;
  /**
   * Makes the queues, all or none. Those there were have been given up before: what comes of it otherwise is
   * undefined, except that {@link delVqs} gives back all.
   *
   * @throws ErrnoError ENOENT when the device has no such queue (virtio-pci: EINVAL), ENOMEM, EBUSY
   */
  findVqs(specs: readonly VirtqueueSpec[]): MaySleep<readonly Virtqueue[]>;
  /** Gives up all queues; the device was reset before. */
  delVqs(): MaySleep<void>;
  /** Returns when no callback runs any more. */
  synchronizeCbs(): MaySleep<void>;
}

/**
 * What binds to devices of the virtio bus. It knows queues and configuration, and nothing of the bus below.
 *
 * @see include/linux/virtio.h struct virtio_driver
 */
export interface VirtioDriver extends DeviceDriver<VirtioDevice> {
  readonly idTable: readonly VirtioDeviceId[];
  /** Feature bits below 28 that the driver can use, as bit numbers. */
  readonly featureTable?: readonly number[];
  /** The same for a device without VERSION_1. Default: {@link featureTable}. */
  readonly featureTableLegacy?: readonly number[];
  /** Looks at what was agreed on and may take bits out of `dev.features`. A refusal ends the probe. */
  validate?(dev: VirtioDevice): MaySleep<number | void>;
  /**
   * Takes the device: features are agreed on, DRIVER_OK comes after it unless the driver calls `dev.ready()`. After a
   * refusal the bus sets FAILED; queues that were made the driver has given up before.
   */
  probe(dev: VirtioDevice): MaySleep<number | void>;
  /** Called when the device works, before changes of the configuration are notified. */
  scan?(dev: VirtioDevice): MaySleep<void>;
  /** Leaves the device, which must be reset afterwards and have no queues. */
  remove(dev: VirtioDevice): MaySleep<void>;
  /**
   * All queues were marked broken, because the device is gone or needs a reset: the driver has to end requests in
   * flight itself. May not sleep. Linux has no such call.
   */
  broken?(dev: VirtioDevice): MayNotSleep;
  /**
   * The machine goes to sleep: leaves the device, which must be reset afterwards and have no queues, and keeps what it
   * shows to others. A refusal ends the suspend.
   */
  freeze?(dev: VirtioDevice): MaySleep<number | void>;
  /** The machine has woken: takes the device again, features are agreed on. After a refusal the bus sets FAILED. */
  restore?(dev: VirtioDevice): MaySleep<number | void>;
  /**
   * The configuration has changed. Called from an interrupt: may not sleep, and so may not read the configuration,
   * which sleeps on some buses; it queues work that does.
   *
   * {@link VirtioDevice.findVqs} requests this interrupt: a driver that needs it calls that, without queues if it has
   * none. A change before that is not notified; after one between that and the end of `probe` or `restore` it is called
   * once at the end. From before `remove` and `freeze` on it is not called.
   *
   * @see drivers/virtio/virtio.c virtio_config_changed, virtio_config_enable, virtio_config_disable
   */
  configChanged?(dev: VirtioDevice): MayNotSleep;
}

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
  /** The negotiated features, as a word of bits; kept after the driver is unbound. */
  features = 0n;
  /** The queues in use. */
  vqs: readonly Virtqueue[] = [];
  /** Its queues were broken from outside since the driver came; see virtioBreakDevice. */
  isBroken = false;
  /**
   * A probe has failed and left the device with status FAILED, or a reset failed: it is reset before the next probe.
   */
  isFailed = false;
  configEnabled = false;
  configChangePending = false;
  /** Looks at its status; there from the first change on. */
  statusWork: Work | null = null;

  /** Only for registerVirtioDevice, which chooses the index and the bus. */
  constructor(kernel: Kernel, index: number, init: VirtioDeviceInit) {
    const release = (dev: VirtioDevice): MayNotSleep => init.release?.(dev);
    super(kernel, { name: `virtio${String(index)}`, parent: init.parent, release });
    this.index = index;
    this.transport = init.transport;
    this.virtioId = init.id;
  }

  /** The driver that has it, from before probe until after remove. */
  get virtioDriver(): VirtioDriver | null {
    return (this.driver?.def as VirtioDriver | undefined) ?? null;
  }

  /**
   * Was this feature negotiated?
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
   * Sets DRIVER_OK: from here on the queues work. A driver that uses them in its probe calls this there, once.
   *
   * @throws ErrnoError ENODEV when the device is gone (Linux: a BUG), and the errors of the transport
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
   * in its queues can be detached afterwards. Always finishes: a device that cannot be reset has its queues broken, and
   * is reset before the next driver has it; its transport takes its way to memory, if it can.
   *
   * @see drivers/virtio/virtio.c virtio_reset_device, virtio_pci_modern.c vp_reset
   */
  reset(): MaySleep<void> {
    return andThen(
      insist(this, 'virtio_reset_device', () => this.transport.reset()),
      (error) => {
        if (error === 0) return;
        this.isFailed = true;
        virtioBreakDevice(this);
      },
    );
  }

  /**
   * Makes the queues, all or none, and requests their interrupts and that of the configuration: without it {@link
   * VirtioDriver.configChanged} is not called, so a driver without queues passes an empty list. Called in `probe` and
   * again in `restore`; {@link delVqs} frees all of it, after a {@link reset}.
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
    this.vqs = [];
    return andThen(
      insist(this, 'del_vqs', () => this.transport.delVqs()),
      () => undefined,
    );
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

/** @returns 0, or what the last try failed with; each failure is in the log */
function insist(dev: VirtioDevice, what: string, body: () => MaySleep<void>, tries = TRIES): MaySleep<number> {
  const where = (): string => `${what}: device ${String(dev.name)}`;
  return andThen(guard(dev.kernel.world, where, body), (error) => {
    if (error === 0) return 0;
    dev.kernel.log.err(devMessage(dev, `${what} failed with error ${String(error)}`));
    return tries === 1 ? error : insist(dev, what, body, tries - 1);
  });
}

/**
 * Marks all queues broken: no buffers go in or out any more, and the driver ends requests in flight. For transports
 * whose device is gone, before unregisterVirtioDevice. May not sleep.
 *
 * @see drivers/virtio/virtio.c virtio_break_device
 */
export function virtioBreakDevice(dev: VirtioDevice): void {
  dev.isBroken = true;
  for (const vq of dev.vqs) vq.markBroken();
  const { virtioDriver: driver } = dev;
  if (dev.vqs.length === 0 || driver?.broken === undefined) return;
  const where = (): string => `broken: driver ${driver.name}, device ${String(dev.name)}`;
  callAtomicVoid(dev.kernel, where, () => driver.broken?.(dev));
}
