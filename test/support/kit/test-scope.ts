/** The checks at the end of a test. */
export interface Ends {
  /** Reports a wait that no world will ever end. */
  watch(report: (error: Error) => void): { stop(): void };
  /** Why devices have no driver: paragraphs for the message of a test that fails. */
  whyUnbound(): readonly string[];
  /** @throws Error when the world did not end as it should */
  end(): Promise<void>;
}

/** One test, and the worlds that are made in it. */
export class TestScope {
  readonly #made: Ends[] = [];
  readonly #watches: { stop(): void }[] = [];
  #report: (error: Error) => void = () => undefined;

  /** Registers something with this test for the checks at its end. */
  add(made: Ends): void {
    this.#made.push(made);
    this.#watches.push(made.watch((error) => this.#report(error)));
  }

  /** Runs the body of the test, and ends its worlds. A failure reports why devices have no driver. */
  async run(body: () => unknown): Promise<void> {
    const outer = scope === this ? null : scope;
    setScope(this);
    try {
      const waits = new Promise<never>((_, reject) => (this.#report = reject));
      await Promise.race([body(), waits]);
    } catch (error) {
      throw this.#explained(error);
    } finally {
      setScope(outer);
      for (const watch of this.#watches) watch.stop();
    }
    for (const made of this.#made) await made.end();
  }

  #explained(error: unknown): unknown {
    const why = this.#made.flatMap((made) => made.whyUnbound());
    if (!(error instanceof Error) || why.length === 0) return error;
    const { message, stack } = error;
    error.message = [message, ...why].join('\n');
    // Reporters print the message as it stands in the stack.
    if (stack !== undefined) error.stack = stack.replace(message, () => error.message);
    return error;
  }
}

/** Of the test that runs. */
let scope: TestScope | null = null;

function setScope(next: TestScope | null): void {
  scope = next;
}

/** The test that runs; null where there is none, as in a script. */
export function currentTest(): TestScope | null {
  return scope;
}

/** From here on worlds belong to a test that is about to run. */
export function beginTest(): TestScope {
  return (scope = new TestScope());
}
