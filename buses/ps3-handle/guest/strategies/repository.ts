import { guard } from '../../../../lib/base/guard';
import type { PmPhase } from '../../../../lib/base/power/pm-ops';
import { andThen, type MaySleep } from '../../../../lib/may-sleep';
import type { Ps3Device, Ps3DeviceInit, Ps3Strategy, Ps3System } from '../device';
import { DEV_TYPE_SB_USB, DEV_TYPE_VIRTIO, MATCH_ID, MATCH_ID_VIRTIO, MATCH_SUB_ID, REG_TYPE } from '../../layout';
import { HvDevices } from './hv-devices';
import { findBus, findWindow, readDevice, readNode, type Listed } from './repository-nodes';
import { MAX_DEVICES } from '../../layout';

/**
 * What Linux on the PS3 really does: devices are read from the repository, which lists them by fixed ids, and a driver
 * opens its device exclusively when it is bound. Nothing is allocated: style (b) of probing with an exclusive open. A
 * USB controller is one device of the hypervisor and two on the bus; the graphics processor, which is in no repository,
 * is three: frame buffer, sound, and a disk in its memory.
 *
 * Devices are called `sb_01`, `sb_02`, ... (hexadecimal) in the order of discovery, so names are independent of ids.
 * None is ever removed from the bus, since the interface does not report removal; one that was revoked loses its
 * driver, and cannot be opened again. A device that cannot be opened is EPERM, whatever the reason, and not deferred.
 */
export class Repository implements Ps3Strategy {
  readonly name = 'repository';
  readonly #open = new HvDevices();
  readonly #hasGpu: boolean;
  /** Places and kinds of devices that are on the bus; none ever leaves it. */
  readonly #known = new Set<string>();
  #found = 0;

  /** @param hasGpu is there a graphics processor? A kernel knows by the platform that it runs on: every PS3 has one. */
  constructor(hasGpu = false) {
    this.#hasGpu = hasGpu;
  }

  /** @throws ErrnoError ENOENT when a node cannot be read, ENODEV when there is no system bus */
  async scan(system: Ps3System): Promise<void> {
    if (this.#hasGpu) await addGpuDevices(system);
    const busIndex = await findBus(system);
    const busId = await readNode(system, busIndex, 'id');
    for (let index = 0; index < MAX_DEVICES; index += 1) {
      const listed = await readDevice(system, busIndex, busId, index);
      if (listed === null) return;
      for (const init of await describe(system, listed)) {
        await this.#add(system, init);
      }
    }
  }

  /**
   * Opens the device first of all, as the probe of any PS3 driver does.
   *
   * @see drivers/usb/host/ehci-ps3.c ps3_ehci_probe
   */
  probe(dev: Ps3Device, next: () => MaySleep<number | void>): MaySleep<number | void> {
    const error = this.#open.open(dev);
    if (error !== 0) return error;
    const { kernel } = dev;
    const where = (): string => `ps3_system_bus_probe: device ${String(dev.name)}`;
    return andThen(guard(kernel.world, where, next), (ret) => {
      if (ret !== 0) this.#open.close(dev);
      return ret;
    });
  }

  remove(dev: Ps3Device, next: () => MaySleep<void>): MaySleep<void> {
    return andThen(next(), () => {
      if (this.#open.isUser(dev)) this.#open.close(dev);
    });
  }

  /** The ids are the configuration's, so the device can be opened again, unless another guest was faster. */
  pm(dev: Ps3Device, phase: PmPhase, next: () => MaySleep<number | void>): MaySleep<number | void> {
    if (phase !== 'restore' || !this.#open.isUser(dev)) return next();
    const refused = this.#open.reopen(dev);
    return andThen(next(), (error) => (refused === 0 ? error : refused));
  }

  /** One that is there already stays as it is. */
  async #add(system: Ps3System, init: Described): Promise<void> {
    const key = `${String(init.address?.busId)}.${String(init.address?.devId)} ${String(init.matchId)}`;
    if (this.#known.has(key)) return;
    this.#known.add(key);
    try {
      await system.addDevice({ ...init, name: this.#nextName() });
    } catch (error) {
      this.#known.delete(key);
      throw error;
    }
  }

  #nextName(): string {
    this.#found += 1;
    return `sb_${this.#found.toString(16).padStart(2, '0')}`;
  }
}

/** Unless they are there. @see device-init.c ps3_register_graphics_devices, ps3_register_sound_devices */
async function addGpuDevices(system: Ps3System): Promise<void> {
  const known = new Set(system.devices().map(({ name }) => name));
  const inits = [
    { name: 'ioc0_01', matchId: MATCH_ID.GPU, matchSubId: MATCH_SUB_ID.GPU_FB },
    { name: 'ioc0_02', matchId: MATCH_ID.SOUND },
    { name: 'ioc0_03', matchId: MATCH_ID.GPU, matchSubId: MATCH_SUB_ID.GPU_RAMDISK },
  ];
  for (const init of inits.filter(({ name }) => !known.has(name))) await system.addDevice({ ...init, classId: 0 });
}

type Described = Omit<Ps3DeviceInit, 'name'>;

/**
 * What the bus is to have for a line of the repository: nothing for what Linux does not know.
 *
 * @see arch/powerpc/platforms/ps3/device-init.c ps3_setup_static_device, ps3_setup_uhc_device
 */
async function describe(system: Ps3System, listed: Listed): Promise<readonly Described[]> {
  const { busId, devId, type } = listed;
  const address = { busId, devId };
  if (type === DEV_TYPE_SB_USB) {
    const ehci = { matchId: MATCH_ID.EHCI, window: await findWindow(system, listed, REG_TYPE.SB_EHCI) };
    const ohci = { matchId: MATCH_ID.OHCI, window: await findWindow(system, listed, REG_TYPE.SB_OHCI) };
    return [ehci, ohci].map((half) => ({ ...half, classId: 0, address }));
  }
  if (type < DEV_TYPE_VIRTIO) return [];
  return [{ matchId: MATCH_ID_VIRTIO, classId: type - DEV_TYPE_VIRTIO, address }];
}
