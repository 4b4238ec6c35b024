import { EINVAL, ErrnoError } from '../../../lib/errno';
import type { MmioHandlers } from '../../../lib/hypervisor/mmio';
import type { Width } from '../../../lib/hypervisor/port';
import { MSIX, NO_VECTOR } from '../layout';

/** What the table needs of its function. */
export interface MsixOwner {
  /** The message control register. */
  control(): number;
  send(vector: number): void;
}

/** Most entries that a table can have. PCI Local Bus 3.0 §6.8.2.3 */
const MAX_MESSAGES = 2048;
/** Where the pending bits are at least. */
const LEAST_PBA_OFFSET = 0x800;

/** The device's side of MSI-X: a table of messages, masks and pending bits. PCI Local Bus 3.0 §6.8.2 */
export class MsixTable implements MmioHandlers {
  readonly #owner: MsixOwner;
  readonly #table: DataView;
  readonly #pending: boolean[];
  /** Where the pending bits are: behind the table, at a power of two. */
  readonly #pba: number;

  /** @throws ErrnoError EINVAL for a size that no table can have */
  constructor(
    readonly size: number,
    owner: MsixOwner,
  ) {
    if (!Number.isInteger(size) || size < 1 || size > MAX_MESSAGES) {
      throw new ErrnoError(EINVAL, { syscall: 'make_function', path: `${String(size)} messages` });
    }
    this.#pba = Math.max(LEAST_PBA_OFFSET, 2 ** Math.ceil(Math.log2(size * MSIX.ENTRY_BYTES)));
    this.#owner = owner;
    this.#table = new DataView(new ArrayBuffer(size * MSIX.ENTRY_BYTES));
    this.#pending = Array.from({ length: size }, () => false);
    this.reset();
  }

  /** As after power-on: every message is masked, none is pending. */
  reset(): void {
    this.#pending.fill(false);
    new Uint8Array(this.#table.buffer).fill(0);
    for (let i = 0; i < this.size; i++) {
      this.#table.setUint32(i * MSIX.ENTRY_BYTES + MSIX.ENTRY_CONTROL, MSIX.ENTRY_MASKED, true);
    }
  }

  /** Size of the base register that table and pending bits are in. */
  get barBytes(): number {
    return 2 * this.#pba;
  }

  /** Its capability, by offset and width: table and pending bits are in base register `bar`. */
  capability(bar: number): readonly (readonly [offset: number, width: number, value: number])[] {
    return [
      [MSIX.CONTROL, 2, this.size - 1],
      [MSIX.TABLE, 4, bar],
      [MSIX.PBA, 4, this.#pba + bar],
    ];
  }

  get enabled(): boolean {
    return (this.#owner.control() & MSIX.ENABLE) !== 0;
  }

  /** Sends the message of an entry; it is pending while that is masked. */
  raise(entry: number): void {
    if (entry === NO_VECTOR || entry >= this.size || !this.enabled) return;
    if (this.#isMasked(entry)) this.#pending[entry] = true;
    else this.#owner.send(this.#table.getUint32(entry * MSIX.ENTRY_BYTES + MSIX.ENTRY_DATA, true));
  }

  /** Sends what is not masked any more. */
  unmasked(): void {
    for (let entry = 0; entry < this.size; entry++) this.#sendPending(entry);
  }

  #sendPending(entry: number): void {
    if (this.#pending[entry] !== true || this.#isMasked(entry)) return;
    this.#pending[entry] = false;
    this.raise(entry);
  }

  /** The device is reset: pending messages are dropped. Messages and masks are the machine's. */
  forget(): void {
    this.#pending.fill(false);
  }

  read(offset: number, width: Width): number {
    if (offset >= this.#pba) return this.#readPending(offset - this.#pba);
    if (width !== 4 || offset + 4 > this.#table.byteLength) return 0;
    return this.#table.getUint32(offset, true);
  }

  /** Only whole words are written. */
  write(offset: number, width: Width, value: number): void {
    if (width !== 4 || offset % 4 !== 0 || offset + 4 > this.#table.byteLength) return;
    this.#table.setUint32(offset, value, true);
    this.#sendPending(Math.floor(offset / MSIX.ENTRY_BYTES));
  }

  #readPending(offset: number): number {
    let word = 0;
    for (let i = 0; i < 32; i++) if (this.#pending[offset * 8 + i] === true) word += 2 ** i;
    return word;
  }

  #isMasked(entry: number): boolean {
    const masked = this.#table.getUint32(entry * MSIX.ENTRY_BYTES + MSIX.ENTRY_CONTROL, true) & MSIX.ENTRY_MASKED;
    return masked !== 0 || (this.#owner.control() & MSIX.MASK_ALL) !== 0;
  }
}
