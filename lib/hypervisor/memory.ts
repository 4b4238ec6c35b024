import { ErrnoError } from '../errno';

/** @internal tests share and map whole pages */
export const PAGE_SIZE = 4096;
/** Memory comes into being in pieces of so many bytes, so that most requests lie in one or two. */
const CHUNK_SIZE = 16 * PAGE_SIZE;
const TWO_32 = 2 ** 32;

/** An address as messages print it. */
export function hex(address: number | bigint): string {
  return `0x${address.toString(16)}`;
}

/**
 * Memory of a guest or of a device: zero until it is written, and without bytes of its own until then. Numbers are
 * little endian. Every access outside throws EFAULT and changes nothing.
 */
export class GuestMemory {
  /** What was written to, by address / {@link CHUNK_SIZE}. */
  readonly #chunks = new Map<number, Uint8Array>();
  /** Pages that are pages of another memory instead, by address / {@link PAGE_SIZE}. */
  readonly #shared = new Map<number, Uint8Array>();
  /** Pages of {@link #chunks} that were given back and not written since. */
  readonly #discarded = new Set<number>();
  #onFault: ((message: string) => void) | undefined;
  /** The chunk that was looked up last, for most accesses follow one another in it; and its key. */
  #last: Uint8Array | undefined;
  #lastKey = -1;

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
    this.#copyOut(address, bytes, false);
    return bytes;
  }

  /**
   * {@link read} into bytes that are there: as many as they are.
   *
   * @throws ErrnoError EFAULT outside; nothing is read then
   */
  readInto(address: number, into: Uint8Array): void {
    this.#check(address, into.length, 'memory_read');
    this.#copyOut(address, into, true);
  }

  /** @throws ErrnoError EFAULT outside; nothing is written then */
  write(address: number, bytes: Uint8Array): void {
    const { length } = bytes;
    this.#check(address, length, 'memory_write');
    for (let at = 0; at < length;) {
      const count = Math.min(this.#run(address + at), length - at);
      const piece = this.#made(address + at, count);
      copy(bytes, at, piece, (address + at) % piece.length, count);
      at += count;
    }
  }

  /**
   * Makes a range zero; what was never written need not.
   *
   * @throws ErrnoError EFAULT outside; nothing is written then
   */
  clear(address: number, length: number): void {
    this.#check(address, length, 'memory_write');
    for (let at = 0; at < length;) {
      const count = Math.min(this.#run(address + at), length - at);
      const piece = this.#find(address + at);
      const start = piece === undefined ? 0 : (address + at) % piece.length;
      piece?.fill(0, start, start + count);
      at += count;
    }
  }

  /** Bytes of the host that it takes: pieces that were written, without the pages that were discarded since. */
  get resident(): number {
    return this.#chunks.size * CHUNK_SIZE - this.#discarded.size * PAGE_SIZE;
  }

  /**
   * Gives a page back to the host: it is zero until it is written again.
   *
   * @param page address divided by {@link PAGE_SIZE}
   * @returns false when there is no such page
   */
  discard(page: number): boolean {
    if (!Number.isInteger(page) || !this.contains(page * PAGE_SIZE, PAGE_SIZE)) return false;
    const at = Math.floor((page * PAGE_SIZE) / CHUNK_SIZE);
    const chunk = this.#chunks.get(at);
    if (chunk === undefined) return true;
    const start = (page * PAGE_SIZE) % CHUNK_SIZE;
    chunk.fill(0, start, start + PAGE_SIZE);
    this.#discarded.add(page);
    this.#dropIfDiscarded(at);
    return true;
  }

  #dropIfDiscarded(at: number): void {
    const pages = Array.from({ length: CHUNK_SIZE / PAGE_SIZE }, (_, i) => (at * CHUNK_SIZE) / PAGE_SIZE + i);
    if (!pages.every((page) => this.#discarded.has(page))) return;
    for (const page of pages) this.#discarded.delete(page);
    this.#chunks.delete(at);
    this.#lastKey = -1;
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

  /** @param value a number must be exact, as an address is: below 2^53 and not negative */
  setU64(address: number, value: bigint | number): void {
    this.#check(address, 8, 'memory_write');
    const isNumber = typeof value === 'number';
    this.#set(address, 4, isNumber ? value % TWO_32 : Number(value & 0xffffffffn));
    this.#set(address + 4, 4, isNumber ? Math.floor(value / TWO_32) : Number((value >> 32n) & 0xffffffffn));
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
      to.#shared.set((toAddress + offset) / PAGE_SIZE, from.#page(fromAddress + offset));
    }
  }

  /** The memory moves to another host, whose handler is called from now on for each access out of range. */
  static moveTo(memory: GuestMemory, onFault: (message: string) => void): GuestMemory {
    memory.#onFault = onFault;
    return memory;
  }

  #get(address: number, width: number): number {
    this.#check(address, width, 'memory_read');
    if (this.#run(address) < width) return littleEndian(this.read(address, width), 0, width);
    const piece = this.#find(address);
    return piece === undefined ? 0 : littleEndian(piece, address % piece.length, width);
  }

  #set(address: number, width: number, value: number): void {
    this.#check(address, width, 'memory_write');
    let room = this.#run(address);
    let piece = this.#made(address, width);
    let at = address % piece.length;
    for (let i = 0; i < width; i += 1, at += 1, room -= 1) {
      if (room === 0) {
        piece = this.#made(address + i, 1);
        room = this.#run(address + i);
        at = (address + i) % piece.length;
      }
      piece[at] = value >>> (8 * i);
    }
  }

  /** @param clear must bytes that were never written be made zero? */
  #copyOut(address: number, into: Uint8Array, clear: boolean): void {
    const { length } = into;
    for (let at = 0; at < length;) {
      const count = Math.min(this.#run(address + at), length - at);
      const piece = this.#find(address + at);
      if (piece !== undefined) copy(piece, (address + at) % piece.length, into, at, count);
      else if (clear) into.fill(0, at, at + count);
      at += count;
    }
  }

  /** How many bytes from an address on lie in one piece. */
  #run(address: number): number {
    const size = this.#shared.size > 0 ? PAGE_SIZE : CHUNK_SIZE;
    return size - (address % size);
  }

  /** The piece with an address, where its offset is the address modulo the length; none before it is written. */
  #find(address: number): Uint8Array | undefined {
    const shared = this.#shared.size > 0 ? this.#shared.get(Math.floor(address / PAGE_SIZE)) : undefined;
    return shared ?? this.#chunk(Math.floor(address / CHUNK_SIZE));
  }

  #chunk(key: number): Uint8Array | undefined {
    if (key === this.#lastKey) return this.#last;
    const chunk = this.#chunks.get(key);
    if (chunk === undefined) return undefined;
    this.#lastKey = key;
    return (this.#last = chunk);
  }

  #made(address: number, length: number): Uint8Array {
    if (this.#discarded.size > 0) this.#undiscard(address, length);
    const known = this.#find(address);
    if (known !== undefined) return known;
    const chunk = new Uint8Array(CHUNK_SIZE);
    this.#chunks.set(Math.floor(address / CHUNK_SIZE), chunk);
    return chunk;
  }

  #undiscard(address: number, length: number): void {
    for (let at = address - (address % PAGE_SIZE); at < address + length; at += PAGE_SIZE)
      this.#discarded.delete(at / PAGE_SIZE);
  }

  #page(address: number): Uint8Array {
    const piece = this.#made(address, PAGE_SIZE);
    const start = address % piece.length;
    return piece.subarray(start, start + PAGE_SIZE);
  }

  #check(address: number, length: number, syscall: string): void {
    if (this.contains(address, length)) return;
    const path = `memory of ${this.name}, address ${hex(address)}, length ${String(length)}`;
    const error = new ErrnoError('EFAULT', { syscall, path });
    this.#onFault?.(error.message);
    throw error;
  }
}

/** A number of up to four bytes. */
export function littleEndian(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let i = width - 1; i >= 0; i -= 1) value = (value << 8) | (bytes[at + i] ?? 0);
  return value >>> 0;
}

/** Bytes up to which a loop is faster than a view of them and a copy by the engine. */
const FEW = 32;

function copy(from: Uint8Array, start: number, to: Uint8Array, at: number, count: number): void {
  if (count > FEW) to.set(count === from.length ? from : from.subarray(start, start + count), at);
  else for (let i = 0; i < count; i += 1) to[at + i] = from[start + i] ?? 0;
}
