import { expect } from 'chai';
import { virtioBlk } from '../../drivers/virtio_blk';
import { virtioRng } from '../../drivers/virtio_rng';
import { BlockDevice, EntropyDevice } from '../../lib/hypervisor/index';
import { Random } from '../../lib/world/index';
import { BlockDisk } from '../../lib/subsystems/index';
import { hwrng } from '../../lib/subsystems/hwrng';
import { COMMAND, LV1, ps3Handle } from '../../buses/ps3-handle/index';
import { STATUS } from '../../lib/virtio/spec';
import {
  boot,
  boundNames,
  device,
  devicesOf,
  echoDriver,
  EchoModel,
  load,
  Ps3Machine,
  text,
  virtioDevices,
  type Booted,
} from './support';
import { codeOf } from '../support/errors';

const SECTOR = 512;

function pattern(seed: number, sectors: number): Uint8Array {
  return Uint8Array.from({ length: sectors * SECTOR }, (_, i) => (i * 7 + seed) & 0xff);
}

/** The disks of a kernel, by name. */
function disks({ kernel }: Booted): Map<string, BlockDisk> {
  const [block] = [...kernel.classes.values()].filter(({ type }) => type.name === 'block');
  const found = [...(block?.klistDevices ?? [])].filter((dev) => dev instanceof BlockDisk);
  return new Map(found.map((dev) => [dev.name ?? '', dev]));
}

function disk(booted: Booted, name = 'vda'): BlockDisk {
  const found = disks(booted).get(name);
  if (found === undefined) throw new Error(`no disk ${name}`);
  return found;
}

