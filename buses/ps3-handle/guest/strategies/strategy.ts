import type { Driver } from '../../../../lib/base/driver';
import type { PmPhase } from '../../../../lib/base/power/pm-ops';
import type { MaySleep } from '../../../../lib/may-sleep';
import type { SysfsWrite } from '../../../../lib/machine/fixture';
import type { Ps3Device } from '../device';
import type { Ps3System } from '../system';

/**
 * One way of fitting handles to the driver model: which devices there are, and when each gets its handle and gives it
 * back. A strategy stands around the driver's probe and remove, so it may claim before them, after them, or at some
 * other time altogether. Its state belongs to one kernel.
 */
export interface Ps3Strategy {
  /** As comparisons print it. */
  readonly name: string;
  /**
   * Registers new devices by `system.addDevice`. Called at boot and for each rescan.
   *
   * @throws ErrnoError the error of the hypervisor or of addDevice; devices that were added stay
   */
  scan(system: Ps3System): MaySleep<void>;
  /**
   * Binds: the bus's probe. `next` is the driver's probe, which needs `dev.handle`. Default: `next` alone.
   *
   * @returns as a driver's probe; after a refusal no handle may be held that was not held before
   */
  probe?(dev: Ps3Device, next: () => MaySleep<number | void>): MaySleep<number | void>;
  /**
   * Unbinds: the bus's remove, and its shutdown for drivers without one. `next` is the driver's remove. Default: `next`
   * alone.
   */
  remove?(dev: Ps3Device, next: () => MaySleep<void>): MaySleep<void>;
  /**
   * One step on the way to sleep or back, for each device, with a driver or without. `next` is the driver's own. At
   * `restore` the kernel continues on a machine without any state of it: no handle of its image is its own any more,
   * and the number may be another guest's. A device that gets no handle must be left with null; its driver is then
   * unbound. Default: `next` alone.
   */
  pm?(dev: Ps3Device, phase: PmPhase, next: () => MaySleep<number | void>): MaySleep<number | void>;
  /**
   * A driver of this bus has been registered.
   *
   * @throws ErrnoError the registration is refused: {@link driverLeaves} is called and the driver unregistered
   */
  driverRegistered?(system: Ps3System, drv: Driver): MaySleep<void>;
  /** A driver of this bus is about to be unregistered. */
  driverLeaves?(system: Ps3System, drv: Driver): MaySleep<void>;
  /**
   * What userspace does from its configuration once the bus is registered.
   *
   * @throws ErrnoError the error of its operation
   */
  configure?(system: Ps3System): MaySleep<void>;
  /** The write that makes a device of that name. Default: users make none. */
  createWrite?(name: string): SysfsWrite | null;
  /** The write that has a bound device allocate. Default: none is needed. */
  onlineWrite?(name: string): SysfsWrite;
  /** Gives back all handles that are held while nothing is bound. Default: there are none. */
  leave?(system: Ps3System): MaySleep<void>;
}
