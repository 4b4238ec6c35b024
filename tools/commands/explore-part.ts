import * as v from 'valibot';
import { readTextFile } from '../text-file';
import { UsageError } from '../usage-error';

function list<T extends v.GenericSchema>(item: T) {
  return v.pipe(v.array(item), v.readonly());
}

const number = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const positive = v.pipe(number, v.minValue(1));
const texts = list(v.string());
const told = v.strictObject({ order: texts, seed: v.exactOptional(number), state: texts });

const explored = v.strictObject({
  bound: positive,
  random: number,
  devices: positive,
  drivers: positive,
  guests: positive,
  seed: number,
  policy: v.picklist(['lowest', 'recent', 'random']),
});

const states = v.strictObject({
  bus: v.string(),
  strategy: v.nullable(v.string()),
  shortest: v.nullable(texts),
  families: number,
  orders: number,
  differing: number,
  distinct: positive,
  difference: v.nullable(v.strictObject({ key: list(number), reference: told, other: told })),
});

const part = v.strictObject({
  explored,
  shard: v.pipe(
    v.strictObject({ index: positive, of: positive }),
    v.check(({ index, of }) => index <= of),
  ),
  states: list(states),
});

/** What was explored: the same for all parts of one run. */
export type Explored = v.InferOutput<typeof explored>;

/** What a run, or a part of one, has found. */
export type Part = v.InferOutput<typeof part>;

/** A part, and where it comes from. */
export interface PartFile {
  readonly file: string;
  readonly part: Part;
}

/** @throws UsageError naming the file, when it cannot be read or is not a result of `ldm explore` */
export function readPart(file: string): PartFile {
  const parsed = v.safeParse(part, readJson(file));
  if (parsed.success) return { file, part: parsed.output };
  const [issue] = parsed.issues;
  throw noResult(file, `${v.getDotPath(issue) ?? 'all of it'}: ${issue.message}`);
}

function readJson(file: string): unknown {
  const text = readTextFile(file);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw noResult(file, error instanceof Error ? error.message : String(error));
  }
}

function noResult(file: string, why: string): UsageError {
  return new UsageError(`${file}: is no result of ldm explore: ${why}`);
}
