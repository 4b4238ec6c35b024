export { compare, type Cell, type Comparison, type Row, type Run, type Show, type Subjects } from './compare';
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
export { Evidence } from './evidence';
export { EvidenceLine, type LineKind } from './evidence-line';
export { excerpt, wholeProof, type Proof, type ProofLine } from './excerpt';
export { Lab, type Finding, type Group, type Invariant } from './finding';
export type {
  AllocationPolicy,
  BusFixture,
  FixtureOptions,
  GuestBus,
  HostBus,
  NativeDevices,
  Plugged,
  SysfsWrite,
} from './fixture';
export { GROUPS, type GroupText } from './groups';
export { INVARIANTS } from './invariants';
export { Machine, StudyGuest, type Conditions, type MachineParts } from './machine';
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
  type Step,
} from './scenarios';
export type { Level } from './levels';
export { ACTORS, type Actor, type Message } from './messages';
export { recordSequence, type Sequence } from './sequence';
export { recordTimeline, type Timeline, type TimelineStep, type TimelineTotals } from './timeline';
export {
  columnName,
  columns,
  conclusions,
  groupSentences,
  rowsOf,
  tallies,
  verdict,
  type Column,
  type Tally,
  type Verdict,
} from './verdict';
export { blockWorkload, rngWorkload } from './workloads';
export { consoleWorkload, netWorkload } from './workloads-console-net';
export { classDeviceBelow, deviceTree, markerOf, type Workload } from './workload';
