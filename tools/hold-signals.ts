/** What ends a program that does not listen. */
const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

/** Steps that a signal waits for. */
let steps = 0;

/** Does a step that has to be ended once it is begun: a signal that comes meanwhile ends the program after it. */
export function holdSignals<T>(step: () => T): T {
  if (steps++ === 0) for (const signal of SIGNALS) process.on(signal, pass);
  try {
    return step();
  } finally {
    // Signals are delivered before immediates.
    setImmediate(() => {
      if (--steps === 0) for (const signal of SIGNALS) process.off(signal, pass);
    });
  }
}

function pass(signal: NodeJS.Signals): void {
  for (const one of SIGNALS) process.off(one, pass);
  process.kill(process.pid, signal);
}
