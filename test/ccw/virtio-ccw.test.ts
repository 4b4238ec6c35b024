import { expect } from 'chai';
import { channelSubsystem, virtioCcw, VIRTIO_CMD } from '../../buses/ccw';
import { virtioBlk } from '../../drivers/virtio_blk';
import { virtioRng } from '../../drivers/virtio_rng';
import { BlockDevice, EntropyDevice } from '../../lib/hypervisor';
import { blockDisk, hwrng } from '../../lib/subsystems';
import { virtioBus, type VirtioDevice, type VirtioDriver, type Virtqueue } from '../../lib/virtio';
import type { WorldOptions } from '../../lib/world';
import { rejection } from '../support/errors';
import { CcwMachine, IdleModel } from './support';

function image(sectors = 16): Uint8Array {
  return Uint8Array.from({ length: sectors * 512 }, (_, i) => (i >> 9) + 1);
}

function disk(name = 'disk0', latency = 50_000): BlockDevice {
  return new BlockDevice({ name, image: image(), serial: 'SERIAL', latency });
}

async function withDisk(options: WorldOptions = {}): Promise<{ bench: CcwMachine; unplug: () => void }> {
  const bench = new CcwMachine(options);
  const plugged = bench.host.plug(disk(), bench.guest, { devno: 0x1000 });
  await bench.boot(virtioCcw);
  await bench.kernel.registerDriver(virtioBlk);
  await bench.settle();
  return { bench, unplug: () => plugged.unplug() };
}

/** Takes the device, keeps its queue and configuration. */
function keepingDriver(seen: { vqs: readonly Virtqueue[]; calls: string[] }): VirtioDriver {
  return {
    name: 'keeping',
    bus: virtioBus,
    idTable: [{ device: 42 }],
    async probe(dev: VirtioDevice) {
      seen.vqs = await dev.findVqs([{ name: 'q', callback: () => void seen.calls.push('callback') }]);
    },
    async remove(dev: VirtioDevice) {
      await dev.reset();
      await dev.delVqs();
    },
    configChanged: () => void seen.calls.push('config'),
  };
}

async function withIdle(): Promise<{
  bench: CcwMachine;
  model: IdleModel;
  seen: { vqs: readonly Virtqueue[]; calls: string[] };
  vdev: VirtioDevice;
}> {
  const bench = new CcwMachine();
  const model = new IdleModel(42, 'idle0');
  const seen = { vqs: [] as readonly Virtqueue[], calls: [] as string[] };
  bench.host.plug(model, bench.guest, { devno: 1 });
  await bench.boot(virtioCcw);
  await bench.kernel.registerDriver(keepingDriver(seen));
  await bench.settle();
  const [vdev] = bench.kernel.busOf(virtioBus)?.devices() ?? [];
  return { bench, model, seen, vdev: vdev as VirtioDevice };
}

function commands(bench: CcwMachine): string[] {
  return bench.hv.log.calls().map(({ name }) => name ?? '');
}

