/** Lines that are shown before and after the first difference. */
const SURROUNDINGS = 4;

/** Where two traces begin to differ. */
export interface Difference {
  /**
   * The place with what is around it: lines that both have are indented, `-` is the recorded trace, `+` is the other.
   */
  readonly text: string;
  /** Is this line of the other trace in the text? Counted from 1. */
  shows(line: number): boolean;
}

/** @returns null for equal traces */
export function firstDifference(expected: string, actual: string): Difference | null {
  if (expected === actual) return null;
  const recorded = expected.split('\n');
  const replayed = actual.split('\n');
  let at = 0;
  while (recorded[at] === replayed[at]) at++;
  const [from, to] = [Math.max(0, at - SURROUNDINGS), at + SURROUNDINGS];
  const text = [
    `first difference in line ${String(at + 1)}`,
    ...mark('  ', recorded.slice(from, at)),
    ...mark('- ', recorded.slice(at, to)),
    ...mark('+ ', replayed.slice(at, to)),
  ].join('\n');
  return { text, shows: (line) => line > from && line <= to };
}

function mark(sign: string, lines: readonly string[]): string[] {
  return lines.map((line) => `${sign}${line}`);
}
