import { callAtomic, callAtomicVoid } from '../base/guard';
import type { Kernel } from '../base/kernel';
import { ENODEV, EPIPE } from '../errno';
import { andThen, orUndo, type MayNotSleep, type MaySleep } from '../may-sleep';
import { Workqueue, type Work } from '../world/workqueue';
import { registerTtyDriver, type Tty, type TtyDriver, type TtyLine, type Winsize } from './tty';

/** @see drivers/tty/hvc/hvc_console.c HVC_MAJOR */
const HVC_MAJOR = 229;
/** Lines that have a device. @see drivers/tty/hvc/hvc_console.h HVC_ALLOC_TTY_ADAPTERS */
const HVC_ADAPTERS = 8;
/** Lines that may be a console; those after them are only counted. @see drivers/tty/hvc/hvc_console.h */
const MAX_NR_HVC_CONSOLES = 16;
/** Bytes that are read from a driver at a time. @see drivers/tty/hvc/hvc_console.c N_INBUF */
const INPUT_PIECE = 16;
/** Bytes that are read in an interrupt; the rest is left to khvcd. @see hvc_console.c HVC_ATOMIC_READ_MAX */
const ATOMIC_READ_MAX = 128;

/** What a driver does for its console. @see drivers/tty/hvc/hvc_console.h struct hv_ops */
export interface HvOps {
  /** Input, up to `count` bytes, none if there is none. May not sleep. -EPIPE: the other side is gone, hang up. */
  getChars(count: number): Uint8Array | number;
  /**
   * Output. Linux waits for it with a spinlock held; here it sleeps.
   *
   * @returns how many bytes went, or a negative errno
   */
  putChars(bytes: Uint8Array): MaySleep<number>;
  /** It is opened. May not sleep. @returns 0 or a negative errno */
  notifierAdd(): number;
  /** The last open file is closed. May not sleep. */
  notifierDel(): MayNotSleep;
}

interface HvcCore {
  /** By index. */
  readonly consoles: Map<number, HvcConsole>;
  /** Index of the last one behind {@link MAX_NR_HVC_CONSOLES}. */
  lastHvc: number;
  initialised: boolean;
}

const hvcCore = (): HvcCore => ({ consoles: new Map(), lastHvc: -1, initialised: false });

/** The task that does what an interrupt leaves. @see drivers/tty/hvc/hvc_console.c khvcd */
const khvcd = (kernel: Kernel): Workqueue => new Workqueue(kernel.world, 'khvcd', kernel);

/**
 * A console whose characters go through the hypervisor, as the line `hvcN`.
 *
 * @see drivers/tty/hvc/hvc_console.h struct hvc_struct
 */
export class HvcConsole implements TtyLine {
  tty: Tty | null = null;
  readonly #khvcd: Workqueue;
  readonly #ops: HvOps;
  readonly #pieceSize: number;
  readonly #pollWork: Work;

  /** Only for {@link hvcAlloc}. */
  constructor(
    kernel: Kernel,
    readonly index: number,
    ops: HvOps,
    pieceSize: number,
  ) {
    this.#khvcd = kernel.stateOf(khvcd);
    this.#ops = ops;
    this.#pieceSize = pieceSize;
    this.#pollWork = { name: `hvc_poll(hvc${String(index)})`, run: () => void this.#read(Infinity) };
  }

  /** In Linux khvcd polls for input; here the opening task does. @see drivers/tty/hvc/hvc_console.c hvc_open */
  open(): number {
    const error = this.#ops.notifierAdd();
    if (error === 0) this.#read(Infinity);
    return error;
  }

  /** @see drivers/tty/hvc/hvc_console.c hvc_close */
  close(): void {
    this.#ops.notifierDel();
  }

  /**
   * Linux drops characters that the other side does not accept, or retries later; here write() returns the error.
   *
   * @see drivers/tty/hvc/hvc_console.c hvc_write
   */
  async write(bytes: Uint8Array): Promise<number> {
    let written = 0;
    while (written < bytes.length) {
      const gone = await this.#ops.putChars(bytes.slice(written, written + this.#pieceSize));
      if (gone <= 0) return written > 0 ? written : gone;
      written += gone;
    }
    return written;
  }

  /** As {@link open}. @see drivers/tty/hvc/hvc_console.c hvc_unthrottle */
  unthrottle(): void {
    this.#read(Infinity);
  }

