import { expect } from 'chai';
import { virtioBlk } from '../../drivers/virtio_blk';
import { BlockDevice } from '../../lib/hypervisor';
import { BLK, virtioBreakDevice } from '../../lib/virtio';
import { filled, machineWithDisk, OddDisk, unbind, vda } from '../support/blk';
import { expectClean } from '../support/driver';
import { rejection } from '../support/errors';
import { VirtioMachine, type FakeTransport } from '../support/virtio';

describe('virtio_blk', () => {
  describe('whose device vanishes', () => {
    it('ends what is in flight with EIO, hangs nowhere and leaks nothing', async () => {
      const { disk, machine, surpriseRemove } = await machineWithDisk();
      const reads = Array.from({ length: 150 }, (_, i) =>
        machine.world.spawn(() => rejection(() => disk.readSectors(i, 1)).then(({ code }) => code)),
      );
      await machine.world.settle();
      expect(disk.queue.inFlight).to.equal(150);
      await surpriseRemove();
      for (const read of reads) expect(await read).to.equal('EIO');
      expect(machine.list('/sys/block')).to.deep.equal([]);
      expect(machine.list('/sys/bus/virtio/devices')).to.deep.equal([]);
      expectClean(machine);
    });

    it('before the guest finds out: the next request ends with EIO', async () => {
      const { disk, machine, transport, dev } = await machineWithDisk();
      transport.present = false;
      expect((await rejection(() => disk.readSectors(0, 1))).code).to.equal('EIO');
      virtioBreakDevice(dev);
      await dev.unregister();
      expectClean(machine);
    });

    it('while its serial is read', async () => {
      const { machine, surpriseRemove } = await machineWithDisk();
      const serial = machine.world.spawn(() => machine.read('/sys/class/block/vda/serial'));
      await machine.world.settle();
      await surpriseRemove();
      expect(await serial).to.equal('');
      expectClean(machine);
    });
  });

  describe('with a device that misbehaves', () => {
    it('by a used entry that is none ends what is in flight with EIO', async () => {
      const { disk, machine, transport, remove } = await machineWithDisk();
      const read = machine.world.spawn(() => rejection(() => disk.readSectors(0, 1)));
      await machine.world.settle();
      const [vq] = transport.queues;
      const { memory } = machine.guest;
      memory.setU32((vq?.device ?? 0) + 4, 77);
      memory.setU16((vq?.device ?? 0) + 2, 1);
      machine.guest.interrupt(transport.vector + 1);
      expect((await read).code).to.equal('EIO');
      expect((await rejection(() => disk.readSectors(0, 1))).code).to.equal('EIO');
      await remove();
      expectClean(machine);
    });

    const answers: [string, (writable: number) => Uint8Array, string][] = [
      ['no bytes at all', () => new Uint8Array(0), 'EIO'],
      ['data without a status', (writable) => new Uint8Array(writable - 1), 'EIO'],
      ['an unknown status', (writable) => new Uint8Array(writable).fill(9), 'EIO'],
      ['"unsupported"', (writable) => new Uint8Array(writable).fill(BLK.S_UNSUPP), 'EOPNOTSUPP'],
    ];
    for (const [title, answer, code] of answers) {
      it(`by answering with ${title} gives ${code}`, async () => {
        const machine = new VirtioMachine();
        await machine.kernel.registerDriver(virtioBlk);
        const { remove } = await machine.plug(new OddDisk((request) => request.complete(answer(request.writable))));
        expect((await rejection(() => vda(machine).readSectors(0, 1))).code).to.equal(code);
        await remove();
        expectClean(machine);
      });
    }

    it('by throwing: that request and all others end with EIO, and it can be bound again', async () => {
      const machine = new VirtioMachine();
      await machine.kernel.registerDriver(virtioBlk);
      let broken = true;
      const { remove } = await machine.plug(
        new OddDisk((request) => {
          if (broken) throw new Error('fuse');
          request.complete(new Uint8Array(request.writable));
        }),
      );
      const disk = vda(machine);
      const reads = [0, 1].map((i) =>
        machine.world.spawn(() => rejection(() => disk.readSectors(i, 1)).then(({ code }) => code)),
      );
      for (const read of reads) expect(await read).to.equal('EIO');
      await unbind(machine);
      broken = false;
      await machine.write('/sys/bus/virtio/drivers/virtio_blk/bind', 'virtio0');
      expect(await vda(machine).readSectors(0, 1)).to.deep.equal(filled(0));
      await remove();
      expectClean(machine);
    });
  });

  describe('whose probe fails', () => {
    const failures: [string, (transport: FakeTransport) => unknown, number][] = [
      ['for want of a queue', (transport) => transport.refuse.set('findVqs', 'ENOENT'), -2],
      ['at the configuration', (transport) => transport.refuse.set('getConfig', 'EIO'), -5],
      ['at the generation, with its queue made', (transport) => transport.refuse.set('generation', 'EIO'), -5],
    ];
    for (const [title, prepare, error] of failures) {
      it(`${title} leaves nothing`, async () => {
        const machine = new VirtioMachine();
        await machine.kernel.registerDriver(virtioBlk);
        const { dev, transport } = await machine.plug(new BlockDevice({ name: 'd', image: filled(0) }), prepare);
        expect(dev.driver).to.equal(null);
        expect(transport.backend.status & 0x80).to.equal(0x80);
        expect(machine.kernel.log.entries.at(-1)?.text).to.equal(
          `virtio_blk: probe of virtio0 failed with error ${String(error)}`,
        );
        expectClean(machine);
        transport.refuse.clear();
        await dev.attach();
        expect(machine.list('/sys/block')).to.deep.equal(['vda']);
      });
    }

    it('for a block size that cannot be leaves nothing', async () => {
      const machine = new VirtioMachine();
      await machine.kernel.registerDriver(virtioBlk);
      const odd = new OddDisk(() => undefined, 1000);
      const { dev } = await machine.plug(odd);
      expect(dev.driver).to.equal(null);
      expect(machine.kernel.log.entries[0]?.text).to.equal('virtio_blk virtio0: virtio_blk: invalid block size: 0x3e8');
      expectClean(machine);
    });
  });
});
