import { devMessage } from '../../../lib/base/device';
import { ENODEV, EPERM, errnoName } from '../../../lib/errno';
import type { Ps3Address, Ps3Device } from '../device';
import { MATCH_ID } from '../layout';

/** How a device of the hypervisor is in use that several devices of the system bus stand for. */
interface Usage {
  count: number;
  /** Null when nothing was opened, whatever is counted; negative when it could not be opened again. */
  handle: number | null;
  /** Users that have not been told yet of a handle that was opened again. */
  waiting: number;
}

/** Devices that share one of the hypervisor's. On a PS3 they are known by their ids: (1, 1) and (1, 2). */
const SHARED: ReadonlySet<number> = new Set([MATCH_ID.EHCI, MATCH_ID.OHCI]);

/**
 * Opens and closes the hypervisor's devices for one kernel, with the usage counters that Linux has for devices which it
 * shows twice, and with what goes wrong there: a count that was raised for an open that failed stays, and the next open
 * succeeds without opening anything. Nothing sleeps between count and call, so the kernel's mutex has no work here.
 *
 * @see arch/powerpc/platforms/ps3/system-bus.c usage_hack, ps3_open_hv_device, ps3_close_hv_device
 */
export class HvDevices {
  readonly #shared = new Map<string, Usage>();
  /** Whose drivers think that they have it open. */
  readonly #users = new Set<Ps3Device>();

  isUser(dev: Ps3Device): boolean {
    return this.#users.has(dev);
  }

  /** @returns 0, or -EPERM, whatever the hypervisor said @see ps3_open_hv_device_sb */
  open(dev: Ps3Device, address: Ps3Address): number {
    const usage = this.#usageOf(dev, address);
    usage.count += 1;
    if (usage.count === 1) {
      const handle = dev.system.lv1.openDevice(address.busId, address.devId);
      if (handle < 0) return refused(dev, handle);
      usage.handle = handle;
    }
    this.#users.add(dev);
    dev.handle = usage.handle;
    return 0;
  }

  /**
   * For a user, on a machine that has not heard of this kernel. Of a shared device the first user opens.
   *
   * @returns 0, or -EPERM: then it is no user any more
   */
  reopen(dev: Ps3Device, address: Ps3Address): number {
    const usage = this.#usageOf(dev, address);
    if (usage.waiting === 0) {
      usage.waiting = usage.count;
      usage.handle = dev.system.lv1.openDevice(address.busId, address.devId);
    }
    usage.waiting -= 1;
    const handle = usage.handle ?? -ENODEV;
    dev.handle = handle < 0 ? null : handle;
    if (handle >= 0) return 0;
    usage.count -= 1;
    this.#users.delete(dev);
    return refused(dev, handle);
  }

  /**
   * For a device that was opened.
   *
   * @throws Error (an oops) when the hypervisor does not take it back
   * @see ps3_close_hv_device_sb
   */
  close(dev: Ps3Device, address: Ps3Address): void {
    const usage = this.#usageOf(dev, address);
    if (usage.count <= 1) closeLast(dev, address);
    usage.count -= 1;
    if (usage.count === 0) usage.handle = null;
    this.#users.delete(dev);
    dev.handle = null;
  }

  /** A device that nothing else stands for is counted for the length of a call. */
  #usageOf(dev: Ps3Device, { busId, devId }: Ps3Address): Usage {
    if (!SHARED.has(dev.matchId)) return { count: this.#users.has(dev) ? 1 : 0, handle: dev.handle, waiting: 0 };
    const key = `${String(busId)}.${String(devId)}`;
    const usage = this.#shared.get(key) ?? { count: 0, handle: null, waiting: 0 };
    this.#shared.set(key, usage);
    return usage;
  }
}

function refused(dev: Ps3Device, status: number): number {
  const ids = `${String(dev.matchId)}.${String(dev.matchSubId)}`;
  dev.kernel.log.warn(`lv1_open_device dev=${ids}(${String(dev.name)}) failed: ${errnoName(status)}`);
  return -EPERM;
}

function closeLast(dev: Ps3Device, { busId, devId }: Ps3Address): void {
  const status = dev.system.lv1.closeDevice(busId, devId);
  if (status !== 0) throw new Error(devMessage(dev, `BUG: lv1_close_device failed: ${errnoName(status)}`));
}
