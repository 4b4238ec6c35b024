import { virtioBlk } from '../../drivers/virtio_blk';
import { virtioConsole } from '../../drivers/virtio_console';
import { virtioNet } from '../../drivers/virtio_net';
import { virtioRng } from '../../drivers/virtio_rng';
import { blockWorkload, consoleWorkload, netWorkload, rngWorkload, type Workload } from '../../lib/machine';
import { eachFault, fixtures, type KitWorld } from '../support/kit';

const WORKLOADS: readonly (() => Workload)[] = [
  () => blockWorkload(virtioBlk),
  () => netWorkload(virtioNet),
  () => consoleWorkload(virtioConsole),
  () => rngWorkload(virtioRng),
];

/** Binds, uses what was bound, and unbinds. */
async function use(w: KitWorld, workload: Workload): Promise<void> {
  const { driver } = workload;
  const model = workload.makeModel(0);
  w.plug(model);
  await w.boot();
  await w.load(driver);
  const [dev] = w.bound(driver);
  if (dev === undefined || !(await workload.verify(w.guest(), dev, [model])))
    throw new Error(`${driver.name} does not work`);
  await w.settle();
  await w.unload(driver);
}

/** A driver knows nothing of strategies: beside the one of Linux they have the disk, which does most. */
const FEW_DRIVERS = fixtures.filter(({ strategy }) => strategy !== null && strategy !== 'repository');
const ALL_DRIVERS = fixtures.filter((bus) => !FEW_DRIVERS.includes(bus));

describe('drivers, when something fails once from their bind to their removal', () => {
  for (const [index, make] of WORKLOADS.entries()) {
    eachFault(`${make().driver.name} leaves nothing, and binds afterwards`, (w) => use(w, make()), {
      calls: 2,
      fixtures: index === 0 ? fixtures : ALL_DRIVERS,
    });
  }
});
