import { Device } from '../base/device';
import { callAtomic, callAtomicVoid } from '../base/guard';
import type { Kernel } from '../base/kernel';
import type { DeviceClass } from '../base/types';
import { EAGAIN, EIO } from '../errno';
import { andThen, each, orUndo, type MayNotSleep, type MaySleep } from '../may-sleep';
import { Mutex } from '../world/mutex';
import { WaitQueue } from '../world/wait';
import { cdevAdd, cdevDel, type FileOperations, type OpenedFile } from './chrdev';

/** Bytes of input that wait for a reader, at most. @see drivers/tty/tty_buffer.c TTYB_DEFAULT_MEM_LIMIT */
const INPUT_LIMIT = 65536;

/** @see drivers/tty/tty_io.c tty_class */
export const ttyClass: DeviceClass = { name: 'tty' };

/** Registers the class in this kernel, once. @see drivers/tty/tty_io.c tty_class_init */
export function registerTtyClass(kernel: Kernel): MaySleep<unknown> {
  return kernel.classOf(ttyClass) ?? kernel.registerClass(ttyClass);
}

/** Size of a terminal. @see include/uapi/asm-generic/termios.h struct winsize */
export interface Winsize {
  readonly rows: number;
  readonly cols: number;
}

/** What a driver does for one of its lines. @see include/linux/tty_driver.h struct tty_operations */
export interface TtyLine {
  /** The terminal that is open on it; kept by the tty layer. */
  tty: Tty | null;
  /** The first one opens it. @returns 0 or a negative errno */
  open(tty: Tty): MaySleep<number>;
  /** The last one closes it. */
  close(): MaySleep<void>;
  /** Writes out; may wait. @returns how many bytes went, or a negative errno */
  write(bytes: Uint8Array): MaySleep<number>;
  /** There is room for input again. May not sleep. */
  unthrottle(): MayNotSleep;
}

/** A kind of terminal. @see include/linux/tty_driver.h struct tty_driver */
export interface TtyDriver {
  /** Its lines are called this and their number. */
  readonly name: string;
  readonly major: number;
  readonly minorStart: number;
  /** How many lines there can be; all have their devices from the beginning. */
  readonly lines: number;
  /**
   * May not sleep.
   *
   * @returns the line, or -ENODEV where nothing is behind the number
   * @see struct tty_operations install
   */
  install(index: number): TtyLine | number;
}

/**
 * A terminal while it is open, in raw mode: no line is edited, no character is translated or echoed.
 *
 * @see include/linux/tty.h struct tty_struct
 */
export class Tty {
  winsize: Winsize = { rows: 0, cols: 0 };
  /** How many have it open. */
  count = 0;
  /** It is hung up for good: reads end, writes are refused. */
  hungUp = false;
  readonly #kernel: Kernel;
  readonly #readers = new WaitQueue();
  readonly #writing = new Mutex();
  readonly #line: TtyLine;
  #input: Uint8Array = new Uint8Array(0);

  constructor(
    kernel: Kernel,
    readonly name: string,
    line: TtyLine,
  ) {
    this.#kernel = kernel;
    this.#line = line;
  }

