import type { EvidenceLine, LineKind } from '../evidence/evidence';
import { mapOf } from '../evidence/experiment';
import type { Invariant } from './finding';
import type { Testbed } from '../evidence/testbed';
import type { RecordedMachine } from '../evidence/recorded-machine';
import type { MachineGuest } from '../../machine';
import { Random } from '../../world';

const INTERLEAVINGS = 8;

/** Lines of the host's log. */
const HOST_KINDS: ReadonlySet<LineKind> = new Set(['claim', 'call', 'access']);

/** What one guest does, step by step. */
type Script = readonly (() => Promise<unknown>)[];

/**
 * Two guests boot, load drivers, rebind a device. A seed chooses the guest of the next step; the steps of each stay in
 * order. A test of the first guest can be replayed if the same seed gives the same record, and if the core's trace in
 * this guest does not depend on the steps of the other guest.
 */
export const testerCanReplay: Invariant = {
  id: 'I29',
  group: 'other',
  title: 'a tester can replay',
  measure: `different traces of one guest over ${String(INTERLEAVINGS)} interleavings with another one`,
  async detect(testbed) {
    const runs: RecordedMachine[] = [];
    for (let i = 0; i < INTERLEAVINGS; i++) runs.push(await run(testbed, testbed.conditions.seed + i));
    const [first = []] = runs.map(linesOfFirst);
    const traces = new Set(runs.map(traceOfFirst));
    const again = await run(testbed, testbed.conditions.seed);
    const repeats = again.evidence.lines.join('\n') === runs[0]?.evidence.lines.join('\n');
    const other = runs.map(linesOfFirst).find((lines) => lines.join('\n') !== first.join('\n'));
    return {
      holds: repeats && traces.size === 1,
      value: traces.size,
      text: repeats ? `${String(traces.size)} traces` : `${String(traces.size)} traces, not repeatable`,
      evidence: [...first, '--- with other turns', ...(other ?? linesOfFirst(again))],
    };
  },
};

/**
 * What was done in the first guest and what its core did; not the host's log, which has numbers of no meaning to it.
 */
function linesOfFirst({ evidence, guests: [first] }: RecordedMachine): readonly EvidenceLine[] {
  return evidence.lines.filter(({ who, kind }) => who === first?.name && !HOST_KINDS.has(kind));
}

function traceOfFirst(machine: RecordedMachine): string {
  return linesOfFirst(machine).join('\n');
}

async function run(testbed: Testbed, seed: number): Promise<RecordedMachine> {
  const machine = testbed.machine(2);
  const chance = new Random(seed);
  const scripts = machine.guests.map((guest) => [...script(testbed, machine, guest)]);
  for (let open = scripts; open.length > 0; open = scripts.filter((steps) => steps.length > 0)) {
    await open[chance.below(open.length)]?.shift()?.();
  }
  return machine;
}

function script(testbed: Testbed, machine: RecordedMachine, guest: MachineGuest): Script {
  const rebind = (file: 'bind' | 'unbind') => async (): Promise<void> => {
    const [name] = guest.deviceNames();
    if (name !== undefined) await guest.bindFile(file, name);
  };
  return [
    () => guest.boot(),
    () => guest.loadTransport(),
    () => guest.loadDriver(testbed.workload.driver),
    rebind('unbind'),
    rebind('bind'),
    () => mapOf(testbed, machine, guest),
  ];
}
