import { expect } from 'chai';
import { Device } from '../../lib/base/device';
import { Kernel } from '../../lib/base/kernel';
import {
  addDisk,
  allocDisk,
  blockDisk,
  blockDisks,
  BlockRequest,
  delGendisk,
  initSubsystems,
  type BlockDisk,
  type BlockOps,
} from '../../lib/subsystems';
import { diskName } from '../../lib/subsystems/block-core';
import { World } from '../../lib/world';
import { rejection } from '../support/errors';

/** A driver that keeps what it is given, as much as it has room for. */
class Shelf implements BlockOps {
  readonly held: BlockRequest[] = [];
  room = Infinity;
  refuse = 0;

  queueRq(request: BlockRequest): number {
    if (this.refuse !== 0) return this.refuse;
    if (this.held.length >= this.room) return -28;
    this.held.push(request);
    return 0;
  }

  end(disk: BlockDisk, error = 0): void {
    const request = this.held.shift();
    if (request !== undefined) disk.endRequest(request, error);
  }
}

async function shelfDisk(add = true) {
  const world = new World();
  const kernel = new Kernel(world);
  const parent = new Device(kernel, { name: 'dev0', release: () => undefined });
  await parent.add();
  const ops = new Shelf();
  const disk = await allocDisk(kernel, { prefix: 'vd', majorName: 'test', minors: 16, ops });
  disk.setCapacityAndNotify(64);
  if (add) await addDisk(parent, disk);
  return { world, kernel, parent, ops, disk };
}

const code = (body: () => unknown): Promise<string> => rejection(body).then((error) => error.code);

describe('the block class', () => {
  it('names disks as Linux does', () => {
    const names = [0, 1, 25, 26, 51, 52, 701, 702].map((index) => diskName('vd', index));
    expect(names).to.deep.equal(['vda', 'vdb', 'vdz', 'vdaa', 'vdaz', 'vdba', 'vdzz', 'vdaaa']);
  });

  it('is there after boot, and stays one', async () => {
    const kernel = new Kernel(new World());
    await initSubsystems(kernel);
    await initSubsystems(kernel);
    expect(kernel.sysfs.readdir('/sys/class')).to.include.members(['block', 'misc', 'net', 'tty']);
    expect(kernel.sysfs.readdir('/sys/block')).to.deep.equal([]);
    expect(blockDisks(kernel)).to.deep.equal([]);
  });

  it('gives each driver its major number and each disk its minor numbers', async () => {
    const { kernel, ops } = await shelfDisk();
    const second = await allocDisk(kernel, { prefix: 'vd', majorName: 'test', minors: 16, ops });
    const other = await allocDisk(kernel, { prefix: 'xd', majorName: 'other', minors: 4, ops });
    expect(second.name).to.equal('vdb');
    expect(second.devt).to.deep.equal({ major: 254, minor: 16 });
    expect(other.name).to.equal('xda');
    expect(other.devt).to.deep.equal({ major: 253, minor: 0 });
  });

  it('finds disks by name', async () => {
    const { kernel, disk } = await shelfDisk();
    expect(blockDisk(kernel, 'vda')).to.deep.equal(disk);
    expect(blockDisk(kernel, 'vdb')).to.equal(null);
  });

  it('is announced when all its directories are there; nothing of them is left behind', async () => {
    const { kernel, parent, disk } = await shelfDisk(false);
    const seen: string[] = [];
    kernel.uevents.subscribe(({ action, devpath }) => {
      if (!devpath.endsWith('/vda')) return;
      const names = disk.sd === null ? [] : [...disk.sd.names()];
      seen.push(
        `${action} ${['holders', 'integrity', 'mq', 'queue', 'slaves'].filter((name) => names.includes(name)).join(' ')}`,
      );
    });
    await addDisk(parent, disk);
    expect(kernel.sysfs.readlink('/sys/block/vda')).to.equal('../devices/dev0/block/vda');
    expect(kernel.sysfs.readdir('/sys/block/vda/mq/0')).to.deep.equal([
      'cpu0',
      'cpu_list',
      'nr_reserved_tags',
      'nr_tags',
    ]);
    await delGendisk(disk);
    expect(seen).to.deep.equal(['add holders integrity mq queue slaves', 'remove ']);
    expect(disk.dirs).to.equal(null);
    expect(disk.refcount).to.equal(1);
  });

  it('shows nothing of a disk that could not be added', async () => {
    const { kernel, parent, disk } = await shelfDisk(false);
    const squatter = new Device(kernel, { name: 'block', parent, release: () => undefined });
    await squatter.add();
    expect(await code(() => addDisk(parent, disk))).to.equal('EEXIST');
    disk.put();
    expect(blockDisks(kernel)).to.deep.equal([]);
    expect(kernel.sysfs.readdir('/sys/block')).to.deep.equal([]);
  });
});

