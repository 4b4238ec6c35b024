import {
  Device, Hypervisor, initSubsystems, Kernel, registerVirtioBus, World, type BusFixture, type Driver,
} from '../../lib';
import { LabDev, LabDrv } from '../replay/lab-objects';
import { runProgram } from '../replay/run';
import { WORKLOADS } from './subjects';

/** Something that has a name which users know. */
interface Named<T> {
  readonly name: string;
  readonly it: T;
}

/** Where `ldm why` looks: every device and driver, under each of its names. */
export interface Scene {
  readonly devices: readonly Named<Device>[];
  readonly drivers: readonly Named<Driver>[];
}

const DEVICES_OF_A_CLASS = 2;
/** Longer than any device model takes to answer. */
const SETTLE_NS = 10_000_000;

/** What a program leaves: by handle, and by kernel name. @throws ReplayError as runProgram */
export async function sceneOfProgram(text: string): Promise<Scene> {
  const { kernel, objects } = await runProgram(text);
  const known = sceneOfKernel(kernel);
  const devices = objects
    .of(LabDev)
    .filter((dev) => dev.named)
    .map(({ handle, device }) => ({ name: handle, it: device }));
  const drivers = objects.of(LabDrv).filter((drv) => drv.named);
  return {
    devices: [...devices, ...known.devices],
    drivers: [...drivers.map((drv) => ({ name: drv.handle, it: drv.registration })), ...known.drivers],
  };
}

/** A machine with the devices that `ldm compare` uses, booted with all drivers. */
export async function sceneOfBus(fixture: BusFixture): Promise<Scene> {
  const world = new World({ schedule: 'fifo' });
  const hypervisor = new Hypervisor(world);
  const guest = hypervisor.createGuest();
  const host = fixture.install(hypervisor);
  for (const workload of WORKLOADS) {
    for (let i = 0; i < DEVICES_OF_A_CLASS; i++) host.plug(workload.makeModel(i), guest);
  }
  const kernel = new Kernel(world, { port: guest.port, debug: true });
  await initSubsystems(kernel);
  await registerVirtioBus(kernel);
  const bus = await host.boot(kernel, guest);
  await bus.configure?.();
  await world.advance(SETTLE_NS);
  for (const driver of [bus.transport, ...WORKLOADS.map((workload) => workload.driver)]) {
    await (bus.registration === undefined ? kernel.registerDriver(driver) : bus.registration.register(driver, null));
    await world.advance(SETTLE_NS);
  }
  return sceneOfKernel(kernel);
}

function sceneOfKernel(kernel: Kernel): Scene {
  const devices = [...kernel.devicesKset.list].filter((kobj) => kobj instanceof Device);
  const drivers = [...kernel.buses.values()].flatMap((bus) => [...bus.drivers()]);
  return {
    devices: devices.map((it) => ({ name: it.name ?? '', it })),
    drivers: drivers.map((it) => ({ name: it.def.name, it })),
  };
}
