import type { TraceRecord } from './trace';

/** What is looked for: a line, the beginning of a line up to a space, or what a line matches. */
export type TracePattern = string | RegExp;

/** A trace that is not as expected. Its message shows what was there. */
export class TraceMismatch extends Error {
  override readonly name = 'AssertionError';
}

/** Lines that a message shows. */
const SHOWN = 40;

/** What can be expected of a trace. */
export interface TraceExpectation {
  /** All of them, in this order; other lines may be between. @throws TraceMismatch */
  toContainInOrder(patterns: readonly TracePattern[]): void;
  /** @throws TraceMismatch */
  toContain(pattern: TracePattern): void;
  /** @throws TraceMismatch */
  toNotContain(pattern: TracePattern): void;
}

/** Checks the trace of the kernels and the host of a world since it was made, or since `world.trace.clear()`. */
export function expectTrace({ trace }: { readonly trace: TraceRecord }): TraceExpectation {
  const { lines } = trace;
  return {
    toContainInOrder: (patterns) => containInOrder(lines, patterns),
    toContain: (pattern) => containInOrder(lines, [pattern]),
    toNotContain(pattern) {
      const at = lines.findIndex((line) => fits(line, pattern));
      if (at >= 0) throw new TraceMismatch(`the trace contains ${String(pattern)}:\n${show(lines, new Set([at]), at)}`);
    },
  };
}

function containInOrder(lines: readonly string[], patterns: readonly TracePattern[]): void {
  const found = new Set<number>();
  let from = 0;
  for (const [index, pattern] of patterns.entries()) {
    const at = lines.findIndex((line, i) => i >= from && fits(line, pattern));
    if (at < 0) throw new TraceMismatch(missing(lines, patterns, index, found, from));
    found.add(at);
    from = at + 1;
  }
}

function fits(line: string, pattern: TracePattern): boolean {
  if (typeof pattern === 'string') return line === pattern || line.startsWith(`${pattern} `);
  return line.search(pattern) >= 0;
}

function missing(
  lines: readonly string[],
  patterns: readonly TracePattern[],
  index: number,
  found: ReadonlySet<number>,
  from: number,
): string {
  const wanted = patterns[index] ?? '';
  const place = index === 0 ? 'in the trace' : `after ${String(patterns[index - 1])}`;
  const earlier = lines.slice(0, from).findIndex((line) => fits(line, wanted));
  const hint = earlier < 0 ? '' : `; it is there before that, in line ${String(earlier + 1)}`;
  const around = typeof wanted === 'string' ? closest(lines, wanted, from) : from;
  return `no ${String(wanted)} ${place}${hint}. What was there:\n${show(lines, found, around)}`;
}

/** The line that has the most words in common with a text. */
function closest(lines: readonly string[], text: string, from: number): number {
  const words = text.split(' ');
  const common = lines.map((line, i) => (i < from ? 0 : words.filter((word) => line.split(' ').includes(word)).length));
  return common.indexOf(Math.max(...common, 0));
}

/** The lines around a place, with what was found marked. */
function show(lines: readonly string[], marked: ReadonlySet<number>, around: number): string {
  if (lines.length === 0) return '  (nothing)';
  const first = Math.max(0, Math.min(around - SHOWN / 2, lines.length - SHOWN));
  const shown = lines.slice(first, first + SHOWN).map((line, i) => {
    return `${marked.has(first + i) ? '>' : ' '} ${String(first + i + 1)}: ${line}`;
  });
  const behind = lines.length - first - shown.length;
  if (first > 0) shown.unshift(`  (${String(first)} lines before)`);
  if (behind > 0) shown.push(`  (${String(behind)} lines behind)`);
  return shown.join('\n');
}
