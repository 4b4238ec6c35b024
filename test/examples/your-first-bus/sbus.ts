import { attrRo, Device, type Bus, type BusType, type DeviceDriver, type Kernel } from '../../../lib';

/** The bus type: a device matches a driver if its name begins with the driver's. */
export const sbus: BusType<SbusDevice, SbusDriver> = {
  name: 'sbus',
  busGroups: [{ attrs: [attrRo<Bus>('version', () => '1.0\n')] }],
  devGroups: [{ attrs: [attrRo<SbusDevice>('slot', (dev) => `${String(dev.slot)}\n`)] }],
  match: (dev, drv) => dev.name?.startsWith(drv.def.name) ?? false,
  uevent: (dev, env) => env.add('MODALIAS', `sbus:${String(dev.name)}`),
};

/** The parent of all devices of the bus. */
export class SbusRoot extends Device {
  constructor(kernel: Kernel) {
    super(kernel, { name: 'sbus0', release: () => undefined });
  }
}

/** A device of the bus. Its resources are released in release, and nowhere else. */
export class SbusDevice extends Device {
  constructor(
    parent: SbusRoot,
    name: string,
    readonly slot: number,
    slots: Set<number>,
  ) {
    super(parent.kernel, { name, bus: sbus, parent, release: () => slots.delete(slot) });
    slots.add(slot);
  }
}

/** A driver of the bus, with an additional member. */
export interface SbusDriver extends DeviceDriver<SbusDevice> {
  readonly version: string;
}
