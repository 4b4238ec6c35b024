import type { DeviceModel } from '../../hypervisor';
import type { BusFixture, Conditions, Workload } from '../../machine';
import { TRANSPORT, type Operation, type Order, type Scope } from './operation';

/** A bus on which orders are tried, and the conditions. */
export interface Subject {
  readonly fixture: BusFixture;
  readonly conditions: Conditions;
  /** Of the classes: one or two. */
  readonly workloads: readonly Workload[];
  readonly scope: Scope;
}

/** How the driver of that number is used; undefined for the transport driver. */
export function workloadOf({ workloads }: Pick<Subject, 'workloads'>, driver: number): Workload | undefined {
  return driver === TRANSPORT ? undefined : workloads[driver - 1];
}

/** The devices of a machine. The first two are of one class, so that they can be taken for each other. */
export function makeModels({ workloads, scope }: Pick<Subject, 'workloads' | 'scope'>): DeviceModel[] {
  return Array.from({ length: scope.devices }, (_, device) => {
    const workload = device < 2 ? workloads[0] : (workloads[1] ?? workloads[0]);
    if (workload === undefined) throw new RangeError('no driver to explore with');
    return workload.makeModel(device);
  });
}

/** Operations as people read them: `start g1`, `register virtio_blk in g2`, `unplug disk0`. */
export function inWords(subject: Subject, order: Order): string[] {
  const devices = makeModels(subject).map(({ name }) => name);
  return order.map((operation) => describe(subject, devices, operation));
}

function describe(subject: Subject, devices: readonly string[], operation: Operation): string {
  if ('device' in operation) return `${operation.kind} ${devices[operation.device] ?? ''}`;
  const guest = `g${String(operation.guest + 1)}`;
  if (operation.kind !== 'register') return `${operation.kind} ${guest}`;
  return `register ${workloadOf(subject, operation.driver)?.driver.name ?? 'transport'} in ${guest}`;
}
