import { expect } from 'chai';
import { COSTS, EntropyDevice } from '../../../lib/hypervisor/index';
import { BackendMachine } from '../support';

async function draw(seed: number | undefined, lengths: readonly number[]): Promise<Uint8Array[]> {
  const rig = new BackendMachine(
    new EntropyDevice(seed === undefined ? { name: 'rng0' } : { name: 'rng0', seed }),
  ).start();
  const drawn: Uint8Array[] = [];
  for (const [i, length] of lengths.entries()) {
    rig.ring.chain([{ address: 0x8000, length, write: true }], i);
    rig.queue.notify();
    await rig.world.advance(COSTS.entropy);
    expect(rig.ring.used()).to.deep.equal({ id: i, length });
    drawn.push(rig.guest.memory.read(0x8000, length));
  }
  return drawn;
}

describe('EntropyDevice (VIRTIO 1.2 §5.4)', () => {
  it('is device 4 and has no configuration', () => {
    const { backend } = new BackendMachine(new EntropyDevice({ name: 'rng0' }));
    expect(backend.model.deviceId).to.equal(4);
    expect([...backend.readConfig(0, 1)]).to.deep.equal([0xff]);
    expect(backend.queues.length).to.equal(1);
  });

  it('fills buffers wholly, with other bytes each time', async () => {
    const [one, two] = await draw(1, [64, 64]);
    expect(one).to.not.deep.equal(two);
    expect(new Set(one).size).to.be.greaterThan(16);
  });

  it('gives the same bytes for the same seed, others for another', async () => {
    const [first] = await draw(5, [32]);
    expect(await draw(5, [32])).to.deep.equal([first]);
    expect(await draw(6, [32])).to.not.deep.equal([first]);
    expect(await draw(undefined, [32])).to.deep.equal(await draw(0, [32]));
  });

  it('answers a buffer that it cannot write with nothing', async () => {
    const rig = new BackendMachine(new EntropyDevice({ name: 'rng0' })).start();
    rig.ring.chain([{ address: 0x8000, length: 16 }]);
    rig.queue.notify();
    await rig.world.advance(COSTS.entropy);
    expect(rig.ring.used()).to.deep.equal({ id: 0, length: 0 });
    expect(rig.errors).to.deep.equal([]);
  });
});
