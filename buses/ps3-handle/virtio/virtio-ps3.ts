import { systemSleepPmOps } from '../../../lib/base/power/pm-ops';
import { ENODEV } from '../../../lib/errno';
import { andThen, type MaySleep } from '../../../lib/may-sleep';
import { VIRTIO_PCI_VENDOR } from '../../../lib/virtio/spec';
import { virtioBus } from '../../../lib/virtio/virtio-bus';
import { virtioConfigChanged, virtioConfigIgnored } from '../../../lib/virtio/virtio-config';
import { virtioBreakDevice, type VirtioDevice } from '../../../lib/virtio/virtio-device';
import { virtioDeviceFreeze, virtioDeviceRestore } from '../../../lib/virtio/virtio-pm';
import { registerVirtioDevice, unregisterVirtioDevice } from '../../../lib/virtio/virtio-register';
import { ps3SystemBus } from '../guest/bus';
import type { Ps3Device, Ps3Driver } from '../guest/device';
import { MATCH_ID_VIRTIO } from '../layout';
import { Ps3Transport } from './transport';

/** What the driver keeps of a device that it has. */
class VirtioPs3Device {
  readonly transport: Ps3Transport;
  #vdev: VirtioDevice | null = null;

  constructor(readonly dev: Ps3Device) {
    this.transport = new Ps3Transport(dev, {
      configChanged: () => this.#notifyConfig(virtioConfigChanged),
      configIgnored: () => this.#notifyConfig(virtioConfigIgnored),
      gone: () => this.#leave(),
    });
  }

  register(): MaySleep<void> {
    const { dev, transport } = this;
    const id = { device: dev.classId, vendor: VIRTIO_PCI_VENDOR };
    return andThen(registerVirtioDevice(dev.kernel, { parent: dev, transport, id }), (vdev) => {
      this.#vdev = vdev;
    });
  }

  /** May be called again: a machine that stops has its drivers leave, and they may be unbound after that. */
  unregister(): MaySleep<void> {
    const { dev } = this;
    const vdev = this.#vdev;
    if (vdev === null) return undefined;
    // Until it is done the device can be revoked, and the virtio driver that waits for it has to be notified.
    return andThen(unregisterVirtioDevice(vdev), () => {
      this.#vdev = null;
      dev.devm.releaseAction(this);
    });
  }

  freeze(): MaySleep<number> {
    if (this.#vdev === null) return 0;
    return andThen(virtioDeviceFreeze(this.#vdev), (error) => {
      if (error === 0) this.transport.unlisten();
      return error;
    });
  }

  /** The handle may be another one. Without any the device is as good as revoked. @returns -ENODEV then */
  restore(): MaySleep<number> {
    if (this.#vdev === null) return 0;
    this.transport.listen();
    if (this.dev.handle !== null) return virtioDeviceRestore(this.#vdev);
    this.#leave();
    return -ENODEV;
  }

  /** While its driver's probe still runs, registerVirtioDevice has not come back, but the bus knows the device. */
  #child(): VirtioDevice | undefined {
    const children = this.dev.kernel.busOf(virtioBus)?.devices() ?? [];
    return this.#vdev ?? ([...children].find(({ parent }) => parent === this.dev) as VirtioDevice | undefined);
  }

  #notifyConfig(notify: (vdev: VirtioDevice) => void): void {
    const vdev = this.#child();
    if (vdev !== undefined) notify(vdev);
  }

  /** An interrupt may not sleep, so a worker has the driver leave, unless it has done so meanwhile. */
  #leave(): void {
    const { dev } = this;
    const vdev = this.#child();
    if (vdev !== undefined) virtioBreakDevice(vdev);
    dev.get();
    const run = (): MaySleep<void> => andThen(dev.drvdata === this ? dev.releaseDriver() : undefined, () => dev.put());
    dev.system.workqueue.queue({ name: `ps3_revoked(${dev.name ?? ''})`, run });
  }
}

/**
 * The transport driver: it registers a device on the virtio bus for each device that it binds. Like virtio-mmio it
 * binds devices of all classes, so its alias has no class; the driver for the class is found by the alias of the virtio
 * device.
 */
export const ps3VirtioDriver: Ps3Driver = {
  name: 'ps3_virtio',
  bus: ps3SystemBus,
  matchId: MATCH_ID_VIRTIO,

  probe(dev) {
    const bound = new VirtioPs3Device(dev);
    dev.devm.addAction(() => bound.transport.dispose(), 'ps3_transport', bound);
    dev.drvdata = bound;
    return bound.register();
  },

  remove(dev) {
    return (dev.drvdata as VirtioPs3Device).unregister();
  },

  pm: systemSleepPmOps(
    (dev) => (dev.drvdata as VirtioPs3Device).freeze(),
    (dev) => (dev.drvdata as VirtioPs3Device).restore(),
  ),
};
