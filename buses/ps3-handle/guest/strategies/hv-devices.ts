import { devMessage } from '../../../../lib/base/device';
import { ENODEV, EPERM, errnoName } from '../../../../lib/errno';
import type { Ps3Device } from '../device';
import { MATCH_ID } from '../../layout';

/** How a device of the hypervisor is in use that several devices of the system bus stand for. */
interface Usage {
  count: number;
  /** Null when nothing was opened, whatever is counted; negative when it could not be opened again. */
  handle: number | null;
  /** Users that have not been notified yet of a handle that was opened again. */
  waiting: number;
}

/** @see arch/powerpc/platforms/ps3/system-bus.c ps3_open_hv_device_gpu */
const GPU: ReadonlySet<number> = new Set([MATCH_ID.GPU, MATCH_ID.SOUND]);

/** Halves of one device. A PS3 knows its two controllers by their ids: (1, 1) and (1, 2). */
const HALVES: ReadonlySet<number> = new Set([MATCH_ID.EHCI, MATCH_ID.OHCI]);

/**
 * Opens and closes the hypervisor's devices for one kernel, with the usage counters that Linux has for those which it
 * shows several times, and with what goes wrong there: a count that was raised for an open that failed stays, and the
 * next open succeeds without opening anything. Nothing sleeps between count and call, so the kernel's mutex has no work
 * here.
 *
 * @see arch/powerpc/platforms/ps3/system-bus.c usage_hack, ps3_open_hv_device, ps3_close_hv_device
 */
export class HvDevices {
  readonly #shared = new Map<string, Usage>();
  /** Devices whose drivers have it open, as far as they know. */
  readonly #users = new Set<Ps3Device>();

  isUser(dev: Ps3Device): boolean {
    return this.#users.has(dev);
  }

  /** @returns 0, or -EPERM, whatever the hypervisor said */
  open(dev: Ps3Device): number {
    const usage = this.#usageOf(dev);
    usage.count += 1;
    if (usage.count === 1) {
      const handle = callOpen(dev);
      if (handle < 0) return refused(dev, handle);
      usage.handle = handle;
    }
    this.#users.add(dev);
    dev.handle = usage.handle;
    return 0;
  }

  /**
   * For a user, on a machine without state of this kernel. The first user opens a shared device.
   *
   * @returns 0, or -EPERM: then it is no user any more
   */
  reopen(dev: Ps3Device): number {
    const usage = this.#usageOf(dev);
    if (usage.waiting === 0) {
      usage.waiting = usage.count;
      usage.handle = callOpen(dev);
    }
    usage.waiting -= 1;
    const handle = usage.handle ?? -ENODEV;
    dev.handle = handle < 0 ? null : handle;
    if (handle >= 0) return 0;
    usage.count -= 1;
    this.#users.delete(dev);
    return refused(dev, handle);
  }

  /** For a device that was opened. One that the hypervisor does not take back is warned of; Linux would end there. */
  close(dev: Ps3Device): void {
    const usage = this.#usageOf(dev);
    if (usage.count <= 1) closeLast(dev);
    usage.count -= 1;
    if (usage.count === 0) usage.handle = null;
    this.#users.delete(dev);
    dev.handle = null;
  }

  /** A device that nothing else stands for is counted for the length of a call. */
  #usageOf(dev: Ps3Device): Usage {
    const key = keyOf(dev);
    if (key === null) return { count: this.#users.has(dev) ? 1 : 0, handle: dev.handle, waiting: 0 };
    const usage = this.#shared.get(key) ?? { count: 0, handle: null, waiting: 0 };
    this.#shared.set(key, usage);
    return usage;
  }
}

/** What is counted together; null for a device of its own. */
function keyOf({ matchId, address }: Ps3Device): string | null {
  if (GPU.has(matchId)) return 'gpu';
  return HALVES.has(matchId) && address !== null ? `${String(address.busId)}.${String(address.devId)}` : null;
}

function callOpen({ matchId, address, system: { lv1 } }: Ps3Device): number {
  if (GPU.has(matchId)) return lv1.gpuOpen();
  return address === null ? -ENODEV : lv1.openDevice(address.busId, address.devId);
}

function callClose({ matchId, address, system: { lv1 } }: Ps3Device): number {
  if (GPU.has(matchId)) return lv1.gpuClose();
  return address === null ? -ENODEV : lv1.closeDevice(address.busId, address.devId);
}

function refused(dev: Ps3Device, status: number): number {
  const ids = `${String(dev.matchId)}.${String(dev.matchSubId)}`;
  const call = GPU.has(dev.matchId) ? 'lv1_gpu_open' : 'lv1_open_device';
  dev.kernel.log.warn(`${call} dev=${ids}(${String(dev.name)}) failed: ${errnoName(status)}`);
  return -EPERM;
}

function closeLast(dev: Ps3Device): void {
  const status = callClose(dev);
  if (status === 0) return;
  const call = GPU.has(dev.matchId) ? 'lv1_gpu_close' : 'lv1_close_device';
  dev.kernel.warn(devMessage(dev, `BUG: ${call} failed: ${errnoName(status)}`));
}
