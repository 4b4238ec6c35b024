import { expect } from 'chai';
import { Device } from '../../lib/base/device';
import { Kernel } from '../../lib/base/kernel';
import {
  NetDevice,
  netDevice,
  netDevices,
  registerNetClass,
  registerNetdev,
  unregisterNetdev,
  type NetDeviceInit,
} from '../../lib/subsystems';
import { World } from '../../lib/world';
import { rejection } from '../support/errors';

const MAC = Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x56);
const code = (body: () => unknown): Promise<string> => rejection(body).then((error) => error.code);
const frame = (length = 60): Uint8Array => new Uint8Array(length).fill(1);

/** A device whose driver writes down what it is asked for. */
async function rig(over: Partial<NetDeviceInit> & { readonly openError?: number } = {}) {
  const kernel = new Kernel(new World());
  await registerNetClass(kernel);
  const parent = new Device(kernel, { name: 'card0', release: () => undefined });
  await parent.add();
  const calls: string[] = [];
  const ops = {
    open: () => {
      calls.push('open');
      return over.openError ?? 0;
    },
    stop: () => void calls.push('stop'),
    startXmit: (bytes: Uint8Array) => void calls.push(`xmit ${String(bytes.length)}`),
  };
  const make = (): NetDevice => new NetDevice(kernel, { parent, ops, address: MAC, ...over });
  const dev = make();
  await registerNetdev(dev);
  const read = async (file: string): Promise<string | number> =>
    kernel.world.run(() => kernel.sysfs.open(`/sys/class/net/eth0/${file}`, 'r').read());
  const write = async (file: string, text: string): Promise<number> =>
    kernel.world.run(() => kernel.sysfs.open(`/sys/class/net/eth0/${file}`, 'w').write(text));
  return { kernel, dev, calls, make, read, write };
}

