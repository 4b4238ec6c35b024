import { ErrnoError } from '../errno';

/** The part of guest memory that a pool needs. */
export interface DmaMemory {
  readonly size: number;
  clear(address: number, length: number): void;
}

/** Memory that a device can reach. */
export interface DmaBuffer {
  /** Guest-physical address. */
  readonly address: number;
  /** Bytes that were requested. */
  readonly size: number;
  /** The name of the caller, for leak reports. */
  readonly owner: string;
  /**
   * Gives the memory back.
   *
   * @throws ErrnoError EINVAL when that was done before
   */
  free(): void;
}

const PAGE = 4096;
const SMALL = 16;

class Buffer implements DmaBuffer {
  readonly #onFree: (buffer: DmaBuffer) => void;

  constructor(
    readonly address: number,
    readonly size: number,
    readonly owner: string,
    onFree: (buffer: DmaBuffer) => void,
  ) {
    this.#onFree = onFree;
  }

  free(): void {
    this.#onFree(this);
  }
}

/** @see mm/page_alloc.c calculate_min_free_kbytes */
const MIN_FREE_KBYTES = 128;

/**
 * Memory for devices, first fit. Address 0 and its page are never given out, so that 0 can mean "none".
 *
 * @see kernel/dma/mapping.c dma_alloc_coherent
 */
export class DmaPool {
  readonly #memory: DmaMemory;
  /** In order of address. */
  readonly #buffers: DmaBuffer[] = [];
  /** So many buffers at the start have less than {@link SMALL} bytes before them: what is larger lies behind them. */
  #packed = 0;
  #inUse = 0;
  readonly #onFree = (buffer: DmaBuffer): void => this.#free(buffer);

  constructor(memory: DmaMemory) {
    this.#memory = memory;
  }

  /** Bytes that are given out; 0 when nothing leaks. */
  get inUse(): number {
    return this.#inUse;
  }

  /** Bytes of the memory, given out or not. */
  get size(): number {
    return this.#memory.size;
  }

  /** Bytes that are not given out. */
  get free(): number {
    return this.size - this.#inUse;
  }

  /**
   * Bytes that who can wait should leave for those who cannot.
   *
   * @see mm/page_alloc.c calculate_min_free_kbytes
   */
  get minFree(): number {
    return Math.max(MIN_FREE_KBYTES, Math.floor(Math.sqrt((this.size / 1024) * 16))) << 10;
  }

  /** What is given out, in order of address. */
  list(): readonly DmaBuffer[] {
    return [...this.#buffers];
  }

  /**
   * Memory of `bytes` bytes, all zero.
   *
   * @param align the address is a multiple of it
   * @throws ErrnoError EINVAL unless both are positive whole numbers, ENOMEM when nothing fits; nothing is taken then
   */
  alloc(bytes: number, align = PAGE, owner = 'dma'): DmaBuffer {
    if (!isPositive(bytes) || !isPositive(align)) throw this.#error('EINVAL', bytes, align, owner);
    const { index, address } = this.#findGap(bytes, align);
    if (address + bytes > this.#memory.size) throw this.#error('ENOMEM', bytes, align, owner);
    const buffer = new Buffer(address, bytes, owner, this.#onFree);
    this.#memory.clear(address, bytes);
    this.#buffers.splice(index, 0, buffer);
    this.#inUse += bytes;
    return buffer;
  }

  #findGap(bytes: number, align: number): { readonly index: number; readonly address: number } {
    const buffers = this.#buffers;
    let index = 0;
    if (bytes >= SMALL) {
      for (index = this.#packed; index < buffers.length; index += 1) {
        if (this.#startOf(index) - this.#endBefore(index) >= SMALL) break;
      }
      this.#packed = index;
    }
    let address = roundUp(this.#endBefore(index), align);
    for (; index < buffers.length && address + bytes > this.#startOf(index); index += 1) {
      address = roundUp(this.#endBefore(index + 1), align);
    }
    return { index, address };
  }

  #startOf(index: number): number {
    return this.#buffers[index]?.address ?? this.#memory.size;
  }

  #endBefore(index: number): number {
    const buffer = this.#buffers[index - 1];
    return buffer === undefined ? PAGE : buffer.address + buffer.size;
  }

  #free(buffer: DmaBuffer): void {
    const index = this.#indexOf(buffer);
    if (index < 0) throw this.#error('EINVAL', buffer.size, 1, buffer.owner);
    this.#buffers.splice(index, 1);
    this.#packed = Math.min(this.#packed, index);
    this.#inUse -= buffer.size;
  }

  #indexOf(buffer: DmaBuffer): number {
    let low = 0;
    let high = this.#buffers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#startOf(middle) < buffer.address) low = middle + 1;
      else high = middle;
    }
    return this.#buffers[low] === buffer ? low : -1;
  }

  #error(code: 'EINVAL' | 'ENOMEM', bytes: number, align: number, owner: string): ErrnoError {
    const path = `${owner}: ${String(bytes)} bytes aligned to ${String(align)}`;
    return new ErrnoError(code, { syscall: 'dma_alloc', path });
  }
}

function roundUp(address: number, align: number): number {
  return Math.ceil(address / align) * align;
}

function isPositive(n: number): boolean {
  return Number.isSafeInteger(n) && n > 0;
}
