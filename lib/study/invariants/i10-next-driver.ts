import type { Device } from '../../base/device';
import type { DeviceDriver } from '../../base/types';
import { ENODEV } from '../../errno';
import { bindAny, bootIdle } from '../experiment';
import type { Proof, ProofLine } from '../excerpt';
import type { Invariant, Lab } from '../finding';
import type { Machine, StudyGuest } from '../machine';
import { counted } from '../words';
import { markerOf } from '../workload';

const DRIVERS = 3;
/** How long the first driver looks at a device before it refuses: time enough for another guest to do something. */
const LOOK_NS = 1_000_000;

/**
 * Drivers that match the same device are asked in turn, in one walk of the core. In one run the first takes it, in the
 * next the first refuses and the second takes it, and so on: each time it is asked which of the hypervisor's devices
 * came with the name. While the first driver makes up its mind, another guest gives back the device that it had.
 *
 * @see drivers/base/dd.c __device_attach_driver
 */
export const nextDriverGetsTheSameDevice: Invariant = {
  id: 'I10',
  group: 'code',
  title: 'the next driver gets the same device',
  measure: `devices that come with one name to ${String(DRIVERS)} drivers, of which the first ones refuse`,
  async detect(lab) {
    const got: string[] = [];
    const evidence: ProofLine[] = [];
    let name: string | undefined;
    for (let refusals = 0; refusals < DRIVERS; refusals++) {
      const run = await offer(lab, refusals, name);
      name ??= run.name;
      if (run.marker !== null) got.push(run.marker);
      evidence.push(`--- ${String(refusals)} drivers refuse`, ...run.evidence);
    }
    const devices = new Set(got).size;
    return {
      holds: got.length < 2 ? null : devices === 1,
      value: devices,
      text: `${counted(devices, 'device')}, ${counted(got.length, 'driver')} asked`,
      evidence,
    };
  },
};

interface Offered {
  readonly name?: string;
  readonly marker: string | null;
  readonly evidence: Proof;
}

/** @param wanted the name; without it the last one that stands for something: an empty slot is a name too */
async function offer(lab: Lab, refusals: number, wanted?: string): Promise<Offered> {
  const machine = lab.machine(2);
  const [guest, rival] = [machine.guest(), machine.guest(1)];
  await guest.boot();
  await guest.write(`${guest.busPath}/drivers_autoprobe`, '0');
  await guest.loadDriver(lab.workload.driver);
  await bootIdle(lab, rival);
  const taken = await bindAny(rival);
  const meanwhile = [(): Promise<void> => (taken === null ? Promise.resolve() : giveBack(machine, rival, taken))];
  for (let i = 0; i < DRIVERS; i++) {
    const driver = { ...guest.bus.transport, name: `driver${String(i)}` };
    await guest.loadDriver(i < refusals ? refusing(driver, meanwhile[i]) : driver);
  }
  for (const name of wanted === undefined ? guest.deviceNames().toReversed() : [wanted]) {
    await guest.write(`${guest.busPath}/drivers_probe`, name);
    const marker = await markerOf(guest, lab.workload, machine.models, guest.device(name));
    machine.evidence.add(guest.name, `${name} is served by ${marker ?? 'nobody'}`);
    if (marker !== null) return { name, marker, evidence: machine.evidence.lines };
  }
  return { marker: null, evidence: machine.evidence.lines };
}

/** The driver that does all that another does, waits, leaves again and says ENODEV. */
function refusing(other: DeviceDriver<never>, meanwhile?: () => Promise<void>): DeviceDriver<never> {
  const like = other as DeviceDriver;
  const driver: DeviceDriver = {
    ...like,
    async probe(dev: Device): Promise<number> {
      const result = (await like.probe?.(dev)) ?? 0;
      if (result !== 0) return result;
      await meanwhile?.();
      await like.remove?.(dev);
      return -ENODEV;
    },
  };
  return driver;
}

/** By a user of that guest, while the caller waits. */
async function giveBack({ world, evidence }: Machine, guest: StudyGuest, name: string): Promise<void> {
  const path = `${guest.busPath}/drivers/${guest.bus.transport.name}/unbind`;
  evidence.act(guest.name, `echo ${name} > ${path}`);
  void world.spawn(() => guest.kernel.sysfs.open(path, 'w').write(name), `write(${path})`, guest.kernel);
  await world.sleep(LOOK_NS);
}
