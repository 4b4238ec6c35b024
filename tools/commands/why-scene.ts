import {
  Device,
  Hypervisor,
  initModule,
  initSubsystems,
  Kernel,
  orForeignWait,
  registerVirtioBus,
  World,
  type BusFixture,
  type DeviceDriver,
  type Driver,
  type RealTime,
} from '../../lib';
import { advice } from '../names';
import { LabDev, LabDrv } from '../replay/lab-objects';
import { runProgram } from '../replay/run';
import { realTime } from '../real-time';
import { WORKLOADS } from './subjects';
import { inFile, type Loaded } from './why-load';

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
/** Longer than any device model takes to complete a request. */
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

/**
 * A machine with the devices that `ldm compare` uses, booted with all drivers, and then with what a user's files bring.
 *
 * @throws UsageError naming the file: what it brings is refused, or throws
 * @throws ForeignWait when a driver waits for what is not of this world
 */
export async function sceneOfBus(
  fixture: BusFixture,
  files: readonly Loaded[] = [],
  time: RealTime = realTime,
): Promise<Scene> {
  const world = new World({ schedule: 'fifo' });
  return orForeignWait(world, time, () => bootScene(world, fixture, files));
}

async function bootScene(world: World, fixture: BusFixture, files: readonly Loaded[]): Promise<Scene> {
  const hypervisor = new Hypervisor(world);
  const guest = hypervisor.createGuest();
  const host = fixture.install(hypervisor);
  for (const workload of WORKLOADS) {
    for (let i = 0; i < DEVICES_OF_A_CLASS; i++) host.plug(workload.makeModel(i), guest);
  }
  for (const { file, models } of files) {
    for (const model of models) await inFile(file, `device '${model.name}'`, () => host.plug(model, guest));
  }
  const kernel = new Kernel(world, { port: guest.port, debug: true });
  await initSubsystems(kernel);
  await registerVirtioBus(kernel);
  const bus = await host.boot(kernel, guest);
  await bus.configure?.();
  await world.advance(SETTLE_NS);
  const register = async (driver: DeviceDriver<never>): Promise<void> => {
    await (bus.registration === undefined ? kernel.registerDriver(driver) : bus.registration.register(driver, null));
    await world.advance(SETTLE_NS);
  };
  for (const driver of [bus.transport, ...WORKLOADS.map((workload) => workload.driver)]) await register(driver);
  for (const loaded of files) await bring(kernel, loaded, register);
  return sceneOfKernel(kernel);
}

async function bring(
  kernel: Kernel,
  { file, drivers, modules }: Loaded,
  register: (driver: DeviceDriver<never>) => Promise<void>,
): Promise<void> {
  for (const module of modules) {
    await inFile(file, `module '${module.name}'`, async () => {
      await initModule(kernel, module);
      await kernel.world.advance(SETTLE_NS);
    });
  }
  for (const driver of drivers) {
    await inFile(file, `driver '${driver.name}'`, () => {
      checkBus(kernel, driver);
      return register(driver);
    });
  }
}

/** A bus is an object: that of another copy of the package has the same name, and is another bus. */
function checkBus(kernel: Kernel, { bus }: DeviceDriver<never>): void {
  if (kernel.busOf(bus) !== null) return;
  const known = [...kernel.buses.values()].map(({ type }) => type.name);
  const what = `bus '${bus.name}' is not in this machine`;
  if (!known.includes(bus.name)) throw new Error(`${what}; ${advice('bus', bus.name, known)}`);
  throw new Error(`${what}: the file has it from another copy of linux-driver-model than this command is of`);
}

function sceneOfKernel(kernel: Kernel): Scene {
  const devices = [...kernel.devicesKset.list].filter((kobj) => kobj instanceof Device);
  const drivers = [...kernel.buses.values()].flatMap((bus) => [...bus.drivers()]);
  return {
    devices: devices.map((it) => ({ name: it.name ?? '', it })),
    drivers: drivers.map((it) => ({ name: it.def.name, it })),
  };
}
