import { virtioBus } from '../../virtio';
import { bootLoaded } from '../evidence/experiment';
import type { Invariant } from './finding';
import type { RecordedMachine } from '../evidence/recorded-machine';
import type { MachineGuest } from '../../machine';

const SECOND_NS = 1_000_000_000;

/**
 * A device is plugged into a running machine, and a second later one in use is unplugged, without a scan. Only the
 * virtio device counts, since users see that one on every bus.
 *
 * @see drivers/pci/hotplug/pciehp_ctrl.c, drivers/s390/cio/css.c css_process_crw, drivers/of/dynamic.c
 */
export const hotplugIsAnEvent: Invariant = {
  id: 'I25',
  group: 'other',
  title: 'plug and unplug are events',
  measure: 'of plug and unplug, how many come as an add and a remove event without a rescan',
  async detect(testbed) {
    const machine = testbed.machine();
    const guest = machine.guest();
    await bootLoaded(testbed, guest);
    const events = listen(machine, guest);
    machine.plug(testbed.workload.makeModel(testbed.conditions.devices));
    const added = await latency(machine, () => events.add);
    machine.evidence.act('host', `unplug ${machine.models[0]?.name ?? ''}`);
    machine.plugged[0]?.unplug();
    const removed = await latency(machine, () => events.remove);
    const seen = [added, removed].filter((ns) => ns !== null).length;
    return {
      holds: seen === 2,
      value: seen,
      text: `add ${told(added)}, remove ${told(removed)}`,
      evidence: machine.evidence.lines,
    };
  },
};

/** World time of the first add and remove event of a virtio device since then. */
function listen({ world }: RecordedMachine, { kernel }: MachineGuest): { add: number | null; remove: number | null } {
  const first: { add: number | null; remove: number | null } = { add: null, remove: null };
  kernel.uevents.subscribe(({ action, env }) => {
    if (!env.includes(`SUBSYSTEM=${virtioBus.name}`)) return;
    if (action === 'add') first.add ??= world.now;
    if (action === 'remove') first.remove ??= world.now;
  });
  return first;
}

/** Lets a second pass. @returns ns until the event; null when there was none */
async function latency({ world }: RecordedMachine, event: () => number | null): Promise<number | null> {
  const start = world.now;
  await world.advance(SECOND_NS);
  const at = event();
  return at === null ? null : at - start;
}

function told(ns: number | null): string {
  return ns === null ? 'untold' : `after ${String(Math.round(ns / 1000))} us`;
}
