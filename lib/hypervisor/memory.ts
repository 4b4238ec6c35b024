import { ErrnoError } from '../errno';

/** @internal tests share and map whole pages */
export const PAGE_SIZE = 4096;

/** An address as messages print it. */
export function hex(address: number | bigint): string {
  return `0x${address.toString(16)}`;
}

/**
 * Memory of a guest or of a device: pages of 4 KiB that exist once they are written, zero before. Numbers are little
 * endian. Every access outside throws EFAULT and changes nothing.
 */
export class GuestMemory {
  readonly #pages = new Map<number, Uint8Array>();
  #onFault: ((message: string) => void) | undefined;

  /**
   * @param size bytes, a multiple of {@link PAGE_SIZE}
   * @param name the owner, for messages
   * @param onFault called for each access out of range, before it throws
   * @throws ErrnoError EINVAL for a size that is not whole pages
   */
  constructor(
    readonly size: number,
    readonly name: string,
    onFault?: (message: string) => void,
  ) {
    if (!Number.isSafeInteger(size) || size < 0 || size % PAGE_SIZE !== 0) {
      throw new ErrnoError('EINVAL', { syscall: 'memory_create', path: `${name}: ${String(size)} bytes` });
    }
    this.#onFault = onFault;
  }

  /** Does the whole range lie inside? */
  contains(address: number, length: number): boolean {
    if (!Number.isSafeInteger(address) || !Number.isSafeInteger(length)) return false;
    return address >= 0 && length >= 0 && address + length <= this.size;
  }

  /**
   * A copy of `length` bytes.
   *
   * @throws ErrnoError EFAULT outside
   */
  read(address: number, length: number): Uint8Array {
    this.#check(address, length, 'memory_read');
    const bytes = new Uint8Array(length);
    this.#eachPage(address, length, (index, start, at, count) => {
      const page = this.#pages.get(index);
      if (page !== undefined) bytes.set(page.subarray(start, start + count), at);
    });
    return bytes;
  }

  /** @throws ErrnoError EFAULT outside; nothing is written then */
  write(address: number, bytes: Uint8Array): void {
    this.#check(address, bytes.length, 'memory_write');
    this.#eachPage(address, bytes.length, (index, start, at, count) => {
      this.#page(index).set(bytes.subarray(at, at + count), start);
    });
  }

  /**
   * Makes a range zero; pages that do not exist need not.
   *
   * @throws ErrnoError EFAULT outside; nothing is written then
   */
  clear(address: number, length: number): void {
    this.#check(address, length, 'memory_write');
    this.#eachPage(address, length, (index, start, _at, count) => {
      this.#pages.get(index)?.fill(0, start, start + count);
    });
  }

  /** Bytes of the host that it takes: pages that were written, and not discarded since. */
  get resident(): number {
    return this.#pages.size * PAGE_SIZE;
  }

  /**
   * Gives a page back to the host: it is zero until it is written again.
   *
   * @param page address divided by {@link PAGE_SIZE}
   * @returns false when there is no such page
   */
  discard(page: number): boolean {
    if (!Number.isInteger(page) || !this.contains(page * PAGE_SIZE, PAGE_SIZE)) return false;
    this.#pages.delete(page);
    return true;
  }

  getU8(address: number): number {
    return this.#get(address, 1);
  }

  getU16(address: number): number {
    return this.#get(address, 2);
  }

  getU32(address: number): number {
    return this.#get(address, 4);
  }

  getU64(address: number): bigint {
    this.#check(address, 8, 'memory_read');
    return BigInt(this.#get(address, 4)) | (BigInt(this.#get(address + 4, 4)) << 32n);
  }

  setU8(address: number, value: number): void {
    this.#set(address, 1, value);
  }

  setU16(address: number, value: number): void {
    this.#set(address, 2, value);
  }

  setU32(address: number, value: number): void {
    this.#set(address, 4, value);
  }

  setU64(address: number, value: bigint): void {
    this.#check(address, 8, 'memory_write');
    this.#set(address, 4, Number(value & 0xffffffffn));
    this.#set(address + 4, 4, Number((value >> 32n) & 0xffffffffn));
  }

  /**
   * Makes pages of `to` the same as pages of `from`: what one side writes, the other reads.
   *
   * @throws ErrnoError EINVAL when addresses or length are not whole pages, EFAULT outside either memory
   */
  static share(from: GuestMemory, fromAddress: number, to: GuestMemory, toAddress: number, length: number): void {
    if ([fromAddress, toAddress, length].some((n) => n % PAGE_SIZE !== 0)) {
      const path = `${from.name} ${hex(fromAddress)}, ${to.name} ${hex(toAddress)}, length ${String(length)}`;
      throw new ErrnoError('EINVAL', { syscall: 'memory_share', path });
    }
    from.#check(fromAddress, length, 'memory_share');
    to.#check(toAddress, length, 'memory_share');
    for (let offset = 0; offset < length; offset += PAGE_SIZE) {
      to.#pages.set((toAddress + offset) / PAGE_SIZE, from.#page((fromAddress + offset) / PAGE_SIZE));
    }
  }

  /** The memory moves to another host, whose handler is called from now on for each access out of range. */
  static moveTo(memory: GuestMemory, onFault: (message: string) => void): GuestMemory {
    memory.#onFault = onFault;
    return memory;
  }

  #get(address: number, width: number): number {
    this.#check(address, width, 'memory_read');
    const start = address % PAGE_SIZE;
    if (start + width > PAGE_SIZE) return littleEndian(this.read(address, width), 0, width);
    const page = this.#pages.get((address - start) / PAGE_SIZE);
    return page === undefined ? 0 : littleEndian(page, start, width);
  }

  #set(address: number, width: number, value: number): void {
    this.#check(address, width, 'memory_write');
    let page = this.#page(Math.floor(address / PAGE_SIZE));
    let at = address % PAGE_SIZE;
    for (let i = 0; i < width; i += 1, at += 1) {
      if (at === PAGE_SIZE) {
        page = this.#page(Math.floor(address / PAGE_SIZE) + 1);
        at = 0;
      }
      page[at] = value >>> (8 * i);
    }
  }

  #page(index: number): Uint8Array {
    let page = this.#pages.get(index);
    if (page === undefined) {
      page = new Uint8Array(PAGE_SIZE);
      this.#pages.set(index, page);
    }
    return page;
  }

  #eachPage(
    address: number,
    length: number,
    body: (index: number, start: number, at: number, count: number) => void,
  ): void {
    for (let at = 0; at < length;) {
      const start = (address + at) % PAGE_SIZE;
      const count = Math.min(PAGE_SIZE - start, length - at);
      body(Math.floor((address + at) / PAGE_SIZE), start, at, count);
      at += count;
    }
  }

  #check(address: number, length: number, syscall: string): void {
    if (this.contains(address, length)) return;
    const path = `memory of ${this.name}, address ${hex(address)}, length ${String(length)}`;
    const error = new ErrnoError('EFAULT', { syscall, path });
    this.#onFault?.(error.message);
    throw error;
  }
}

function littleEndian(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let i = width - 1; i >= 0; i -= 1) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}
