import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What experiments give on one strategy of ps3-handle. It stands beside the strategy, in NAME.expected.json. */
export interface Expected {
  /**
   * The finding for each invariant, by id, with three disks, seed 1 and policy `lowest`: `yes`, `NO` or, where it does
   * not apply, `-`, and what was measured.
   */
  readonly invariants: Readonly<Record<string, string>>;
  /** The scenarios whose surprise shows, in the order of the study, with four disks, seed 1 and their own policy. */
  readonly surprises: readonly string[];
  /** Does the trace of the same script on all buses part from that of a scanned bus? */
  readonly traceParts: boolean;
}

export function expectedOf(strategy: string): Expected {
  const file = join(__dirname, `../../buses/ps3-handle/guest/strategies/${strategy}.expected.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as Expected;
}
