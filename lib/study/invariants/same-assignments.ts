import type { Finding } from './finding';
import type { Proof } from '../evidence/excerpt';
import type { RecordedMachine } from '../evidence/recorded-machine';

/** A machine in which something was done, and what is behind each name afterwards. */
export interface AssignedRun {
  readonly machine: RecordedMachine;
  /** Empty where no device works. */
  readonly map: string;
}

/** Do all runs lead to the same map? @param what in what the runs differ */
export function sameAssignments(runs: readonly AssignedRun[], what: string): Finding {
  const [first] = runs;
  const maps = new Set(runs.map(({ map }) => map));
  const other = runs.find(({ map }) => map !== first?.map) ?? runs.at(-1);
  return {
    holds: [...maps].join('') === '' ? null : maps.size === 1,
    value: maps.size,
    text: `${String(maps.size)} maps of ${String(runs.length)} ${what}s`,
    evidence: [...linesOf(first), `--- another ${what}`, ...linesOf(other)],
  };
}

function linesOf(run: AssignedRun | undefined): Proof {
  return run?.machine.evidence.lines ?? [];
}
