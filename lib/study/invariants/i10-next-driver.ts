import { backingDeviceIfAny, bindAny, bootIdle } from '../evidence/experiment';
import type { Proof, ProofLine } from '../evidence/excerpt';
import type { Invariant } from './finding';
import type { Testbed } from '../evidence/testbed';
import { decliningDriver } from '../evidence/declining-driver';
import type { RecordedMachine } from '../evidence/recorded-machine';
import type { MachineGuest } from '../../machine';
import { counted } from '../evidence/words';

const DRIVERS = 3;
/** How long the first driver's probe takes before it fails: enough for an operation of another guest. */
const LOOK_NS = 1_000_000;

/**
 * Drivers that match the same device are probed in turn, in one walk of the core. In one run the first binds, in the
 * next the first declines and the second binds, and so on: each time the experiment finds out which of the hypervisor's
 * devices is behind the name. During the first driver's probe another guest releases the device that it had.
 *
 * @see drivers/base/dd.c __device_attach_driver
 */
export const nextDriverGetsTheSameDevice: Invariant = {
  id: 'I10',
  group: 'code',
  title: 'the next driver gets the same device',
  measure: `devices that come with one name to ${String(DRIVERS)} drivers, of which the first ones refuse`,
  async detect(testbed) {
    const got: string[] = [];
    const evidence: ProofLine[] = [];
    let name: string | undefined;
    for (let refusals = 0; refusals < DRIVERS; refusals++) {
      const run = await offer(testbed, refusals, name);
      name ??= run.name;
      if (run.backingDevice !== null) got.push(run.backingDevice);
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
  readonly backingDevice: string | null;
  readonly evidence: Proof;
}

/** @param wanted the name; without it the last one that stands for something: an empty slot is a name too */
async function offer(testbed: Testbed, refusals: number, wanted?: string): Promise<Offered> {
  const machine = testbed.machine(2);
  const [guest, rival] = [machine.guest(), machine.guest(1)];
  await guest.boot();
  await guest.bindByHand();
  await guest.loadDriver(testbed.workload.driver);
  await bootIdle(testbed, rival);
  const taken = await bindAny(rival);
  for (let i = 0; i < DRIVERS; i++) {
    const wants = async (): Promise<boolean> => {
      if (i === 0 && i < refusals && taken !== null) await giveBack(machine, rival, taken);
      return i >= refusals;
    };
    await guest.loadDriver(decliningDriver(guest.bus.transport, `driver${String(i)}`, wants));
  }
  for (const name of wanted === undefined ? guest.deviceNames().toReversed() : [wanted]) {
    await guest.write(`${guest.busPath}/drivers_probe`, name);
    const backingDevice = await backingDeviceIfAny(testbed, machine, guest, guest.device(name));
    if (backingDevice !== null) return { name, backingDevice, evidence: machine.evidence.lines };
  }
  return { backingDevice: null, evidence: machine.evidence.lines };
}

/** By a user of that guest, while the caller waits. */
async function giveBack({ world, evidence }: RecordedMachine, guest: MachineGuest, name: string): Promise<void> {
  const path = `${guest.busPath}/drivers/${guest.bus.transport.name}/unbind`;
  evidence.act(guest.name, `echo ${name} > ${path}`);
  void world.spawn(() => guest.kernel.sysfs.open(path, 'w').write(name), `write(${path})`, guest.kernel);
  await world.sleep(LOOK_NS);
}
