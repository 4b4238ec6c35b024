import { virtioBlk } from '../../drivers/virtio_blk';
import { virtioConsole } from '../../drivers/virtio_console';
import { virtioNet } from '../../drivers/virtio_net';
import { virtioRng } from '../../drivers/virtio_rng';
import { blockWorkload, consoleWorkload, netWorkload, rngWorkload, type Workload } from '../../lib/machine';

/** Every driver with a way to use it. */
export const WORKLOADS: readonly Workload[] = [
  blockWorkload(virtioBlk),
  rngWorkload(virtioRng),
  consoleWorkload(virtioConsole),
  netWorkload(virtioNet),
];
