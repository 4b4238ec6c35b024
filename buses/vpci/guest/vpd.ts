import { EINVAL, ENODEV, ETIMEDOUT } from '../../../lib/errno';
import type { AttributeGroup, BinAttribute } from '../../../lib/sysfs';
import { Mutex } from '../../../lib/world';
import { findCapability } from './capability';
import type { PciDevice, PciVpd } from './device';
import { CAP, VPD } from '../layout';

const US = 1000;
const MOST = VPD.ADDR_MASK + 1;
/** How long the device may take for one word, ns. @see drivers/pci/vpd.c pci_vpd_wait */
const TIMEOUT = 125_000_000;
const END_TAG = 0x0f;

/** @see drivers/pci/vpd.c pci_vpd_init */
export function initVpd(dev: PciDevice): void {
  const cap = findCapability(dev, CAP.VPD);
  if (cap !== 0) dev.vpd = { cap, mutex: new Mutex(), length: 0 };
}

/** Waits until the flag says that the word is there, or written. @returns 0, -ETIMEDOUT @see pci_vpd_wait */
async function waitFor(dev: PciDevice, { cap }: PciVpd, set: boolean): Promise<number> {
  const { world } = dev.kernel;
  const end = world.now + TIMEOUT;
  for (let us = 16; ; us = Math.min(2 * us, 1024)) {
    if (((dev.readConfig(cap + VPD.ADDR, 2) & VPD.FLAG) !== 0) === set) return 0;
    if (world.now > end) break;
    await world.sleep(us * US);
  }
  const advice = 'This is likely a firmware bug on this device.  Contact the card vendor for a firmware update';
  dev.warn(`VPD access failed.  ${advice}`);
  return -ETIMEDOUT;
}

/** @returns how many bytes are there, -ETIMEDOUT @see drivers/pci/vpd.c pci_vpd_read */
async function readAny(dev: PciDevice, vpd: PciVpd, at: number, count: number): Promise<Uint8Array | number> {
  const bytes = new Uint8Array(count);
  for (let done = 0; done < count;) {
    const word = (at + done) & ~3;
    dev.writeConfig(vpd.cap + VPD.ADDR, 2, word);
    const error = await waitFor(dev, vpd, true);
    if (error !== 0) return error;
    const value = dev.readConfig(vpd.cap + VPD.DATA, 4);
    for (let i = at + done - word; i < 4 && done < count; i++) bytes[done++] = value >>> (8 * i);
  }
  return bytes;
}

/**
 * How long the data are, from tag to tag.
 *
 * @returns undefined when they begin with none
 * @see drivers/pci/vpd.c pci_vpd_size
 */
async function readSize(dev: PciDevice, vpd: PciVpd): Promise<number | undefined> {
  let at = 0;
  while (at < MOST) {
    const [tag] = bytesOf(await readAny(dev, vpd, at, 1));
    if (tag === undefined) return at;
    if (at === 0 && (tag === 0 || tag === 0xff)) return badTag(dev, tag, 0, at);
    const head = (tag & 0x80) === 0 ? 1 : 3;
    const size = head === 1 ? tag & 7 : await readLargeSize(dev, vpd, at);
    if (size === undefined) return at === 0 ? undefined : at;
    if (at + size > MOST) return badTag(dev, tag, size, at);
    at += head + size;
    if (head === 1 && tag >> 3 === END_TAG) return at;
  }
  return at;
}

async function readLargeSize(dev: PciDevice, vpd: PciVpd, at: number): Promise<number | undefined> {
  const [low, high] = bytesOf(at + 3 > MOST ? -EINVAL : await readAny(dev, vpd, at + 1, 2));
  if (low !== undefined && high !== undefined) return low + 256 * high;
  dev.warn(`failed VPD read at offset ${String(at + 1)}`);
  return undefined;
}

function bytesOf(read: Uint8Array | number): ArrayLike<number> & Iterable<number> {
  return typeof read === 'number' ? [] : read;
}

function badTag(dev: PciDevice, tag: number, size: number, at: number): number | undefined {
  const where = `0x${tag.toString(16).padStart(2, '0')} (size ${String(size)}) at offset ${String(at)}`;
  dev.info(`invalid VPD tag ${where}${at === 0 ? '; assume missing optional EEPROM' : ''}`);
  return at === 0 ? undefined : at;
}

/** Runs `body` with what is there, one access after the other. @see drivers/pci/vpd.c pci_vpd_available */
async function withVpd<T>(dev: PciDevice, body: (vpd: PciVpd, length: number) => Promise<T>): Promise<T | number> {
  const { vpd } = dev;
  if (vpd === null) return -ENODEV;
  const { world } = dev.kernel;
  await vpd.mutex.lock(world, 'vpd.lock', dev.name);
  try {
    if (vpd.length === 0) vpd.length = await readSize(dev, vpd);
    return vpd.length === undefined ? -ENODEV : await body(vpd, vpd.length);
  } finally {
    vpd.mutex.unlock(world);
  }
}

function readVpd(dev: PciDevice, at: number, count: number): Promise<Uint8Array | number> {
  return withVpd(dev, (vpd, length) => readAny(dev, vpd, at, Math.max(Math.min(count, length - at), 0)));
}

/** Whole words only. @see drivers/pci/vpd.c pci_vpd_write */
function writeVpd(dev: PciDevice, at: number, data: Uint8Array): Promise<number> {
  return withVpd(dev, async (vpd, length) => {
    if ((at & 3) !== 0 || (data.length & 3) !== 0 || at + data.length > length) return -EINVAL;
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    for (let done = 0; done < data.length; done += 4) {
      dev.writeConfig(vpd.cap + VPD.DATA, 4, view.getUint32(done, true));
      dev.writeConfig(vpd.cap + VPD.ADDR, 2, (at + done) | VPD.FLAG);
      const error = await waitFor(dev, vpd, false);
      if (error !== 0) return error;
    }
    return data.length;
  });
}

const vpdFile: BinAttribute<PciDevice> = { name: 'vpd', mode: 0o600, size: 0, read: readVpd, write: writeVpd };

/** @see drivers/pci/vpd.c pci_dev_vpd_attr_group */
export const vpdGroup: AttributeGroup<PciDevice> = {
  binAttrs: [vpdFile],
  isBinVisible: (dev, attr) => (dev.vpd === null ? 0 : attr.mode),
};
