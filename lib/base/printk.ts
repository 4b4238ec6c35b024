import { LogRing } from '../log-ring';
import { textOfBytes, utf8Encode, utf8Length } from '../utf8';
import type { World } from '../world/world';

/** Levels of the kernel log, most severe first. @see include/linux/kern_levels.h */
export type LogLevel = 'crit' | 'err' | 'warn' | 'info' | 'debug';

/** One message of a kernel. */
export interface LogEntry {
  readonly level: LogLevel;
  /** World time in ns. */
  readonly time: number;
  readonly text: string;
}

/** @see init/Kconfig LOG_BUF_SHIFT */
const LOG_BUF_SHIFT = 17;
const SHIFT_RANGE = [12, 25] as const;
/** There is a descriptor for so many bytes of the buffer. @see kernel/printk/printk.c PRB_AVGBITS */
const PRB_AVGBITS = 5;
/** Bytes of the longest text, with the end that a C string has. @see kernel/printk/printk.c LOG_LINE_MAX */
const LOG_LINE_MAX = 992;
/** Bytes of the number that stands before a text; each begins at a multiple of it. */
const ID_BYTES = 8;

/** How the log of a kernel is made. */
export interface KernelLogOptions {
  /** Keep debug messages too. */
  readonly debug?: boolean | undefined;
  /** CONFIG_LOG_BUF_SHIFT */
  readonly logBufShift?: number | undefined;
}

/**
 * The log of one kernel, as dmesg shows it: a buffer of limited size, in which new messages take the place of the
 * oldest.
 *
 * @see kernel/printk/printk.c, kernel/printk/printk_ringbuffer.c
 */
export class KernelLog {
  /** Whether messages at debug level are kept from now on. */
  debug: boolean;
  readonly #world: World;
  readonly #ring: LogRing<LogEntry>;
  readonly #size: number;
  #used = 0;
  readonly #counts: Record<LogLevel, number> = { crit: 0, err: 0, warn: 0, info: 0, debug: 0 };

  /** @throws RangeError for a shift that is not an integer from 12 to 25 */
  constructor(world: World, { debug = false, logBufShift = LOG_BUF_SHIFT }: KernelLogOptions = {}) {
    const [least, most] = SHIFT_RANGE;
    if (!Number.isInteger(logBufShift) || logBufShift < least || logBufShift > most) {
      throw new RangeError(`logBufShift is from ${String(least)} to ${String(most)}, not ${String(logBufShift)}`);
    }
    this.debug = debug;
    this.#world = world;
    this.#size = 2 ** logBufShift;
    this.#ring = new LogRing(2 ** (logBufShift - PRB_AVGBITS));
  }

  /** The messages that are kept, oldest first. */
  get entries(): readonly LogEntry[] {
    return this.#ring.entries;
  }

  /** Number of the next message; they are numbered from 0. */
  get nextSeq(): number {
    return this.#ring.count;
  }

  /** Number of the first message that is kept: how many were lost. */
  get firstSeq(): number {
    return this.#ring.dropped;
  }

  /**
   * The messages from a sequence number on, as read from /dev/kmsg.
   *
   * @throws RangeError when some of them were lost, where a reader of /dev/kmsg gets EPIPE
   */
  since(seq: number): readonly LogEntry[] {
    return this.#ring.since(seq);
  }

  /** How many messages of a level there ever were, also those that were lost. */
  count(level: LogLevel): number {
    return this.#counts[level];
  }

  crit(text: string): void {
    this.#add('crit', text);
  }

  err(text: string): void {
    this.#add('err', text);
  }

  warn(text: string): void {
    this.#add('warn', text);
  }

  info(text: string): void {
    this.#add('info', text);
  }

  /** Messages that are formatted only if debug messages are enabled. @see include/linux/printk.h pr_debug */
  dbg(text: () => string): void {
    if (this.debug) this.#add('debug', text());
  }

  /** Lines as dmesg prints them: seconds since boot in brackets, then the text. */
  lines(): string[] {
    return this.entries.map(({ time, text }) => {
      const [whole = '0', rest = ''] = (time / 1e9).toFixed(6).split('.');
      return `[${whole.padStart(5)}.${rest}] ${text}`;
    });
  }

  #add(level: LogLevel, text: string): void {
    const entry = { level, time: this.#world.now, text: clipped(text) };
    this.#counts[level] += 1;
    this.#used += blockSize(entry);
    this.#forget(this.#ring.push(entry));
    while (this.#used > this.#size) this.#forget(this.#ring.shift());
  }

  #forget(entry: LogEntry | undefined): void {
    if (entry !== undefined) this.#used -= blockSize(entry);
  }
}

/** A longer text is cut, within a character too. @see kernel/printk/printk.c vprintk_store */
function clipped(text: string): string {
  return utf8Length(text) < LOG_LINE_MAX ? text : textOfBytes(utf8Encode(text).subarray(0, LOG_LINE_MAX - 1));
}

/** @see kernel/printk/printk_ringbuffer.c to_blk_size */
function blockSize({ text }: LogEntry): number {
  return Math.ceil((ID_BYTES + utf8Length(text) + 1) / ID_BYTES) * ID_BYTES;
}
