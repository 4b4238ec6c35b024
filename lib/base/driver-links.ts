import type { LinkView, SysfsDir } from '../sysfs/dir';
import type { Device } from './device';
import type { Driver } from './driver';

/**
 * The links from a driver's directory to its devices. A bus's directory has an entry for each device already, and names
 * in it are unique: so it is enough that a device knows whether its driver links to it.
 */
export class DriverLinks implements LinkView {
  readonly #drv: Driver;

  constructor(drv: Driver) {
    this.#drv = drv;
  }

  get(name: string): SysfsDir | undefined {
    const dir = this.#busDir?.entry(name);
    return dir !== undefined && this.#follows(dir.owner as Device) ? dir : undefined;
  }

  *names(): Generator<string> {
    for (const dev of this.#drv.bus.klistDevices) if (this.#follows(dev)) yield dev.name ?? '';
  }

  /** @returns 0; -EEXIST when the name is taken; -ENOENT without a directory */
  add(dev: Device): number {
    const { sd } = this.#drv;
    const name = dev.name ?? '';
    if (sd === null) return 0;
    if (!dev.isLinkedByBus || sd.removed || sd.hasOwn(name)) return sd.addLink(name, dev.sd);
    dev.isLinkedByDriver = true;
    return 0;
  }

  /** Takes away what has the device's present name: after a rename that is not the link that it was bound with. */
  remove(dev: Device): void {
    if (dev.isLinkedByDriver) dev.isLinkedByDriver = false;
    else void this.#drv.sd?.removeName(dev.name ?? '');
  }

  removeName(name: string): boolean {
    const dir = this.get(name);
    if (dir === undefined) return false;
    (dir.owner as Device).isLinkedByDriver = false;
    return true;
  }

  /** From here on the link is kept by name. */
  keep(dev: Device): void {
    if (!dev.isLinkedByDriver) return;
    dev.isLinkedByDriver = false;
    this.#drv.sd?.addLink(dev.name ?? '', dev.sd);
  }

  get #busDir(): SysfsDir | null {
    return this.#drv.bus.devicesKset.sd;
  }

  #follows(dev: Device): boolean {
    return dev.isLinkedByDriver && dev.driver === this.#drv;
  }
}

/** The device's entry in its bus's directory is about to go, or to have another name than the device. */
export function leaveBusDir(dev: Device): void {
  dev.driver?.links.keep(dev);
  dev.isLinkedByBus = false;
}
