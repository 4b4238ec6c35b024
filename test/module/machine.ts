import {
  Hypervisor,
  initSubsystems,
  Kernel,
  registerVirtioBus,
  World,
  type BusFixture,
  type DeviceModel,
  type Guest,
  type GuestBus,
  type HostBus,
} from '../../lib';

/** A guest on one bus, with the models that were plugged in before it booted and no driver. */
export interface Booted {
  readonly world: World;
  readonly hypervisor: Hypervisor;
  readonly host: HostBus;
  readonly guest: Guest;
  readonly kernel: Kernel;
  readonly bus: GuestBus;
  /** Runs what is runnable and what is due soon. */
  settle(): Promise<void>;
}

/** @param early what is done to the kernel before it looks for devices */
export async function bootOn(
  fixture: BusFixture,
  models: readonly DeviceModel[],
  early: (kernel: Kernel) => void = () => undefined,
): Promise<Booted> {
  const world = new World();
  const hypervisor = new Hypervisor(world);
  const host = fixture.install(hypervisor);
  const guest = hypervisor.createGuest({ name: 'g1' });
  for (const model of models) host.plug(model, guest);
  const kernel = new Kernel(world, { port: guest.port });
  early(kernel);
  await initSubsystems(kernel);
  await registerVirtioBus(kernel);
  const bus = await host.boot(kernel, guest);
  const settle = (): Promise<void> => world.advance(10_000_000);
  await settle();
  return { world, hypervisor, host, guest, kernel, bus, settle };
}
