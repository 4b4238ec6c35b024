import type { GuestMemory } from './memory';
import type { SharedMemory } from './port';

/** Pages of a device as a guest sees them at an address where they are mapped, or not any more. */
export class MappedPages implements SharedMemory {
  readonly #find: () => GuestMemory | undefined;

  /** @param find what is mapped there now */
  constructor(
    readonly size: number,
    find: () => GuestMemory | undefined,
  ) {
    this.#find = find;
  }

  read(address: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.readInto(address, bytes);
    return bytes;
  }

  readInto(address: number, into: Uint8Array): void {
    const memory = this.#at(address, into.length);
    if (memory === undefined) into.fill(0xff);
    else memory.readInto(address, into);
  }

  write(address: number, bytes: Uint8Array): void {
    this.#at(address, bytes.length)?.write(address, bytes);
  }

  clear(address: number, length: number): void {
    this.#at(address, length)?.clear(address, length);
  }

  getU16(address: number): number {
    return this.#at(address, 2)?.getU16(address) ?? 0xffff;
  }

  getU32(address: number): number {
    return this.#at(address, 4)?.getU32(address) ?? 0xffff_ffff;
  }

  getU64(address: number): bigint {
    return this.#at(address, 8)?.getU64(address) ?? 0xffff_ffff_ffff_ffffn;
  }

  setU16(address: number, value: number): void {
    this.#at(address, 2)?.setU16(address, value);
  }

  setU32(address: number, value: number): void {
    this.#at(address, 4)?.setU32(address, value);
  }

  setU64(address: number, value: bigint | number): void {
    this.#at(address, 8)?.setU64(address, value);
  }

  #at(address: number, length: number): GuestMemory | undefined {
    const memory = this.#find();
    return address + length <= this.size && memory?.contains(address, length) === true ? memory : undefined;
  }
}
