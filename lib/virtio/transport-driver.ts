import type { Place } from '../access/place';
import type { Device } from '../base/device';
import { guard } from '../base/guard';
import { systemSleepPmOps, type DevPmOps } from '../base/power/pm-ops';
import type { DeviceDriver } from '../base/types';
import { ENODEV } from '../errno';
import { andThen, type MaySleep } from '../may-sleep';
import type { Workqueue } from '../world/workqueue';
import type { AccessStyle, AccessTransport } from './access-style';
import { virtioBus } from './virtio-bus';
import { virtioBreakDevice, type VirtioDevice, type VirtioId } from './virtio-device';
import { virtioDeviceFreeze, virtioDeviceRestore } from './virtio-pm';
import { registerVirtioDevice, unregisterVirtioDevice } from './virtio-register';

/** What a claim gives. */
export interface Taken {
  readonly style: AccessStyle;
  readonly place: Place;
  /** Where the bus knows it; else the device at the place is asked. */
  readonly id?: VirtioId;
}

/** How a bus gives devices to its transport driver and takes them back. */
export interface TransportBus<D extends Device> {
  readonly bus: NonNullable<DeviceDriver<D>['bus']>;
  /**
   * Claims the device, before anything of it is accessed. Called again when an image continues after hibernation, on a
   * machine that may not know of the claim.
   *
   * @returns a negative errno when it cannot be had
   */
  take(dev: D): MaySleep<Taken | number>;
  /** Releases it, after the last access: once for each {@link take}, also of what is gone, also if `again` failed. */
  leave(dev: D): MaySleep<void>;
  /** Instead of `take` at a restore, where the bus itself brings the device back. Default: `take`. */
  again?(dev: D): MaySleep<Taken | number>;
  /** For a bus whose remove comes without an event before: is nothing there any more? */
  isGone?(dev: D): boolean;
  /** Where work of an interrupt handler that may sleep is queued. Default: the kernel's. */
  workqueue?(dev: D): Workqueue;
}

/** What the driver keeps of a device that it has. */
class BoundDevice<D extends Device> {
  vdev: VirtioDevice | null = null;
  transport: AccessTransport | null = null;

  constructor(
    readonly dev: D,
    readonly transportBus: TransportBus<D>,
    public taken: Taken,
  ) {}

  /** While the virtio driver's probe runs, registerVirtioDevice has not returned, but the bus knows the device. */
  child(): VirtioDevice | null {
    if (this.vdev !== null) return this.vdev;
    const children = [...(this.dev.kernel.busOf(virtioBus)?.devices() ?? [])] as VirtioDevice[];
    return children.find(({ parent }) => parent === this.dev) ?? null;
  }

  register(): MaySleep<number> {
    const { dev } = this;
    const { style, place, id: known } = this.taken;
    const transport = style.transport({ dev, gone: () => releaseLater(dev, this) });
    this.transport = transport;
    transport.connect(place);
    const id = known ?? transport.identify();
    if (typeof id === 'number') return id;
    if (id.device === 0) return -ENODEV;
    return andThen(registerVirtioDevice(dev.kernel, { parent: dev, transport, id }), (vdev) => {
      this.vdev = vdev;
      return 0;
    });
  }

  /**
   * May be called again: a machine that stops has its drivers leave, and they may be unbound after that. Until it is
   * done the device can be lost, and the virtio driver that waits for it has to be notified.
   */
  unregister(): MaySleep<void> {
    const { vdev, transport } = this;
    if (transport === null) return undefined;
    if (this.transportBus.isGone?.(this.dev) === true) transportLost(this.dev);
    return andThen(vdev === null ? undefined : unregisterVirtioDevice(vdev), () => {
      this.vdev = null;
      this.transport = null;
      transport.dispose();
      return this.transportBus.leave(this.dev);
    });
  }

  freeze(): MaySleep<number> {
    const { vdev } = this;
    if (vdev === null) return 0;
    return andThen(virtioDeviceFreeze(vdev), (error) => {
      if (error === 0) this.transport?.disconnect();
      return error;
    });
  }

