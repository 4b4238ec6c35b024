/** Turns that a caller outside has to call again before what was queued runs: more than nested awaits take. */
const CALLER_HOPS = 50;

const NOW = Promise.resolve();

/** Has `then` called when all that is runnable now has run: by a promise, as there is nothing else in every engine. */
export function soon(then: () => void): void {
  void NOW.then(then);
}

/**
 * The caller outside continues before the work that was queued meanwhile: no task may be running at its next call,
 * since the world cannot distinguish that from a call of the task.
 */
export class CallerTurn {
  #hopsLeft = 0;

  /** @param isOver returns true when there is no caller to wait for @param then runs the queued work */
  constructor(
    readonly isOver: () => boolean,
    readonly then: () => void,
  ) {}

  give(): void {
    const isCounting = this.#hopsLeft > 0;
    this.#hopsLeft = CALLER_HOPS;
    if (!isCounting) this.#hop();
  }

  #hop(): void {
    soon(this.#next);
  }

  /** One function for all hops: a request can take fifty of them. */
  readonly #next = (): void => {
    const over = this.isOver();
    this.#hopsLeft = over ? 0 : this.#hopsLeft - 1;
    if (this.#hopsLeft > 0) this.#hop();
    else if (!over) this.then();
  };
}