describe('the settings of a queue', () => {
  const queue = (file: string): string => `/sys/block/vda/queue/${file}`;

  it('nr_requests limits how many the driver has at a time', async () => {
    const { world, kernel, disk, ops } = await shelfDisk();
    await kernel.fs.writeFile(queue('nr_requests'), '4');
    const reads = Array.from({ length: 6 }, (_, sector) => world.spawn(() => disk.readSectors(sector, 1)));
    await world.settle();
    expect(ops.held.map(({ sector }) => sector)).to.deep.equal([0, 1, 2, 3]);
    ops.end(disk);
    expect(ops.held.map(({ sector }) => sector)).to.deep.equal([1, 2, 3, 4]);
    while (ops.held.length > 0) ops.end(disk);
    for (const read of reads) await read;
  });

  it('max_sectors_kb limits the size of requests', async () => {
    const { world, kernel, disk, ops } = await shelfDisk();
    await kernel.fs.writeFile(queue('max_sectors_kb'), '4');
    const read = world.spawn(() => disk.readSectors(0, 20));
    const lengths: number[] = [];
    for (await world.settle(); ops.held[0] !== undefined; await world.settle()) {
      lengths.push(ops.held[0].length);
      ops.end(disk);
    }
    await read;
    expect(lengths).to.deep.equal([4096, 4096, 2048]);
    disk.logicalBlockSize = 2048;
    await kernel.fs.writeFile(queue('max_sectors_kb'), '5');
    const write = world.spawn(() => disk.writeSectors(0, new Uint8Array(8192)));
    await world.settle();
    expect(ops.held.map(({ bytes }) => bytes.length)).to.deep.equal([4096]);
    for (; ops.held.length > 0; await world.settle()) ops.end(disk);
    await write;
  });

  it('write_cache decides whether flush asks the device; none can be switched on where there is none', async () => {
    const { world, kernel, disk, ops } = await shelfDisk();
    expect(await code(() => kernel.fs.writeFile(queue('write_cache'), 'write back'))).to.equal('EINVAL');
    disk.setWriteCache(true);
    await kernel.fs.writeFile(queue('write_cache'), 'write through\n');
    await disk.flush();
    expect(ops.held).to.deep.equal([]);
    await kernel.fs.writeFile(queue('write_cache'), 'write back\n');
    const flush = world.spawn(() => disk.flush());
    await world.settle();
    expect(ops.held.map(({ op }) => op)).to.deep.equal(['flush']);
    ops.end(disk);
    await flush;
  });

  it('a driver that can have no request has no disk', async () => {
    const { kernel, ops } = await shelfDisk();
    expect(
      await code(() => allocDisk(kernel, { prefix: 'vd', majorName: 'test', minors: 16, ops, queueDepth: 0 })),
    ).to.equal('EINVAL');
  });
});

describe('what a disk has served', () => {
  const MS = 1_000_000;

  async function stat({ kernel }: { kernel: Kernel }): Promise<readonly number[]> {
    const text = await kernel.fs.readFile('/sys/block/vda/stat');
    expect(text)
      .to.match(/^( *[0-9]+ ){16} *[0-9]+\n$/)
      .and.to.have.length(17 * 8 + 16 + 1);
    return text.trim().split(/ +/).map(Number);
  }

  it('counts reads, writes and flushes, their sectors and their time', async () => {
    const rig = await shelfDisk();
    const { world, disk, ops } = rig;
    disk.setWriteCache(true);
    const serve = async (act: () => unknown, ms: number): Promise<void> => {
      const done = world.spawn(async () => void (await act()));
      await world.advance(ms * MS);
      ops.end(disk);
      await done;
    };
    await serve(() => disk.readSectors(0, 3), 5);
    await world.advance(30 * MS);
    await serve(() => disk.writeSectors(1, new Uint8Array(1024)), 7);
    await serve(() => disk.flush(), 2);
    await world.advance(100 * MS);
    expect(await stat(rig)).to.deep.equal([1, 0, 3, 5, 1, 0, 2, 7, 0, 14, 14, 0, 0, 0, 0, 1, 2]);
  });

  it('counts the time of what runs at the same time once as time of the disk', async () => {
    const rig = await shelfDisk();
    const { world, disk, ops } = rig;
    const first = world.spawn(() => disk.readSectors(0, 1));
    await world.advance(10 * MS);
    const second = world.spawn(() => disk.readSectors(1, 1));
    await world.advance(10 * MS);
    expect((await stat(rig)).slice(0, 11)).to.deep.equal([0, 0, 0, 0, 0, 0, 0, 0, 2, 20, 0]);
    ops.end(disk);
    ops.end(disk);
    await Promise.all([first, second]);
    expect((await stat(rig)).slice(0, 11)).to.deep.equal([2, 0, 2, 30, 0, 0, 0, 0, 0, 20, 30]);
  });

  it('counts nothing while iostats is off, and never what the driver asks for itself', async () => {
    const rig = await shelfDisk();
    const { world, kernel, disk, ops } = rig;
    const own = world.spawn(() => disk.execute(new BlockRequest('drv-in', 0, new Uint8Array(20))));
    await world.advance(5 * MS);
    ops.end(disk);
    await own;
    await kernel.fs.writeFile('/sys/block/vda/queue/iostats', '0');
    const read = world.spawn(() => disk.readSectors(0, 1));
    await world.advance(5 * MS);
    ops.end(disk);
    await read;
    expect(await stat(rig)).to.deep.equal(new Array(17).fill(0));
  });
});

