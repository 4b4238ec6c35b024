import { expect } from 'chai';
import { ccw } from '../../buses/ccw';
import { virtioRng } from '../../drivers/virtio_rng';
import { EntropyDevice, enterSleep, leaveSleep, PM_FREEZE, PM_THAW } from '../../lib';
import { hwrng } from '../../lib/subsystems';
import { world } from '../support/kit';

async function machine() {
  const made = world({ bus: ccw, devices: () => [new EntropyDevice({ name: 'rng0', seed: 1 })] });
  await made.boot();
  await made.load(virtioRng);
  return made;
}

describe('ccw: system sleep', () => {
  it('is offered to nobody: s390 has no /sys/power/state', async () => {
    const made = await machine();
    expect(await made.guest().suspend()).to.equal(-2);
    expect(await made.guest().hibernate()).to.equal(-2);
    expect(String(made.evidence.lines.at(-1))).to.equal('g1: write error: No such file or directory (ENOENT)');
    expect((await hwrng(made.kernel).read(8)).length).to.equal(8);
  });

  it('has no callbacks: devices would go on through a suspend of the core', async () => {
    const made = await machine();
    const mark = made.evidence.mark();
    await enterSleep(made.kernel, PM_FREEZE);
    await leaveSleep(made.kernel, PM_THAW);
    expect(made.evidence.since(mark)).to.deep.equal([]);
    expect((await hwrng(made.kernel).read(8)).length).to.equal(8);
  });
});
