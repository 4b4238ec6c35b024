import type { RealTime } from '../lib/world';

// Those of the machine, also where a test has put a clock of its own in their place.
const { setInterval, clearInterval } = globalThis;

/** Time as this machine has it. */
export const realTime: RealTime = {
  every(ms, look) {
    const timer = setInterval(look, ms);
    return { stop: () => clearInterval(timer) };
  },
};
