import { isDeepStrictEqual } from 'node:util';
import { fixtureName } from '../../lib/machine';
import { join, NOTHING_TRIED, stateCount, type StateCount } from '../../lib/study';
import { UsageError } from '../usage-error';
import type { Part, PartFile } from './explore-part';

/**
 * All parts of a run as one: what the run would have found if it had not been cut into parts.
 *
 * @throws UsageError when they are not of one run, or not all there and each once
 */
export function merge(files: readonly PartFile[]): Part {
  const [first] = files;
  if (first === undefined) throw new UsageError('nothing to merge');
  for (const other of files) checkSameRun(first, other);
  checkComplete(files);
  const parts = files.map(({ part }) => part);
  const states = first.part.states.map((column, i) =>
    joined(
      column,
      parts.map((part) => part.states[i]),
    ),
  );
  return { explored: first.part.explored, shard: { index: 1, of: 1 }, states };
}

function joined(column: StateCount, counts: readonly (StateCount | undefined)[]): StateCount {
  return stateCount(
    column,
    counts.reduce((sum, count) => join(sum, count ?? NOTHING_TRIED), NOTHING_TRIED),
  );
}

function checkSameRun(first: PartFile, other: PartFile): void {
  for (const [what, a, b] of differences(first.part, other.part)) {
    if (isDeepStrictEqual(a, b)) continue;
    throw new UsageError(`${other.file} is of another run than ${first.file}: ${what} ${String(b)}, not ${String(a)}`);
  }
}

function differences(a: Part, b: Part): [string, unknown, unknown][] {
  const theirs = new Map<string, unknown>(Object.entries(b.explored));
  const ours = Object.entries(a.explored);
  const options = ours.map(([key, value]): [string, unknown, unknown] => [key, value, theirs.get(key)]);
  return [
    ...options,
    ['parts', a.shard.of, b.shard.of],
    ['buses', a.states.map(fixtureName), b.states.map(fixtureName)],
  ];
}

function checkComplete(files: readonly PartFile[]): void {
  const seen = new Map<number, string>();
  for (const {
    file,
    part: { shard },
  } of files) {
    const other = seen.get(shard.index);
    const which = `part ${String(shard.index)} of ${String(shard.of)}`;
    if (other !== undefined) throw new UsageError(`${other} and ${file} are both ${which}`);
    seen.set(shard.index, file);
  }
  const of = files[0]?.part.shard.of ?? 0;
  if (seen.size === of) return;
  const missing = Array.from({ length: of }, (_, i) => i + 1).filter((index) => !seen.has(index));
  const names = missing.slice(0, 10).map((index) => `${String(index)}/${String(of)}`);
  throw new UsageError(`missing: ${names.join(', ')}${missing.length > names.length ? ', ...' : ''}`);
}
