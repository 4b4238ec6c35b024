import { HEADER, hexDigits } from '../layout';

/** Flags of a resource. @see include/linux/ioport.h */
export const IORESOURCE = Object.freeze({
  IO: 0x100,
  MEM: 0x200,
  PREFETCH: 0x2000,
  READONLY: 0x4000,
  SIZEALIGN: 0x4_0000,
  MEM_64: 0x10_0000,
  WINDOW: 0x20_0000,
  DISABLED: 0x1000_0000,
  UNSET: 0x2000_0000,
  /** Not to be moved. */
  PCI_FIXED: 0x10,
  /** From enhanced allocation, not from a register. */
  PCI_EA_BEI: 0x20,
  ROM_ENABLE: 1,
});

/** Indexes of a device's resources. @see include/linux/pci.h PCI_STD_RESOURCES and following */
export const RESOURCE = Object.freeze({
  BARS: 6,
  ROM: 6,
  VF: 7,
  BRIDGE: 13,
  BRIDGE_IO: 13,
  BRIDGE_MEM: 14,
  BRIDGE_PREF: 15,
  COUNT: 17,
});

/** A piece of address space, both ends included. @see include/linux/ioport.h struct resource */
export interface PciResource {
  start: bigint;
  end: bigint;
  flags: number;
  /** It has its place in the tree of resources. */
  claimed: boolean;
}

export function emptyResource(): PciResource {
  return { start: 0n, end: 0n, flags: 0, claimed: false };
}

/** Bytes; 0 for a resource that is not there. @see include/linux/pci.h pci_resource_len */
export function resourceSize(res: PciResource | undefined): bigint {
  if (res === undefined) return 0n;
  return res.end === 0n && res.start === 0n ? 0n : res.end - res.start + 1n;
}

/** @see drivers/pci/pci.c pci_resource_name */
export function resourceName({ hdrType }: { readonly hdrType: number }, index: number): string {
  if (hdrType === HEADER.CARDBUS) return cardbusName(index);
  if (index < RESOURCE.BARS) return `BAR ${String(index)}`;
  if (index === RESOURCE.ROM) return 'ROM';
  if (index < RESOURCE.BRIDGE) return `VF BAR ${String(index - RESOURCE.VF)}`;
  return index <= RESOURCE.BRIDGE_PREF ? 'bridge window' : 'unknown';
}

/** Its one base register is called the second. */
function cardbusName(index: number): string {
  if (index === 0) return 'BAR 1';
  if (index < RESOURCE.BRIDGE || index >= RESOURCE.COUNT) return 'unknown';
  return `CardBus bridge window ${String((index - RESOURCE.BRIDGE) % 2)}`;
}

/** As the kernel's log prints it: `[mem 0xfe500000-0xfe500fff 64bit pref]`. @see lib/vsprintf.c resource_string */
export function formatResource(res: PciResource): string {
  const isIo = (res.flags & IORESOURCE.IO) !== 0;
  const digits = isIo ? 4 : 8;
  const kind = isIo ? 'io  ' : (res.flags & IORESOURCE.MEM) !== 0 ? 'mem ' : '??? ';
  return `[${kind}${formatRange(res, digits)}${formatFlags(res.flags)}]`;
}

function formatRange(res: PciResource, digits: number): string {
  if ((res.flags & IORESOURCE.UNSET) !== 0) return `size 0x${hexDigits(res.end - res.start + 1n, digits)}`;
  const start = `0x${hexDigits(res.start, digits)}`;
  return res.start === res.end ? start : `${start}-0x${hexDigits(res.end, digits)}`;
}

function formatFlags(flags: number): string {
  const names: readonly (readonly [number, string])[] = [
    [IORESOURCE.MEM_64, ' 64bit'],
    [IORESOURCE.PREFETCH, ' pref'],
    [IORESOURCE.WINDOW, ' window'],
    [IORESOURCE.DISABLED, ' disabled'],
  ];
  return names.map(([bit, text]) => ((flags & bit) === 0 ? '' : text)).join('');
}
