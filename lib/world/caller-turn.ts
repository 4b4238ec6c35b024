/** Turns that a caller outside has to call again before what was queued runs: more than nested awaits take. */
const CALLER_HOPS = 50;

/**
 * The caller outside goes on before what was queued meanwhile: what it calls next must find no task in motion, for the
 * world cannot tell it from that task's own calls.
 */
export class CallerTurn {
  #hopsLeft = 0;

  /** @param isOver nobody has to be waited for any more @param then runs what was queued */
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
    void Promise.resolve().then(() => {
      const over = this.isOver();
      this.#hopsLeft = over ? 0 : this.#hopsLeft - 1;
      if (this.#hopsLeft > 0) this.#hop();
      else if (!over) this.then();
    });
  }
}
