import type { Device } from '../base/device';
import { ErrnoError } from '../errno';
import type { DeviceModel } from '../hypervisor';
import type { MaySleep } from '../may-sleep';
import type { VirtioDriver } from '../virtio';
import type { MachineGuest } from './guest';

/** A driver together with the devices that it is for, and a way to use them that can be checked. */
export interface Workload {
  readonly driver: VirtioDriver;
  /** The n-th device of the class, with content of its own. */
  makeModel(index: number): DeviceModel;
  /**
   * Uses the class device below a device, writing where it can be written.
   *
   * @param models all devices that the hypervisor has of the class
   * @returns true when what came back is what one of them holds
   */
  verify(guest: MachineGuest, below: Device, models: readonly DeviceModel[]): Promise<boolean>;
  /** How many devices can be used in Linux, however many are bound; without it all can. */
  readonly limit?: { readonly devices: number; readonly reason: string };
  /** Makes one request through the class device below a device; false when there is no such class device. */
  touch(guest: MachineGuest, below: Device): Promise<boolean>;
}

/**
 * Which of the hypervisor's devices serves a device: makes a request and compares the devices' counters.
 *
 * @returns its host-side name; null when the device does not work
 */
export async function backingDeviceOf(
  guest: MachineGuest,
  workload: Workload,
  models: readonly DeviceModel[],
  device: Device | undefined,
): Promise<string | null> {
  return device === undefined ? null : servedBy(models, () => workload.touch(guest, device));
}

/** Makes a request; false when none could be made. */
type Request = () => MaySleep<boolean>;

/** Which of the hypervisor's devices serves a request. @returns its host-side name; null when none does */
export async function servedBy(models: readonly DeviceModel[], request: Request): Promise<string | null> {
  const before = models.map((model) => model.served);
  if (!(await isAnswered(request))) return null;
  return models.find((model, i) => model.served !== before[i])?.name ?? null;
}

/** @returns false also for a device that fails */
async function isAnswered(request: Request): Promise<boolean> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof ErrnoError) return false;
    throw error;
  }
}

/** The device itself and all below it, parents first. */
export function* deviceTree(top: Device): Generator<Device> {
  yield top;
  for (const child of top.children()) yield* deviceTree(child);
}

/** The first device of a class at or below a device. */
export function classDeviceBelow(top: Device, className: string): Device | undefined {
  for (const dev of deviceTree(top)) if (dev.class?.type.name === className) return dev;
  return undefined;
}
