import { ErrnoError } from '../errno';
import type { MaySleep } from '../may-sleep';
import { HungTask } from '../world';
import type { Device } from '../base/device';
import type { DeviceModel } from '../hypervisor';
import type { Lab } from './finding';
import type { Machine, StudyGuest } from './machine';
import { markerOf } from './workload';

/** How an operation ended that may do worse than be refused. */
export type Outcome = 'done' | 'refused' | 'hung' | 'oops';

/** Does something in a guest that may hang or run into an oops, and writes down how it ended. */
export async function attempt(
  machine: Machine,
  who: string,
  what: string,
  body: () => MaySleep<unknown>,
): Promise<Outcome> {
  const mark = machine.world.oopsCount;
  try {
    await body();
    return 'done';
  } catch (error) {
    const outcome = outcomeOf(error, machine.world.oopsCount > mark);
    if (outcome === null) throw error;
    const why = String(error).split('\n', 1)[0] ?? '';
    machine.evidence.add(who, `${what}: ${outcome}: ${why}`);
    return outcome;
  }
}

/** Null: a defect of the program, which nobody expects. */
function outcomeOf(error: unknown, isNewOops: boolean): Outcome | null {
  if (error instanceof ErrnoError) return 'refused';
  if (error instanceof HungTask) return 'hung';
  return isNewOops ? 'oops' : null;
}

/**
 * Which of the hypervisor's devices serves a device that may not work.
 *
 * @param models every device that it may be
 * @returns the host-side name; null when it is not bound, refuses or never answers
 */
export async function markerIfAny(
  lab: Lab,
  machine: Machine,
  guest: StudyGuest,
  dev: Device | undefined,
  models: readonly DeviceModel[] = machine.models,
): Promise<string | null> {
  const markers: (string | null)[] = [];
  const ask = async (): Promise<unknown> => markers.push(await markerOf(guest, lab.workload, models, dev));
  await attempt(machine, guest.name, 'a request', ask);
  const [marker = null] = markers;
  machine.evidence.add(guest.name, `${dev?.name ?? 'what is gone'} is served by ${marker ?? 'nobody'}`);
  return marker;
}
