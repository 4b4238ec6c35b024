import { ENOMEM, ErrnoError } from '../../errno';
import type { DeviceModel } from '../../hypervisor';
import type { Uevent } from '../../kobject';
import { bootLoaded } from '../evidence/experiment';
import type { RecordedMachine } from '../evidence/recorded-machine';
import type { MachineGuest } from '../../machine';
import { counted, lastPart } from '../evidence/words';
import { workingNames, listed } from './operations';
import type { Scenario } from './scenario';
import type { Stage } from './stage';

type Facts = {
  readonly failed: number;
  readonly removesWithoutAdd: number;
  readonly taken: number;
  readonly worked: boolean;
  readonly works: boolean;
};

/** @see drivers/base/core.c device_add, label attrsError */
export const removeUeventWithoutAdd: Scenario<Facts> = {
  name: 'remove-uevent-without-add',
  title: "a remove event without an add event has a stranger's device taken away",
  about:
    'A device is plugged; adding it fails after its directory was made, for want of memory. The bus looks again, ' +
    'and now it is added under the same name and works. A manager of devices handles the events when all is over, ' +
    'as slow listeners do: at a remove event it takes back the device that is behind the name, if the name was ' +
    'announced as a claim: if somebody held the device when its add event was sent.',
  strategy: 'eager',
  measures: {
    failed: 'times that adding a device failed',
    removesWithoutAdd: 'remove events of names for which no add event was sent before',
    taken: 'devices that the manager took back',
    worked: 'did the device work before the manager handled the events?',
    works: 'does it work afterwards?',
  },
  why: [
    {
      kernel: 'drivers/base/core.c device_add',
      file: 'lib/base/device-add.ts',
      name: 'takeFromSysfs',
      rule: 'a failure after kobject_add sends remove though add was never sent, on every bus',
    },
    {
      kernel: null,
      file: 'buses/ps3-handle/guest/strategies/handles.ts',
      name: 'addHeld',
      rule:
        'a name is a claim here, and the claim and the name of the failed device are free at once for the next one: ' +
        "who frees by name frees that one's. Where a name is a place, or free, there is nothing to take back",
    },
  ],
  async run(stage) {
    const machine = stage.machine();
    const guest = machine.guest();
    await bootLoaded(stage.testbed, guest);
    const events = listen(machine);
    const known = new Set(guest.deviceNames());
    const fault = failNextAdd(guest);
    const told = (): string => `new: ${listed(guest.deviceNames().filter((name) => !known.has(name)))}`;
    const plug = async (): Promise<string> => {
      const { name } = stage.plug(machine);
      await guest.settle();
      if (fault.count() === 0) await look(guest);
      return name;
    };
    const backingDevice = await stage.step('a device is plugged; adding it fails', plug, told);
    fault.remove();
    await stage.step('the bus looks again', () => look(guest), told);
    const worked = await isServed(stage, guest, backingDevice);
    const removes = withoutAdd(events);
    const handle = (): Promise<number> => takeBackAll(stage, machine, removes, heldNames(events));
    const taken = await stage.step(
      'the manager handles the events',
      handle,
      (count) => `${listed(events.map(({ event }) => eventText(event)))}: ${counted(count, 'device')} taken back`,
    );
    const works = await isServed(stage, guest, backingDevice);
    return { failed: fault.count(), removesWithoutAdd: removes.length, taken, worked, works };
  },
  happens: ({ removesWithoutAdd, worked, works }) => removesWithoutAdd > 0 && worked && !works,
};

/** An event, and the devices of the hypervisor that somebody held when it was sent. */
interface Heard {
  readonly event: Uevent;
  readonly held: ReadonlySet<DeviceModel>;
}

/** Add and remove events of the bus's devices from now on. */
function listen(machine: RecordedMachine): Heard[] {
  const { kernel, bus } = machine.guest();
  const events: Heard[] = [];
  kernel.uevents.subscribe((event) => {
    const isOfBus = event.env.includes(`SUBSYSTEM=${bus.busName}`);
    if (!isOfBus || !['add', 'remove'].includes(event.action)) return;
    events.push({ event, held: new Set(machine.hypervisor.claims.list().map(({ device }) => device)) });
  });
  return events;
}

/** What was held when a name was announced, for each name. */
function heldNames(events: readonly Heard[]): ReadonlyMap<string, ReadonlySet<DeviceModel>> {
  const adds = events.filter(({ event }) => event.action === 'add');
  return new Map(adds.map(({ event, held }) => [lastPart(event.devpath), held]));
}

/** Has bus_add_device fail the next time, for a device of the bus. */
function failNextAdd({ bus, kernel }: MachineGuest): { remove: () => void; count: () => number } {
  let count = 0;
  const before = kernel.faults;
  kernel.faults = (_fn, step, dev) => {
    if (step !== 'bus_add_device' || dev.bus?.type.name !== bus.busName || count > 0) return 0;
    count++;
    return -ENOMEM;
  };
  return { remove: () => void (kernel.faults = before), count: () => count };
}

/** A scan returns the error of the device that failed. */
async function look(guest: MachineGuest): Promise<void> {
  try {
    await guest.rescan();
  } catch (error) {
    if (!(error instanceof ErrnoError)) throw error;
  }
}

function withoutAdd(events: readonly Heard[]): string[] {
  const added = new Set<string>();
  return events.flatMap(({ event: { action, devpath } }) => {
    const name = lastPart(devpath);
    if (action === 'add') added.add(name);
    return action === 'remove' && !added.delete(name) ? [name] : [];
  });
}

function eventText({ action, devpath }: Uevent): string {
  return `${action} ${lastPart(devpath)}`;
}

async function isServed(stage: Stage, guest: MachineGuest, backingDevice: string): Promise<boolean> {
  return [...(await workingNames(stage, guest)).values()].includes(backingDevice);
}

/** @returns the number of these devices; none where a name is no claim */
async function takeBackAll(
  stage: Stage,
  machine: RecordedMachine,
  names: readonly string[],
  heldAtAdd: ReadonlyMap<string, ReadonlySet<DeviceModel>>,
): Promise<number> {
  const guest = machine.guest();
  let taken = 0;
  for (const name of names) {
    const backingDevice = await stage.identify(guest, guest.device(name));
    const model = stage.models.find((one) => one.name === backingDevice);
    if (model === undefined || heldAtAdd.get(name)?.has(model) !== true) continue;
    if (machine.hypervisor.claims.ownerOf(model) === undefined) continue;
    stage.place(model.name)?.unplug();
    taken++;
  }
  await guest.settle();
  return taken;
}
