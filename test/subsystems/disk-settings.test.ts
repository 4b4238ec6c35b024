import { expect } from 'chai';
import { Device } from '../../lib/base/device';
import { Kernel } from '../../lib/base/kernel';
import type { MaySleep } from '../../lib/may-sleep';
import { addDisk, allocDisk, BlockRequest, delGendisk, type BlockDisk } from '../../lib/subsystems';
import { World } from '../../lib/world';
import { codeOf, rejection } from '../support/errors';
import { outcomes } from '../support/attribute-writes';

async function shown() {
  const kernel = new Kernel(new World());
  const parent = new Device(kernel, { name: 'dev0', release: () => undefined });
  await parent.add();
  const held: BlockRequest[] = [];
  const ops = { queueRq: (request: BlockRequest) => (held.push(request), 0) };
  const make = (): MaySleep<BlockDisk> =>
    allocDisk(kernel, { prefix: 'vd', majorName: 'test', minors: 16, ops, queueDepth: 64 });
  const disk = await make();
  disk.setCapacityAndNotify(64);
  await addDisk(parent, disk);
  const path = (file: string): string => `/sys/block/${String(disk.name)}/${file}`;
  const write = (file: string, text: string): Promise<string> => codeOf(() => kernel.fs.writeFile(path(file), text));
  const read = (file: string): Promise<string> => kernel.fs.readFile(path(file));
  return { kernel, parent, disk, make, held, write, read };
}

/** File, what is written, what the writer gets, what the file says then. */
const WRITES: readonly (readonly [string, string, string, string])[] = [
  ['queue/nr_requests', '64', '', '64\n'],
  ['queue/nr_requests', '65', 'EINVAL', '64\n'],
  ['queue/nr_requests', '63', '', '63\n'],
  ['queue/nr_requests', '1', '', '4\n'],
  ['queue/nr_requests', '4294967296', 'EINVAL', '64\n'],
  ['queue/nr_requests', '0x10', 'EINVAL', '64\n'],
  ['queue/read_ahead_kb', '4294967295', '', '4294967292\n'],
  ['queue/read_ahead_kb', '4294967296', 'EINVAL', '128\n'],
  ['queue/read_ahead_kb', '7', '', '4\n'],
  ['queue/read_ahead_kb', '8', '', '8\n'],
  ['queue/max_sectors_kb', '3', 'EINVAL', '1280\n'],
  ['queue/max_sectors_kb', '4', '', '4\n'],
  ['queue/max_sectors_kb', '2147483647', '', '2147483647\n'],
  ['queue/max_sectors_kb', '2147483648', 'EINVAL', '1280\n'],
  ['queue/scheduler', 'none', '', '[none] \n'],
  ['queue/scheduler', 'kyber', 'EINVAL', '[none] \n'],
  ['queue/io_poll_delay', '-1', '', '-1\n'],
  ['queue/io_poll_delay', '-2', 'EINVAL', '-1\n'],
  ['queue/io_poll_delay', '0', '', '0\n'],
  ['queue/io_poll_delay', '7', '', '7\n'],
  ['queue/wbt_lat_usec', '0', '', '0\n'],
  ['queue/wbt_lat_usec', '-1', '', '75000\n'],
  ['queue/wbt_lat_usec', '-2', 'EINVAL', '75000\n'],
  ['queue/wbt_lat_usec', '12', '', '12\n'],
  ['queue/discard_max_bytes', '0', '', '0\n'],
  ['queue/discard_max_bytes', '512', 'EINVAL', '0\n'],
  ['queue/nomerges', '0', '', '0\n'],
  ['queue/nomerges', '1', '', '1\n'],
  ['queue/nomerges', '2', '', '2\n'],
  ['queue/nomerges', '3', '', '1\n'],
  ['queue/rq_affinity', '0', '', '0\n'],
  ['queue/rq_affinity', '2', '', '2\n'],
  ['queue/rq_affinity', '3', '', '1\n'],
  ['queue/iostats', '0', '', '0\n'],
  ['queue/iostats', '7', '', '1\n'],
  ['queue/rotational', '0', '', '0\n'],
  ['queue/stable_writes', '1', '', '1\n'],
  ['queue/add_random', '1', '', '1\n'],
  ['queue/io_poll', '1', 'EINVAL', '0\n'],
  ['events_poll_msecs', '-1', 'ENODEV', '-1\n'],
  ['events_poll_msecs', '-2', 'EINVAL', '-1\n'],
  ['events_poll_msecs', '1', 'ENODEV', '-1\n'],
  ['events_poll_msecs', 'often', 'EINVAL', '-1\n'],
  ['integrity/read_verify', '1', '', '1\n'],
  ['integrity/write_generate', '1', '', '1\n'],
];