  /**
   * For the driver, from an interrupt: there may be input.
   *
   * @returns there may be more: {@link kick} it
   * @see drivers/tty/hvc/hvc_console.c hvc_poll
   */
  poll(): boolean {
    return this.#read(ATOMIC_READ_MAX);
  }

  /** Has khvcd read what there is. @see drivers/tty/hvc/hvc_console.c hvc_kick */
  kick(): void {
    this.#khvcd.queue(this.#pollWork);
  }

  /** Until the terminal is full; unthrottling it continues. @see drivers/tty/hvc/hvc_console.c __hvc_poll */
  #read(most: number): boolean {
    let got = 0;
    while (this.tty !== null && this.tty.room >= INPUT_PIECE) {
      const input = this.#ops.getChars(INPUT_PIECE);
      if (input === -EPIPE) this.hangup();
      if (typeof input === 'number' || input.length === 0) return false;
      this.tty.insert(input);
      got += input.length;
      if (got >= most) return true;
    }
    return false;
  }

  /** For the driver: the terminal has another size. @see drivers/tty/hvc/hvc_console.h hvc_resize */
  resize(size: Winsize): void {
    if (this.tty !== null) this.tty.winsize = size;
  }

  /** @see drivers/tty/hvc/hvc_console.c hvc_hangup */
  hangup(): void {
    const { tty } = this;
    this.tty = null;
    if (tty === null) return;
    this.#ops.notifierDel();
    tty.hangup();
  }
}

/** The driver's operations, those that may not sleep looked after. */
function sleepless(kernel: Kernel, index: number, ops: HvOps): HvOps {
  const where = (what: string) => (): string => `${what}: hvc${String(index)}`;
  return {
    getChars: (count) => callAtomic(kernel, where('hvc_poll'), () => ops.getChars(count)),
    putChars: (bytes) => ops.putChars(bytes),
    notifierAdd: () => callAtomic(kernel, where('hvc_open'), () => ops.notifierAdd()),
    notifierDel: () => callAtomicVoid(kernel, where('hvc_close'), () => ops.notifierDel()),
  };
}

/** @see drivers/tty/hvc/hvc_console.c hvc_init */
function hvcInit(kernel: Kernel, core: HvcCore): MaySleep<void> {
  if (core.initialised) return undefined;
  core.initialised = true;
  const install: TtyDriver['install'] = (index) => core.consoles.get(index) ?? -ENODEV;
  const driver = { name: 'hvc', major: HVC_MAJOR, minorStart: 0, lines: HVC_ADAPTERS, install };
  return orUndo(
    () => registerTtyDriver(kernel, driver),
    () => void (core.initialised = false),
  );
}

/**
 * For drivers: a console, at the first line that is free. The first one of all makes the devices of eight lines.
 *
 * @param pieceSize bytes that are written out at a time
 * @throws ErrnoError EEXIST when the name of a line is taken
 * @see drivers/tty/hvc/hvc_console.c hvc_alloc
 */
export function hvcAlloc(kernel: Kernel, ops: HvOps, pieceSize: number): MaySleep<HvcConsole> {
  const core = kernel.stateOf(hvcCore);
  return andThen(hvcInit(kernel, core), () => {
    let index = 0;
    while (index < MAX_NR_HVC_CONSOLES && core.consoles.has(index)) index += 1;
    if (index === MAX_NR_HVC_CONSOLES) {
      core.lastHvc += 1;
      index = MAX_NR_HVC_CONSOLES + core.lastHvc;
    }
    const hvc = new HvcConsole(kernel, index, sleepless(kernel, index, ops), pieceSize);
    core.consoles.set(index, hvc);
    return hvc;
  });
}

/**
 * For drivers: removes a console. Open terminals are hung up; an open fails with ENODEV from now on.
 *
 * @see drivers/tty/hvc/hvc_console.c hvc_remove
 */
export function hvcRemove(kernel: Kernel, hvc: HvcConsole): void {
  const { consoles } = kernel.stateOf(hvcCore);
  if (consoles.get(hvc.index) === hvc) consoles.delete(hvc.index);
  hvc.hangup();
}

/** The size of the terminal `hvcN` while it is open; null otherwise. @see TIOCGWINSZ @internal no driver asks */
export function hvcWinsize(kernel: Kernel, index: number): Winsize | null {
  return kernel.stateOf(hvcCore).consoles.get(index)?.tty?.winsize ?? null;
}
