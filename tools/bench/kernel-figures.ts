import { readTextFile } from '../text-file';
import { UsageError } from '../usage-error';
import type { Sample } from './workloads';

/** What kbench prints of one workload. */
type Figure = Pick<Sample, 'devices' | 'drivers' | 'workload' | 'nsPerOp'>;

/** The figures of a real kernel by "devices drivers workload". */
export type KernelFigures = ReadonlyMap<string, number>;

export function figureKey({ devices, drivers, workload }: Omit<Figure, 'nsPerOp'>): string {
  return `${String(devices)} ${String(drivers)} ${workload}`;
}

/** Reads the JSON lines that test/oracle/kbench/run prints. @throws UsageError naming file and line */
export function readKernelFigures(path: string): KernelFigures {
  const lines = readTextFile(path).split('\n');
  const figures = new Map<string, number>();
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const sample = parseLine(line);
    if (sample === null) throw new UsageError(`${path}: line ${String(index + 1)} is no figure: ${line.slice(0, 60)}`);
    figures.set(figureKey(sample), sample.nsPerOp);
  }
  return figures;
}

function parseLine(line: string): Figure | null {
  try {
    const value = JSON.parse(line) as Partial<Figure> | null;
    const isFigure =
      typeof value?.devices === 'number' &&
      typeof value.drivers === 'number' &&
      typeof value.workload === 'string' &&
      typeof value.nsPerOp === 'number';
    return isFigure ? (value as Figure) : null;
  } catch {
    return null;
  }
}
