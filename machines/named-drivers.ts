import {
  ambaBus,
  PLATFORM_DEVID_NONE,
  platformBus,
  platformDeviceRegister,
  type AmbaDriver,
  type PlatformDriver,
} from '../buses/of-tree';
import { pciBus, type PciDriver } from '../buses/vpci';
import type { Kernel } from '../lib/base/kernel';
import type { NamedDriverDef } from './definition';

/** Registers drivers that take devices and leave them alone, and the devices that some make for themselves. */
export async function registerNamedDrivers(kernel: Kernel, defs: readonly NamedDriverDef[]): Promise<void> {
  for (const def of defs) {
    await kernel.registerDriver(driverOf(def));
    if (def.device !== null) await platformDeviceRegister(kernel, { name: def.device, id: PLATFORM_DEVID_NONE });
  }
}

function driverOf(def: NamedDriverDef): PlatformDriver | AmbaDriver | PciDriver {
  const { name, compatible, id, suppressBindAttrs } = def;
  const probe = (): number => 0;
  switch (def.bus) {
    case 'amba':
      return { name, bus: ambaBus, idTable: id === null ? [] : [{ id, mask: 0x000f_ffff }], suppressBindAttrs, probe };
    case 'pci':
      return {
        name,
        bus: pciBus,
        idTable: id === null ? [] : [{ vendor: id >>> 16, device: id & 0xffff }],
        suppressBindAttrs,
        probe,
      };
    case 'platform':
      return {
        name,
        bus: platformBus,
        ofMatchTable: compatible.map((each) => ({ compatible: each })),
        suppressBindAttrs,
        probe,
      };
  }
}
