import { fixtures } from '../../buses';
import { virtioBlk } from '../../drivers/virtio_blk';
import { blockWorkload } from '../../lib/machine';
import { compare, type Comparison } from '../../lib/study';

let made: Promise<Comparison> | undefined;

/** Disks on every bus and strategy, compared in all ways: it takes seconds, so a process makes it once. */
export function wholeComparison(): Promise<Comparison> {
  const subjects = { fixtures, workloads: [blockWorkload(virtioBlk)] };
  made ??= compare(subjects, { seed: 1, devices: 4, policy: 'lowest' });
  return made;
}
