/**
 * The study: experiments that have no code for a particular bus, and their measurements. Each folder imports only those
 * above it:
 *
 * - `evidence/`: recorded machines, operations of experiments on them, and excerpts of the record
 * - `explore/`: orders of operations, and their final states
 * - `invariants/`: a detector for each invariant
 * - `scenarios/`: twenty surprises
 * - `report/`: all measurements on every bus, as one comparison
 */
export { Evidence, EvidenceLine, type LineKind } from './evidence/evidence';
export { excerpt, wholeProof, type Proof, type ProofLine } from './evidence/excerpt';
export { RecordedMachine } from './evidence/recorded-machine';
export { Testbed, type Subjects } from './evidence/testbed';
export {
  explore,
  join,
  NOTHING_TRIED,
  stateCount,
  type Count,
  type Difference,
  type Exploration,
  type Extent,
  type Progress,
  type Scope,
  type Shard,
  type StateCount,
  type Told,
} from './explore';
export { INVARIANTS } from './invariants';
export type { Finding, Group, Invariant } from './invariants/finding';
export { compare, type Cell, type Comparison, type Row, type Run, type Show } from './report/compare';
export type { Level } from './report/levels';
export { ACTORS, type Actor, type Message } from './report/messages';
export { recordSequence, type Sequence } from './report/sequence';
export { recordTimeline, type Timeline, type TimelineStep, type TimelineTotals } from './report/timeline';
export {
  columns,
  conclusions,
  GROUPS,
  groupSentences,
  rowsOf,
  tallies,
  verdict,
  type GroupText,
  type Tally,
  type Verdict,
} from './report/verdict';
export {
  besideControl,
  differences,
  partingAt,
  play,
  SCENARIOS,
  type Cause,
  type FactDifference,
  type Fact,
  type Facts,
  type Played,
  type Scenario,
  type ScenarioStep,
} from './scenarios';