describe('the settings of a disk: ends of their ranges', () => {
  it('takes what is inside, refuses what is outside with its error, and keeps what it had', async () => {
    expect(await outcomes(WRITES, shown)).to.deep.equal(WRITES);
  });

  it('each setting is its own: the others stay', async () => {
    const { write, read } = await shown();
    const files = ['rotational', 'stable_writes', 'add_random', 'iostats', 'nomerges', 'rq_affinity'].map(
      (name) => `queue/${name}`,
    );
    const all = async (): Promise<string> => (await Promise.all(files.map(read))).join('').replaceAll('\n', '');
    expect(await all()).to.equal('100101');
    expect(await write('queue/rotational', '0')).to.equal('');
    expect(await all()).to.equal('000101');
    expect(await write('queue/add_random', '1')).to.equal('');
    expect(await all()).to.equal('001101');
    expect(await write('integrity/read_verify', '1')).to.equal('');
    expect(await read('integrity/write_generate')).to.equal('0\n');
  });

  it('wbt_lat_usec: the preset of a disk that does not turn is shorter', async () => {
    const { write, read } = await shown();
    await write('queue/rotational', '0');
    expect(await write('queue/wbt_lat_usec', '-1')).to.equal('');
    expect(await read('queue/wbt_lat_usec')).to.equal('2000\n');
  });
});

describe('a disk: the ends of what it has', () => {
  const code = (body: () => unknown): Promise<string> => rejection(body).then((error) => error.code);

  it('its last sector can be read and written, the next one cannot', async () => {
    const { kernel, disk, held } = await shown();
    const ended = async (act: () => unknown): Promise<number[]> => {
      const done = kernel.world.spawn(async () => void (await act()));
      await kernel.world.settle();
      const seen = held.splice(0);
      for (const request of seen) disk.endRequest(request, 0);
      await done;
      return seen.map(({ sector }) => sector);
    };
    expect(await ended(() => disk.readSectors(63, 1))).to.deep.equal([63]);
    expect(await ended(() => disk.writeSectors(63, new Uint8Array(512)))).to.deep.equal([63]);
    const refusals = [
      () => disk.readSectors(64, 1),
      () => disk.readSectors(63, 2),
      () => disk.writeSectors(64, new Uint8Array(512)),
    ];
    for (const act of refusals) expect(await code(act)).to.equal('EIO');
    expect(held).to.deep.equal([]);
  });

  it('its number is free again when the last who holds it lets go, not before', async () => {
    const { disk, make } = await shown();
    disk.get();
    await delGendisk(disk);
    disk.put();
    expect((await make()).name).to.equal('vdb');
    disk.put();
    expect((await make()).name).to.equal('vda');
  });

  it('tells of a new size with an event and a line, and only if it differs', async () => {
    const { kernel, disk } = await shown();
    const seen: string[] = [];
    kernel.uevents.subscribe(
      ({ action, env }) => void seen.push(`${action} ${env.filter((line) => line.startsWith('RESIZE')).join()}`),
    );
    disk.setCapacityAndNotify(64);
    expect(seen).to.deep.equal([]);
    disk.setCapacityAndNotify(65);
    expect(seen).to.deep.equal(['change RESIZE=1']);
  });

  it('counts a flush, a read and a write that run, each in its place', async () => {
    const { kernel, disk, held, read } = await shown();
    const reading = kernel.world.spawn(() => disk.readSectors(0, 1));
    const writing = [1, 2].map((sector) => kernel.world.spawn(() => disk.writeSectors(sector, new Uint8Array(512))));
    await kernel.world.settle();
    expect(await read('inflight')).to.equal('       1        2\n');
    for (const request of held.splice(0)) disk.endRequest(request, 0);
    await Promise.all([reading, ...writing]);
    expect(await read('inflight')).to.equal('       0        0\n');
  });
});
