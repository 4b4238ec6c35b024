import { expect } from 'chai';
import { ofTree } from '../../buses/of-tree';
import { virtioRng } from '../../drivers/virtio_rng';
import { EntropyDevice } from '../../lib';
import { hwrng } from '../../lib/subsystems';
import { world } from '../support/kit';

describe('of-tree: system sleep', () => {
  it('restores the devices that are there, and leaves empty places alone', async () => {
    const made = world({ bus: ofTree, devices: () => [new EntropyDevice({ name: 'rng0', seed: 1 })] });
    await made.boot();
    await made.load(virtioRng);
    expect(await made.guest().hibernate()).to.equal(0);
    made.replaceHypervisor();
    await made.guest().restore();
    expect((await hwrng(made.kernel).read(8)).length).to.equal(8);
    expect(made.kernel.log.entries.filter(({ level }) => level === 'err')).to.deep.equal([]);
    expect(made.hypervisor.log.refusals).to.deep.equal([]);
  });

  it('a device that is gone after a hibernation is told, and its driver stays', async () => {
    const devices = () => [1, 2].map((seed) => new EntropyDevice({ name: `rng${String(seed)}`, seed }));
    const lost = /log: err: virtio-mmio a000200.virtio_mmio: PM: failed to restore: error -19$/;
    const allow = [lost, /virtio1: virtio: device refuses features: 0$/];
    const made = world({ bus: ofTree, devices, allow });
    await made.boot();
    await made.load(virtioRng);
    await made.guest().hibernate();
    made.plugged[0]?.unplug();
    made.replaceHypervisor();
    await made.guest().restore();
    const errors = made.kernel.log.entries.filter(({ level }) => level === 'err').map(({ text }) => text);
    expect(errors.filter((text) => text.includes('restore'))).to.deep.equal([
      'virtio-mmio a000200.virtio_mmio: PM: failed to restore: error -19',
    ]);
    expect(made.bound(made.bus.transport).length).to.equal(2);
  });
});
