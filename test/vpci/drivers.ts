import { pciBus, type PciDevice, type PciDeviceId, type PciDriver } from '../../buses/vpci';

/** What a driver was asked, and with which ids. */
export interface NotingDriver extends PciDriver {
  readonly notes: string[];
  readonly ids: (PciDeviceId | undefined)[];
}

/** A driver that only notes what it is asked. */
export function notingDriver(name: string, more: Partial<PciDriver> = {}): NotingDriver {
  const notes: string[] = [];
  const ids: (PciDeviceId | undefined)[] = [];
  return {
    name,
    bus: pciBus,
    notes,
    ids,
    probe(dev: PciDevice, id?: PciDeviceId) {
      notes.push(`probe ${String(dev.name)}`);
      ids.push(id);
    },
    remove(dev: PciDevice) {
      notes.push(`remove ${String(dev.name)}`);
    },
    ...more,
  };
}
