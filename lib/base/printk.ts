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

/** The log of one kernel, as dmesg shows it. @see kernel/printk/printk.c */
export class KernelLog {
  readonly entries: LogEntry[] = [];
  readonly #world: World;

  /** @param debug keep debug messages too */
  constructor(
    world: World,
    readonly debug = false,
  ) {
    this.#world = world;
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

  /** Messages that are made only if somebody wants them. @see include/linux/printk.h pr_debug */
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
    this.entries.push({ level, time: this.#world.now, text });
  }
}
