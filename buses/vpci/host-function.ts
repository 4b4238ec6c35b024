import type { Width } from '../../lib/hypervisor/port';
import type { MmioHandlers } from '../../lib/hypervisor/mmio';
import { BAR, BRIDGE, COMMAND, HEADER, PCI } from './layout';

/** A base register that is there. */
export interface BarSpec {
  readonly index: number;
  /** Bytes, a power of two. */
  readonly size: number;
  readonly kind: 'mem32' | 'mem64' | 'io';
  readonly prefetchable?: boolean;
  /** What answers there; nothing answers without it, and never at ports. */
  readonly handlers?: MmioHandlers;
}

/** What a function tells the machine that it is plugged into. */
export interface FunctionEvents {
  /** Where a base register decodes now; null: nowhere. */
  decode(bar: BarSpec, address: number | null): void;
}

/** How a function without a device model is made. */
export interface FunctionOptions {
  /** Its configuration space at power-on, 256 or 4096 bytes. */
  readonly config: Uint8Array;
  readonly bars?: readonly BarSpec[];
  /** Bits that can be written, by offset, instead of what header and {@link bars} give; for devices that lie. */
  readonly writable?: ReadonlyMap<number, number>;
  /** Until that world time, ns, it says that it is not ready. */
  readonly readyAt?: number;
}

const NOT_READY = 0xffff_0001;

/**
 * One function as the host keeps it: bytes, and which bits of them the guest can write.
 *
 * PCI Local Bus 3.0 §6.1, §6.2.5
 */
export class PciFunction {
  readonly config: Uint8Array;
  /** Functions behind it, if it is a bridge, by device and function number. */
  readonly behind = new Map<number, PciFunction>();
  readonly readyAt: number;
  protected readonly bars: readonly BarSpec[];
  readonly #writable: Uint8Array;
  #events: FunctionEvents | null = null;

  constructor({ config, bars = [], writable, readyAt = 0 }: FunctionOptions) {
    this.config = config.slice();
    this.bars = bars;
    this.readyAt = readyAt;
    this.#writable = new Uint8Array(config.length);
    this.#allowHeader();
    for (const bar of bars) this.#allowBar(bar);
    for (const [offset, bits] of writable ?? []) this.#writable[offset] = bits;
  }

  get isBridge(): boolean {
    return ((this.config[PCI.HEADER_TYPE] ?? 0) & ~HEADER.MULTIFUNCTION) === HEADER.BRIDGE;
  }

  /** Bus numbers that a bridge passes on. */
  get busRange(): readonly [number, number] {
    return [this.config[BRIDGE.SECONDARY_BUS] ?? 0, this.config[BRIDGE.SUBORDINATE_BUS] ?? 0];
  }

  /** May it write to memory and send messages? */
  get isMaster(): boolean {
    return (this.#command & COMMAND.MASTER) !== 0;
  }

  /** Is its pin allowed to interrupt? */
  get pinAllowed(): boolean {
    return (this.#command & COMMAND.INTX_DISABLE) === 0;
  }

  get #command(): number {
    return this.getNumber(PCI.COMMAND, 2);
  }

  /** Is it in a machine? */
  get isPlugged(): boolean {
    return this.#events !== null;
  }

  /** The function is in a machine. */
  attach(events: FunctionEvents): void {
    this.#events = events;
    this.#updateDecoding();
  }

  /** The function is taken out. */
  detach(): void {
    for (const bar of this.bars) this.#events?.decode(bar, null);
    this.#events = null;
  }

  /** @param now world time in ns */
  readConfig(offset: number, width: Width, now: number): number {
    if (now < this.readyAt) return offset === PCI.VENDOR_ID && width >= 2 ? NOT_READY : 0xffff_ffff;
    return offset + width > this.config.length ? 0xffff_ffff : this.getNumber(offset, width);
  }

  writeConfig(offset: number, width: Width, value: number): void {
    if (offset + width > this.config.length) return;
    for (let i = 0; i < width; i++) this.#writeByte(offset + i, (value >>> (8 * i)) & 0xff);
    if (offset < PCI.HEADER_END) this.#updateDecoding();
  }

  protected getNumber(offset: number, width: number): number {
    let value = 0;
    for (let i = width - 1; i >= 0; i--) value = value * 256 + (this.config[offset + i] ?? 0);
    return value;
  }

  protected setNumber(offset: number, width: number, value: number): void {
    for (let i = 0; i < width; i++) this.config[offset + i] = Math.floor(value / 256 ** i) % 256;
  }

  /** Lets the guest write bits of a register. */
  protected allow(offset: number, width: number, bits: number): void {
    for (let i = 0; i < width; i++) this.#writable[offset + i] = Math.floor(bits / 256 ** i) % 256;
  }

  #writeByte(offset: number, value: number): void {
    const mask = this.#writable[offset] ?? 0;
    this.config[offset] = ((this.config[offset] ?? 0) & ~mask) | (value & mask);
  }

  #allowHeader(): void {
    this.allow(PCI.COMMAND, 2, COMMAND.IO | COMMAND.MEMORY | COMMAND.MASTER | COMMAND.INTX_DISABLE);
    this.allow(PCI.INTERRUPT_LINE, 1, 0xff);
    if (!this.isBridge) return;
    this.allow(BRIDGE.PRIMARY_BUS, 3, 0xff_ffff);
    this.allow(BRIDGE.IO_BASE, 2, 0xf0f0);
    const windows = [BRIDGE.MEMORY_BASE, BRIDGE.MEMORY_LIMIT, BRIDGE.PREF_BASE, BRIDGE.PREF_LIMIT];
    for (const at of windows) this.allow(at, 2, 0xfff0);
    for (const at of [BRIDGE.PREF_BASE_UPPER32, BRIDGE.PREF_LIMIT_UPPER32]) this.allow(at, 4, 0xffff_ffff);
    this.allow(BRIDGE.CONTROL, 2, 0xffff);
  }

  /** The address bits from the size up can be written; the flags are fixed. */
  #allowBar({ index, size, kind, prefetchable }: BarSpec): void {
    const at = PCI.BAR0 + 4 * index;
    const memFlags = (kind === 'mem64' ? BAR.TYPE_64 : 0) | (prefetchable === true ? BAR.PREFETCH : 0);
    const flags = kind === 'io' ? BAR.IO : memFlags;
    this.config[at] = ((this.config[at] ?? 0) & (kind === 'io' ? ~BAR.IO_FLAGS : ~BAR.MEM_FLAGS)) | flags;
    const bits = BigInt.asUintN(64, -BigInt(size));
    this.allow(at, 4, Number(bits & 0xffff_ffffn));
    if (kind === 'mem64') this.allow(at + 4, 4, Number(bits >> 32n));
  }

  #updateDecoding(): void {
    const on = (this.#command & COMMAND.MEMORY) !== 0;
    for (const bar of this.bars) {
      if (bar.kind !== 'io') this.#events?.decode(bar, on ? this.#address(bar) : null);
    }
  }

  #address({ index, kind }: BarSpec): number {
    const at = PCI.BAR0 + 4 * index;
    const upper = kind === 'mem64' ? this.getNumber(at + 4, 4) : 0;
    return upper * 2 ** 32 + this.getNumber(at, 4) - (this.getNumber(at, 4) % 16);
  }
}