  #isHungUp(): boolean {
    return this.hungUp;
  }

  /** Bytes that may be put in now. @see drivers/tty/tty_buffer.c tty_buffer_request_room */
  get room(): number {
    return INPUT_LIMIT - this.#input.length;
  }

  /** For the driver: input. @see drivers/tty/tty_buffer.c tty_insert_flip_string, tty_flip_buffer_push */
  insert(bytes: Uint8Array): void {
    const all = new Uint8Array(this.#input.length + bytes.length);
    all.set(this.#input);
    all.set(bytes, this.#input.length);
    this.#input = all;
    this.#readers.wakeAll(this.#kernel.world);
  }

  /** For the driver: the other end is gone. @see drivers/tty/tty_io.c tty_vhangup */
  hangup(): void {
    this.hungUp = true;
    this.#input = new Uint8Array(0);
    this.#readers.wakeAll(this.#kernel.world);
  }

  /** A read of a terminal that is hung up returns 0. @see drivers/tty/tty_io.c hung_up_tty_read, n_tty.c n_tty_read */
  async read(count: number, nonblock: boolean): Promise<Uint8Array | number> {
    const empty = (): boolean => this.#input.length === 0 && !this.hungUp && count > 0;
    if (empty() && nonblock) return -EAGAIN;
    await this.#readers.waitUntil(this.#kernel.world, () => !empty(), `n_tty_read(${this.name})`);
    const taken = this.#input.slice(0, count);
    this.#input = this.#input.slice(taken.length);
    if (taken.length > 0)
      callAtomicVoid(
        this.#kernel,
        () => `n_tty_read: ${this.name}`,
        () => this.#line.unthrottle(),
      );
    return taken;
  }

  /** One writer at a time. @see drivers/tty/tty_io.c do_tty_write, hung_up_tty_write */
  async write(bytes: Uint8Array): Promise<number> {
    if (this.#isHungUp()) return -EIO;
    await this.#writing.lock(this.#kernel.world, 'atomic_write_lock', this.name);
    const written = this.#isHungUp() ? -EIO : await this.#line.write(bytes);
    this.#writing.unlock(this.#kernel.world);
    return written;
  }
}

/** The device of one line. @see drivers/tty/tty_io.c tty_register_device_attr */
class TtyDevice extends Device {
  constructor(kernel: Kernel, driver: TtyDriver, index: number) {
    const devt = { major: driver.major, minor: driver.minorStart + index };
    super(kernel, { name: `${driver.name}${String(index)}`, class: ttyClass, devt, release: () => undefined });
  }
}

/**
 * Registers a terminal driver: the devices of all its lines, which stay.
 *
 * @throws ErrnoError EEXIST when the name of a line is taken, as Device.add; no line is left
 * @see drivers/tty/tty_io.c tty_register_driver
 */
export function registerTtyDriver(kernel: Kernel, driver: TtyDriver): MaySleep<void> {
  const indexes = Array.from({ length: driver.lines }, (_, i) => i);
  const lines: TtyDevice[] = [];
  const registerLines = (): MaySleep<void> =>
    each(indexes, (index) => andThen(registerLine(kernel, driver, index), (dev) => lines.push(dev)));
  return andThen(registerTtyClass(kernel), () => orUndo(registerLines, () => each(lines.reverse(), unregisterLine)));
}

function registerLine(kernel: Kernel, driver: TtyDriver, index: number): MaySleep<TtyDevice> {
  const dev = new TtyDevice(kernel, driver, index);
  return andThen(
    orUndo(
      () => dev.add(),
      () => dev.put(),
    ),
    () => {
      cdevAdd(dev, lineOperations(kernel, driver, index));
      return dev;
    },
  );
}

function unregisterLine(dev: TtyDevice): MaySleep<void> {
  cdevDel(dev);
  return dev.unregister();
}

function lineOperations(kernel: Kernel, driver: TtyDriver, index: number): FileOperations {
  return {
    open: () => {
      const line = callAtomic(
        kernel,
        () => `tty_open: ${driver.name}`,
        () => driver.install(index),
      );
      return typeof line === 'number' ? line : openLine(kernel, `${driver.name}${String(index)}`, line);
    },
  };
}

/** @see drivers/tty/tty_io.c tty_open */
async function openLine(kernel: Kernel, name: string, line: TtyLine): Promise<OpenedFile | number> {
  const tty = line.tty ?? new Tty(kernel, name, line);
  line.tty = tty;
  tty.count += 1;
  const error = tty.count === 1 ? await line.open(tty) : 0;
  if (error !== 0) {
    await closeLine(tty, line);
    return error;
  }
  return {
    read: (count, nonblock) => tty.read(count, nonblock),
    write: (bytes) => tty.write(bytes),
    release: () => closeLine(tty, line),
  };
}

/** One that is hung up has left its line already. @see drivers/tty/tty_io.c tty_release */
function closeLine(tty: Tty, line: TtyLine): MaySleep<void> {
  tty.count -= 1;
  if (tty.count > 0 || line.tty !== tty) return undefined;
  line.tty = null;
  return line.close();
}
