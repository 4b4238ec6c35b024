import { ENOMEM } from '../errno';
import { utf8Length } from '../utf8';
import { kobjectGetPath, type Kobject } from './kobject';

/** Variables that one event holds at most. @see include/linux/kobject.h UEVENT_NUM_ENVP */
export const UEVENT_NUM_ENVP = 64;
/** Bytes of all variables together, each with its ending NUL. @see include/linux/kobject.h UEVENT_BUFFER_SIZE */
export const UEVENT_BUFFER_SIZE = 2048;

/** Bytes of a UTF-16 unit in UTF-8, at most. */
const MAX_BYTES = 3;
/** Digits of a number, at most. */
const MAX_DIGITS = 24;

/** What a value is formatted from when it is read: an object stands for its path. */
type Value = string | number | Kobject;

/** The variables of one uevent, in order. @see include/linux/kobject.h struct kobj_uevent_env */
export class UeventEnv {
  readonly #log: { warn(text: string): void };
  /** Key and value of each variable; most are never formatted, because they are not read. null: no '='. */
  readonly #keys: (string | null)[] = [];
  readonly #values: Value[] = [];
  /** How many there are; the lists keep their length, for the next event. */
  #count = 0;
  /** Bytes that are used at most: as long as even that fits, nothing is counted exactly. */
  #atMost = 0;

  /** @param log where an overflow is logged */
  constructor(log: { warn(text: string): void }) {
    this.#log = log;
  }

  /** `KEY=VALUE` in order. */
  get vars(): readonly string[] {
    return this.#keys.slice(0, this.#count).map((key, i) => join(key, textOf(this.#values[i] ?? '')));
  }

  /**
   * Appends `KEY=VALUE`.
   *
   * @returns 0, or -ENOMEM (with a warning in the log) when 64 variables or 2048 bytes are full; nothing is appended
   * @see lib/kobject_uevent.c add_uevent_var
   */
  add(key: string, value: string | number): number {
    return this.#put(key, value, typeof value === 'number' ? MAX_DIGITS : value.length);
  }

  /** Appends an object's path. @param length of the path, in UTF-16 units. See {@link add}. */
  addPath(key: string, kobj: Kobject, length: number): number {
    return this.#put(key, kobj, length);
  }

  /** Is there room for a variable of so many bytes, its NUL not counted? */
  hasRoom(bytes: number): boolean {
    const fits = this.#atMost + bytes < UEVENT_BUFFER_SIZE;
    return this.#count < UEVENT_NUM_ENVP && (fits || this.#bytes() + bytes < UEVENT_BUFFER_SIZE);
  }

  /** Appends a variable as it is, with or without a '='. See {@link add}. */
  addVar(text: string): number {
    const equals = text.indexOf('=');
    return equals < 0 ? this.#put(null, text, text.length) : this.add(text.slice(0, equals), text.slice(equals + 1));
  }

  /** Value of a variable, if it is there. */
  get(key: string): string | undefined {
    const at = this.#keys.indexOf(key);
    return at >= 0 && at < this.#count ? textOf(this.#values[at] ?? '') : undefined;
  }

  /** Cuts out MODALIAS, so that an unbind does not make userspace load the module again. @see zap_modalias_env */
  zapModalias(): void {
    let kept = 0;
    for (let i = 0; i < this.#count; i++) {
      if (this.#keys[i] === 'MODALIAS') continue;
      this.#keys[kept] = this.#keys[i] ?? null;
      this.#values[kept++] = this.#values[i] ?? '';
    }
    this.#count = kept;
  }

  /** Forgets all variables, so that it can serve for another event. */
  clear(): void {
    this.#count = this.#atMost = 0;
  }

  #put(key: string | null, value: Value, length: number): number {
    if (this.#count >= UEVENT_NUM_ENVP) return this.#full('too many keys');
    const atMost = this.#atMost + MAX_BYTES * ((key?.length ?? 0) + length) + 2;
    if (atMost >= UEVENT_BUFFER_SIZE && utf8Length(join(key, textOf(value))) >= UEVENT_BUFFER_SIZE - this.#bytes()) {
      return this.#full('buffer size too small');
    }
    this.#keys[this.#count] = key;
    this.#values[this.#count++] = value;
    this.#atMost = atMost;
    return 0;
  }

  /** Bytes in use. */
  #bytes(): number {
    return this.vars.reduce((sum, text) => sum + utf8Length(text) + 1, 0);
  }

  #full(why: string): number {
    this.#log.warn(`add_uevent_var: ${why}`);
    return -ENOMEM;
  }
}

function textOf(value: Value): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : kobjectGetPath(value);
}

function join(key: string | null, value: string): string {
  return key === null ? value : `${key}=${value}`;
}