for (const { strategy } of ps3Handle) {
  for (const isolate of [false, true]) {
    describe(`real I/O on ps3-handle, ${strategy}${isolate ? ', isolated' : ''}`, () => {
      function machine(world: { seed?: number } = {}) {
        const rig = new Ps3Machine({ strategy, world: { ...world, isolate } });
        const image = new Uint8Array(64 * SECTOR);
        const plugged = rig.plug(new BlockDevice({ name: 'disk0', image, serial: 'marker-0' }));
        return { rig, image, plugged };
      }

      async function withDisk() {
        const made = machine();
        const g1 = await boot(made.rig, 'g1');
        await g1.kernel.registerDriver(virtioBlk);
        const [name = ''] = boundNames(g1);
        return { ...made, g1, name };
      }

      /** Nothing is left in the kernel; nor in the hypervisor, when what is held without a driver is given back. */
      async function expectNothingLeft(rig: Ps3Machine, { bus, kernel }: Booted): Promise<void> {
        await bus.leave?.();
        expect(rig.claims).to.deep.equal([]);
        expect(kernel.dma?.inUse).to.equal(0);
        expect(rig.world.oopses).to.deep.equal([]);
        expect(kernel.warnings).to.equal(0);
      }

      it('writes sectors, reads them back, and the image has them', async () => {
        const { g1, image } = await withDisk();
        await disk(g1).writeSectors(3, pattern(1, 4));
        expect(image.slice(3 * SECTOR, 7 * SECTOR)).to.deep.equal(pattern(1, 4));
        expect(await disk(g1).readSectors(3, 4)).to.deep.equal(pattern(1, 4));
        expect(await disk(g1).readSectors(0, 1)).to.deep.equal(new Uint8Array(SECTOR));
        expect(await codeOf(() => disk(g1).readSectors(63, 2))).to.equal('EIO');
      });

      it('serves many requests at once, more than the queue holds', async () => {
        const { rig, g1, image } = await withDisk();
        const writes = Array.from({ length: 64 }, (_, i) =>
          rig.world.spawn(() => disk(g1).writeSectors(i, pattern(i, 1)), `write ${String(i)}`),
        );
        for (const write of writes) await write;
        for (let i = 0; i < 64; i += 1) {
          expect(image.slice(i * SECTOR, (i + 1) * SECTOR), String(i)).to.deep.equal(pattern(i, 1));
        }
      });

      it('tells which device it is, in the file serial', async () => {
        const { g1 } = await withDisk();
        expect(await g1.kernel.sysfs.open(`/sys/block/vda/serial`, 'r').read()).to.equal('marker-0');
      });

      it('reads random bytes, those of the device', async () => {
        const rig = new Ps3Machine({ strategy, world: { isolate } });
        rig.plug(new EntropyDevice({ name: 'rng0', seed: 5 }));
        const g1 = await boot(rig, 'g1');
        await g1.kernel.registerDriver(virtioRng);
        const bytes = await hwrng(g1.kernel).read(64);
        expect([...bytes].sort()).to.deep.equal([...new Random(5).bytes(64)].sort());
        await device(g1, boundNames(g1)[0] ?? '').releaseDriver();
        await expectNothingLeft(rig, g1);
      });

      it('unbinds a working device when its requests are done, and refuses new ones', async () => {
        const { rig, g1, name, image } = await withDisk();
        const vda = disk(g1).get();
        const writing = rig.world.spawn(() => vda.writeSectors(0, pattern(9, 2)), 'writer');
        const unbinding = rig.world.spawn(() => device(g1, name).releaseDriver(), 'unbind');
        await writing;
        await unbinding;
        expect(image.slice(0, 2 * SECTOR)).to.deep.equal(pattern(9, 2));
        expect(await codeOf(() => vda.readSectors(0, 1))).to.equal('EIO');
        vda.put();
        expect([...disks(g1).keys()]).to.deep.equal([]);
        await expectNothingLeft(rig, g1);
      });

      it('binds again after an unbind, and works', async () => {
        const { rig, g1, name, image } = await withDisk();
        for (let i = 0; i < 3; i += 1) {
          await device(g1, name).releaseDriver();
          await device(g1, name).attach();
          await rig.world.settle();
          await disk(g1).writeSectors(1, pattern(i, 1));
          expect(image.slice(SECTOR, 2 * SECTOR)).to.deep.equal(pattern(i, 1));
        }
      });

      it('ends with EIO what is in flight when the device is revoked, and its driver leaves', async () => {
        const { rig, g1, name, plugged, image } = await withDisk();
        const vda = disk(g1).get();
        const requests = [0, 1, 2].map((i) =>
          rig.world.spawn(() => codeOf(() => vda.writeSectors(i, pattern(i, 1))), `write ${String(i)}`),
        );
        await rig.world.settle();
        expect(vda.queue.inFlight).to.equal(3);
        plugged.unplug();
        for (const request of requests) expect(await request).to.equal('EIO');
        await rig.world.advance(1e6);
        expect(image.every((byte) => byte === 0)).to.equal(true);
        expect(boundNames(g1)).to.deep.equal([]);
        expect(device(g1, name).isRegistered).to.equal(true);
        expect(virtioDevices(g1)).to.deep.equal([]);
        expect(await codeOf(() => vda.readSectors(0, 1))).to.equal('EIO');
        vda.put();
        await expectNothingLeft(rig, g1);
        expect(rig.bus.host.handles.list()).to.deep.equal([]);
      });

      it('revoked while it is idle, before the driver has bound, and while it is unbound', async () => {
        const idle = await withDisk();
        idle.plugged.unplug();
        await idle.rig.world.advance(1e6);
        expect(boundNames(idle.g1)).to.deep.equal([]);
        await expectNothingLeft(idle.rig, idle.g1);

        const early = machine();
        const g1 = await boot(early.rig, 'g1');
        early.plugged.unplug();
        await early.rig.world.advance(1e6);
        await g1.kernel.registerDriver(virtioBlk);
        expect([...disks(g1).keys()]).to.deep.equal([]);
        await expectNothingLeft(early.rig, g1);

        const free = await withDisk();
        await device(free.g1, free.name).releaseDriver();
        free.plugged.unplug();
        await free.rig.world.advance(1e6);
        expect(free.rig.world.oopses).to.deep.equal([]);
      });

      it('revoked in the middle of a probe that does I/O: the probe fails, nothing hangs', async () => {
        const rig = new Ps3Machine({ strategy, world: { isolate } });
        const plugged = rig.plug(new EchoModel('e0', 42, 1e6));
        const g1 = await boot(rig, 'g1', { transport: false });
        let woken: (() => void) | null = null;
        await g1.kernel.registerDriver(
          echoDriver({
            async probe(dev) {
              const vq = await dev.findSingleVq({ name: 'q' });
              await dev.ready();
              vq.add({ in: [4] }, 'first');
              vq.kick();
              const { current } = rig.world;
              woken = () => current && rig.world.wake(current);
              await rig.world.block('first request');
              await dev.reset();
              await dev.delVqs();
              return -5;
            },
            broken: () => woken?.(),
          }),
        );
        const registering = rig.world.spawn(() => load(g1), 'modprobe');
        await rig.world.settle();
        plugged.unplug();
        await registering;
        await rig.world.advance(1e7);
        expect(virtioDevices(g1)).to.deep.equal([]);
        await expectNothingLeft(rig, g1);
      });

      it('tells the driver of a configuration that changed', async () => {
        const rig = new Ps3Machine({ strategy, world: { isolate } });
        const model = new EchoModel('e0', 42);
        rig.plug(model);
        const g1 = await boot(rig, 'g1');
        const driver = echoDriver();
        await g1.kernel.registerDriver(driver);
        const [vdev] = virtioDevices(g1);
        if (vdev === undefined) throw new Error('no virtio device');
        expect(await vdev.creadU32(0)).to.equal(0x04030201);
        const before = await vdev.transport.generation();
        await vdev.transport.setConfig(1, new Uint8Array([0xff]));
        model.host?.configChanged();
        await rig.world.advance(10000);
        expect(driver.echoOf(vdev).configChanges.length).to.equal(1);
        expect(await vdev.transport.generation()).to.equal(before + 1);
        expect(await vdev.creadU32(0)).to.equal(0x0403ff01);
        expect(await codeOf(() => vdev.transport.getConfig(2, 3))).to.equal('EINVAL');
      });

      it('gives completions in order, with what the device wrote', async () => {
        const rig = new Ps3Machine({ strategy, world: { isolate } });
        rig.plug(new EchoModel('e0', 42));
        const g1 = await boot(rig, 'g1');
        const driver = echoDriver();
        await g1.kernel.registerDriver(driver);
        const [vdev] = virtioDevices(g1);
        if (vdev === undefined) throw new Error('no virtio device');
        const { vq, got } = driver.echoOf(vdev);
        expect(vq.size).to.equal(8);
        for (const word of ['one', 'two']) vq.add({ out: [text(word)], in: [2, 2] }, word);
        expect(vq.numFree).to.equal(2);
        vq.kick();
        await rig.world.advance(100000);
        expect(got).to.deep.equal([
          { token: 'one', length: 3, text: 'on|e' },
          { token: 'two', length: 3, text: 'tw|o' },
        ]);
        expect(vq.add({ out: [text('three')], in: [2, 2] }, 'three')).to.equal(0);
        vq.kick();
        await rig.world.advance(100000);
        expect(got.at(-1)).to.deep.equal({ token: 'three', length: 4, text: 'th|re' });
      });

      it('sets FAILED when a driver refuses, and leaves no claim when the transport is unbound', async () => {
        const rig = new Ps3Machine({ strategy, world: { isolate } });
        rig.plug(new EchoModel('e0', 42));
        const g1 = await boot(rig, 'g1');
        await g1.kernel.registerDriver(echoDriver({ probe: () => -22 }));
        const [vdev] = virtioDevices(g1);
        expect(((await vdev?.transport.getStatus()) ?? 0) & STATUS.FAILED).to.equal(STATUS.FAILED);
        await device(g1, boundNames(g1)[0] ?? '').releaseDriver();
        await expectNothingLeft(rig, g1);
      });

      it('serves two guests from one pool, each its own disk', async () => {
        const rig = new Ps3Machine({ strategy, world: { isolate }, placeholders: 1 });
        const images = [0, 1].map(() => new Uint8Array(8 * SECTOR));
        images.forEach((image, i) => rig.plug(new BlockDevice({ name: `disk${String(i)}`, image })));
        const guests = [];
        for (const name of ['g1', 'g2']) {
          const booted = await boot(rig, name, { transport: false });
          await booted.kernel.registerDriver(virtioBlk);
          guests.push(booted);
        }
        const [g1, g2] = guests as [Booted, Booted];
        await load(g1);
        if (strategy === 'eager') await device(g1, 'blk_01').unregister();
        if (strategy === 'eager') await g2.bus.rescan();
        if (strategy === 'repository') await device(g1, 'sb_02').releaseDriver();
        await load(g2);
        await rig.world.settle();
        await disk(g1).writeSectors(0, pattern(1, 1));
        await disk(g2).writeSectors(0, pattern(2, 1));
        expect(images.map((image) => image.slice(0, SECTOR))).to.deep.equal([pattern(1, 1), pattern(2, 1)]);
        expect(rig.claims).to.deep.equal(['disk0:g1', 'disk1:g2']);
      });

      it('costs one hypercall for a request and one for its completion', async () => {
        const { rig, g1 } = await withDisk();
        rig.hv.log.clear();
        const before = g1.guest.port.counters();
        await disk(g1).readSectors(0, 2);
        const after = g1.guest.port.counters();
        const made = rig.hv.log.calls().map(({ nr, args }) => [nr, args?.[1]]);
        expect(made).to.deep.equal([
          [LV1.DEVICE_COMMAND, COMMAND.SUBMIT],
          [LV1.DEVICE_COMMAND, COMMAND.COMPLETIONS],
        ]);
        expect(after.hypercalls - before.hypercalls).to.equal(2);
        expect(after.exits - before.exits).to.equal(2);
        expect(after.interrupts - before.interrupts).to.equal(1);
        // Header of 16 bytes, two sectors, status byte.
        expect(after.bytesCopiedHost - before.bytesCopiedHost).to.equal(16 + 2 * SECTOR + 1);
        expect(after.bytesCopiedGuest - before.bytesCopiedGuest).to.equal(16 + 2 * SECTOR + 1);
      });

      it('the same with tasks in any order', async () => {
        for (let seed = 1; seed <= 10; seed += 1) {
          const { rig, plugged } = machine({ seed });
          const g1 = await boot(rig, 'g1');
          await g1.kernel.registerDriver(virtioBlk);
          const vda = disk(g1).get();
          const write = (i: number): Promise<string> => codeOf(() => vda.writeSectors(i, pattern(i, 1)));
          const codes = [0, 1, 2, 3].map((i) => rig.world.spawn(() => write(i), `write ${String(i)}`));
          const [name = ''] = boundNames(g1);
          const unbind = rig.world.spawn(() => device(g1, name).releaseDriver(), 'unbind');
          await rig.world.settle();
          plugged.unplug();
          for (const code of codes) expect(['', 'EIO']).to.include(await code);
          await unbind;
          await rig.world.advance(1e7);
          vda.put();
          expect([...devicesOf(g1).keys()]).to.deep.equal([name]);
          await expectNothingLeft(rig, g1);
        }
      });
    });
  }
}
