import type { PciDevice } from './device';
import { BAR, COMMAND, PCI } from '../layout';
import { formatResource, IORESOURCE, RESOURCE, resourceName, type PciResource } from './resource';

const ONES = 0xffff_ffff;
const MEM_MASK = 0xffff_fff0n;
const IO_MASK = 0xfffcn;
const ROM_MASK = 0xffff_f800n;

/** A base register before and while all ones are written to it, without its flags. */
interface Sized {
  base: bigint;
  most: bigint;
  mask: bigint;
}

/** The base registers of a device, and its ROM's. @see drivers/pci/probe.c pci_read_bases */
export function readBases(dev: PciDevice, count: number, rom: number): void {
  for (let index = 0; index < count; index++) {
    if (readBase(dev, index, PCI.BAR0 + 4 * index)) index++;
  }
  dev.romBaseReg = rom;
  if (rom !== 0) readBase(dev, RESOURCE.ROM, rom);
}

/**
 * Finds out size and address of one base register: decoding off, all ones in, back, decoding on. Says so in the log
 * when decoding is on again.
 *
 * @returns true when it takes two registers
 * @see drivers/pci/probe.c __pci_read_base
 */
function readBase(dev: PciDevice, index: number, offset: number): boolean {
  const res = dev.resource[index];
  if (res === undefined) return false;
  const command = dev.readConfig(PCI.COMMAND, 2);
  const decode = command & (COMMAND.IO | COMMAND.MEMORY);
  if (decode !== 0) dev.writeConfig(PCI.COMMAND, 2, command & ~decode);
  const sized = index === RESOURCE.ROM ? sizeRom(dev, res, offset) : sizeBar(dev, res, offset);
  const is64 = (res.flags & IORESOURCE.MEM_64) !== 0;
  if (is64) addUpper(dev, sized, offset + 4);
  if (decode !== 0) dev.writeConfig(PCI.COMMAND, 2, command);
  settle(dev, res, sized, resourceName(dev, index));
  return (res.flags & IORESOURCE.MEM_64) !== 0;
}

/** All bits of the low register set means that the device does not work. */
function probeRegister(dev: PciDevice, offset: number, ones: number): readonly [number, number] {
  const value = dev.readConfig(offset, 4);
  dev.writeConfig(offset, 4, (value | ones) >>> 0);
  const most = dev.readConfig(offset, 4);
  dev.writeConfig(offset, 4, value);
  return [value === ONES ? 0 : value, most === ONES ? 0 : most];
}

function sizeBar(dev: PciDevice, res: PciResource, offset: number): Sized {
  const [value, most] = probeRegister(dev, offset, ONES);
  res.flags = decodeBar(value) | IORESOURCE.SIZEALIGN;
  const isIo = (res.flags & IORESOURCE.IO) !== 0;
  const keep = BigInt(ONES & ~(isIo ? BAR.IO_FLAGS : BAR.MEM_FLAGS)) & 0xffff_ffffn;
  return { base: BigInt(value) & keep, most: BigInt(most) & keep, mask: isIo ? IO_MASK : MEM_MASK };
}

function sizeRom(dev: PciDevice, res: PciResource, offset: number): Sized {
  const [value, most] = probeRegister(dev, offset, Number(ROM_MASK));
  res.flags = IORESOURCE.MEM | IORESOURCE.PREFETCH | IORESOURCE.READONLY | IORESOURCE.SIZEALIGN;
  if ((value & 1) !== 0) res.flags |= IORESOURCE.ROM_ENABLE;
  return { base: BigInt(value) & ROM_MASK, most: BigInt(most) & ROM_MASK, mask: ROM_MASK };
}

/** @see drivers/pci/probe.c decode_bar */
function decodeBar(value: number): number {
  if ((value & BAR.IO) !== 0) return (value & BAR.IO_FLAGS) | IORESOURCE.IO;
  let flags = (value & BAR.MEM_FLAGS) | IORESOURCE.MEM;
  if ((value & BAR.PREFETCH) !== 0) flags |= IORESOURCE.PREFETCH;
  if ((value & BAR.TYPE_MASK) === BAR.TYPE_64) flags |= IORESOURCE.MEM_64;
  return flags;
}

function addUpper(dev: PciDevice, sized: Sized, offset: number): void {
  const value = dev.readConfig(offset, 4);
  dev.writeConfig(offset, 4, ONES);
  const most = dev.readConfig(offset, 4);
  dev.writeConfig(offset, 4, value);
  sized.base |= BigInt(value) << 32n;
  sized.most |= BigInt(most) << 32n;
  sized.mask |= 0xffff_ffffn << 32n;
}

function settle(dev: PciDevice, res: PciResource, sized: Sized, name: string): void {
  const size = sized.most === 0n ? 0n : pciSize(sized);
  if (size === 0n) {
    if (sized.most !== 0n) dev.info(`[Firmware Bug]: ${name}: invalid; can't size`);
    res.flags = 0;
    return;
  }
  res.start = sized.base;
  res.end = sized.base + size - 1n;
  dev.info(`${name} ${formatResource(res)}`);
}

/**
 * The lowest bit that can be set is the size. A register that is not changed by writing ones is invalid, unless it is
 * all ones itself.
 *
 * @returns 0 for an invalid register
 * @see drivers/pci/probe.c pci_size
 */
function pciSize({ base, most, mask }: Sized): bigint {
  const bits = mask & most;
  const size = bits & -bits;
  if (size === 0n) return 0n;
  return base === most && ((base | (size - 1n)) & mask) !== mask ? 0n : size;
}
