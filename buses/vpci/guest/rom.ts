import { EIO, EINVAL } from '../../../lib/errno';
import { kstrtobool } from '../../../lib/kstrtox';
import type { BinAttribute } from '../../../lib/sysfs';
import { utf8Decode } from '../../../lib/utf8';
import type { PciDevice } from './device';
import { IoMem } from './enable';
import { hexDigits, PCI } from '../layout';
import { IORESOURCE, RESOURCE, resourceSize } from './resource';
import { assignRom } from './setup-res';

/** Images and what describes them. PCI Firmware 3.3 §5.1 */
const ROM = Object.freeze({
  SECTOR: 512,
  HEADER_BYTES: 0x1a,
  SIGNATURE: 0xaa55,
  DATA_POINTER: 0x18,
  DATA_SIGNATURE: 0x5249_4350,
  DATA_LENGTH: 0x0a,
  DATA_LEAST: 0x18,
  IMAGE_LENGTH: 0x10,
  INDICATOR: 0x15,
  LAST: 0x80,
});

function setRomEnable(dev: PciDevice, on: boolean): void {
  const register = dev.readConfig(dev.romBaseReg, 4) & ~PCI.ROM_ADDRESS_MASK;
  const start = Number((dev.resource[RESOURCE.ROM]?.start ?? 0n) & 0xffff_ffffn);
  const value = on ? register | start | PCI.ROM_ENABLE : dev.readConfig(dev.romBaseReg, 4) & ~PCI.ROM_ENABLE;
  dev.writeConfig(dev.romBaseReg, 4, value >>> 0);
}

/**
 * The memory of the ROM, as long as its images are; decoding is on.
 *
 * @returns undefined when it has no place, or does not begin with an image
 * @see drivers/pci/rom.c pci_map_rom
 */
function mapRom(dev: PciDevice): IoMem | undefined {
  const res = dev.resource[RESOURCE.ROM];
  const size = Number(resourceSize(res));
  if (res === undefined || size === 0 || !(res.claimed || assignRom(dev))) return undefined;
  setRomEnable(dev, true);
  const window = new IoMem(dev, Number(res.start), size);
  const length = romSize(dev, window);
  if (length > 0) return new IoMem(dev, Number(res.start), length);
  unmapRom(dev);
  return undefined;
}

/** @see drivers/pci/rom.c pci_unmap_rom */
function unmapRom(dev: PciDevice): void {
  if (((dev.resource[RESOURCE.ROM]?.flags ?? 0) & IORESOURCE.ROM_ENABLE) === 0) setRomEnable(dev, false);
}

/** Images follow each other until one says that it is the last. @see drivers/pci/rom.c pci_get_rom_size */
function romSize(dev: PciDevice, rom: IoMem): number {
  let image = 0;
  for (;;) {
    if (!isHeaderValid(dev, rom, image, true)) break;
    const data = image + rom.read(image + ROM.DATA_POINTER, 2);
    if (!isDataValid(dev, rom, data)) break;
    const isLast = (rom.read(data + ROM.INDICATOR, 1) & ROM.LAST) !== 0;
    const length = rom.read(data + ROM.IMAGE_LENGTH, 2);
    image += length * ROM.SECTOR;
    if (isLast || length === 0 || !isHeaderValid(dev, rom, image, false)) break;
  }
  return Math.min(image, rom.length);
}

/** @see drivers/pci/rom.c pci_rom_header_valid */
function isHeaderValid(dev: PciDevice, rom: IoMem, at: number, isFirst: boolean): boolean {
  if (at + ROM.HEADER_BYTES > rom.length) return false;
  const signature = rom.read(at, 2);
  if (signature === ROM.SIGNATURE) return true;
  const found = `expecting 0x${hexDigits(ROM.SIGNATURE, 4)}, got 0x${hexDigits(signature, 4)}`;
  dev.info(isFirst ? `Invalid PCI ROM header signature: ${found}` : 'No more images in PCI ROM');
  return false;
}

/** @see drivers/pci/rom.c pci_rom_data_struct_valid */
function isDataValid(dev: PciDevice, rom: IoMem, at: number): boolean {
  if (at % 4 !== 0 || at + ROM.DATA_LENGTH + 2 > rom.length) return false;
  const signature = rom.read(at, 4);
  if (signature !== ROM.DATA_SIGNATURE) {
    const found = `expecting 0x${hexDigits(ROM.DATA_SIGNATURE, 8)}, got 0x${hexDigits(signature, 8)}`;
    dev.info(`Invalid PCI ROM data signature: ${found}`);
    return false;
  }
  const length = rom.read(at + ROM.DATA_LENGTH, 2);
  return length >= ROM.DATA_LEAST && length !== 0xffff && at + length <= rom.length;
}

/** @see drivers/pci/pci-sysfs.c pci_read_rom */
function readRom(dev: PciDevice, offset: number, count: number): Uint8Array | number {
  if (!dev.romAttrEnabled) return -EINVAL;
  const rom = mapRom(dev);
  if (rom === undefined) return -EIO;
  const bytes = new Uint8Array(Math.max(Math.min(count, rom.length - offset), 0));
  for (let i = 0; i < bytes.length; i++) bytes[i] = rom.read(offset + i, 1);
  unmapRom(dev);
  return bytes;
}

/** Reading turns decoding on, which some cards do not like: a user must say that it may. @see pci_write_rom */
function writeRom(dev: PciDevice, _offset: number, data: Uint8Array): number {
  const enable = kstrtobool(utf8Decode(data));
  if (typeof enable === 'number') return -EINVAL;
  dev.romAttrEnabled = enable;
  return data.length;
}

/** The file `rom`. @see drivers/pci/pci-sysfs.c bin_attr_rom */
export const romFile: BinAttribute<PciDevice> = {
  name: 'rom',
  mode: 0o600,
  size: (dev) => Number(resourceSize(dev.resource[RESOURCE.ROM])),
  read: readRom,
  write: writeRom,
};
