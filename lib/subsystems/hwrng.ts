import type { Kernel } from '../base/kernel';
import { EINVAL, EIO, ENODEV, ErrnoError, EEXIST } from '../errno';
import { kstrtou16, sysfsStreq } from '../kstrtox';
import { andThen, orUndo, type MaySleep } from '../may-sleep';
import { attrRo, attrRw, type AttributeGroup } from '../sysfs/attribute';
import { Mutex } from '../world/mutex';
import { WaitQueue } from '../world/wait';
import { miscRegister } from './misc';

/** Bytes that are requested from a source at a time. @see drivers/char/hw_random/core.c RNG_BUFFER_SIZE */
const RNG_BUFFER_SIZE = 64;
/** @see include/linux/miscdevice.h HWRNG_MINOR */
const HWRNG_MINOR = 183;
/** Bits of entropy in 1024 bits, at most. */
const MAX_QUALITY = 1024;

/** A source of randomness, as a driver offers it. @see include/linux/hw_random.h struct hwrng */
export interface HwrngSource {
  readonly name: string;
  /** Bits of entropy in 1024 bits; the best source is used. */
  quality: number;
  /**
   * Gives up to `max` bytes.
   *
   * @param wait wait for all of them
   * @returns none when there are none (without `wait`) or will be none any more; or a negative errno
   */
  read(max: number, wait: boolean): MaySleep<Uint8Array | number>;
}

/**
 * The random number device of a kernel, /dev/hwrng: it reads from the best source that drivers have registered.
 *
 * Linux also has a thread that feeds the kernel's own pool from it; there is no such pool here.
 *
 * @see drivers/char/hw_random/core.c
 */
export class Hwrng {
  readonly #kernel: Kernel;
  /** By name, in the order of registration. */
  readonly #sources = new Map<string, HwrngSource>();
  readonly #reading = new Mutex();
  readonly #idle = new WaitQueue();
  /** How many reads use a source. */
  readonly #users = new Map<HwrngSource, number>();
  #current: HwrngSource | null = null;
  #setByUser = false;
  /** Is it in /sys? */
  shown = false;
  /** Bytes that were read and not given out, last first. */
  #left = new Uint8Array(0);

  /** Only for {@link hwrng}. */
  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Name of the source in use; null without one. */
  get current(): string | null {
    return this.#current?.name ?? null;
  }

  /** Was it chosen by hand? */
  get selected(): boolean {
    return this.#setByUser;
  }

  /** Names of all sources, in the order of registration. */
  get available(): readonly string[] {
    return [...this.#sources.keys()];
  }

  /** @throws ErrnoError ENODEV without a source */
  get quality(): number {
    if (this.#current === null) throw new ErrnoError('ENODEV', { syscall: 'rng_quality', path: 'hw_random' });
    return this.#current.quality;
  }

  /**
   * Reads random bytes; waits for them.
   *
   * @returns as many as requested; fewer if an error occurs after some
   * @throws ErrnoError ENODEV without a source, EIO when the source gives nothing more, the error of the source
   * @see drivers/char/hw_random/core.c rng_dev_read
   */
  read(bytes: number): MaySleep<Uint8Array> {
    return this.#kernel.world.run(() => this.#readAll(bytes), 'rng_dev_read(hw_random)', this.#kernel);
  }

  async #readAll(bytes: number): Promise<Uint8Array> {
    const result = new Uint8Array(bytes);
    let got = 0;
    while (got < bytes) {
      const part = await this.#readSome(bytes - got);
      if (typeof part === 'number') {
        if (got > 0) break;
        throw new ErrnoError(part, { syscall: 'read', path: '/dev/hwrng' });
      }
      result.set(part, got);
      got += part.length;
    }
    return result.subarray(0, got);
  }

  async #readSome(size: number): Promise<Uint8Array | number> {
    const source = this.#current;
    if (source === null) return -ENODEV;
    this.#use(source, 1);
    await this.#reading.lock(this.#kernel.world, 'reading_mutex', 'hw_random');
    const error = await this.#fill(source);
    const part = error === 0 ? this.#takeLeft(size) : error;
    this.#reading.unlock(this.#kernel.world);
    this.#use(source, -1);
    return part;
  }

  /** A source that gives nothing has been removed, and there may be another one; Linux would retry for ever. */
  async #fill(source: HwrngSource): Promise<number> {
    if (this.#left.length > 0) return 0;
    const read = await source.read(RNG_BUFFER_SIZE, true);
    if (typeof read === 'number') return this.#current === source ? read : 0;
    this.#left = Uint8Array.from(read);
    return read.length > 0 || this.#current !== source ? 0 : -EIO;
  }

