import { EFAULT, EINVAL, ErrnoError } from '../../errno';
import { hex, totalLength, type Crossing, type Guest, type Hypervisor, type MemoryArea } from '../../hypervisor';
import { MAX_AREAS } from './channel/layout';

/** The arguments of one hypercall, as passed by a guest: they are not validated. */
export class CallArgs {
  readonly #hv: Hypervisor;
  readonly #values: readonly Crossing[];

  /** @param call name of the hypercall, for refusals */
  constructor(
    hv: Hypervisor,
    readonly guest: Guest,
    readonly call: string,
    values: readonly Crossing[],
  ) {
    this.#hv = hv;
    this.#values = values;
  }

  get length(): number {
    return this.#values.length;
  }

  /** Has the refusal logged. @returns the exception to throw */
  refusal(what: string, no: number): ErrnoError {
    this.#hv.refuse(this.guest, what, no);
    return new ErrnoError(no, { syscall: this.call, path: what });
  }

  /** A whole number that is not negative. @throws ErrnoError EINVAL */
  number(index: number, what: string): number {
    const value = this.#values[index];
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number;
    throw this.#bad(index, what);
  }

  /** 64 bits. @throws ErrnoError EINVAL */
  word(index: number, what: string): bigint {
    const value = this.#values[index];
    const word = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
    if (typeof word === 'bigint' && word >= 0n && word < 1n << 64n) return word;
    throw this.#bad(index, what);
  }

  /** Bytes in the call itself. @throws ErrnoError EINVAL */
  bytes(index: number, what: string): Uint8Array {
    const value = this.#values[index];
    if (value instanceof Uint8Array) return value;
    throw this.#bad(index, what);
  }

  /** An area of the guest's memory, given by address and length. @throws ErrnoError EINVAL, EFAULT outside memory */
  area(index: number): MemoryArea {
    return this.range(this.number(index, 'address'), this.number(index + 1, 'length'));
  }

  /** This range, if it lies inside the guest's memory. @throws ErrnoError EFAULT */
  range(address: number, length: number): MemoryArea {
    if (this.guest.memory.contains(address, length)) return { address, length };
    const where = `${String(length)} bytes at ${hex(address)}`;
    throw this.refusal(`${where} lie outside the memory of guest ${this.guest.name}`, EFAULT);
  }

  /** MemoryAreas up to the last argument; together not larger than memory. @throws ErrnoError EINVAL, EFAULT */
  areas(index: number): readonly MemoryArea[] {
    const words = this.length - index;
    if (words < 0 || words % 2 !== 0 || words > 2 * MAX_AREAS) {
      throw this.refusal(`${this.call}: ${String(words)} words are no list of areas`, EINVAL);
    }
    const areas = Array.from({ length: words / 2 }, (_, i) => this.area(index + 2 * i));
    const bytes = totalLength(areas);
    if (bytes <= this.guest.memory.size) return areas;
    throw this.refusal(`${this.call}: a request of ${String(bytes)} bytes is larger than memory`, EINVAL);
  }

  #bad(index: number, what: string): ErrnoError {
    const value = this.#values[index];
    const given = value instanceof Uint8Array ? 'bytes' : String(value);
    return this.refusal(`${this.call}: argument ${String(index)} (${what}) is ${given}`, EINVAL);
  }
}
