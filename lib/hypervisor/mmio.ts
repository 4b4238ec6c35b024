import { ErrnoError } from '../errno';
import type { MayNotSleep } from '../may-sleep';
import { hex } from './memory';
import type { Width } from './port';

/** The handlers of a range of a guest's address space; offsets count from its base. It may not sleep. */
export interface MmioHandlers {
  read(offset: number, width: Width): number;
  write(offset: number, width: Width, value: number): MayNotSleep;
}

/** A range of address space that is mapped to a device. */
export interface MmioRegion {
  readonly base: number;
  readonly size: number;
  readonly handlers: MmioHandlers;
}

/** The device memory of one guest: regions that do not overlap, in order of address. */
export class MmioMap {
  readonly #regions: MmioRegion[] = [];

  /** @param floor lowest address that is free for devices: the guest's RAM lies below */
  constructor(
    readonly guest: string,
    readonly floor: number,
  ) {}

  /** Bytes that are mapped. */
  get mapped(): number {
    return this.#regions.reduce((sum, region) => sum + region.size, 0);
  }

  /**
   * @throws ErrnoError EINVAL for an invalid range, EBUSY when it overlaps RAM or another region; nothing is mapped
   *   then
   */
  add(region: MmioRegion): void {
    const { base, size } = region;
    if (!Number.isSafeInteger(base + size) || !Number.isSafeInteger(base) || base < 0 || size <= 0) {
      throw this.#error('EINVAL', region);
    }
    if (base < this.floor || this.#regions.some((r) => base < r.base + r.size && r.base < base + size)) {
      throw this.#error('EBUSY', region);
    }
    const index = this.#regions.findIndex((r) => r.base > base);
    this.#regions.splice(index < 0 ? this.#regions.length : index, 0, region);
  }

  remove(region: MmioRegion): boolean {
    const index = this.#regions.indexOf(region);
    if (index >= 0) this.#regions.splice(index, 1);
    return index >= 0;
  }

  /** The region that holds the whole access. */
  find(address: number, width: number): MmioRegion | undefined {
    let low = 0;
    let high = this.#regions.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const region = this.#regions[middle] as MmioRegion;
      if (address < region.base) high = middle - 1;
      else if (address >= region.base + region.size) low = middle + 1;
      else return address + width <= region.base + region.size ? region : undefined;
    }
    return undefined;
  }

  #error(code: 'EINVAL' | 'EBUSY', region: MmioRegion): ErrnoError {
    const path = `${this.guest}: ${hex(region.base)}, ${String(region.size)} bytes`;
    return new ErrnoError(code, { syscall: 'map_mmio', path });
  }
}
