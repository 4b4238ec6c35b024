import { Session, type Profiler } from 'node:inspector';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = `${__dirname}/../..`;

type Block = Profiler.CoverageRange;

/**
 * How often each block of the project's own functions ran: the engine counts, so it is the same on every computer. A
 * block that ran as often as the one around it is not listed.
 */
type WorkCounts = ReadonlyMap<string, readonly Block[]>;

/** How much there is to do, the smaller first. */
export type Sizes = readonly [number, number];

/** A search among n things in order takes log2(n) steps: up to this factor a count for each of them may grow. */
const MOST_GROWTH = 2.5;
/** Runs for each that count: less is what happens from some size on. */
const MANY = 10;

class WorkCounter {
  readonly #session = new Session();

  constructor() {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** Blocks that run for each two of the things that `body` is called with a number of; each with both counts. */
  async superlinearBlocks(body: (size: number) => Promise<void>, [from, to]: Sizes): Promise<string[]> {
    take(this.#session);
    await body(from);
    const small = take(this.#session);
    await body(to);
    const found: string[] = [];
    for (const [fn, blocks] of take(this.#session)) {
      for (const block of blocks) {
        const before = countOf(small.get(fn) ?? [], block);
        if (block.count <= MANY * to || block.count / to <= (MOST_GROWTH * before) / from) continue;
        // A branch that is taken more and more often is no more work than the function that it is in.
        if (block !== blocks[0] && block.count <= (blocks[0]?.count ?? 0)) continue;
        const counts = `${String(before)} times for ${String(from)}, ${String(block.count)} times for ${String(to)}`;
        found.push(`${fn}, characters ${String(block.startOffset)} to ${String(block.endOffset)}: ${counts}`);
      }
    }
    return found;
  }
}

/** The count of the smallest listed block that a block is in. */
function countOf(blocks: readonly Block[], { startOffset, endOffset }: Block): number {
  const around = blocks.filter((one) => one.startOffset <= startOffset && endOffset <= one.endOffset);
  const length = (one: Block): number => one.endOffset - one.startOffset;
  return around.sort((a, b) => length(a) - length(b))[0]?.count ?? 0;
}

/** Counts since the last time; the inspector's result for its own process is available at once. */
function take(session: Session): WorkCounts {
  const counts = new Map<string, readonly Block[]>();
  session.post('Profiler.takePreciseCoverage', (error, { result }) => {
    if (error !== null) throw new Error(error.message);
    for (const { url, functions } of result) {
      const file = relative(ROOT, url.startsWith('file:') ? fileURLToPath(url) : url);
      if (!/^(lib|buses|drivers)\//.test(file)) continue;
      for (const { functionName, ranges } of functions)
        counts.set(`${functionName} in ${file} at ${String(ranges[0]?.startOffset)}`, ranges);
    }
  });
  return counts;
}

/**
 * Counts from here on. Code that was compiled before, or that is optimised, is not counted exactly: import this file
 * first, in a process of its own.
 */
export const counter = new WorkCounter();