describe('the requests of a disk', () => {
  it('that find no room wait, in order, until one ends', async () => {
    const { world, disk, ops } = await shelfDisk();
    ops.room = 1;
    const reads = [1, 2, 3].map((sector) => world.spawn(() => disk.readSectors(sector, 1)));
    await world.settle();
    expect(ops.held.map(({ sector }) => sector)).to.deep.equal([1]);
    expect(disk.queue.inFlight).to.equal(3);
    ops.end(disk);
    expect(ops.held.map(({ sector }) => sector)).to.deep.equal([2]);
    ops.end(disk);
    ops.end(disk);
    for (const read of reads) await read;
    expect(disk.queue.inFlight).to.equal(0);
  });

  it('that can never find room end with EIO', async () => {
    const { disk, ops } = await shelfDisk();
    ops.room = 0;
    expect(await code(() => disk.readSectors(0, 1))).to.equal('EIO');
  });

  it('that the driver refuses end with its error', async () => {
    const { disk, ops } = await shelfDisk();
    ops.refuse = -95;
    expect(await code(() => disk.readSectors(0, 1))).to.equal('EOPNOTSUPP');
  });

  it('that were ended once stay so', async () => {
    const { world, disk, ops } = await shelfDisk();
    const read = world.spawn(() => disk.readSectors(0, 1));
    await world.settle();
    const [request] = ops.held;
    ops.end(disk);
    if (request !== undefined) disk.endRequest(request, -5);
    expect((await read).length).to.equal(512);
  });

  it('end all when the driver gives up, those that wait for room too', async () => {
    const { world, disk, ops } = await shelfDisk();
    ops.room = 2;
    const reads = [1, 2, 3, 4].map((sector) => world.spawn(() => code(() => disk.readSectors(sector, 1))));
    await world.settle();
    ops.refuse = -5;
    disk.failRequests(-5);
    for (const read of reads) expect(await read).to.equal('EIO');
  });

  it('are waited for by del_gendisk, which refuses new ones at once', async () => {
    const { world, kernel, disk, ops } = await shelfDisk();
    const order: string[] = [];
    const read = world.spawn(async () => void (await disk.readSectors(0, 1), order.push('read')));
    const gone = world.spawn(async () => void (await delGendisk(disk), order.push('deleted')));
    await world.settle();
    expect(order).to.deep.equal([]);
    expect(kernel.sysfs.readdir('/sys/block')).to.deep.equal([]);
    expect(disk.capacity).to.equal(0);
    for (const act of [
      () => disk.readSectors(0, 0),
      () => disk.writeSectors(0, new Uint8Array(512)),
      () => disk.flush(),
    ]) {
      expect(await code(act)).to.equal('EIO');
    }
    ops.end(disk);
    await Promise.all([read, gone]);
    expect(order).to.deep.equal(['read', 'deleted']);
  });

  it('that never end are reported: who waits, and for what', async () => {
    const { disk } = await shelfDisk();
    const error: unknown = await Promise.resolve(disk.readSectors(0, 1)).catch((thrown: unknown) => thrown);
    expect(String(error)).to.contain("task 'blkdev_read(vda)' blocked").and.to.contain('blk_execute_rq(vda)');
  });
});