describe('the net class', () => {
  it('shows a device that is down as a real kernel does', async () => {
    const { dev, read, kernel } = await rig();
    dev.setCarrier(false);
    dev.setCarrier(true);
    const texts: Record<string, string | number> = {};
    for (const name of kernel.sysfs.readdir('/sys/class/net/eth0')) {
      if (!['device', 'subsystem', 'queues', 'statistics'].includes(name)) texts[name] = await read(name);
    }
    // What a recorded 6.1.192 kernel shows, without power/.
    expect(texts).to.deep.equal({
      addr_assign_type: '0\n',
      addr_len: '6\n',
      address: '52:54:00:12:34:56\n',
      broadcast: 'ff:ff:ff:ff:ff:ff\n',
      carrier: -22,
      carrier_changes: '2\n',
      carrier_down_count: '1\n',
      carrier_up_count: '1\n',
      dev_id: '0x0\n',
      dev_port: '0\n',
      dormant: -22,
      duplex: -22,
      flags: '0x1002\n',
      gro_flush_timeout: '0\n',
      ifalias: '',
      ifindex: '2\n',
      iflink: '2\n',
      link_mode: '0\n',
      mtu: '1500\n',
      name_assign_type: '1\n',
      napi_defer_hard_irqs: '0\n',
      netdev_group: '0\n',
      operstate: 'down\n',
      phys_port_id: -95,
      phys_port_name: -95,
      phys_switch_id: -95,
      proto_down: '0\n',
      speed: -22,
      testing: -22,
      threaded: '0\n',
      tx_queue_len: '1000\n',
      type: '1\n',
      uevent: 'INTERFACE=eth0\nIFINDEX=2\n',
    });
    const statistics = kernel.sysfs.readdir('/sys/class/net/eth0/statistics');
    expect(statistics.length).to.equal(24);
    for (const name of statistics) expect(await read(`statistics/${name}`)).to.equal('0\n');
  });

  it('knows more of a device that is up', async () => {
    const { dev, read } = await rig();
    await dev.open();
    const names = ['carrier', 'operstate', 'dormant', 'testing', 'speed', 'duplex', 'flags'];
    expect(await Promise.all(names.map(read))).to.deep.equal([
      '1\n',
      'up\n',
      '0\n',
      '0\n',
      '-1\n',
      'unknown\n',
      '0x1003\n',
    ]);
    dev.setCarrier(false);
    expect(await read('carrier')).to.equal('0\n');
    expect(await read('operstate')).to.equal('down\n');
  });

  it('finds devices by name, and names them by the lowest free number', async () => {
    const { kernel, dev, make } = await rig();
    const second = make();
    await registerNetdev(second);
    await unregisterNetdev(dev);
    const third = make();
    await registerNetdev(third);
    expect(netDevices(kernel)).to.deep.equal([second, third]);
    expect(netDevice(kernel, 'eth0')).to.deep.equal(third);
    expect(netDevice(kernel, 'eth1')).to.deep.equal(second);
    expect(netDevice(kernel, 'eth2')).to.equal(null);
    expect([dev, second, third].map(({ ifindex }) => ifindex)).to.deep.equal([2, 3, 4]);
  });

  describe('settings', () => {
    it('change the MTU within what the device can', async () => {
      const { dev, read, write } = await rig({ maxMtu: 9000 });
      expect(await write('mtu', '9000\n')).to.equal(5);
      expect(await read('mtu')).to.equal('9000\n');
      for (const text of ['67', '9001', 'many']) expect(await write('mtu', text), text).to.equal(-22);
      expect(await write('mtu', '0x44')).to.equal(4);
      expect(dev.mtu).to.equal(68);
    });

    it('bring it up and down by its flags', async () => {
      const { dev, write, calls } = await rig();
      expect(await write('flags', '0x1003\n')).to.equal(7);
      expect(dev.isUp).to.equal(true);
      expect(await write('flags', '0x1003\n')).to.equal(7);
      expect(await write('flags', '4098')).to.equal(4);
      expect(dev.isUp).to.equal(false);
      expect(calls).to.deep.equal(['open', 'stop']);
    });

    it('keep an alias, and numbers that have no effect', async () => {
      const { read, write } = await rig();
      expect(await write('ifalias', 'uplink\n')).to.equal(7);
      expect(await read('ifalias')).to.equal('uplink\n');
      expect(await write('ifalias', 'x'.repeat(256))).to.equal(-22);
      expect(await write('ifalias', '\n')).to.equal(1);
      expect(await read('ifalias')).to.equal('');
      expect(await write('tx_queue_len', '10')).to.equal(2);
      expect(await read('tx_queue_len')).to.equal('10\n');
      expect(await write('netdev_group', '017')).to.equal(3);
      expect(await read('netdev_group')).to.equal('15\n');
      expect(await write('gro_flush_timeout', '99999999999999999999')).to.equal(-34);
    });

    it('regression: tell the log why an MTU is refused, and who enters promiscuous mode', async () => {
      const { kernel, write } = await rig({ maxMtu: 9000 });
      for (const text of ['67', '9001']) await write('mtu', text);
      for (const text of ['0x1100', '0x1100', '0x1200', '0x1000']) await write('flags', text);
      expect(kernel.log.entries.slice(-4).map(({ text }) => text)).to.deep.equal([
        'eth0: mtu less than device minimum',
        'eth0: mtu greater than device maximum',
        'device eth0 entered promiscuous mode',
        'device eth0 left promiscuous mode',
      ]);
    });

    it('regression: of a device that sleeps are changed, but for its MTU and for going up', async () => {
      const { dev, read, write } = await rig();
      dev.netifDetach();
      expect(await write('mtu', '1500')).to.equal(4);
      expect(await write('mtu', '1400')).to.equal(-19);
      expect(await write('mtu', '67')).to.equal(-22);
      expect(await write('flags', '0x1')).to.equal(-19);
      expect(await read('flags')).to.equal('0x2\n');
      expect(await write('tx_queue_len', '5')).to.equal(1);
      expect(await read('tx_queue_len')).to.equal('5\n');
    });

    it('regression: an alias ends at a NUL, and keeps what is outside ASCII', async () => {
      const { dev, read, write } = await rig();
      expect(await write('ifalias', 'a\0b\n')).to.equal(4);
      expect(await read('ifalias')).to.equal('a\n');
      expect(dev.alias).to.equal('a\0b');
      expect(await write('ifalias', '\0\n')).to.equal(2);
      expect(await read('ifalias')).to.equal('');
      expect(await write('ifalias', 'Büro Süd')).to.equal(10);
      expect(await read('ifalias')).to.equal('Büro Süd\n');
      expect(await write('ifalias', `${'ü'.repeat(127)}x\n`)).to.equal(256);
      expect(await write('ifalias', `${'ü'.repeat(128)}\n`)).to.equal(-22);
    });

    it('refuse what only a driver could do', async () => {
      const { write } = await rig();
      expect(await write('carrier', '1')).to.equal(-95);
      expect(await write('proto_down', '1')).to.equal(-95);
    });

    it('are refused with ENODEV by a device that leaves', async () => {
      const { kernel, dev, write } = await rig({});
      let result = 0;
      await dev.open();
      const gone = kernel.world.spawn(() => unregisterNetdev(dev));
      const late = kernel.world.spawn(async () => void (result = await write('mtu', '100').catch(() => -19)));
      await Promise.all([gone, late]);
      expect(result).to.equal(-19);
    });
  });

  describe('frames', () => {
    const refusals: [string, (dev: NetDevice) => unknown, string][] = [
      ['while it is down', (dev) => dev.transmit(frame()), 'ENETDOWN'],
      [
        'of less than a header',
        async (dev) => {
          await dev.open();
          dev.transmit(frame(13));
        },
        'EINVAL',
      ],
      [
        'of more than the MTU',
        async (dev) => {
          await dev.open();
          dev.transmit(frame(1519));
        },
        'EMSGSIZE',
      ],
      [
        'to a device that is gone',
        async (dev) => {
          await unregisterNetdev(dev);
          dev.transmit(frame());
        },
        'ENXIO',
      ],
    ];
    for (const [title, act, expected] of refusals) {
      it(`are refused with ${expected} ${title}`, async () => {
        const { kernel, dev, calls } = await rig();
        expect(await code(() => kernel.world.run(() => act(dev)))).to.equal(expected);
        expect(calls.filter((call) => call.startsWith('xmit'))).to.deep.equal([]);
      });
    }

    it('go to the driver, or wait while it has no room, ENOBUFS when too many wait', async () => {
      const { dev, calls } = await rig();
      await dev.open();
      dev.transmit(frame(60));
      dev.stopQueue();
      dev.txQueueLen = 2;
      for (const length of [61, 62]) dev.transmit(frame(length));
      expect(await code(() => dev.transmit(frame()))).to.equal('ENOBUFS');
      expect(calls).to.deep.equal(['open', 'xmit 60']);
      expect(dev.backlog).to.equal(2);
      dev.wakeQueue();
      expect(calls).to.deep.equal(['open', 'xmit 60', 'xmit 61', 'xmit 62']);
      expect(dev.backlog).to.equal(0);
    });

    it('that wait are lost when it goes down or loses its link', async () => {
      const { dev, calls } = await rig();
      const ways: (() => unknown)[] = [() => dev.setCarrier(false), () => dev.close()];
      for (const lose of ways) {
        await dev.open();
        dev.setCarrier(true);
        dev.stopQueue();
        dev.transmit(frame());
        await lose();
        dev.wakeQueue();
        expect(dev.backlog).to.equal(0);
      }
      expect(calls).to.deep.equal(['open', 'stop']);
    });

    it('that come go to all who listen; without anybody they are counted', async () => {
      const { dev } = await rig();
      const heard: string[] = [];
      dev.receive(frame());
      const stop = dev.addPack(({ length }) => void heard.push(`a${String(length)}`));
      dev.addPack(({ length }) => void heard.push(`b${String(length)}`));
      dev.receive(frame(64));
      stop();
      dev.receive(frame(65));
      expect(heard).to.deep.equal(['a64', 'b64', 'b65']);
      expect(dev.stats.rx_dropped).to.equal(1);
    });
  });

  it('a driver that refuses to open leaves it down', async () => {
    const { dev, read } = await rig({ openError: -5 });
    expect(await code(() => dev.open())).to.equal('EIO');
    expect(dev.isUp).to.equal(false);
    expect(await read('flags')).to.equal('0x1002\n');
  });

  it('opens and closes once, whoever asks', async () => {
    const { kernel, dev, calls } = await rig();
    await Promise.all([0, 1].map(() => kernel.world.spawn(() => dev.open())));
    await dev.close();
    await dev.close();
    expect(calls).to.deep.equal(['open', 'stop']);
  });
});
