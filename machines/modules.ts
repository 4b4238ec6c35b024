import { virtioBalloon } from '../drivers/virtio_balloon';
import { virtioBlk } from '../drivers/virtio_blk';
import { virtioConsole, virtioRprocSerial } from '../drivers/virtio_console';
import { virtioNet } from '../drivers/virtio_net';
import { virtioRng } from '../drivers/virtio_rng';
import { driverModule, type ModuleDef } from '../lib/module';
import { FEATURE, featureBit, registerVirtioBus, virtioBus, type VirtioDriver } from '../lib/virtio';

/**
 * The modules of the virtio drivers, in the order in which init loads them.
 *
 * @param balloon the driver of the machine's kernel: {@link olderBalloon} in some
 */
export function virtioDriverModules(core: readonly string[], balloon = virtioBalloon): readonly ModuleDef[] {
  const more = { depends: core };
  return [
    { name: 'failover', init: nothing, exit: nothing },
    { name: 'net_failover', depends: ['failover'], init: nothing, exit: nothing },
    driverModule(virtioNet, { depends: [...core, 'net_failover'] }),
    driverModule(virtioBlk, more),
    driverModule(virtioRng, more),
    driverModule([virtioConsole, virtioRprocSerial], more),
    driverModule(balloon, more),
  ];
}

/** Leaves indirect descriptors on, as kernels did whose driver had no fix for them. @see virtballoon_validate */
export const olderBalloon: VirtioDriver = {
  ...virtioBalloon,
  validate: (vdev) => void (vdev.features &= ~featureBit(FEATURE.ACCESS_PLATFORM)),
};

function nothing(): void {}

/** The virtio bus as a module. @see drivers/virtio/virtio.c virtio_init, virtio_exit */
export const virtioModule: ModuleDef = {
  name: 'virtio',
  depends: ['virtio_ring'],
  init: async (kernel) => {
    await registerVirtioBus(kernel);
  },
  exit: async (kernel) => {
    await kernel.busOf(virtioBus)?.unregister();
  },
};

/** A module whose functions others call; it registers nothing. */
export function helperModule(name: string): ModuleDef {
  return { name, init: nothing, exit: nothing };
}
