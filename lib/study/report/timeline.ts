import { type FixtureId, type Machine, type MachineGuest, backingDeviceOf } from '../../machine';
import { bindAny, loadDrivers, unbindAll } from '../evidence/experiment';
import type { Testbed } from '../evidence/testbed';
import { LevelMeter, type Level } from './levels';

/** One operation of the script, and how the levels moved while it ran. */
export interface TimelineStep {
  readonly who: string;
  readonly what: string;
  /** In order, changes only; the last is how the operation ended. */
  readonly levels: readonly Level[];
}

/** What one run of the script comes to. */
export interface TimelineTotals {
  /** Claims made, claims given back, things that the host refused. */
  readonly claims: number;
  readonly releases: number;
  readonly refusals: number;
  /** Devices held and not bound, summed over the ends of the operations while a guest lives. */
  readonly hoard: number;
  /** Devices bound and not held, summed likewise, on a bus where devices are held at all. */
  readonly vacant: number;
  /** Most devices of the hypervisor that were seen behind one name of one guest. */
  readonly devicesPerName: number;
  /** Devices still held when every guest has shut down and is destroyed. */
  readonly orphans: number;
}

/** Devices held and devices bound while two guests go through a fixed script. */
export interface Timeline extends FixtureId {
  readonly steps: readonly TimelineStep[];
  readonly totals: TimelineTotals;
}

interface Act {
  readonly guest: MachineGuest;
  readonly what: string;
  readonly run: () => Promise<unknown>;
}

/**
 * Two guests boot, bind, unbind, compete for what is free, and leave. World time hardly moves while an operation runs
 * and jumps between two, so that the operations are the clock.
 */
export async function recordTimeline(testbed: Testbed): Promise<Timeline> {
  const meters: LevelMeter[] = [];
  const machine: Machine = testbed.machine(2, { kernelMade: (kernel) => meters[0]?.watch(kernel) });
  const meter = new LevelMeter(machine);
  meters.push(meter);
  const seen = new Map<string, Set<string>>();
  const steps: TimelineStep[] = [];
  for (const { guest, what, run } of script(testbed, machine, meter)) {
    await run();
    await guest.settle();
    steps.push({ who: guest.name, what, levels: meter.take() });
    for (const live of meter.live) await noteBackingDevices(testbed, machine, live, seen);
  }
  return {
    bus: testbed.fixture.bus,
    strategy: testbed.fixture.strategy,
    steps,
    totals: totalsOf(machine, steps, seen),
  };
}

function* script(testbed: Testbed, machine: Machine, meter: LevelMeter): Generator<Act> {
  const [one, two] = [machine.guest(), machine.guest(1)];
  const first = (file: 'bind' | 'unbind'): Promise<number> => one.bindFile(file, one.deviceNames()[0] ?? '');
  yield* arrive(testbed, one, meter);
  yield { guest: one, what: 'unbind the first', run: () => first('unbind') };
  yield { guest: one, what: 'bind the first', run: () => first('bind') };
  yield* arrive(testbed, two, meter);
  yield { guest: one, what: 'unbind the first', run: () => first('unbind') };
  yield { guest: two, what: 'bind one', run: () => bindAny(two) };
  yield { guest: one, what: 'unbind another', run: () => one.bindFile('unbind', one.deviceNames()[1] ?? '') };
  yield { guest: one, what: 'bind the first', run: () => first('bind') };
  yield { guest: two, what: 'unbind all', run: () => unbindAll(two) };
  yield { guest: two, what: 'give back all', run: () => two.leave() };
  yield* depart(two, meter);
  yield { guest: one, what: 'bind all', run: () => bindAll(one) };
  yield* depart(one, meter);
}

function* arrive(testbed: Testbed, guest: MachineGuest, meter: LevelMeter): Generator<Act> {
  yield { guest, what: 'boot, scan', run: () => guest.boot({ configured: false }).then(() => meter.arrive(guest)) };
  yield { guest, what: 'configure', run: async () => guest.bus.configure?.() };
  yield { guest, what: 'load drivers', run: () => loadDrivers(testbed, guest) };
}

function* depart(guest: MachineGuest, meter: LevelMeter): Generator<Act> {
  const end = async (): Promise<void> => {
    await guest.kernel.shutdownDevices();
    guest.kernel.kill();
    meter.depart(guest);
  };
  yield { guest, what: 'shut down', run: end };
}

async function bindAll(guest: MachineGuest): Promise<void> {
  for (const dev of guest.devices().filter(({ isBound }) => !isBound)) await guest.bindFile('bind', dev.name ?? '');
}

async function noteBackingDevices(
  testbed: Testbed,
  machine: Machine,
  guest: MachineGuest,
  seen: Map<string, Set<string>>,
): Promise<void> {
  for (const dev of guest.boundDevices()) {
    const backingDevice = await backingDeviceOf(guest, testbed.workload, machine.models, dev);
    if (backingDevice === null) continue;
    const name = `${guest.name}:${dev.name ?? ''}`;
    seen.set(name, (seen.get(name) ?? new Set()).add(backingDevice));
  }
}

function totalsOf(
  machine: Machine,
  steps: readonly TimelineStep[],
  seen: ReadonlyMap<string, Set<string>>,
): TimelineTotals {
  const { claims, log } = machine.hypervisor;
  const ends = steps.slice(0, -1).flatMap(({ levels }) => levels.slice(-1));
  const isHeld = ends.some(({ held }) => held > 0);
  const sum = (excess: (level: Level) => number): number =>
    ends.reduce((all, level) => all + Math.max(excess(level), 0), 0);
  return {
    claims: claims.counts.claim,
    releases: claims.counts.release,
    refusals: log.countRefusals(),
    hoard: sum(({ held, bound }) => held - bound),
    vacant: isHeld ? sum(({ held, bound }) => bound - held) : 0,
    devicesPerName: Math.max(0, ...[...seen.values()].map(({ size }) => size)),
    orphans: machine.held,
  };
}
