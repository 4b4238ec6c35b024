import type { Operation, Order } from './operation';
import { makeModels, workloadOf, type Subject } from './subject';

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
