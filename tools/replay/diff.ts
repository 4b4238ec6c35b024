/** Lines that are shown before and after the first difference. */
const SURROUNDINGS = 4;

/**
 * Where two traces begin to differ, with what is around it: lines that both have are indented, `-` is the recorded
 * trace, `+` is the other.
 *
 * @returns null for equal traces
 */
export function firstDifference(expected: string, actual: string): string | null {
  if (expected === actual) return null;
  const recorded = expected.split('\n');
  const replayed = actual.split('\n');
  let at = 0;
  while (recorded[at] === replayed[at]) at++;
  return [
    `first difference in line ${String(at + 1)}`,
    ...mark('  ', recorded.slice(Math.max(0, at - SURROUNDINGS), at)),
    ...mark('- ', recorded.slice(at, at + SURROUNDINGS)),
    ...mark('+ ', replayed.slice(at, at + SURROUNDINGS)),
  ].join('\n');
}

function mark(sign: string, lines: readonly string[]): string[] {
  return lines.map((line) => `${sign}${line}`);
}
