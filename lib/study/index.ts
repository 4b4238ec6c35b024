export { compare, type Cell, type Comparison, type Row, type Run, type Subjects } from './compare';
export {
  explore, join, NOTHING_TRIED, stateCount, type Count, type Difference, type Exploration, type Extent, type Progress,
  type Scope, type Shard, type StateCount, type Told,
} from './explore';
export { Evidence } from './evidence';
export { Lab, type Finding, type Group, type Invariant } from './finding';
export type { AllocationPolicy, BusFixture, FixtureOptions, GuestBus, HostBus, Plugged } from './fixture';
export { INVARIANTS } from './invariants';
export { Machine, StudyGuest, type Conditions, type MachineParts } from './machine';
export { columnName, columns, conclusions, type Column } from './verdict';
export { blockWorkload, rngWorkload } from './workloads';
export { consoleWorkload, netWorkload } from './workloads-console-net';
export { classDeviceBelow, deviceTree, markerOf, type Workload } from './workload';
