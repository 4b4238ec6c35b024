import { ErrnoError } from '../errno';
import type { MayNotSleep } from '../may-sleep';
import { firstIndex } from '../sorted';
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
  /** Does it belong to a device that a driver has found? */
  readonly isAccess?: boolean;
}

/** The device memory of one guest: regions that do not overlap, in order of address. */
export class MmioMap {
  readonly #regions: MmioRegion[] = [];
  #mapped = 0;

  /** @param floor lowest address that is free for devices: the guest's RAM lies below */
  constructor(
    readonly guest: string,
    readonly floor: number,
  ) {}

  /** Bytes that are mapped. */
  get mapped(): number {
    return this.#mapped;
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
    const index = this.#endingAbove(base);
    const next = this.#regions[index];
    if (base < this.floor || (next !== undefined && next.base < base + size)) throw this.#error('EBUSY', region);
    this.#regions.splice(index, 0, region);
    this.#mapped += size;
  }

  remove(region: MmioRegion): boolean {
    const index = this.#endingAbove(region.base);
    if (this.#regions[index] !== region) return false;
    this.#regions.splice(index, 1);
    this.#mapped -= region.size;
    return true;
  }

  /** The region that holds the whole access. */
  find(address: number, width: number): MmioRegion | undefined {
    const region = this.#regions[this.#endingAbove(address)];
    if (region === undefined || address < region.base) return undefined;
    return address + width <= region.base + region.size ? region : undefined;
  }

  /** Index of the first region that ends above an address. */
  #endingAbove(address: number): number {
    return firstIndex(this.#regions, ({ base, size }) => base + size > address);
  }

  #error(code: 'EINVAL' | 'EBUSY', region: MmioRegion): ErrnoError {
    const path = `${this.guest}: ${hex(region.base)}, ${String(region.size)} bytes`;
    return new ErrnoError(code, { syscall: 'map_mmio', path });
  }
}
