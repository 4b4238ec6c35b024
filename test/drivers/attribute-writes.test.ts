import { expect } from 'chai';
import { virtioBlk } from '../../drivers/virtio_blk';
import { virtioNet } from '../../drivers/virtio_net';
import { virtioRng } from '../../drivers/virtio_rng';
import { BlockDevice, EntropyDevice, NetworkDevice, NetworkHub } from '../../lib';
import { world, type KitWorld } from '../support/kit';
import { otherwise, recordedWrites } from '../support/attribute-writes';

/** The machine that was recorded, as far as its files have to do with it. */
async function machine(): Promise<KitWorld> {
  const made = world({
    allow: [/log: err: eth0: mtu (less|greater) than device (minimum|maximum)$/],
    devices: [
      new BlockDevice({ name: 'disk', image: new Uint8Array(1 << 20), configWce: true }),
      new NetworkDevice({ name: 'net', hub: new NetworkHub(), mac: Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x56) }),
      new EntropyDevice({ name: 'rng0' }),
      new EntropyDevice({ name: 'rng1' }),
    ],
  });
  await made.boot();
  for (const driver of [virtioBlk, virtioNet, virtioRng]) await made.load(driver);
  return made;
}

describe('what a real kernel takes and refuses', () => {
  it('regression: in the files of hw_random', async () => {
    const { fs } = await machine();
    const rows = recordedWrites('x86-pci', 'hw_random');
    expect(rows.length).to.equal(19);
    expect(await otherwise(fs, rows, (file) => `/sys/class/misc/hw_random/${file}`)).to.deep.equal([]);
  });

  it('regression: in the files of a network interface and its queues', async () => {
    const { fs } = await machine();
    const dirs: Record<string, string> = {
      rps_flow_cnt: 'queues/rx-0/',
      limit: BQL,
      limit_min: BQL,
      limit_max: BQL,
      hold_time: BQL,
    };
    const pathOf = (file: string): string =>
      `/sys/class/net/eth0/${file.includes('-0/') ? 'queues/' : (dirs[file] ?? '')}${file}`;
    const rows = recordedWrites('x86-pci', 'net');
    expect(rows.length).to.equal(309);
    expect(await otherwise(fs, rows, pathOf)).to.deep.equal([]);
  });

  it('regression: in the files of a disk and its queue', async () => {
    const { fs } = await machine();
    const dirs: Record<string, string> = {
      cache_type: '',
      events_poll_msecs: '',
      read_verify: 'integrity/',
      write_generate: 'integrity/',
    };
    const rows = recordedWrites('x86-pci', 'disk');
    expect(rows.length).to.equal(296);
    expect(await otherwise(fs, rows, (file) => `/sys/block/vda/${dirs[file] ?? 'queue/'}${file}`)).to.deep.equal([]);
  });
});

const BQL = 'queues/tx-0/byte_queue_limits/';
