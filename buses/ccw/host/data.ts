import { hex } from '../../../lib/hypervisor';
import { viewOf } from '../layout';
import { CCW_FLAG, type Ccw } from '../layout/ccw';
import { CSTAT } from '../layout/scsw';
import type { Orb } from '../layout/schib';
import { ChannelCheck, programCheck } from './check';

/** Memory as a channel program reaches it. */
export interface ChannelMemory {
  contains(address: number, length: number): boolean;
  /** Fetches CCWs and indirect addresses. */
  fetch(address: number, length: number): Uint8Array;
  /** Moves data of the device. */
  load(address: number, length: number): Uint8Array;
  store(address: number, bytes: Uint8Array): void;
}

/** A CCW and where it was. */
export interface FetchedCcw {
  readonly ccw: Ccw;
  readonly at: number;
}

/** What a control unit sees of the data of one command. */
export interface CommandData {
  /**
   * Bytes that the device reads from memory, at most `length`; fewer when the program has no more.
   *
   * @param insist fewer is an incorrect length; default true
   */
  take(length: number, insist?: boolean): Uint8Array;
  /**
   * Writes bytes of the device into memory.
   *
   * @param insist report an incorrect length if not all fits; default true
   * @returns the number of bytes that fit
   */
  give(bytes: Uint8Array, insist?: boolean): number;
  /** The first bytes as they are in memory now, for commands that read what they will overwrite. */
  peek(length: number): Uint8Array;
}

interface Piece {
  readonly address: number;
  readonly length: number;
}

/**
 * The data of one command: the areas of its CCW and of those that are chained to it as data, in order. Nothing is
 * looked at before it is needed.
 */
export class DataArea implements CommandData {
  /** The CCW that was reached, and bytes of it that were not used. */
  current: FetchedCcw;
  residual: number;
  /** The device wanted more than the program has. */
  short = false;
  /** The device moved data or tried to. */
  used = false;
  #pieces: Iterator<Piece>;
  #piece: Piece | null = null;
  readonly #memory: ChannelMemory;
  readonly #orb: Orb;
  readonly #next: (at: number) => FetchedCcw;

  /** @param next the CCW that is chained as data behind an address */
  constructor(memory: ChannelMemory, orb: Orb, first: FetchedCcw, next: (at: number) => FetchedCcw) {
    this.#memory = memory;
    this.#orb = orb;
    this.#next = next;
    this.current = first;
    this.residual = first.ccw.count;
    this.#pieces = this.#piecesOf(first);
    this.#checkCount(first, (first.ccw.flags & CCW_FLAG.DC) !== 0);
  }

  take(length: number, insist = true): Uint8Array {
    const bytes = new Uint8Array(length);
    const moved = this.#move(length, insist, (address, at, count) => bytes.set(this.#memory.load(address, count), at));
    return bytes.subarray(0, moved);
  }

  give(bytes: Uint8Array, insist = true): number {
    return this.#move(bytes.length, insist, (address, at, count) => {
      if ((this.current.ccw.flags & CCW_FLAG.SKIP) !== 0) return;
      this.#checkKey();
      this.#memory.store(address, bytes.subarray(at, at + count));
    });
  }

  peek(length: number): Uint8Array {
    return new DataArea(this.#memory, this.#orb, this.current, this.#next).take(length, false);
  }

  #move(length: number, insist: boolean, transfer: (address: number, at: number, count: number) => void): number {
    this.used = true;
    let moved = 0;
    while (moved < length && this.#more()) {
      const piece = this.#nextPiece();
      const count = Math.min(length - moved, piece.length, this.residual);
      this.#checkInside(piece.address, count);
      transfer(piece.address, moved, count);
      this.#piece = { address: piece.address + count, length: piece.length - count };
      this.residual -= count;
      moved += count;
    }
    if (moved < length && insist) this.short = true;
    return moved;
  }

  /** Goes on to the CCW that is chained as data, if there is need and one. */
  #more(): boolean {
    if (this.residual > 0) return true;
    if ((this.current.ccw.flags & CCW_FLAG.DC) === 0) return false;
    this.current = this.#next(this.current.at + 8);
    this.#checkCount(this.current, true);
    this.residual = this.current.ccw.count;
    this.#pieces = this.#piecesOf(this.current);
    this.#piece = null;
    return true;
  }

  #nextPiece(): Piece {
    if (this.#piece !== null && this.#piece.length > 0) return this.#piece;
    const { value, done } = this.#pieces.next() as IteratorResult<Piece, undefined>;
    return done === true ? { address: 0, length: 0 } : value;
  }

  /** A count of zero is for one CCW of format 1 that stands alone. PoP chapter 15 "Count" */
  #checkCount({ ccw, at }: FetchedCcw, chained: boolean): void {
    if (ccw.count === 0 && (chained || !this.#orb.format1)) throw programCheck(at, 'count is zero');
  }

  /** All of our storage has key 0 and may be fetched by everybody. PoP chapter 3 "Key-Controlled Protection" */
  #checkKey(): void {
    const { key } = this.#orb;
    if (key === 0) return;
    const reason = `key ${String(key)} may not store where the key is 0`;
    throw new ChannelCheck(CSTAT.PROTECTION_CHECK, this.current.at, reason);
  }

  #checkInside(address: number, count: number): void {
    if (this.#memory.contains(address, count)) return;
    const where = `${hex(address)}, ${String(count)} bytes`;
    throw programCheck(this.current.at, `data address ${where}, is outside memory`);
  }

  #piecesOf(fetched: FetchedCcw): Iterator<Piece> {
    const { address, count, flags } = fetched.ccw;
    if ((flags & CCW_FLAG.IDA) !== 0) return this.#indirect(fetched);
    return [{ address, length: count }][Symbol.iterator]();
  }

  /** Format 1: 32-bit words and blocks of 2 KiB. Format 2: 64-bit words, blocks of 4 or 2 KiB. PoP chapter 15 */
  *#indirect({ ccw, at }: FetchedCcw): Generator<Piece, undefined> {
    const { c64, i2k } = this.#orb;
    const width = c64 ? 8 : 4;
    const block = c64 && !i2k ? 4096 : 2048;
    if (ccw.address % width !== 0) {
      throw programCheck(at, `address of indirect addresses ${hex(ccw.address)} is not aligned`);
    }
    for (let index = 0; ; index += 1) {
      const address = this.#idaw(ccw.address + width * index, width, at);
      if (index > 0 && address % block !== 0) throw programCheck(at, `indirect address ${hex(address)} is not aligned`);
      yield { address, length: block - (address % block) };
    }
  }

  #idaw(at: number, width: number, ccw: number): number {
    if (!this.#memory.contains(at, width)) throw programCheck(ccw, `indirect address at ${hex(at)} is outside memory`);
    const view = viewOf(this.#memory.fetch(at, width));
    const address = width === 8 ? Number(view.getBigUint64(0)) : view.getUint32(0);
    if (width === 4 && address > 0x7fff_ffff) throw programCheck(ccw, `indirect address ${hex(address)} has bit 0 set`);
    return address;
  }
}
