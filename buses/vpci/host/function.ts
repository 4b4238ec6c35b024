import type { Width } from '../../../lib/hypervisor/port';
import type { MmioHandlers } from '../../../lib/hypervisor/mmio';
import type { Window } from '../../../lib/access/styles/host';
import { ResetRegisters, startsBusReset } from './reset';
import { MsixTable } from './msix';
import { BAR, BRIDGE, CAP, CARDBUS, COMMAND, HEADER, MSIX, PCI, STATUS_CAP_LIST } from '../layout';

/** A base register that is there. */
export interface BarSpec {
  /** From 0 to 5; of a ROM it does not count. */
  readonly index: number;
  /** Bytes, a power of two; of a ROM 2048 at least. */
  readonly size: number;
  readonly kind: 'mem32' | 'mem64' | 'io' | 'rom';
  readonly prefetchable?: boolean;
  /** The handlers; without them or {@link window} it is not decoded, and I/O ports never are. */
  readonly handlers?: MmioHandlers;
  /** What is there now, for one that changes. */
  window?(): Window | null;
}

/** Callbacks of a function to the machine that it is plugged into. */
export interface FunctionEvents {
  /** Where a base register decodes now; null: nowhere. */
  decode(bar: BarSpec, address: number | null): void;
  /** It interrupts. */
  interrupt(vector: number): void;
}

/** Messages (MSI-X) that a function can send. */
export interface MessageOptions {
  /** How many, 1 to 2048. */
  readonly count: number;
  /** Where its capability goes, 12 bytes; it becomes the first of the list, unless that leads to it already. */
  readonly cap: number;
  /** Base register for the table; a 32-bit one of its own. */
  readonly bar: number;
}

/** How a function without a device model is made. */
export interface FunctionOptions {
  /** Its configuration space at power-on, 256 or 4096 bytes. */
  readonly config: Uint8Array;
  readonly bars?: readonly BarSpec[];
  /** Vector of its pin, as returned by {@link PciRootComplex.allocPin}. Default 0: it has none. */
  readonly pin?: number;
  /** Which of its four pins that is, from 1. Default: the first. */
  readonly pinNumber?: number;
  /** Default: it can send none. */
  readonly messages?: MessageOptions;
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
  readonly #atPowerOn: Uint8Array;
  readonly #resets: ResetRegisters;
  readonly #pin: number;
  readonly #msix: MsixTable | null;
  #events: FunctionEvents | null = null;
  #pinAsserted = false;
  /** The pin interrupts: it is asserted, and the guest allows it. */
  #pinActive = false;

