import { expect } from 'chai';
import { virtioBlk } from '../../drivers/virtio_blk';
import { BlockDevice } from '../../lib/hypervisor';
import { BlockDisk } from '../../lib/subsystems';
import { deviceTree } from '../../lib/machine';
import { rejection } from '../support/errors';
import { OfMachine } from './support';

async function bootDisk(): Promise<{ rig: OfMachine; disk: BlockDisk; unplug: () => void }> {
  const rig = new OfMachine({ slots: 2 });
  const image = Uint8Array.from({ length: 4096 }, (_, i) => i >> 9);
  const plugged = rig.plug(new BlockDevice({ name: 'disk0', image }));
  await rig.boot();
  await rig.kernel.registerDriver(rig.bus.transport);
  await rig.kernel.registerDriver(virtioBlk);
  const disk = [...deviceTree(rig.device('a000000.virtio_mmio'))].find((dev) => dev instanceof BlockDisk);
  if (disk === undefined) throw new Error('no disk');
  return { rig, disk, unplug: () => plugged.unplug() };
}

describe('of-tree: a disk', () => {
  it('is where Linux has it, and reads what it holds', async () => {
    const { rig, disk } = await bootDisk();
    expect(rig.readlink('/sys/class/block/vda')).to.equal(
      '../../devices/platform/a000000.virtio_mmio/virtio0/block/vda',
    );
    expect([...new Set(await disk.readSectors(3, 1))]).to.deep.equal([3]);
  });

  it('that vanishes ends a read under way with EIO, and one that comes after it', async () => {
    const { rig, disk, unplug } = await bootDisk();
    const reading = rejection(() => disk.readSectors(0, 1));
    unplug();
    expect((await reading).code).to.equal('EIO');
    await rig.settle();
    expect((await rejection(() => disk.readSectors(0, 1))).code).to.equal('EIO');
    expect(rig.names('virtio')).to.deep.equal([]);
    expect(rig.kernel.dma?.inUse).to.equal(0);
    expect(rig.kernel.warnings).to.equal(0);
  });
});
