/** Two clocks, in ns. */
export interface Clocks {
  readonly wall: number;
  /**
   * What all threads of the process used, the collector's and the compiler's too: another process adds nothing to it.
   */
  readonly cpu: number;
}

export function readClocks(): Clocks {
  const { user, system } = process.cpuUsage();
  return { wall: Number(process.hrtime.bigint()), cpu: (user + system) * 1000 };
}

export interface Range {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function rangeOf(values: readonly number[]): Range {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]] as [number, number];
  const median = Math.round((middle[0] + middle[1]) / 2);
  return { median, least: sorted[0] ?? NaN, most: sorted.at(-1) ?? NaN };
}
