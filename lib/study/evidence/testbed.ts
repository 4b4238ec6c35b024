import type { BusFixture, Conditions, MachineParts, Workload } from '../../machine';
import { RecordedMachine } from './recorded-machine';

/** What is to be compared. */
export interface Subjects {
  readonly fixtures: readonly BusFixture[];
  readonly workloads: readonly Workload[];
}

/** Where experiments get machines from: one bus, one set of conditions, one class of devices. */
export class Testbed {
  constructor(
    readonly fixture: BusFixture,
    readonly conditions: Conditions,
    readonly workload: Workload,
  ) {}

  /** Is each device one guest's by configuration? Then nobody is refused what another one has. */
  get isPrivate(): boolean {
    const [usual = 'private'] = this.fixture.ownership ?? [];
    return (this.conditions.ownership ?? usual) === 'private';
  }

  /** A machine with the testbed's devices and guests that have not booted. */
  machine(guests = 1, parts: MachineParts = {}): RecordedMachine {
    const models = Array.from({ length: this.conditions.devices }, (_, i) => this.workload.makeModel(i));
    return new RecordedMachine(this.fixture, this.conditions, models, guests, parts);
  }
}
