import type { DeviceDriver } from '../base/types';
import type { MayNotSleep, MaySleep } from '../may-sleep';
import type { VirtioDevice } from './virtio-device';

/** In an id table: any device, or any vendor. @see include/uapi/linux/virtio_ids.h VIRTIO_DEV_ANY_ID */
export const VIRTIO_DEV_ANY_ID = 0xffffffff;

/** What a virtio device is: VIRTIO 1.2 §5 and who made it. */
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
  /** Called when the device works, before changes of the configuration are told. */
  scan?(dev: VirtioDevice): MaySleep<void>;
  /** Leaves the device, which must be reset afterwards and have no queues. */
  remove(dev: VirtioDevice): MaySleep<void>;
  /**
   * All queues were broken from outside, because the device is gone or needs a reset: what is in flight has to be
   * ended, for nobody else will. May not sleep. Linux has no such call.
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
   * The configuration has changed. Called from an interrupt: may not sleep, and so may not read the configuration, which
   * sleeps on some buses; it queues work that does.
   *
   * It is {@link VirtioDevice.findVqs} that asks for this interrupt: a driver that wants it calls that, without queues if
   * it has none. A change before is told to nobody, one between that and the end of `probe` or `restore` is told once
   * after it. From before `remove` and `freeze` on it is not called.
   *
   * @see drivers/virtio/virtio.c virtio_config_changed, virtio_config_enable, virtio_config_disable
   */
  configChanged?(dev: VirtioDevice): MayNotSleep;
}
