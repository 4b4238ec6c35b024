import { ENOMEM } from '../errno';
import { utf8Length } from '../utf8';

/** Variables that one event holds at most. @see include/linux/kobject.h UEVENT_NUM_ENVP */
export const UEVENT_NUM_ENVP = 64;
/** Bytes of all variables together, each with its ending NUL. @see include/linux/kobject.h UEVENT_BUFFER_SIZE */
export const UEVENT_BUFFER_SIZE = 2048;

/** Bytes of a UTF-16 unit in UTF-8, at most. */
const MAX_BYTES = 3;

/** The variables of one uevent, in order. @see include/linux/kobject.h struct kobj_uevent_env */
export class UeventEnv {
  readonly vars: string[] = [];
  /** Bytes that are used at most: as long as even that fits, nothing is counted exactly. */
  #atMost = 0;
  readonly #log: { warn(text: string): void };

  /** @param log where an overflow is told */
  constructor(log: { warn(text: string): void }) {
    this.#log = log;
  }

  /**
   * Appends `KEY=VALUE`.
   *
   * @returns 0, or -ENOMEM (with a warning in the log) when 64 variables or 2048 bytes are full; nothing is appended
   * @see lib/kobject_uevent.c add_uevent_var
   */
  add(key: string, value: string | number): number {
    return this.addVar(`${key}=${String(value)}`);
  }

  /** Appends a variable as it is. See {@link add}. */
  addVar(text: string): number {
    if (this.vars.length >= UEVENT_NUM_ENVP) return this.#full('too many keys');
    const atMost = this.#atMost + MAX_BYTES * text.length + 1;
    if (atMost >= UEVENT_BUFFER_SIZE && utf8Length(text) >= UEVENT_BUFFER_SIZE - this.#bytes()) {
      return this.#full('buffer size too small');
    }
    this.vars.push(text);
    this.#atMost = atMost;
    return 0;
  }

  /** Bytes in use. */
  #bytes(): number {
    return this.vars.reduce((sum, text) => sum + utf8Length(text) + 1, 0);
  }

  /** Value of a variable, if it is there. */
  get(key: string): string | undefined {
    return this.vars.find((text) => text.startsWith(`${key}=`))?.slice(key.length + 1);
  }

  /** Cuts out MODALIAS, so that an unbind does not make userspace load the module again. @see zap_modalias_env */
  zapModalias(): void {
    for (let i = this.vars.length - 1; i >= 0; i--) {
      const text = this.vars[i] ?? '';
      if (!text.startsWith('MODALIAS=')) continue;
      this.vars.splice(i, 1);
    }
  }

  #full(why: string): number {
    this.#log.warn(`add_uevent_var: ${why}`);
    return -ENOMEM;
  }
}