describe('ccw: virtio over channel I/O (VIRTIO 1.2 §4.3)', () => {
  it('a disk: reads, writes, and the place of its directory', async () => {
    const { bench } = await withDisk();
    const vda = blockDisk(bench.kernel, 'vda');
    expect([...(await vda!.readSectors(3, 1))].every((byte) => byte === 4)).to.equal(true);
    await vda!.writeSectors(3, new Uint8Array(512).fill(0x5a));
    expect([...(await vda!.readSectors(3, 1))].every((byte) => byte === 0x5a)).to.equal(true);
    expect(await bench.kernel.fs.readlink('/sys/class/block/vda')).to.equal(
      '../../devices/css0/0.0.0000/0.0.1000/virtio0/block/vda',
    );
    expect(await bench.read('/sys/bus/virtio/devices/virtio0/status')).to.equal('0x0000000f\n');
  });

  it('works with nothing but copies crossing the port', async () => {
    const { bench } = await withDisk({ isolate: true });
    expect([...(await blockDisk(bench.kernel, 'vda')!.readSectors(0, 2))].slice(510, 514)).to.deep.equal([1, 1, 2, 2]);
  });

  it('works in seeded worlds', async () => {
    for (const seed of [1, 2, 3]) {
      const { bench } = await withDisk({ seed });
      expect((await blockDisk(bench.kernel, 'vda')!.readSectors(1, 1))[0]).to.equal(2);
    }
  });

  it('an entropy device, and its status without and with a driver', async () => {
    const bench = new CcwMachine();
    bench.host.plug(new EntropyDevice({ name: 'rng0', seed: 7 }), bench.guest, { devno: 0x0f00 });
    await bench.boot(virtioCcw);
    expect(await bench.read('/sys/bus/virtio/devices/virtio0/status')).to.equal('0x00000001\n');
    await bench.kernel.registerDriver(virtioRng);
    expect(await bench.read('/sys/bus/virtio/devices/virtio0/status')).to.equal('0x0000000f\n');
    expect(await bench.read('/sys/bus/virtio/devices/virtio0/features')).to.equal(
      `${'0'.repeat(28)}110010${'0'.repeat(30)}\n`,
    );
    expect(await hwrng(bench.kernel).read(16)).to.have.length(16);
  });

  it('a legacy device (revision 0): status ends at 7, features without VERSION_1, and it works', async () => {
    const bench = new CcwMachine();
    bench.host.plug(new EntropyDevice({ name: 'rng0', seed: 7 }), bench.guest, { devno: 0x0300, maxRevision: 0 });
    bench.host.plug(disk(), bench.guest, { devno: 0x1000, maxRevision: 0 });
    await bench.boot(virtioCcw);
    await bench.kernel.registerDriver(virtioRng);
    await bench.kernel.registerDriver(virtioBlk);
    expect(await bench.read('/sys/bus/virtio/devices/virtio0/status')).to.equal('0x00000007\n');
    expect(await bench.read('/sys/bus/virtio/devices/virtio0/features')).to.equal(
      `${'0'.repeat(28)}11${'0'.repeat(34)}\n`,
    );
    expect(await hwrng(bench.kernel).read(16)).to.have.length(16);
    expect((await blockDisk(bench.kernel, 'vda')!.readSectors(3, 1))[0]).to.equal(4);
    expect(bench.refusals).to.deep.equal([]);
    expect(await bench.echo('virtio0', '/sys/bus/virtio/drivers/virtio_rng/unbind')).to.equal('');
    expect(await bench.read('/sys/bus/virtio/devices/virtio0/status')).to.equal('0x00000001\n');
    expect(await bench.echo('virtio0', '/sys/bus/virtio/drivers/virtio_rng/bind')).to.equal('');
    expect(await bench.read('/sys/bus/virtio/devices/virtio0/status')).to.equal('0x00000007\n');
  });

  it('unbind and bind of the virtio driver: the device stays, status 1 in between', async () => {
    const bench = new CcwMachine();
    bench.host.plug(new EntropyDevice({ name: 'rng0', seed: 7 }), bench.guest, { devno: 0x0f00 });
    await bench.boot(virtioCcw);
    await bench.kernel.registerDriver(virtioRng);
    bench.events.length = 0;
    expect(await bench.echo('virtio0', '/sys/bus/virtio/drivers/virtio_rng/unbind')).to.equal('');
    expect(await bench.read('/sys/bus/virtio/devices/virtio0/status')).to.equal('0x00000001\n');
    expect(await bench.read('/sys/bus/ccw/devices/0.0.0f00/online')).to.equal('1\n');
    expect(await bench.echo('virtio0', '/sys/bus/virtio/drivers/virtio_rng/bind')).to.equal('');
    expect(await bench.read('/sys/bus/virtio/devices/virtio0/status')).to.equal('0x0000000f\n');
    expect(bench.takeEvents('virtio')).to.deep.equal([
      'ACTION=unbind DEVPATH=/devices/css0/0.0.0000/0.0.0f00/virtio0 SUBSYSTEM=virtio',
      'ACTION=bind DEVPATH=/devices/css0/0.0.0000/0.0.0f00/virtio0 SUBSYSTEM=virtio ' +
        'DRIVER=virtio_rng MODALIAS=virtio:d00000004v00003832',
    ]);
  });

  it('a request is one notification by DIAGNOSE and one adapter interrupt, whatever the device', async () => {
    const { bench } = await withDisk();
    const vda = blockDisk(bench.kernel, 'vda');
    await vda!.readSectors(0, 1);
    bench.hv.log.clear();
    const before = bench.guest.port.counters();
    await vda!.readSectors(0, 1);
    const after = bench.guest.port.counters();
    expect(commands(bench)).to.deep.equal(['diag500']);
    expect(after.interrupts - before.interrupts).to.equal(1);
  });

  it('without room for indicators the subchannel itself interrupts', async () => {
    const bench = new CcwMachine();
    bench.host.plug(disk(), bench.guest, { devno: 0x1000 });
    await bench.boot();
    while (channelSubsystem(bench.kernel).airq.alloc(Array.from({ length: 8 }, () => null as never)) !== null);
    await bench.kernel.registerDriver(virtioCcw);
    await bench.kernel.registerDriver(virtioBlk);
    await bench.settle();
    const vda = blockDisk(bench.kernel, 'vda');
    bench.hv.log.clear();
    expect((await vda!.readSectors(2, 1))[0]).to.equal(3);
    expect(commands(bench)).to.deep.equal(['diag500', 'tsch']);
  });

  it('a changed configuration is told, by the second indicator', async () => {
    const { bench, model, seen } = await withIdle();
    seen.calls.length = 0;
    const host = bench.host.css(bench.guest).all()[0]?.unit;
    (host as unknown as { backend: { needsReset(): void } }).backend.needsReset();
    await bench.settle();
    expect(seen.calls).to.deep.equal(['config']);
    expect(model.held).to.deep.equal([]);
  });

  it('configuration: read from any offset, written with what stands before it', async () => {
    const { bench, model, vdev } = await withIdle();
    model.bytes.set([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(await bench.world.run(() => vdev.creadU16(2))).to.equal(0x0403);
    await bench.world.run(() => vdev.transport.setConfig(6, Uint8Array.of(0xaa)));
    expect([...model.bytes.subarray(0, 8)]).to.deep.equal([1, 2, 3, 4, 5, 6, 0xaa, 8]);
    const error = await rejection(() => bench.world.run(() => vdev.transport.getConfig(250, 8)));
    expect(error.code).to.equal('EINVAL');
    const beyond = await rejection(() => bench.world.run(() => vdev.transport.getConfig(14, 8)));
    expect(beyond.code).to.equal('EIO');
  });

  it('a queue that the device does not have is ENOENT, and nothing is kept', async () => {
    const bench = new CcwMachine();
    bench.host.plug(new IdleModel(42, 'idle0'), bench.guest, { devno: 1 });
    await bench.boot(virtioCcw);
    const before = bench.kernel.dma?.inUse;
    const codes: string[] = [];
    await bench.kernel.registerDriver({
      ...keepingDriver({ vqs: [], calls: [] }),
      probe: async (dev: VirtioDevice) => {
        codes.push((await rejection(() => dev.findVqs([{ name: 'a' }, { name: 'b' }]))).code);
      },
    });
    expect(codes).to.deep.equal(['ENOENT']);
    expect(bench.kernel.dma?.inUse).to.equal(before);
  });

  it('unbind of the transport gives all back', async () => {
    const bench = new CcwMachine();
    bench.host.plug(disk(), bench.guest, { devno: 0x1000 });
    await bench.boot();
    const before = bench.kernel.dma?.inUse;
    await bench.kernel.registerDriver(virtioBlk);
    const transport = await bench.kernel.registerDriver(virtioCcw);
    await bench.settle();
    expect(blockDisk(bench.kernel, 'vda')).to.not.equal(null);
    await transport.unregister();
    expect(bench.names('virtio')).to.deep.equal([]);
    expect(bench.kernel.dma?.inUse).to.equal(before);
  });

  describe('surprise removal', () => {
    it('breaks the queues first; what is in flight ends with EIO, and nothing hangs', async () => {
      const { bench, unplug } = await withDisk();
      const vda = blockDisk(bench.kernel, 'vda');
      const reading = bench.world.spawn(() => rejection(() => vda!.readSectors(0, 1)));
      await bench.world.advance(20_000);
      unplug();
      expect((await reading).code).to.equal('EIO');
      await bench.settle();
      expect(bench.names('css')).to.deep.equal([]);
      expect(bench.names('ccw')).to.deep.equal([]);
      expect(bench.names('virtio')).to.deep.equal([]);
      expect(blockDisk(bench.kernel, 'vda')).to.equal(null);
      expect(bench.kernel.dma?.list().map(({ owner }) => owner)).to.deep.equal(['css0']);
      expect(bench.kernel.warnings).to.equal(0);
    });

    it('ends a command that waits for its answer', async () => {
      const { bench, vdev } = await withIdle();
      const subchannel = bench.host.css(bench.guest).all()[0];
      const reading = bench.world.spawn(() => bench.read('/sys/bus/virtio/devices/virtio0/status'));
      await bench.world.advance(500);
      bench.host.css(bench.guest).unplug(subchannel!);
      await reading;
      await bench.settle();
      expect(vdev.isBroken).to.equal(true);
      expect(bench.names('virtio')).to.deep.equal([]);
    });

    it('takes nothing from another device', async () => {
      const bench = new CcwMachine();
      const first = bench.host.plug(disk('disk0'), bench.guest, { devno: 1 });
      bench.host.plug(disk('disk1'), bench.guest, { devno: 2 });
      await bench.boot(virtioCcw);
      await bench.kernel.registerDriver(virtioBlk);
      first.unplug();
      await bench.settle();
      expect(bench.names('ccw')).to.deep.equal(['0.0.0002']);
      expect((await blockDisk(bench.kernel, 'vdb')!.readSectors(5, 1))[0]).to.equal(6);
    });
  });

  it('a model that throws breaks itself only', async () => {
    class Broken extends IdleModel {
      override config(): Uint8Array {
        throw new Error('no configuration');
      }
    }
    const bench = new CcwMachine();
    bench.host.plug(new Broken(2, 'broken'), bench.guest, { devno: 1 });
    bench.host.plug(disk(), bench.guest, { devno: 2 });
    await bench.boot(virtioCcw);
    await bench.kernel.registerDriver(virtioBlk);
    await bench.settle();
    expect(bench.hv.log.errors[0]?.message).to.match(/^device broken: config/);
    expect(bench.names('ccw')).to.deep.equal(['0.0.0001', '0.0.0002']);
    expect(bench.world.oopses).to.deep.equal([]);
  });

  it('commands before a revision was set, and a second revision, are rejected (§4.3.2.1.1)', async () => {
    const { bench } = await withIdle();
    const unit = bench.host.css(bench.guest).all()[0]?.unit;
    const data = {
      take: (n: number) => new Uint8Array(n),
      give: (bytes: Uint8Array) => bytes.length,
      peek: (n: number) => new Uint8Array(n),
    };
    expect(unit!.command(VIRTIO_CMD.SET_VIRTIO_REV, data)).to.equal(0x0e);
    expect(unit!.command(VIRTIO_CMD.READ_STATUS, data)).to.equal(0x0c);
    unit!.disabled?.();
    expect(unit!.command(VIRTIO_CMD.READ_STATUS, data)).to.equal(0x0e);
  });
});
