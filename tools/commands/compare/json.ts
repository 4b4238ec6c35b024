import type { CostCounters } from '../../../lib/hypervisor';
import type { Comparison } from '../../../lib/study';

/** What programs may rely on, and no more. */
export function toJson({ runs, invariants, states }: Comparison): object {
  return {
    runs: runs.map(({ bus, strategy, driver, bound, ioVerified, cost }) => ({
      bus,
      strategy,
      driver,
      bound,
      ioVerified,
      cost: totals(cost),
    })),
    invariants: invariants.map(({ id, group, title, cells }) => ({
      id,
      group,
      title,
      cells: cells.map(({ bus, strategy, holds, value, evidence }) => ({ bus, strategy, holds, value, evidence })),
    })),
    states: states.map(({ bus, strategy, distinct, shortest }) => ({ bus, strategy, distinct, shortest })),
  };
}

/** Without the part that talks to devices, which `--access` has. */
function totals(cost: CostCounters): object {
  const parts = ['accessExits', 'accessCalls', 'accessNs'];
  return Object.fromEntries(Object.entries(cost).filter(([name]) => !parts.includes(name)));
}
