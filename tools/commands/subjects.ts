import { ccw } from '../../buses/ccw';
import { ofTree } from '../../buses/of-tree';
import { ps3Handle } from '../../buses/ps3-handle';
import { vpci } from '../../buses/vpci';
import { virtioBlk } from '../../drivers/virtio_blk';
import { virtioConsole } from '../../drivers/virtio_console';
import { virtioNet } from '../../drivers/virtio_net';
import { virtioRng } from '../../drivers/virtio_rng';
import {
  blockWorkload,
  consoleWorkload,
  netWorkload,
  rngWorkload,
  type BusFixture,
  type Workload,
} from '../../lib/machine';

/** Every bus and strategy, in the order of the report. */
export const FIXTURES: readonly BusFixture[] = [vpci, ccw, ofTree, ...ps3Handle];

/** Every driver with a way to use it. */
export const WORKLOADS: readonly Workload[] = [
  blockWorkload(virtioBlk),
  rngWorkload(virtioRng),
  consoleWorkload(virtioConsole),
  netWorkload(virtioNet),
];
