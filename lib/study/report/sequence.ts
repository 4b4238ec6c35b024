import type { FixtureId, MachineGuest } from '../../machine';
import { errnoName } from '../../errno';
import type { Testbed } from '../evidence/testbed';
import { MessageRecorder, type Message } from './messages';

/** The messages while a user binds a device and unbinds it again. */
export interface Sequence extends FixtureId {
  readonly bind: readonly Message[];
  readonly unbind: readonly Message[];
}

/** The first of a guest's devices, bound and unbound by hand; empty where there is no device without driver at work. */
export async function recordSequence(testbed: Testbed): Promise<Sequence> {
  const machine = testbed.machine();
  const guest = machine.guest();
  await guest.boot();
  const recorder = new MessageRecorder(machine.hypervisor);
  await guest.bindByHand();
  for (const def of [guest.bus.transport, testbed.workload.driver]) await guest.loadDriver(recorder.driver(def));
  const name = guest.deviceNames()[0];
  const { bus, strategy } = testbed.fixture;
  if (name === undefined) return { bus, strategy, bind: [], unbind: [] };
  recorder.watch(guest.kernel);
  return {
    bus,
    strategy,
    bind: await write(guest, 'bind', name, recorder),
    unbind: await write(guest, 'unbind', name, recorder),
  };
}

/** The return is drawn where the write returns: the user does not wait for later messages. */
async function write(
  guest: MachineGuest,
  file: string,
  name: string,
  recorder: MessageRecorder,
): Promise<readonly Message[]> {
  recorder.say('user', 'core', `echo ${name} > ${file}`);
  const error = await guest.writeOnly(`${guest.busPath}/drivers/${guest.bus.transport.name}/${file}`, name);
  recorder.say('core', 'user', error === 0 ? 'done' : errnoName(error), 'answer');
  await guest.settle();
  return recorder.take();
}
