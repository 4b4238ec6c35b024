import { ErrnoError } from '../errno';
import { Gaps } from './gaps';

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
  readonly #gaps: Gaps;
  /** By address. */
  readonly #buffers = new Map<number, DmaBuffer>();
  #inUse = 0;
  readonly #onFree = (buffer: DmaBuffer): void => this.#free(buffer);

  constructor(memory: DmaMemory) {
    this.#memory = memory;
    this.#gaps = new Gaps(PAGE, memory.size);
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
    return [...this.#buffers.values()].sort((a, b) => a.address - b.address);
  }

  /**
   * Memory of `bytes` bytes, all zero.
   *
   * @param align the address is a multiple of it
   * @throws ErrnoError EINVAL unless both are positive whole numbers, ENOMEM when nothing fits; nothing is taken then
   */
  alloc(bytes: number, align = PAGE, owner = 'dma'): DmaBuffer {
    if (!isPositive(bytes) || !isPositive(align)) throw this.#error('EINVAL', bytes, align, owner);
    const address = this.#gaps.take(bytes, align);
    if (address === null) throw this.#error('ENOMEM', bytes, align, owner);
    const buffer = new Buffer(address, bytes, owner, this.#onFree);
    this.#memory.clear(address, bytes);
    this.#buffers.set(address, buffer);
    this.#inUse += bytes;
    return buffer;
  }

  #free(buffer: DmaBuffer): void {
    const { address, size, owner } = buffer;
    if (this.#buffers.get(address) !== buffer) throw this.#error('EINVAL', size, 1, owner);
    this.#buffers.delete(address);
    this.#gaps.giveBack(address, size);
    this.#inUse -= size;
  }

  #error(code: 'EINVAL' | 'ENOMEM', bytes: number, align: number, owner: string): ErrnoError {
    const path = `${owner}: ${String(bytes)} bytes aligned to ${String(align)}`;
    return new ErrnoError(code, { syscall: 'dma_alloc', path });
  }
}

function isPositive(n: number): boolean {
  return Number.isSafeInteger(n) && n > 0;
}
