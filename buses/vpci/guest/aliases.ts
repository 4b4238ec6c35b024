import { PCI_ANY_ID } from './ids';
import type { PciDriver, PciDeviceId } from './device';

/**
 * Patterns of the events that a driver's module is for, one for each line of its table.
 *
 * @see scripts/mod/file2alias.c do_pci_entry
 */
export function pciDriverAliases({ idTable = [] }: PciDriver): string[] {
  return idTable.filter(canBeTold).map(pciAlias);
}

/** A part of the class is looked at as a whole or not at all; a line that does otherwise has no pattern. */
function canBeTold({ classMask = 0 }: PciDeviceId): boolean {
  return [16, 8, 0].every((shift) => [0, 0xff].includes((classMask >> shift) & 0xff));
}

function pciAlias(id: PciDeviceId): string {
  const part = (shift: number): string => {
    const isMasked = (((id.classMask ?? 0) >> shift) & 0xff) === 0xff;
    return isMasked ? upper(((id.class ?? 0) >> shift) & 0xff, 2) : '*';
  };
  const ids = `v${any(id.vendor)}d${any(id.device)}sv${any(id.subvendor)}sd${any(id.subdevice)}`;
  const alias = `${id.overrideOnly === true ? 'vfio_pci' : 'pci'}:${ids}bc${part(16)}sc${part(8)}i${part(0)}`;
  return alias.endsWith('*') ? alias : `${alias}*`;
}

function any(id: number | undefined): string {
  return id === undefined || id === PCI_ANY_ID ? '*' : upper(id, 8);
}

function upper(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}
