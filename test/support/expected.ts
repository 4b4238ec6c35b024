import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FixtureId } from '../../lib/machine';

/** What experiments give on one bus, or one strategy of it. */
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

/** It stands beside the guest half, in NAME.expected.json. @returns null for a bus that must surprise nobody */
export function expectedOf({ bus, strategy }: FixtureId): Expected | null {
  const name = strategy === null ? bus : `strategies/${strategy}`;
  const file = join(__dirname, `../../buses/${bus}/guest/${name}.expected.json`);
  return existsSync(file) || strategy !== null ? (JSON.parse(readFileSync(file, 'utf8')) as Expected) : null;
}
