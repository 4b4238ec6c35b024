import { devMessage } from '../../../lib/base/device';
import { guard } from '../../../lib/base/guard';
import { ENODEV, ENOENT, EPERM, errnoName, ErrnoError } from '../../../lib/errno';
import { after, slept, type MaySleep } from '../../../lib/may-sleep';
import type { Ps3Address, Ps3Device } from '../device';
import { BUS_TYPE_SB, DEV_TYPE_VIRTIO, field, firstField, LPAR_ID_PME, MATCH_ID_VIRTIO } from '../layout';
import type { Ps3System } from '../system';
import type { Ps3Strategy } from './strategy';

/** Buses that are looked for. @see arch/powerpc/platforms/ps3/repository.c ps3_repository_find_bus */
const MAX_BUSES = 10;

/** A line of the repository. @see arch/powerpc/platforms/ps3/platform.h struct ps3_repository_device */
interface Listed extends Ps3Address {
  readonly type: number;
}

/**
 * What Linux on the PS3 really did: devices are read from the repository, which lists them by ids that stay, and a
 * driver opens its device, for itself alone, when it is bound. Nothing is allocated: style (b) of probing with an
 * exclusive open.
 *
 * Devices are called `sb_01`, `sb_02`, ... (hexadecimal) in the order of finding them, so names tell nothing of ids.
 * None is ever taken off the bus, for nothing in the interface says that one is gone; one that was revoked loses its
 * driver, and cannot be opened again. A device that cannot be opened is EPERM, whatever the reason, and not deferred.
 */
export class Repository implements Ps3Strategy {
  readonly name = 'repository';
  #found = 0;

  /** @throws ErrnoError ENOENT when a node cannot be read, ENODEV when there is no system bus */
  async scan(system: Ps3System): Promise<void> {
    const busIndex = await findBus(system);
    const busId = await readNode(system, busIndex, 'id');
    for (let index = 0; ; index += 1) {
      const listed = await readDevice(system, busIndex, busId, index);
      if (listed === null) return;
      if (!isKnown(system, listed)) await this.#add(system, listed);
    }
  }

  /** @see arch/powerpc/platforms/ps3/system-bus.c ps3_open_hv_device_sb, and any PS3 driver's probe */
  probe(dev: Ps3Device, next: () => MaySleep<number | void>): MaySleep<number | void> {
    const { address, kernel, system } = dev;
    if (address === null) return -ENODEV;
    const handle = system.lv1.openDevice(address.busId, address.devId);
    if (handle < 0) return refused(dev, handle);
    dev.handle = handle;
    const where = (): string => `ps3_system_bus_probe: device ${String(dev.name)}`;
    return after(guard(kernel.world, where, next), (ret) => {
      if (ret !== 0) close(dev, address);
      return ret;
    });
  }

  remove(dev: Ps3Device, next: () => MaySleep<void>): MaySleep<void> {
    return after(next(), () => {
      if (dev.address !== null && dev.handle !== null) close(dev, dev.address);
    });
  }

  #add(system: Ps3System, { busId, devId, type }: Listed): MaySleep<void> {
    if (type < DEV_TYPE_VIRTIO) return undefined;
    this.#found += 1;
    const name = `sb_${this.#found.toString(16).padStart(2, '0')}`;
    const init = { name, matchId: MATCH_ID_VIRTIO, classId: type - DEV_TYPE_VIRTIO, address: { busId, devId } };
    return system.addDevice(init);
  }
}

function refused(dev: Ps3Device, status: number): number {
  const ids = `${String(dev.matchId)}.${String(dev.matchSubId)}`;
  dev.kernel.log.warn(`lv1_open_device dev=${ids}(${String(dev.name)}) failed: ${errnoName(status)}`);
  return -EPERM;
}

/** @throws Error (an oops) when the hypervisor does not take it back @see ps3_close_hv_device_sb */
function close(dev: Ps3Device, { busId, devId }: Ps3Address): void {
  const status = dev.system.lv1.closeDevice(busId, devId);
  if (status !== 0) throw new Error(devMessage(dev, `BUG: lv1_close_device failed: ${errnoName(status)}`));
  dev.handle = null;
}

function isKnown(system: Ps3System, { busId, devId }: Ps3Address): boolean {
  return system.devices().some(({ address }) => address?.busId === busId && address.devId === devId);
}

/** @see repository.c ps3_repository_find_bus */
async function findBus(system: Ps3System): Promise<number> {
  for (let index = 0; index < MAX_BUSES; index += 1) {
    if ((await readNode(system, index, 'type')) === BUS_TYPE_SB) return index;
  }
  throw new ErrnoError(ENODEV, { syscall: 'ps3_repository_find_bus' });
}

/**
 * Three reads for each device, the number of devices each time anew; one read tells the end.
 *
 * @returns null behind the last device, and when it went away while it was read
 * @see repository.c ps3_repository_find_device
 */
async function readDevice(system: Ps3System, bus: number, busId: number, index: number): Promise<Listed | null> {
  if (index >= (await readNode(system, bus, 'num_dev'))) return null;
  const type = await tryReadNode(system, bus, 'dev', index, 'type');
  const devId = await tryReadNode(system, bus, 'dev', index, 'id');
  return type === null || devId === null ? null : { busId, devId, type };
}

/** Every refusal is ENOENT. @see repository.c read_node */
async function readNode(system: Ps3System, bus: number, name: string): Promise<number> {
  const value = await tryReadNode(system, bus, name);
  if (value !== null) return value;
  throw new ErrnoError(ENOENT, { syscall: 'lv1_read_repository_node', path: `bus${String(bus)}.${name}` });
}

/** @returns null where there is no such node */
async function tryReadNode(system: Ps3System, bus: number, name: string, index = 0, below = ''): Promise<number | null> {
  const { lv1, kernel } = system;
  const resched = kernel.world.condResched();
  if (slept(resched)) await resched;
  const node = [firstField('bus', bus), field(name, index), field(below), 0n] as const;
  const value = lv1.readRepositoryNode(LPAR_ID_PME, node);
  return value >= 0 ? value : null;
}
