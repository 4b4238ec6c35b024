import { expect } from 'chai';
import { virtioBlk } from '../../drivers/virtio_blk';
import { BlockDevice, type BlockImage } from '../../lib/hypervisor';
import { type BlockDisk } from '../../lib/subsystems';
import { BLK } from '../../lib/virtio';
import { filled, IMAGE, machineWithDisk, OddDisk, SECTORS, unbind, vda } from '../support/blk';
import { expectClean } from '../support/driver';
import { rejection } from '../support/errors';
import { VirtioMachine, type Plugged } from '../support/virtio';

describe('virtio_blk', () => {
  it('reads what is in the image', async () => {
    const { disk, image, machine } = await machineWithDisk();
    expect(await disk.readSectors(0, 1)).to.deep.equal(image.slice(0, 512));
    expect(await disk.readSectors(SECTORS - 3, 3)).to.deep.equal(image.slice((SECTORS - 3) * 512));
    expect(machine.hv.log.refusals).to.deep.equal([]);
  });

  describe('cache_type', () => {
    const FILE = '/sys/block/vda/cache_type';
    const modeOf = async (machine: VirtioMachine): Promise<number> => (await machine.kernel.fs.stat(FILE)).mode & 0o777;

    it('regression: tells what FLUSH says, and cannot be written, where the device cannot be asked', async () => {
      const { machine } = await machineWithDisk();
      expect(await machine.kernel.fs.readFile(FILE)).to.equal('write back\n');
      expect(await modeOf(machine)).to.equal(0o444);
      expect((await rejection(() => machine.kernel.fs.writeFile(FILE, 'write through'))).code).to.equal('EACCES');
    });

    it('is switched in the device where it can be; every write is then durable at once', async () => {
      let flushes = 0;
      const bytes = IMAGE.slice();
      const image: BlockImage = {
        size: bytes.length,
        read: (at, length) => bytes.slice(at, at + length),
        write: (at, data) => bytes.set(data, at),
        flush: () => {
          flushes += 1;
        },
      };
      const { machine, disk, model } = await machineWithDisk({ image, configWce: true });
      const { fs } = machine.kernel;
      expect(await fs.readFile(FILE)).to.equal('write back\n');
      expect(await modeOf(machine)).to.equal(0o644);
      await disk.writeSectors(0, filled(1));
      expect(flushes).to.equal(0);
      await fs.writeFile(FILE, 'write through\n');
      expect(await fs.readFile(FILE)).to.equal('write through\n');
      expect(disk.writeCache).to.equal(false);
      expect(model.config()[BLK.CONFIG_WCE]).to.equal(0);
      await disk.writeSectors(0, filled(2));
      expect(flushes).to.equal(1);
      await fs.writeFile(FILE, 'write back');
      expect(await fs.readFile('/sys/block/vda/queue/write_cache')).to.equal('write back\n');
      expect(model.config()[BLK.CONFIG_WCE]).to.equal(1);
    });
  });

  it('reads into bytes of the caller, and gives these back', async () => {
    const { disk, image } = await machineWithDisk();
    const into = new Uint8Array(4 * 512).fill(0xee);
    const part = into.subarray(512, 3 * 512);
    expect(await disk.readSectors(5, 2, part)).to.equal(part);
    expect(into.subarray(512, 3 * 512)).to.deep.equal(image.slice(5 * 512, 7 * 512));
    expect(into.subarray(0, 512)).to.deep.equal(filled(0xee));
    expect(into.subarray(3 * 512)).to.deep.equal(filled(0xee));
  });

  it('refuses bytes that are more or fewer than are read, and leaves them alone', async () => {
    const { disk, model } = await machineWithDisk();
    const { served } = model;
    for (const length of [0, 511, 513, 1024]) {
      const into = new Uint8Array(length).fill(0xee);
      const { code, message } = await rejection(() => disk.readSectors(0, 1, into));
      expect(code).to.equal('EINVAL');
      expect(message).to.contain(`read into ${String(length)} bytes`);
      expect(into).to.deep.equal(new Uint8Array(length).fill(0xee));
    }
    expect(model.served).to.equal(served);
  });

  it('writes into the image, and nowhere else', async () => {
    const { disk, image } = await machineWithDisk();
    const expected = image.slice();
    expected.fill(0xa5, 7 * 512, 9 * 512);
    await disk.writeSectors(7, filled(0xa5, 2));
    expect(image).to.deep.equal(expected);
    expect(await disk.readSectors(6, 4)).to.deep.equal(expected.slice(6 * 512, 10 * 512));
  });

  it('does the same over a transport whose every call sleeps', async () => {
    const { disk, image, machine, remove } = await machineWithDisk({}, { sleepNs: 500 });
    await disk.writeSectors(1, filled(1));
    expect(await disk.readSectors(0, 3)).to.deep.equal(image.slice(0, 3 * 512));
    await remove();
    expectClean(machine);
  });

  it('splits what is larger than a request may be', async () => {
    const { disk, image, model } = await machineWithDisk();
    disk.maxSectors = 100;
    expect(await disk.readSectors(0, SECTORS)).to.deep.equal(image);
    expect(model.served).to.equal(21);
    await disk.writeSectors(0, filled(3, 250));
    expect(model.served).to.equal(24);
    expect(image.slice(0, 251 * 512).lastIndexOf(3, 250 * 512 - 1)).to.equal(250 * 512 - 1);
  });

  it('serves many at a time, each its own', async () => {
    const { disk, image, machine, model } = await machineWithDisk();
    const reads = Array.from({ length: 200 }, (_, i) => machine.world.spawn(() => disk.readSectors(i * 7, 2)));
    for (const [i, read] of reads.entries())
      expect(await read).to.deep.equal(image.slice(i * 7 * 512, (i * 7 + 2) * 512));
    expect(model.served).to.equal(200);
  });

  it('flushes if the device can', async () => {
    let flushed = 0;
    const image: BlockImage = {
      size: 4096,
      read: (_, length) => new Uint8Array(length),
      write: () => undefined,
      flush: () => void (flushed += 1),
    };
    const { disk } = await machineWithDisk({ image });
    await disk.flush();
    expect(flushed).to.equal(1);
    disk.writeCache = false;
    await disk.flush();
    expect(flushed).to.equal(1);
  });

  it('costs one interrupt and no exit of its own for a request', async () => {
    const { disk, machine } = await machineWithDisk();
    const before = machine.guest.port.counters();
    await disk.readSectors(0, 2);
    const after = machine.guest.port.counters();
    expect(after.interrupts - before.interrupts).to.equal(1);
    expect(after.exits - before.exits).to.equal(0);
    expect(after.bytesCopiedGuest - before.bytesCopiedGuest).to.equal(16 + 1024 + 1);
    expect(after.bytesCopiedHost - before.bytesCopiedHost).to.equal(16 + 1024 + 1);
  });

  describe('shows', () => {
    it('the disk where Linux has it', async () => {
      const { machine } = await machineWithDisk();
      const { sysfs } = machine.kernel;
      expect(sysfs.readlink('/sys/class/block/vda')).to.equal('../../devices/fake0/virtio0/block/vda');
      expect(sysfs.readlink('/sys/block/vda')).to.equal('../devices/fake0/virtio0/block/vda');
      expect(sysfs.readlink('/sys/dev/block/254:0')).to.equal('../../devices/fake0/virtio0/block/vda');
      expect(sysfs.readlink('/sys/class/block/vda/device')).to.equal('../../../virtio0');
      const dir = '/sys/class/block/vda';
      expect(await machine.read(`${dir}/serial`)).to.equal('MACHINES-DISK-0');
      expect(await machine.read(`${dir}/size`)).to.equal('2048\n');
      expect(await machine.read(`${dir}/ro`)).to.equal('0\n');
      expect(await machine.read(`${dir}/uevent`)).to.equal(
        'MAJOR=254\nMINOR=0\nDEVNAME=vda\nDEVTYPE=disk\nDISKSEQ=1\n',
      );
      expect(await machine.read(`${dir}/inflight`)).to.equal('       0        0\n');
    });

    it('the size in the log', async () => {
      const { machine } = await machineWithDisk();
      const [line] = machine.kernel.log.entries.map(({ text }) => text);
      expect(line).to.equal('virtio_blk virtio0: [vda] 2048 512-byte logical blocks (1.05 MB/1.00 MiB)');
    });

    it('no serial of a device that has none to give', async () => {
      const { machine } = await machineWithDisk({ serial: '' });
      expect(await machine.read('/sys/class/block/vda/serial')).to.equal('');
    });

    it('a serial of 20 characters whole', async () => {
      const { machine } = await machineWithDisk({ serial: '12345678901234567890' });
      expect(await machine.read('/sys/class/block/vda/serial')).to.equal('12345678901234567890');
    });

    it('events of unbind and bind as a real machine did', async () => {
      const { machine } = await machineWithDisk();
      const events: string[] = [];
      machine.kernel.uevents.subscribe(({ env }) =>
        events.push(env.filter((v) => !/SEQNUM|SUBSYSTEM/.test(v)).join(' ')),
      );
      await unbind(machine);
      await machine.write('/sys/bus/virtio/drivers/virtio_blk/bind', 'virtio0');
      const vdaPath = 'DEVPATH=/devices/fake0/virtio0/block/vda MAJOR=254 MINOR=0 DEVNAME=vda DEVTYPE=disk';
      expect(events).to.deep.equal([
        `ACTION=remove ${vdaPath} DISKSEQ=1`,
        'ACTION=unbind DEVPATH=/devices/fake0/virtio0',
        `ACTION=add ${vdaPath} DISKSEQ=2`,
        'ACTION=bind DEVPATH=/devices/fake0/virtio0 DRIVER=virtio_blk MODALIAS=virtio:d00000002v00001AF4',
      ]);
    });

    it('a new size when the device changes it', async () => {
      let size = 4096;
      const image: BlockImage = {
        get size() {
          return size;
        },
        read: (_, length) => new Uint8Array(length),
        write: () => undefined,
      };
      const { machine, transport, disk } = await machineWithDisk({ image });
      const changes: string[] = [];
      machine.kernel.uevents.subscribe(
        ({ action, env }) => action === 'change' && changes.push(env.find((v) => v.startsWith('RESIZE')) ?? ''),
      );
      size = 8192;
      machine.guest.interrupt(transport.vector);
      await machine.world.advance(10_000);
      expect(disk.capacity).to.equal(16);
      expect(changes).to.deep.equal(['RESIZE=1']);
      expect(machine.kernel.log.entries.map(({ text }) => text).slice(1)).to.deep.equal([
        'virtio_blk virtio0: [vda] new size: 16 512-byte logical blocks (8.19 kB/8.00 KiB)',
        'vda: detected capacity change from 8 to 16',
      ]);
    });
  });

  describe('names disks', () => {
    it('by the lowest free letter, and gives the letter back when nobody holds the disk', async () => {
      const machine = new VirtioMachine();
      await machine.kernel.registerDriver(virtioBlk);
      const plugged: Plugged[] = [];
      for (const name of ['a', 'b', 'c']) plugged.push(await machine.plug(new BlockDevice({ name, image: filled(0) })));
      expect(machine.list('/sys/block')).to.deep.equal(['vda', 'vdb', 'vdc']);
      const held = vda(machine).get();
      await plugged[0]?.remove();
      await plugged[1]?.remove();
      await machine.plug(new BlockDevice({ name: 'd', image: filled(0) }));
      expect(machine.list('/sys/block')).to.deep.equal(['vdb', 'vdc']);
      held.put();
      await machine.plug(new BlockDevice({ name: 'e', image: filled(0) }));
      expect(machine.list('/sys/block')).to.deep.equal(['vda', 'vdb', 'vdc']);
    });
  });

  describe('refuses', () => {
    const refusals: [string, (disk: BlockDisk) => unknown, string][] = [
      ['to read beyond the end', (disk) => disk.readSectors(SECTORS - 1, 2), 'EIO'],
      ['to write beyond the end', (disk) => disk.writeSectors(SECTORS, filled(0)), 'EIO'],
      ['a half sector', (disk) => disk.writeSectors(0, new Uint8Array(100)), 'EINVAL'],
      ['a sector before the first', (disk) => disk.readSectors(-1, 1), 'EINVAL'],
      ['a sector that is no whole number', (disk) => disk.readSectors(0.5, 1), 'EINVAL'],
    ];
    for (const [title, act, code] of refusals) {
      it(`${title} with ${code}, without asking the device`, async () => {
        const { disk, model } = await machineWithDisk();
        expect((await rejection(() => act(disk))).code).to.equal(code);
        expect(model.served).to.equal(0);
      });
    }

    it('to write a read-only disk with EPERM', async () => {
      const { disk, machine, image } = await machineWithDisk({ readOnly: true });
      expect(await machine.read('/sys/class/block/vda/ro')).to.equal('1\n');
      expect((await rejection(() => disk.writeSectors(0, filled(0)))).code).to.equal('EPERM');
      expect(await disk.readSectors(0, 1)).to.deep.equal(image.slice(0, 512));
    });

    it('more than memory holds with ENOMEM, and goes on', async () => {
      const { disk, image } = await machineWithDisk();
      disk.maxSectors = 1 << 20;
      disk.capacity = 1 << 20;
      expect((await rejection(() => disk.readSectors(0, 1 << 14))).code).to.equal('ENOMEM');
      expect(await disk.readSectors(0, 1)).to.deep.equal(image.slice(0, 512));
    });

    it('what the device fails at with EIO, and says where', async () => {
      const image: BlockImage = {
        size: 4096,
        read: (offset) => filled(offset),
        write: () => {
          throw Object.assign(new Error('full'), { code: 'ENOSPC' });
        },
      };
      const { disk, machine } = await machineWithDisk({ image });
      expect((await rejection(() => disk.writeSectors(3, filled(0)))).code).to.equal('EIO');
      expect(machine.kernel.log.entries.at(-1)?.text).to.equal('I/O error, dev vda, sector 3 op 0x1:(WRITE)');
    });
  });

  describe('unbound', () => {
    it('waits for requests in flight and refuses new ones with EIO', async () => {
      const { disk, image, machine } = await machineWithDisk();
      const order: string[] = [];
      const held = disk.get();
      const read = machine.world.spawn(async () => {
        const bytes = await disk.readSectors(4, 1);
        order.push('read');
        return bytes;
      });
      const gone = machine.world.spawn(async () => {
        await unbind(machine);
        order.push('unbound');
      });
      const late = machine.world.spawn(() =>
        rejection(() => held.readSectors(0, 1)).then(({ code }) => order.push(code)),
      );
      await Promise.all([read, gone, late]);
      expect(await read).to.deep.equal(image.slice(4 * 512, 5 * 512));
      expect(order).to.deep.equal(['EIO', 'read', 'unbound']);
      expect((await rejection(() => held.writeSectors(0, filled(0)))).code).to.equal('EIO');
      expect((await rejection(() => held.flush())).code).to.equal('EIO');
      held.put();
      expectClean(machine);
    });

    it('gives everything back, and can be bound again', async () => {
      const { image, machine, transport } = await machineWithDisk();
      await unbind(machine);
      expectClean(machine);
      expect(machine.kernel.sysfs.readdir('/sys/block')).to.deep.equal([]);
      expect(await machine.read('/sys/bus/virtio/devices/virtio0/status')).to.equal('0x00000001\n');
      await machine.write('/sys/bus/virtio/drivers/virtio_blk/bind', 'virtio0');
      expect(await vda(machine).readSectors(1, 1)).to.deep.equal(image.slice(512, 1024));
      expect(transport.backend.status).to.equal(0xf);
      await machine.kernel.busOf(virtioBlk.bus)?.findDriver('virtio_blk')?.unregister();
      expectClean(machine);
    });

    it('ends each request exactly once, in any schedule', async () => {
      for (let seed = 0; seed < 20; seed += 1) {
        const { disk, image, machine } = await machineWithDisk({ latency: 10_000 }, { seed });
        disk.get();
        const results: string[] = [];
        const tasks = Array.from({ length: 10 }, (_, i) =>
          machine.world.spawn(async () => {
            await machine.world.sleep(i * 4_000);
            try {
              const bytes = await disk.readSectors(i, 1);
              expect(bytes).to.deep.equal(image.slice(i * 512, (i + 1) * 512));
              results.push('ok');
            } catch (error) {
              results.push((error as { code: string }).code);
            }
          }),
        );
        const gone = machine.world.spawn(async () => {
          await machine.world.sleep(15_000);
          await unbind(machine);
        });
        await Promise.all([...tasks, gone]);
        expect(results.length).to.equal(10);
        expect(results.filter((result) => result !== 'ok' && result !== 'EIO')).to.deep.equal([]);
        expect(results.includes('ok')).to.equal(true);
        expect(results.includes('EIO')).to.equal(true);
        disk.put();
        expectClean(machine);
      }
    });
  });

  it('takes blocks of 4096 bytes only whole', async () => {
    const machine = new VirtioMachine();
    await machine.kernel.registerDriver(virtioBlk);
    await machine.plug(new OddDisk((request) => request.complete(new Uint8Array(request.writable)), 4096));
    expect((await rejection(() => vda(machine).readSectors(1, 8))).code).to.equal('EINVAL');
    expect(await vda(machine).readSectors(8, 8)).to.deep.equal(filled(0, 8));
  });

  it('keeps to the limits of the device', async () => {
    const machine = new VirtioMachine();
    await machine.kernel.registerDriver(virtioBlk);
    const sizes: number[] = [];
    const disk = new OddDisk((request) => {
      sizes.push(request.writable - 1);
      request.complete(new Uint8Array(request.writable));
    });
    disk.limits = { size: 4096, segments: 2 };
    await machine.plug(disk);
    await vda(machine).readSectors(0, 40);
    expect(sizes).to.deep.equal([8192, 8192, 4096]);
  });
});
