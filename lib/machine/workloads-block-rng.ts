import type { Device } from '../base/device';
import { BlockDevice, EntropyDevice, type BlockImage, type DeviceHost, type DeviceRequest } from '../hypervisor';
import { blockDisk } from '../subsystems/block';
import { hwrng } from '../subsystems/hwrng';
import { SECTOR_SIZE } from '../subsystems/request-queue';
import type { VirtioDriver } from '../virtio';
import { classDeviceBelow, deviceTree, type Workload } from './workload';
import type { MachineGuest } from './guest';

const DISK_SECTORS = 64;

/** A disk whose sectors contain the name of the disk. Most are never read: the bytes are made on demand. */
class StudyDisk extends BlockDevice {
  #bytes: Uint8Array | null = null;

  constructor(readonly index: number) {
    const image: BlockImage = {
      size: DISK_SECTORS * SECTOR_SIZE,
      read: (offset, length) => this.bytes.subarray(offset, offset + length),
      write: (offset, bytes) => this.bytes.set(bytes, offset),
    };
    super({ name: `disk${String(index)}`, image, serial: `STUDY-DISK-${String(index)}` });
  }

  get bytes(): Uint8Array {
    return (this.#bytes ??= diskContent(this.index));
  }
}

function diskContent(index: number): Uint8Array {
  const bytes = new Uint8Array(DISK_SECTORS * SECTOR_SIZE);
  for (let sector = 0; sector < DISK_SECTORS; sector++) bytes.set([index, sector], sector * SECTOR_SIZE);
  return bytes;
}

function diskBelow(guest: MachineGuest, below: Device): ReturnType<typeof blockDisk> {
  const dev = classDeviceBelow(below, 'block');
  return dev === undefined ? null : blockDisk(guest.kernel, dev.name ?? '');
}

/** Sectors are read, written and read back, and compared with what the hypervisor's image holds. */
export function blockWorkload(driver: VirtioDriver): Workload {
  return {
    driver,
    makeModel: (index) => new StudyDisk(index),
    async verify(guest, below, models) {
      const disk = diskBelow(guest, below);
      if (disk === null) return false;
      const first = await disk.readSectors(0, 2);
      const model = models.find((known) => known instanceof StudyDisk && known.index === first[0]);
      if (!(model instanceof StudyDisk) || !sameBytes(first, model.bytes.subarray(0, first.length))) return false;
      const pattern = Uint8Array.from({ length: 2 * SECTOR_SIZE }, (_, i) => (i * 7 + model.index) & 0xff);
      await disk.writeSectors(8, pattern);
      await disk.flush();
      const back = await disk.readSectors(8, 2);
      return sameBytes(back, pattern) && sameBytes(model.bytes.subarray(8 * SECTOR_SIZE, 10 * SECTOR_SIZE), pattern);
    },
    async touch(guest, below) {
      const disk = diskBelow(guest, below);
      if (disk !== null) await disk.readSectors(0, 1);
      return disk !== null;
    },
  };
}

/** An entropy device that records its output, so that it can be compared with what a guest got. */
class RecordedEntropy extends EntropyDevice {
  readonly given: Uint8Array[] = [];

  override handle(queue: number, request: DeviceRequest, host: DeviceHost): void {
    const complete: DeviceRequest['complete'] = (...written) => {
      for (const piece of written) if (piece !== undefined) this.given.push(piece.slice());
      request.complete(...written);
    };
    super.handle(queue, { readable: request.readable, writable: request.writable, complete }, host);
  }
}

/** Bytes are read and compared with the output of the hypervisor's devices. */
export function rngWorkload(driver: VirtioDriver): Workload {
  return {
    driver,
    makeModel: (index) => new RecordedEntropy({ name: `rng${String(index)}`, seed: 1000 + index }),
    async verify(guest, below, models) {
      const bytes = await readRandom(guest, below);
      return bytes !== null && models.some((model) => model instanceof RecordedEntropy && wasGiven(model, bytes));
    },
    async touch(guest, below) {
      return (await readRandom(guest, below)) !== null;
    },
  };
}

/** Two requests' worth, so that at least one is made now and not before. */
const RANDOM_BYTES = 128;

async function readRandom(guest: MachineGuest, below: Device): Promise<Uint8Array | null> {
  const core = hwrng(guest.kernel);
  const names = [...deviceTree(below)].map((dev) => (dev.drvdata as { readonly name?: string } | null)?.name);
  const name = names.find((known) => known !== undefined && core.available.includes(known));
  if (name === undefined) return null;
  await guest.write('/sys/class/misc/hw_random/rng_current', name);
  return core.read(RANDOM_BYTES);
}

function wasGiven(model: RecordedEntropy, bytes: Uint8Array): boolean {
  const all = model.given.flatMap((part) => [...part]).join(' ');
  return all.includes([...bytes].join(' '));
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
