import { expect } from 'chai';
import { virtioCcw } from '../../buses/ccw';
import { virtioBlk } from '../../drivers/virtio_blk';
import { virtioRng } from '../../drivers/virtio_rng';
import { BlockDevice, EntropyDevice } from '../../lib/hypervisor';
import { CcwMachine } from './support';

/** Plugs a disk and an entropy device, and takes both away after a while, whatever is going on then. */
async function takenAwayAfter(ns: number, seed?: number): Promise<CcwMachine> {
  const bench = await new CcwMachine(seed === undefined ? {} : { seed }).boot(virtioCcw);
  await bench.kernel.registerDriver(virtioBlk);
  await bench.kernel.registerDriver(virtioRng);
  const disk = bench.host.plug(new BlockDevice({ name: 'disk0', image: new Uint8Array(8192) }), bench.guest);
  const rng = bench.host.plug(new EntropyDevice({ name: 'rng0', seed: 1 }), bench.guest);
  await bench.world.advance(ns);
  disk.unplug();
  await bench.world.advance(1000);
  rng.unplug();
  await bench.settle(50e6);
  return bench;
}

describe("ccw surprise removal at any point of a device's life", () => {
  for (const seed of [undefined, 1, 2]) {
    it(`leaves no device, no memory, no warning${seed === undefined ? '' : ` (seed ${String(seed)})`}`, async () => {
      for (let ns = 0; ns < 400_000; ns += 13_000) {
        const bench = await takenAwayAfter(ns, seed);
        const left = [bench.names('ccw'), bench.names('virtio'), bench.kernel.dma?.list().map(({ owner }) => owner)];
        expect(left).to.deep.equal([[], [], ['css0']], `after ${String(ns)} ns`);
        expect(bench.world.oopses.length).to.equal(0);
        expect(bench.kernel.warnings).to.equal(0);
      }
    });
  }
});
