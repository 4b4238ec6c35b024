/**
 * What things cost in simulated time, ns. One table, so that two buses are measured with one measure: the order of
 * size is that of a current x86 machine, and only ratios matter.
 */
export const COSTS = Object.freeze({
  /** A trap into the host and back for one emulated access. */
  exit: 1000,
  /** A trap with arguments and a dispatch: instead of {@link exit}, not on top of it. */
  hypercall: 1500,
  /** From the host's wish to interrupt to the guest's entry. */
  interrupt: 2000,
  /** One channel command word that a subchannel fetches and executes. */
  ccw: 1000,
  /** A block device's service time of one request. */
  disk: 50000,
  /** An entropy device's service time of one request. */
  entropy: 5000,
  /** A balloon's service time of one list of pages. */
  balloon: 5000,
  /** A console device's service time of one piece of text. */
  console: 5000,
  /** From one port of a network hub to another. */
  network: 5000,
});