  /** The kernel hands out its buffer from the end. */
  #takeLeft(size: number): Uint8Array {
    const start = Math.max(0, this.#left.length - size);
    const part = this.#left.slice(start);
    this.#left = this.#left.slice(0, start);
    return part;
  }

  #use(source: HwrngSource, change: number): void {
    this.#users.set(source, (this.#users.get(source) ?? 0) + change);
    if (this.#users.get(source) !== 0) return;
    this.#users.delete(source);
    this.#idle.wakeAll(this.#kernel.world);
  }

  /**
   * For drivers: a source may be used from now on.
   *
   * @returns 0; -EEXIST when the name is taken; -EINVAL without a name
   * @see drivers/char/hw_random/core.c hwrng_register
   */
  register(source: HwrngSource): number {
    if (source.name === '') return -EINVAL;
    if (this.#sources.has(source.name)) return -EEXIST;
    this.#sources.set(source.name, source);
    const better = !this.#setByUser && source.quality > (this.#current?.quality ?? 0);
    if (this.#current === null || better) this.#setCurrent(source);
    return 0;
  }

  /**
   * For drivers: a source is used no more when this returns. Reads that wait for it must have been ended before.
   *
   * @see drivers/char/hw_random/core.c hwrng_unregister
   */
  unregister(source: HwrngSource): MaySleep<void> {
    if (this.#sources.get(source.name) === source) this.#sources.delete(source.name);
    if (this.#current === source) this.#enableBest();
    return this.#idle.waitUntil(this.#kernel.world, () => !this.#users.has(source), `hwrng_unregister(${source.name})`);
  }

  /**
   * Chooses a source by name; an empty one chooses the best. An unknown name changes nothing.
   *
   * @see drivers/char/hw_random/core.c rng_current_store
   */
  select(name: string): void {
    const source = [...this.#sources.values()].find((known) => sysfsStreq(known.name, name));
    if (sysfsStreq(name, '')) this.#enableBest();
    else if (source !== undefined) {
      this.#setCurrent(source);
      this.#setByUser = true;
    }
  }

  /** @see drivers/char/hw_random/core.c set_current_rng, hwrng_init */
  #setCurrent(source: HwrngSource): void {
    source.quality = Math.min(source.quality, MAX_QUALITY);
    this.#current = source;
  }

  /**
   * Says how good the source in use is: a number of two bytes at least, its newline included.
   *
   * @returns nothing, -EINVAL for another text and above 1024, -ENODEV without a source
   * @see drivers/char/hw_random/core.c rng_quality_store
   */
  storeQuality(text: string): number | undefined {
    const quality = kstrtou16(text, 0);
    if (text.length < 2 || typeof quality === 'number' || quality > MAX_QUALITY) return -EINVAL;
    if (this.#current === null) return -ENODEV;
    this.#current.quality = Number(quality);
    this.#enableBest();
    return undefined;
  }

  /** The first of the best. @see drivers/char/hw_random/core.c enable_best_rng */
  #enableBest(): void {
    this.#setByUser = false;
    const best = [...this.#sources.values()].reduce<HwrngSource | null>(
      (found, source) => (found === null || source.quality > found.quality ? source : found),
      null,
    );
    if (best === null) this.#current = null;
    else if (best !== this.#current) this.#setCurrent(best);
  }
}

const hwrngState = (kernel: Kernel): Hwrng => new Hwrng(kernel);

/** The random number device of this kernel; without a source its reads are refused. */
export function hwrng(kernel: Kernel): Hwrng {
  return kernel.stateOf(hwrngState);
}

/** The files of /sys/class/misc/hw_random. */
function rngGroup(rng: Hwrng): AttributeGroup {
  return {
    attrs: [
      attrRw(
        'rng_current',
        () => `${rng.current ?? 'none'}\n`,
        (_, text) => void rng.select(text),
      ),
      attrRo('rng_available', () => `${rng.available.map((name) => `${name} `).join('')}\n`),
      attrRo('rng_selected', () => `${rng.selected ? '1' : '0'}\n`),
      attrRw(
        'rng_quality',
        () => `${String(rng.quality)}\n`,
        (_, text) => rng.storeQuality(text),
      ),
    ],
  };
}

/** Registers hw_random in this kernel, once. @see drivers/char/hw_random/core.c hwrng_modinit */
export function registerHwrng(kernel: Kernel): MaySleep<Hwrng> {
  const rng = hwrng(kernel);
  if (rng.shown) return rng;
  rng.shown = true;
  const init = { name: 'hw_random', minor: HWRNG_MINOR, nodename: 'hwrng', groups: [rngGroup(rng)] };
  const registered = orUndo(
    () => miscRegister(kernel, init),
    () => void (rng.shown = false),
  );
  return andThen(registered, () => rng);
}
