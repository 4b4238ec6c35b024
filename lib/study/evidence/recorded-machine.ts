import { errnoName, strerror } from '../../errno';
import type { DeviceModel } from '../../hypervisor';
import { type BusFixture, Machine, type Conditions, type MachineParts } from '../../machine';
import { Evidence } from './evidence';

/** A machine of which all that is done and all that happens is written down. */
export class RecordedMachine extends Machine {
  readonly evidence: Evidence;

  /** The parameters as for {@link Machine}. */
  constructor(
    fixture: BusFixture,
    conditions: Conditions,
    models: readonly DeviceModel[],
    guests = 1,
    parts: MachineParts = {},
    evidence = new Evidence(),
  ) {
    super(fixture, conditions, models, guests, recorded(parts, evidence));
    this.evidence = evidence;
  }
}

/** The observers are called after the record is written. */
function recorded(parts: MachineParts, evidence: Evidence): MachineParts {
  return {
    ...parts,
    hypervisorMade(hypervisor) {
      evidence.watchHost(hypervisor);
      parts.hypervisorMade?.(hypervisor);
    },
    kernelMade(kernel) {
      evidence.watch(kernel);
      parts.kernelMade?.(kernel);
    },
    operation(who, what) {
      evidence.act(who, what);
      parts.operation?.(who, what);
    },
    refused(who, error) {
      evidence.add(who, `write error: ${strerror(error)} (${errnoName(error)})`, 'error');
      parts.refused?.(who, error);
    },
  };
}
