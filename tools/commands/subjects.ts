import { ccw } from '../../buses/ccw';
import { ofTree } from '../../buses/of-tree';
import { ps3AtProbe, ps3Repository } from '../../buses/ps3-handle';
import { vpci } from '../../buses/vpci';
import { virtioBlk } from '../../drivers/virtio_blk';
import { virtioRng } from '../../drivers/virtio_rng';
import { blockWorkload, rngWorkload, type BusFixture, type Workload } from '../../lib/study';

/** Every bus and strategy, in the order of the report. */
export const FIXTURES: readonly BusFixture[] = [vpci, ccw, ofTree, ps3AtProbe, ps3Repository];

/** Every driver with a way to use it. */
export const WORKLOADS: readonly Workload[] = [blockWorkload(virtioBlk), rngWorkload(virtioRng)];
