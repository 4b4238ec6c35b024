export { compare, type Cell, type Comparison, type Row, type Run, type Subjects } from './compare';
export { Evidence } from './evidence';
export { Lab, type Finding, type Invariant } from './finding';
export type { AllocationPolicy, BusFixture, FixtureOptions, GuestBus, HostBus, Plugged } from './fixture';
export { INVARIANTS } from './invariants';
export { Machine, StudyGuest, type Conditions } from './machine';
export { columnName, columns, conclusions, type Column } from './verdict';
export { blockWorkload, rngWorkload } from './workloads';
export { classDeviceBelow, deviceTree, markerOf, type Workload } from './workload';