  /** On the machine that it was frozen on. */
  resume(): MaySleep<number> {
    if (this.vdev === null) return 0;
    this.transport?.connect(this.taken.place);
    return virtioDeviceRestore(this.vdev);
  }

  /** On a machine that may have been another one. Without the device its driver has to leave. */
  restore(): MaySleep<number> {
    if (this.vdev === null) return 0;
    const { dev, transportBus: bus } = this;
    return andThen(bus.again === undefined ? bus.take(dev) : bus.again(dev), (taken) => {
      if (typeof taken === 'number') {
        releaseLater(dev, this);
        return taken;
      }
      this.taken = taken;
      return this.resume();
    });
  }
}

/** What a transport driver adds its match data to. */
export interface TransportDriver<D extends Device> {
  readonly name: string;
  readonly bus: NonNullable<DeviceDriver<D>['bus']>;
  probe(dev: D): MaySleep<number>;
  remove(dev: D): MaySleep<void>;
  readonly pm: DevPmOps<D>;
}

/**
 * The driver that makes virtio devices of the devices of a bus, whatever the bus and the style of access. It has no
 * shutdown: what is released then is the bus type's matter.
 *
 * Its probe fails with the error of `take`, of the style, or of the virtio bus; ENODEV when no device is at the place.
 *
 * @see drivers/virtio/virtio_mmio.c virtio_mmio_driver, for one that knows its bus and its style
 */
export function transportDriver<D extends Device>(name: string, transportBus: TransportBus<D>): TransportDriver<D> {
  const boundOf = (dev: D): BoundDevice<D> | null =>
    dev.drvdata instanceof BoundDevice ? (dev.drvdata as BoundDevice<D>) : null;
  const pm: DevPmOps<D> = systemSleepPmOps<D>(
    (dev) => boundOf(dev)?.freeze() ?? 0,
    (dev) => boundOf(dev)?.resume() ?? 0,
  );
  return {
    name,
    bus: transportBus.bus,
    probe: (dev) =>
      andThen(transportBus.take(dev), (taken) => {
        if (typeof taken === 'number') return taken;
        const bound = new BoundDevice(dev, transportBus, taken);
        dev.drvdata = bound;
        const where = (): string => `${name}_probe: device ${String(dev.name)}`;
        return andThen(
          guard(dev.kernel.world, where, () => bound.register()),
          (error) => (error === 0 ? 0 : andThen(giveUp(bound), () => error)),
        );
      }),
    remove: (dev) => boundOf(dev)?.unregister(),
    pm: { ...pm, restore: (dev) => boundOf(dev)?.restore() ?? 0 },
  };
}

/** The style may have failed before there was a transport. */
function giveUp<D extends Device>(bound: BoundDevice<D>): MaySleep<void> {
  return bound.transport === null ? bound.transportBus.leave(bound.dev) : bound.unregister();
}

/**
 * For buses, from an interrupt: the device is gone. Its queues are marked broken first, so that no task waits for it;
 * the bus then unregisters its device, or releases the driver.
 *
 * @see drivers/virtio/virtio_pci_common.c virtio_pci_remove
 */
export function transportLost(dev: Device): void {
  const bound: unknown = dev.drvdata;
  if (!(bound instanceof BoundDevice)) return;
  bound.transport?.lost();
  const vdev = bound.child();
  if (vdev !== null && !vdev.isBroken) virtioBreakDevice(vdev);
}

/** Where the bus has no event. An interrupt may not sleep, so a worker releases the driver, if it is still there. */
function releaseLater<D extends Device>(dev: D, bound: BoundDevice<D>): void {
  transportLost(dev);
  dev.get();
  const run = (): MaySleep<void> => andThen(dev.drvdata === bound ? dev.releaseDriver() : undefined, () => dev.put());
  const queue = bound.transportBus.workqueue?.(dev) ?? dev.kernel.unboundWq;
  queue.queue({ name: `virtio_gone(${dev.name ?? ''})`, run });
}
