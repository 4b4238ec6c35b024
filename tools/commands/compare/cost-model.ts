import { dirname, join } from 'node:path';
import { readTextFile } from '../../text-file';
import { UsageError } from '../../usage-error';

/** Simulated time of what a run counts, each with where it comes from. */
export interface CostModel {
  readonly name: string;
  readonly exit: UnitCost;
  readonly hypercall: UnitCost;
  readonly interrupt: UnitCost;
  readonly byteCopied: UnitCost;
}

interface UnitCost {
  /** Nanoseconds. */
  readonly ns: number;
  readonly source: string;
}

const UNITS = ['exit', 'hypercall', 'interrupt', 'byteCopied'] as const;

/** The model that is used unless a file is named. */
const DEFAULT = join(dirname(require.resolve('linux-driver-model/package.json')), 'Documentation/cost-model.json');

/** Reads a cost model. @throws UsageError naming the file, and what is wrong in it */
export function costModel(file: string = DEFAULT): CostModel {
  const value = parsed(file);
  const { name } = value;
  if (typeof name !== 'string') throw wrong(file, 'name is not a text');
  const [exit, hypercall, interrupt, byteCopied] = UNITS.map((unit) => unitCost(file, unit, value[unit])) as [
    UnitCost,
    UnitCost,
    UnitCost,
    UnitCost,
  ];
  return { name, exit, hypercall, interrupt, byteCopied };
}

function parsed(file: string): Readonly<Record<string, unknown>> {
  const text = readTextFile(file);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch (error) {
    throw wrong(file, error instanceof Error ? error.message : String(error));
  }
  throw wrong(file, 'it is not an object');
}

function unitCost(file: string, unit: string, value: unknown): UnitCost {
  const { ns, source } = (value ?? {}) as Partial<UnitCost>;
  if (typeof ns !== 'number' || !Number.isFinite(ns) || ns < 0) throw wrong(file, `${unit}.ns is not a time in ns`);
  if (typeof source !== 'string' || source === '') throw wrong(file, `${unit}.source does not say where it comes from`);
  return { ns, source };
}

function wrong(file: string, what: string): UsageError {
  return new UsageError(`cost model ${file}: ${what}`);
}