  /** @throws ErrnoError EINVAL for a number of messages that no function can have */
  constructor({ config, bars = [], pin = 0, pinNumber = 1, messages, writable, readyAt = 0 }: FunctionOptions) {
    this.config = config.slice();
    this.readyAt = readyAt;
    this.#writable = new Uint8Array(config.length);
    this.#allowHeader();
    this.#pin = pin;
    if (pin !== 0) {
      this.setNumber(PCI.INTERRUPT_LINE, 1, pin);
      this.setNumber(PCI.INTERRUPT_PIN, 1, pinNumber);
    }
    this.#msix = messages === undefined ? null : this.#addMessages(messages);
    this.bars = [...this.#messageBars(messages), ...bars];
    for (const bar of this.bars) this.#allowBar(bar);
    this.#atPowerOn = this.config.slice();
    this.#resets = new ResetRegisters(this.config);
    for (const [at, bits] of this.#resets.writable(this.config)) this.allow(at, 2, bits);
    for (const [offset, bits] of writable ?? []) this.#writable[offset] = bits;
  }

  get #headerType(): number {
    return (this.config[PCI.HEADER_TYPE] ?? 0) & ~HEADER.MULTIFUNCTION;
  }

  /** Has it a bus behind it? */
  get isBridge(): boolean {
    return this.#headerType === HEADER.BRIDGE || this.#headerType === HEADER.CARDBUS;
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

  /** Has the guest turned messages on? Its pin does not interrupt then. */
  get messagesEnabled(): boolean {
    return this.#msix?.enabled ?? false;
  }

  /** How many messages it has. */
  get messageCount(): number {
    return this.#msix?.size ?? 0;
  }

  /** Is it in a machine? */
  get isPlugged(): boolean {
    return this.#events !== null;
  }

  /** The function is in a machine. */
  attach(events: FunctionEvents): void {
    this.#events = events;
    for (const bar of this.bars) this.#wireBar(bar);
    this.#updateDecoding();
  }

  /**
   * Sends a message; it is pending while its entry is masked. It is lost unless the guest has enabled messages and bus
   * mastering.
   *
   * @param entry index of the table
   */
  sendMessage(entry: number): void {
    this.#msix?.raise(entry);
  }

  /** The device is reset: messages that wait are not sent. */
  protected forgetMessages(): void {
    this.#msix?.forget();
  }

  /**
   * Sets the level of the pin. It interrupts when it is asserted, once until it was deasserted; while the guest has
   * turned it off (INTX_DISABLE), as soon as the guest turns it on.
   */
  setPin(asserted: boolean): void {
    this.#pinAsserted = asserted;
    this.#updatePin();
  }

  #updatePin(): void {
    const active = this.#pinAsserted && this.pinAllowed && !this.messagesEnabled && this.#pin !== 0;
    if (active && !this.#pinActive) this.#events?.interrupt(this.#pin);
    this.#pinActive = active;
  }

  /** The capability becomes the first of the list. */
  #addMessages({ count, cap, bar }: MessageOptions): MsixTable {
    const send = (vector: number): void => {
      if (this.isMaster) this.#events?.interrupt(vector);
    };
    const table = new MsixTable(count, { control: () => this.getNumber(cap + MSIX.CONTROL, 2), send });
    this.setNumber(PCI.STATUS, 2, this.getNumber(PCI.STATUS, 2) | STATUS_CAP_LIST);
    if (this.getNumber(cap, 1) !== CAP.MSIX) {
      this.setNumber(cap, 1, CAP.MSIX);
      this.setNumber(cap + 1, 1, this.getNumber(PCI.CAPABILITY_LIST, 1));
      this.setNumber(PCI.CAPABILITY_LIST, 1, cap);
    }
    for (const [at, width, value] of table.capability(bar)) this.setNumber(cap + at, width, value);
    this.allow(cap + MSIX.CONTROL, 2, MSIX.ENABLE | MSIX.MASK_ALL);
    return table;
  }

  #messageBars(messages: MessageOptions | undefined): BarSpec[] {
    if (messages === undefined || this.#msix === null) return [];
    return [{ index: messages.bar, size: this.#msix.barBytes, kind: 'mem32', handlers: this.#msix }];
  }

  /** The function is unplugged. */
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
    if (this.#resets.isReset(this.config, offset, width, value)) return this.reset();
    if (this.isBridge && startsBusReset(this.config, offset, width, value)) this.#resetBehind();
    for (let i = 0; i < width; i++) this.#writeByte(offset + i, (value >>> (8 * i)) & 0xff);
    if (offset < PCI.HEADER_END) this.#updateDecoding();
    this.#updatePin();
    this.#msix?.unmasked();
  }

  /** As after power-on: the configuration by firmware is lost. */
  reset(): void {
    this.config.set(this.#atPowerOn);
    this.#msix?.reset();
    this.#pinAsserted = this.#pinActive = false;
    if (this.isBridge) this.#resetBehind();
    this.#updateDecoding();
  }

  /** What is behind the base registers has changed. */
  protected decodeAgain(): void {
    for (const bar of this.bars) this.#events?.decode(bar, null);
    this.#updateDecoding();
  }

  #resetBehind(): void {
    for (const fn of this.behind.values()) fn.reset();
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
    this.allow(PCI.COMMAND, 2, COMMAND.IO | COMMAND.MEMORY | COMMAND.MASTER | COMMAND.SERR | COMMAND.INTX_DISABLE);
    this.allow(PCI.INTERRUPT_LINE, 1, 0xff);
    if (!this.isBridge) return;
    this.allow(BRIDGE.PRIMARY_BUS, 4, 0xffff_ffff);
    if (this.#headerType === HEADER.CARDBUS) this.#allowCardbusWindows();
    else this.#allowWindows();
    this.allow(BRIDGE.CONTROL, 2, 0xffff);
  }

  /** Two for memory, two for ports, each with a register for its first and its last address. */
  #allowCardbusWindows(): void {
    for (let at: number = CARDBUS.MEMORY_BASE; at < CARDBUS.IO_BASE; at += 4) this.allow(at, 4, 0xffff_f000);
    for (let at: number = CARDBUS.IO_BASE; at < CARDBUS.WINDOWS_END; at += 4) this.allow(at, 4, 0xffff_fffc);
  }

  #allowWindows(): void {
    this.allow(BRIDGE.IO_BASE, 2, 0xf0f0);
    const windows = [BRIDGE.MEMORY_BASE, BRIDGE.MEMORY_LIMIT, BRIDGE.PREF_BASE, BRIDGE.PREF_LIMIT];
    for (const at of windows) this.allow(at, 2, 0xfff0);
    for (const at of [BRIDGE.PREF_BASE_UPPER32, BRIDGE.PREF_LIMIT_UPPER32]) this.allow(at, 4, 0xffff_ffff);
  }

  get #romRegister(): number {
    return this.#headerType === HEADER.BRIDGE ? BRIDGE.ROM_ADDRESS : PCI.ROM_ADDRESS;
  }

  /** The address bits from the size up can be written; the flags are fixed. */
  #allowBar({ index, size, kind, prefetchable }: BarSpec): void {
    if (kind === 'rom') {
      this.allow(this.#romRegister, 4, ((-size & PCI.ROM_ADDRESS_MASK) | PCI.ROM_ENABLE) >>> 0);
      return;
    }
    const at = PCI.BAR0 + 4 * index;
    const memFlags = (kind === 'mem64' ? BAR.TYPE_64 : 0) | (prefetchable === true ? BAR.PREFETCH : 0);
    const flags = kind === 'io' ? BAR.IO : memFlags;
    this.config[at] = ((this.config[at] ?? 0) & (kind === 'io' ? ~BAR.IO_FLAGS : ~BAR.MEM_FLAGS)) | flags;
    const bits = BigInt.asUintN(64, -BigInt(size));
    this.allow(at, 4, Number(bits & 0xffff_ffffn));
    if (kind === 'mem64') this.allow(at + 4, 4, Number(bits >> 32n));
  }

  /** Address bits below the size are wired to 0, whatever firmware has put there. */
  #wireBar({ index, size, kind }: BarSpec): void {
    if (kind === 'rom') return;
    const at = PCI.BAR0 + 4 * index;
    const flags = kind === 'io' ? BAR.IO_FLAGS : BAR.MEM_FLAGS;
    this.setNumber(at, 4, (this.getNumber(at, 4) & (-size | flags)) >>> 0);
  }

  #updateDecoding(): void {
    const on = (this.#command & COMMAND.MEMORY) !== 0;
    for (const bar of this.bars) {
      if (bar.kind === 'rom') this.#events?.decode(bar, on ? this.#romAddress() : null);
      else if (bar.kind !== 'io') this.#events?.decode(bar, on ? this.#address(bar) : null);
    }
  }

  /** A ROM has a bit of its own that turns it on. */
  #romAddress(): number | null {
    const value = this.getNumber(this.#romRegister, 4);
    return (value & PCI.ROM_ENABLE) === 0 ? null : (value & PCI.ROM_ADDRESS_MASK) >>> 0;
  }

  #address({ index, kind }: BarSpec): number {
    const at = PCI.BAR0 + 4 * index;
    const upper = kind === 'mem64' ? this.getNumber(at + 4, 4) : 0;
    return upper * 2 ** 32 + this.getNumber(at, 4) - (this.getNumber(at, 4) % 16);
  }
}
