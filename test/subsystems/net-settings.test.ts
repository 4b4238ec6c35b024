import { expect } from 'chai';
import { Device } from '../../lib/base/device';
import { Kernel } from '../../lib/base/kernel';
import { NET_ADDR, NetDevice, registerNetClass, registerNetdev, unregisterNetdev } from '../../lib/subsystems';
import { ethRandomAddr } from '../../lib/subsystems/net';
import { World } from '../../lib/world';
import { outcomes } from '../support/attribute-writes';
import { codeOf } from '../support/errors';

async function shown() {
  const kernel = new Kernel(new World());
  await registerNetClass(kernel);
  const parent = new Device(kernel, { name: 'card0', release: () => undefined });
  await parent.add();
  const seen: string[] = [];
  kernel.uevents.subscribe(({ action, devpath }) => void seen.push(`${action} ${devpath.split('/net/')[1] ?? ''}`));
  const ops = { open: () => 0, stop: () => undefined, startXmit: () => undefined };
  const dev = new NetDevice(kernel, { parent, ops, address: Uint8Array.of(2, 0, 0, 0, 0, 1) });
  await registerNetdev(dev);
  const path = (file: string): string => `/sys/class/net/eth0/${file}`;
  const write = (file: string, text: string): Promise<string> => codeOf(() => kernel.fs.writeFile(path(file), text));
  const read = (file: string): Promise<string> =>
    kernel.fs.readFile(path(file)).catch((error: unknown) => (error as { code: string }).code);
  return { kernel, dev, seen, write, read };
}

const DQL = 'queues/tx-0/byte_queue_limits';

/** File, what is written, what the writer gets, what the file says then. */
const WRITES: readonly (readonly [string, string, string, string])[] = [
  ['tx_queue_len', '32767', '', '32767\n'],
  ['tx_queue_len', '32768', 'ERANGE', '1000\n'],
  ['tx_queue_len', '0', '', '0\n'],
  ['threaded', '1', '', '1\n'],
  ['threaded', '2', 'EOPNOTSUPP', '0\n'],
  ['mtu', '68', '', '68\n'],
  ['mtu', '67', 'EINVAL', '1500\n'],
  ['netdev_group', '4294967295', '', '-1\n'],
  ['netdev_group', '2147483647', '', '2147483647\n'],
  ['napi_defer_hard_irqs', '3', '', '3\n'],
  ['gro_flush_timeout', '18446744073709551615', '', '18446744073709551615\n'],
  ['gro_flush_timeout', '18446744073709551616', 'ERANGE', '0\n'],
  ['proto_down', '0', 'EOPNOTSUPP', '0\n'],
  ['queues/rx-0/rps_cpus', '1', '', '1\n'],
  ['queues/rx-0/rps_flow_cnt', '4294967297', 'EINVAL', '0\n'],
  ['queues/rx-0/rps_flow_cnt', '5', '', '8\n'],
  ['queues/rx-0/rps_flow_cnt', '8', '', '8\n'],
  ['queues/rx-0/rps_flow_cnt', '1', '', '1\n'],
  ['queues/tx-0/xps_rxqs', '1', '', '1\n'],
  ['queues/tx-0/xps_cpus', '1', 'ENOENT', 'ENOENT'],
  ['queues/tx-0/tx_maxrate', '1', 'EOPNOTSUPP', '0\n'],
  [`${DQL}/limit`, '1879048192', '', '1879048192\n'],
  [`${DQL}/limit`, '1879048193', 'EINVAL', '0\n'],
  [`${DQL}/limit`, 'max', '', '1879048192\n'],
  [`${DQL}/limit_max`, '5', '', '5\n'],
  [`${DQL}/limit_min`, '6', '', '6\n'],
  [`${DQL}/hold_time`, '5', '', '8\n'],
  [`${DQL}/hold_time`, '8', '', '8\n'],
];

describe('the settings of a network device: ends of their ranges', () => {
  it('takes what is inside, refuses what is outside with its error, and keeps what it had', async () => {
    expect(await outcomes(WRITES, shown)).to.deep.equal(WRITES);
  });

  it('an alias may have 255 bytes', async () => {
    const { write, read } = await shown();
    const alias = 'x'.repeat(255);
    expect(await write('ifalias', alias)).to.equal('');
    expect(await read('ifalias')).to.equal(`${alias}\n`);
    expect(await write('ifalias', `${alias}x`)).to.equal('EINVAL');
  });

  it('tells of the device, then of its queues; and of all when they go', async () => {
    const { dev, seen } = await shown();
    expect(seen.splice(0)).to.deep.equal(['add eth0', 'add eth0/queues/rx-0', 'add eth0/queues/tx-0']);
    await unregisterNetdev(dev);
    expect(seen).to.deep.equal(['remove eth0/queues/rx-0', 'remove eth0/queues/tx-0', 'remove eth0']);
  });

  it('a made-up address is that of one station, and says that it is made up', () => {
    const first = Array.from({ length: 64 }, (_, seed) => ethRandomAddr(new Kernel(new World({ seed }))));
    expect(first.filter(([byte = 0]) => (byte & 3) !== 2)).to.deep.equal([]);
    expect(new Set(first.map(([byte]) => byte)).size).to.be.greaterThan(8);
    expect(first.every(({ length }) => length === 6)).to.equal(true);
    expect(NET_ADDR).to.have.property('RANDOM', 1);
  });
});
