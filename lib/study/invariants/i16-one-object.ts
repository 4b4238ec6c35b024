import type { Device } from '../../base/device';
import type { DeviceModel } from '../../hypervisor';
import { bootLoaded } from '../evidence/experiment';
import type { Invariant } from './finding';
import type { Testbed } from '../evidence/testbed';
import type { RecordedMachine } from '../evidence/recorded-machine';
import type { MachineGuest } from '../../machine';
import { counted } from '../evidence/words';
import { servedBy } from '../../machine/workload';

/**
 * Two guests, all drivers, and, where a bus has devices that are no virtio devices, one of each kind. Every device of
 * the bus is used, and it is noted which of the hypervisor's devices served.
 *
 * @see arch/powerpc/platforms/ps3/system-bus.c usage_hack, for where it is not so
 */
export const oneDeviceOneObject: Invariant = {
  id: 'I16',
  group: 'other',
  title: 'one device, one object, one owner',
  measure: "objects of one guest that one of the hypervisor's devices stands behind at the same time, at most",
  async detect(testbed) {
    const machine = testbed.machine(2);
    const { native } = testbed.fixture;
    const added = native === undefined ? [] : Array.from({ length: native.kinds }, (_, i) => native.makeModel(i));
    for (const model of added) machine.plug(model);
    for (const guest of machine.guests) {
      await bootLoaded(testbed, guest);
      for (const driver of native?.drivers ?? []) await guest.loadDriver(driver);
    }
    const uses: string[][] = [];
    for (const guest of machine.guests) uses.push(await usesOf(testbed, machine, guest, added));
    const objects = Math.max(...uses.map(most));
    const owners = most(uses.flatMap((used) => [...new Set(used)]));
    return {
      holds: owners === 0 ? null : objects <= 1 && owners <= 1,
      value: objects,
      text: `${counted(objects, 'object')}, ${counted(owners, 'owner')}`,
      evidence: machine.evidence.lines,
    };
  },
};

/** How often the commonest of these occurs. */
function most(names: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}

/** For each object of a guest that works: the name of the device behind it. */
async function usesOf(
  testbed: Testbed,
  machine: RecordedMachine,
  guest: MachineGuest,
  added: readonly DeviceModel[],
): Promise<string[]> {
  const uses: string[] = [];
  for (const dev of guest.devices()) {
    const model = await servedBy([...machine.models, ...added], () => use(testbed, guest, dev));
    machine.evidence.add(guest.name, `${dev.name ?? ''} is served by ${model ?? 'nobody'}`);
    if (model !== null) uses.push(model);
  }
  return uses;
}

async function use({ workload, fixture }: Testbed, guest: MachineGuest, dev: Device): Promise<boolean> {
  return (await workload.touch(guest, dev)) || (fixture.native?.touch(dev) ?? false);
}
