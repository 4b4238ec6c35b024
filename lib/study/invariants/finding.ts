import type { Proof } from '../evidence/excerpt';
import type { Testbed } from '../evidence/testbed';

/** What a detector has found on one bus. */
export interface Finding {
  /** Does the invariant hold? null: it does not apply. */
  readonly holds: boolean | null;
  /** What was measured. */
  readonly value: number | null;
  /** The measurement as people read it, short enough for a table. */
  readonly text: string;
  /** Operations, trace and call-log lines that prove it. */
  readonly evidence: Proof;
}

/** The question does not arise. @param text why */
export function notApplicable(text: string, evidence: Proof): Finding {
  return { holds: null, value: null, text, evidence };
}

/**
 * The origin of an invariant: drivers/base itself relies on it, a document promises it, users of Linux expect it, or
 * another measurement.
 */
export type Group = 'code' | 'contract' | 'expectation' | 'other';

/** A property that drivers and users of Linux rely on. */
export interface Invariant {
  /** Number in the study, e.g. "I6". */
  readonly id: string;
  readonly group: Group;
  readonly title: string;
  /** What is counted, in a sentence. */
  readonly measure: string;
  /** Runs the experiment on one bus, without code for a particular bus. */
  detect(testbed: Testbed): Promise<Finding>;
}
