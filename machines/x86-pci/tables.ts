import type { AcpiNode, PciFirmware } from '../../buses/vpci';
import type { FirmwareFunction } from './firmware';

/** Lines of the eight links A to H. */
const FIRST_LINE = 16;
/** Slots up to this one are on the links E to H, in turn. */
const LAST_ROTATED_SLOT = 0x18;
/** The bridge to PCI is on them, too. */
const PCI_BRIDGE_SLOT = 0x1e;
/** Functions of the chipset that the tables do not describe. */
const UNDESCRIBED: readonly number[] = [0x1f * 8 + 2];

/** The line of a pin of a slot of the root bus. @see QEMU hw/i386/acpi-build.c build_q35_routing_table */
export function lineOfPin(slot: number, pin: number): number {
  const isRotated = slot <= LAST_ROTATED_SLOT;
  const group = isRotated || slot === PCI_BRIDGE_SLOT ? FIRST_LINE + 4 : FIRST_LINE;
  return group + (((isRotated ? slot : 0) + pin - 1) & 3);
}

/** What ACPI says of the machine's PCI. */
export function q35Tables(functions: readonly FirmwareFunction[]): PciFirmware {
  return {
    windows: [
      { kind: 'io', first: 0, last: 0x0cf7 },
      { kind: 'io', first: 0x0d00, last: 0xffff },
      { kind: 'mem', first: 0x000a_0000, last: 0x000b_ffff },
      { kind: 'mem', first: 0x2000_0000, last: 0xafff_ffff },
      { kind: 'mem', first: 0xc000_0000, last: 0xfebf_ffff },
      { kind: 'mem', first: 0x1_0000_0000, last: 0x8_ffff_ffff },
    ],
    firstMessage: 24,
    nodes: nodesOf(functions),
    route: lineOfPin,
  };
}

/** Each function, and one for what may be plugged in behind a port. */
function nodesOf(functions: readonly FirmwareFunction[]): readonly AcpiNode[] {
  return [...functions]
    .sort((a, b) => a.devfn - b.devfn)
    .filter(({ devfn }) => !UNDESCRIBED.includes(devfn))
    .map(({ devfn, behind }) => ({ devfn, children: behind === null ? [] : [{ devfn: 0, children: [] }] }));
}
