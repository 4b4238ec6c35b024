import type { DeviceRequest } from '../device-model';

/** How a port of a console device is made. */
export interface ConsolePortOptions {
  /** What the guest shows as the port's name; absent: it has none. */
  readonly name?: string;
  /** Is it a console, with a terminal of its own in the guest? Default: no. */
  readonly console?: boolean;
  /** Is the host's end open? Default: yes. */
  readonly open?: boolean;
  /** Called when the guest has opened or closed its end. */
  readonly guestOpened?: (open: boolean) => void;
}

/** What a port needs of its device. */
export interface PortOwner {
  /** Buffers that the guest has given for this port, oldest first. */
  readonly buffers: DeviceRequest[];
  /** Without control messages a port counts as open on both sides. */
  readonly multiport: boolean;
  /** There may be something to hand over. */
  transfer(): void;
  /** Notifies the guest that the host's end is open or closed. */
  opened(open: boolean): void;
  resized(): void;
}

/** Of a terminal, in characters. */
export interface Size {
  readonly cols: number;
  readonly rows: number;
}

/** Bytes that are kept of what the guest wrote, and of what it has not read. */
const MAX_KEPT = 1 << 20;

/** The host's end of one port: what goes in here comes out in the guest, and the other way round. */
export class ConsolePort {
  readonly name: string | null;
  readonly isConsole: boolean;
  /** Size of the terminal; 0: unknown. */
  cols: number;
  rows: number;
  readonly #owner: PortOwner;
  readonly #guestOpened: ((open: boolean) => void) | undefined;
  #open: boolean;
  #guestOpen = false;
  #received: Uint8Array = new Uint8Array(0);
  #unsent: Uint8Array = new Uint8Array(0);

  /** Only for a console device. */
  constructor(
    readonly id: number,
    options: ConsolePortOptions,
    owner: PortOwner,
    size: Size,
  ) {
    this.name = options.name ?? null;
    this.isConsole = options.console ?? false;
    this.#open = options.open ?? true;
    this.#guestOpened = options.guestOpened;
    this.#owner = owner;
    this.cols = size.cols;
    this.rows = size.rows;
  }

  /** Has the guest opened its end? */
  get guestOpen(): boolean {
    return this.#guestOpen;
  }

  set guestOpen(open: boolean) {
    if (open === this.#guestOpen) return;
    this.#guestOpen = open;
    this.#guestOpened?.(open);
  }

  /** Is the host's end open? */
  get isOpen(): boolean {
    return this.#open;
  }

  /** All output of the guest that was not read; only the end of a very long text. */
  get received(): Uint8Array {
    return this.#received.slice();
  }

  /** Bytes for the guest that it has not taken. */
  get unsent(): number {
    return this.#unsent.length;
  }

  /** Takes what the guest wrote. */
  take(): Uint8Array {
    const taken = this.#received;
    this.#received = new Uint8Array(0);
    return taken;
  }

  /**
   * Writes to the guest. It gets the bytes when it has opened its end and has room; of what is longer than 1 MiB the
   * beginning is lost.
   */
  send(bytes: Uint8Array): void {
    this.#unsent = joined(this.#unsent, bytes);
    this.#owner.transfer();
  }

  /** Opens the host's end and notifies the guest. */
  open(): void {
    this.#setOpen(true);
  }

  /** Closes the host's end: the guest's reads give nothing, its writes wait. */
  close(): void {
    this.#setOpen(false);
  }

  /** The terminal has another size. The guest is notified for a console only. */
  resize(cols: number, rows: number): void {
    this.cols = cols & 0xffff;
    this.rows = rows & 0xffff;
    this.#owner.resized();
  }

  #setOpen(open: boolean): void {
    if (open === this.#open) return;
    this.#open = open;
    this.#owner.opened(open);
  }

  /** For the device: output of the guest. It is lost while the host's end is closed. */
  receive(bytes: Uint8Array): void {
    if (this.#open) this.#received = joined(this.#received, bytes);
  }

  /** For the device: hands over what fits. */
  flush(): void {
    const { buffers, multiport } = this.#owner;
    while (this.#unsent.length > 0 && (this.guestOpen || !multiport)) {
      const buffer = buffers.shift();
      if (buffer === undefined) return;
      const piece = this.#unsent.slice(0, buffer.writable);
      this.#unsent = this.#unsent.slice(piece.length);
      buffer.complete(piece);
    }
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all.length > MAX_KEPT ? all.slice(all.length - MAX_KEPT) : all;
}
