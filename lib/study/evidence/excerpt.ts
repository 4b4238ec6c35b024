import type { EvidenceLine, LineKind } from './evidence';

/** A line of a proof; a string is a remark of the detector. */
export type ProofLine = EvidenceLine | string;

/** What a detector hands in. */
export type Proof = readonly ProofLine[];

/** Longest excerpt, in lines. */
const LIMIT = 60;

/** What is left out, step by step, until an excerpt is short enough: the least telling first. */
const LESS: readonly LineKind[] = ['access', 'call', 'match', 'uevent', 'driver'];

const NOUNS: Readonly<Record<LineKind, readonly [string, string]>> = {
  remark: ['remark', 'remarks'],
  operation: ['operation', 'operations'],
  error: ['error', 'errors'],
  claim: ['claim', 'claims'],
  driver: ['probe or remove', 'probes and removes'],
  match: ['match', 'matches'],
  uevent: ['uevent', 'uevents'],
  call: ['call', 'calls'],
  access: ['register access', 'register accesses'],
};

/** Every line as it was written down. */
export function wholeProof(proof: Proof): string[] {
  return proof.map(String);
}

/**
 * The lines that people read: runs of calls and register accesses become one line each; what is too much is left out
 * by kind and counted behind the line that it followed; what is still too long loses its middle.
 */
export function excerpt(proof: Proof, limit = LIMIT): string[] {
  const runs = collapseRuns(proof);
  for (let count = 0; count <= LESS.length; count++) {
    const lines = leaveOut(runs, new Set(LESS.slice(0, count)));
    if (lines.length <= limit) return lines;
  }
  return cutMiddle(leaveOut(runs, new Set(LESS)), limit);
}

/** Lines of one kind that follow each other for one guest; only accesses and plain calls come in runs. */
interface Run {
  readonly kind: LineKind;
  readonly lines: ProofLine[];
}

function collapseRuns(proof: Proof): Run[] {
  const runs: Run[] = [];
  for (const line of proof) {
    const kind = typeof line === 'string' ? 'remark' : line.kind;
    const last = runs.at(-1);
    if (last !== undefined && continues(last, line)) last.lines.push(line);
    else runs.push({ kind, lines: [line] });
  }
  return runs;
}

function continues({ kind, lines }: Run, line: ProofLine): boolean {
  const [first] = lines;
  if ((kind !== 'call' && kind !== 'access') || first === undefined) return false;
  return typeof line !== 'string' && typeof first !== 'string' && line.kind === kind && line.who === first.who;
}

function sayRun({ kind, lines }: Run): string {
  const [first] = lines;
  if (first === undefined || typeof first === 'string' || lines.length === 1) return String(first);
  const calls = new Set(lines.flatMap((line) => (typeof line === 'string' ? [] : (line.call ?? []))));
  return `host: ${first.who}: ${count(kind, lines.length)}${calls.size === 0 ? '' : `: ${[...calls].join(', ')}`}`;
}

function leaveOut(runs: readonly Run[], kinds: ReadonlySet<LineKind>): string[] {
  const said: string[] = [];
  const missing = new Map<LineKind, number>();
  const tell = (): void => {
    if (missing.size === 0) return;
    const kindsMissing = LESS.toReversed().filter((kind) => missing.has(kind));
    const what = `... ${kindsMissing.map((kind) => count(kind, missing.get(kind) ?? 0)).join(', ')}`;
    const before = said.pop();
    said.push(before === undefined ? what : `${before}  ${what}`);
    missing.clear();
  };
  for (const run of runs) {
    if (kinds.has(run.kind)) {
      missing.set(run.kind, (missing.get(run.kind) ?? 0) + run.lines.length);
      continue;
    }
    tell();
    said.push(sayRun(run));
  }
  tell();
  return said;
}

function count(kind: LineKind, n: number): string {
  return `${String(n)} ${NOUNS[kind][n === 1 ? 0 : 1]}`;
}

/** The beginning shows how it was set up, the end what came of it. */
function cutMiddle(lines: readonly string[], limit: number): string[] {
  const head = Math.floor(limit / 2);
  const tail = limit - head - 1;
  const cut = lines.length - head - tail;
  return [...lines.slice(0, head), `... (${String(cut)} lines like these)`, ...lines.slice(lines.length - tail)];
}
