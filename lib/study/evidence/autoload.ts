import type { Kernel } from '../../base/kernel';
import { driverModule } from '../../module';
import { ModuleIndex, Udev, type UdevRecord } from '../../userspace';
import { backingDeviceIfAny } from './experiment';
import type { Testbed } from './testbed';
import type { RecordedMachine } from './recorded-machine';

/** A guest that has booted without any driver, and a udev that is not yet at work. */
export interface AutoloadGuest {
  readonly machine: RecordedMachine;
  readonly udev: Udev;
  /** The MODALIAS of each add event that the devices of the bus sent until udev starts. */
  readonly announced: readonly string[];
}

/**
 * Boots a guest whose drivers are all modules on its disk that are not loaded.
 *
 * @param early does udev's socket exist from the beginning?
 */
export async function bootWithModules(testbed: Testbed, early: boolean): Promise<AutoloadGuest> {
  const index = new ModuleIndex();
  const events: (readonly string[])[] = [];
  const started: Udev[] = [];
  const kernelMade = (kernel: Kernel): void => {
    kernel.uevents.subscribe(({ action, env }) => void (action === 'add' && events.push(env)));
    const udev = new Udev(kernel, index, (record) => note(machine, kernel.name, record));
    started.push(early ? udev.listen() : udev);
  };
  const machine = testbed.machine(1, { kernelMade });
  const guest = machine.guest();
  await guest.boot();
  const { registration, transport } = guest.bus;
  index.add(driverModule(transport, registration === undefined ? {} : { registration }));
  index.add(driverModule(testbed.workload.driver));
  const [udev] = started;
  if (udev === undefined) throw new Error(`guest ${guest.name} has no kernel`);
  const ofBus = events.filter((env) => env.includes(`SUBSYSTEM=${guest.bus.busName}`));
  const announced = ofBus.flatMap((env) => env.filter((text) => text.startsWith('MODALIAS=')));
  return { machine, udev, announced };
}

function note({ evidence }: RecordedMachine, who: string, { modalias, loaded, error }: UdevRecord): void {
  const what = error ?? (loaded.length === 0 ? 'loaded already' : `loaded ${loaded.join(', ')}`);
  evidence.add(who, `udev: ${modalias}: ${what}`);
}

/** How many of the hypervisor's devices the guest can use. */
export async function devicesInUse(testbed: Testbed, machine: RecordedMachine): Promise<number> {
  const guest = machine.guest();
  const backingDevices = new Set<string>();
  for (const dev of guest.boundDevices()) {
    const backingDevice = await backingDeviceIfAny(testbed, machine, guest, dev);
    if (backingDevice !== null) backingDevices.add(backingDevice);
  }
  return backingDevices.size;
}
