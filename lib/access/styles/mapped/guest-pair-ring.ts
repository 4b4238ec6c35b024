import { littleEndian, type SharedMemory } from '../../../hypervisor/port';
import { SHARED } from './layout';

/** Where a ring is in memory, and how large it is; see {@link SHARED}. */
export interface RingPlace {
  readonly offset: number;
  /** Of the data: a power of two. */
  readonly bytes: number;
  /** Bytes that may be put in at a time. */
  readonly piece: number;
}

/** Of indices, which wrap. */
export const distance = (from: number, to: number): number => (to - from) >>> 0;

/** A ring that is written at its other end by somebody who is not trusted. */
export class Ring {
  readonly #memory: SharedMemory;
  readonly #place: RingPlace;

  constructor(memory: SharedMemory, place: RingPlace) {
    this.#memory = memory;
    this.#place = place;
  }

  get bytes(): number {
    return this.#place.bytes;
  }

  get piece(): number {
    return this.#place.piece;
  }

  getWord(word: number): number {
    return this.#memory.getU32(this.#place.offset + word);
  }

  setWord(word: number, value: number): void {
    this.#memory.setU32(this.#place.offset + word, value >>> 0);
  }

  readInto(index: number, into: Uint8Array): void {
    this.#pieces(index, into, (address, part) => this.#memory.readInto(address, part));
  }

  write(index: number, bytes: Uint8Array): void {
    this.#pieces(index, bytes, (address, part) => this.#memory.write(address, part));
  }

  getLength(index: number): number {
    const bytes = new Uint8Array(SHARED.LENGTH_BYTES);
    this.readInto(index, bytes);
    return littleEndian(bytes, 0, SHARED.LENGTH_BYTES);
  }

  setLength(index: number, length: number): void {
    this.write(index, Uint8Array.of(length, length >>> 8, length >>> 16, length >>> 24));
  }

  /** In one piece, or two where the data end. */
  #pieces(index: number, bytes: Uint8Array, access: (address: number, part: Uint8Array) => void): void {
    const at = index % this.bytes;
    const first = Math.min(bytes.length, this.bytes - at);
    const data = this.#place.offset + SHARED.DATA;
    if (first > 0) access(data + at, bytes.subarray(0, first));
    if (first < bytes.length) access(data, bytes.subarray(first));
  }
}
