import { expect } from 'chai';
import { ccw } from '../../buses/ccw';
import { virtioBlk } from '../../drivers/virtio_blk';
import { blockWorkload } from '../../lib/machine';
import { compare } from '../../lib/study';

describe('ccw in the comparison', () => {
  it('works with the disk driver, and every invariant that has a verdict holds', async () => {
    const subjects = { fixtures: [ccw], workloads: [blockWorkload(virtioBlk)] };
    const { invariants, runs } = await compare(subjects, { seed: 1, devices: 3, policy: 'lowest' });
    expect(runs[0]).to.include({ bus: 'ccw', found: 3, devicesBound: 3, ioVerified: true });
    const broken = invariants.filter(({ cells }) => cells[0]?.holds === false).map(({ id }) => id);
    expect(broken).to.deep.equal([]);
  });
});
