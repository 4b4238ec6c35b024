import { expect } from 'chai';
import { virtioNet } from '../../drivers/virtio_net';
import { NetworkDevice, NetworkHub } from '../../lib/hypervisor';
import { netWorkload, type Machine } from '../../lib/machine';
import { netDevices } from '../../lib/subsystems';
import { virtioBreakDevice } from '../../lib/virtio';
import { machineOn, worksOn } from '../support/class-machines';
import { fixtures } from '../../buses';
import { code, expectClean, SOON } from '../support/driver';
import { eth, EVERYBODY, frame, MAC, machineWithNet, OddNet, PEER, unbindNet } from '../support/net';
import { VirtioMachine, type Plugged } from '../support/virtio';

/** Where the first guest could take all devices of a pool, it lets one go for the second. */
async function shareDevices(machine: Machine): Promise<void> {
  const [first, second] = [machine.guest(0), machine.guest(1)];
  if (netDevices(second.kernel).length > 0) return;
  const last = first.deviceNames().at(-1) ?? '';
  expect(await first.bindFile('unbind', last)).to.equal(0);
  await first.device(last)?.unregister();
  await second.rescan();
  for (const name of second.deviceNames()) {
    await second.bindFile('unbind', name);
    await second.bindFile('bind', name);
  }
}

describe('virtio_net', () => {
  for (const fixture of fixtures) {
    describe(`on ${fixture.bus} ${fixture.strategy ?? ''}`, () => {
      worksOn(fixture, () => netWorkload(virtioNet));

      it('carries frames between two guests', async () => {
        const workload = netWorkload(virtioNet);
        const machine = await machineOn(fixture, workload, 2, 2);
        for (const guest of machine.guests) await guest.loadDriver(virtioNet);
        await shareDevices(machine);
        const [a, b] = machine.guests.map((guest) => netDevices(guest.kernel)[0]);
        if (a === undefined || b === undefined) throw new Error('a guest has no card');
        const received: Uint8Array[] = [];
        await machine.world.run(() => a.open());
        await machine.world.run(() => b.open());
        await machine.guest().settle();
        b.addPack((bytes) => void received.push(bytes));
        a.transmit(frame(b.address, a.address, 7));
        await machine.guest().settle();
        expect(received).to.deep.equal([frame(b.address, a.address, 7)]);
      });
    });
  }

  describe('carries', () => {
    it('a frame out and a frame in, byte by byte', async () => {
      const { net, heard, host, received, soon, machine } = await machineWithNet({}, { isolate: true });
      net.transmit(frame(PEER, MAC, 1));
      await soon();
      expect(heard).to.deep.equal([frame(PEER, MAC, 1)]);
      host.send(frame(MAC, PEER, 2));
      host.send(frame(EVERYBODY, PEER, 3));
      await soon();
      expect(received).to.deep.equal([frame(MAC, PEER, 2), frame(EVERYBODY, PEER, 3)]);
      expect(machine.hv.log.refusals).to.deep.equal([]);
    });

    it('the smallest and the largest frame, and no larger one', async () => {
      const { net, heard, host, received, soon } = await machineWithNet();
      const sizes = [0, 1500, 1504];
      for (const size of sizes) {
        net.transmit(frame(PEER, MAC, 5, size));
        host.send(frame(MAC, PEER, 6, size));
      }
      host.send(frame(MAC, PEER, 6, 1505));
      await soon();
      expect(heard).to.deep.equal(sizes.map((size) => frame(PEER, MAC, 5, size)));
      expect(received).to.deep.equal(sizes.map((size) => frame(MAC, PEER, 6, size)));
    });

    it('a device that takes large frames gets room for them', async () => {
      const { net, heard, host, received, soon, machine } = await machineWithNet({ mtu: 9000 });
      expect(await machine.read('/sys/class/net/eth0/mtu')).to.equal('9000\n');
      net.transmit(frame(PEER, MAC, 5, 9000));
      host.send(frame(MAC, PEER, 6, 9000));
      await soon();
      expect(heard.length).to.equal(1);
      expect(received).to.deep.equal([frame(MAC, PEER, 6, 9000)]);
    });

    it('frames between two devices of one guest, in order', async () => {
      const { machine, hub, net, soon } = await machineWithNet();
      await machine.plug(new NetworkDevice({ name: 'net1', hub, mac: PEER }));
      await soon();
      const other = eth(machine, 'eth1');
      await other.open();
      const received: number[] = [];
      other.addPack((bytes) => void received.push(bytes[14] ?? 0));
      for (let i = 0; i < 200; i += 1) {
        net.transmit(frame(PEER, MAC, i));
        if (i % 20 === 0) await soon();
      }
      await soon();
      expect(received).to.deep.equal(Array.from({ length: 200 }, (_, i) => i));
      expect(await machine.read('/sys/class/net/eth1/statistics/rx_packets')).to.equal('200\n');
    });

    it('more frames than the queue holds: the rest waits for its turn', async () => {
      const { net, heard, soon } = await machineWithNet();
      for (let i = 0; i < 200; i += 1) net.transmit(frame(PEER, MAC, i));
      expect(net.backlog).to.be.greaterThan(100);
      await soon();
      expect(heard.map((bytes) => bytes[14])).to.deep.equal(Array.from({ length: 200 }, (_, i) => i));
      expect(net.backlog).to.equal(0);
      expect(net.stats).to.include({ tx_packets: 200, tx_bytes: 200 * 60, tx_dropped: 0 });
    });

    it('the same over a transport whose every call sleeps', async () => {
      const { net, heard, soon, machine, remove } = await machineWithNet({}, { sleepNs: 500 });
      net.transmit(frame(PEER, MAC));
      await soon();
      expect(heard.length).to.equal(1);
      await remove();
      expectClean(machine);
    });

    it('a header of the format that was agreed on (VIRTIO 1.2 §5.1.6)', async () => {
      const machine = new VirtioMachine();
      await machine.kernel.registerDriver(virtioNet);
      const odd = new OddNet();
      await machine.plug(odd);
      await machine.world.advance(SOON);
      await eth(machine).open();
      eth(machine).transmit(frame(PEER, MAC, 9));
      expect(odd.sent).to.deep.equal([Uint8Array.of(...new Uint8Array(12), ...frame(PEER, MAC, 9))]);
    });
  });

  describe('shows', () => {
    it('the device where Linux has it', async () => {
      const { machine } = await machineWithNet();
      const { sysfs } = machine.kernel;
      const dir = '/sys/class/net/eth0';
      expect(sysfs.readlink(dir)).to.equal('../../devices/fake0/virtio0/net/eth0');
      expect(sysfs.readlink(`${dir}/device`)).to.equal('../../../virtio0');
      expect(await machine.read(`${dir}/address`)).to.equal('52:54:00:12:34:56\n');
      expect(await machine.read(`${dir}/addr_assign_type`)).to.equal('0\n');
      expect(await machine.read(`${dir}/mtu`)).to.equal('1500\n');
      expect(await machine.read(`${dir}/uevent`)).to.equal('INTERFACE=eth0\nIFINDEX=2\n');
      expect(machine.list(`${dir}/queues`)).to.deep.equal(['rx-0', 'tx-0']);
      expect(await machine.read(`${dir}/carrier_changes`)).to.equal('2\n');
    });

    it('its life in events', async () => {
      const machine = new VirtioMachine();
      await machine.kernel.registerDriver(virtioNet);
      const events: string[] = [];
      machine.kernel.uevents.subscribe(
        ({ action, devpath, env }) =>
          devpath.includes('/net/') && events.push([action, ...env.slice(1)].join(' ').replace(/ SEQNUM=\d+/, '')),
      );
      const { remove } = await machine.plug(new NetworkDevice({ name: 'net0', hub: new NetworkHub(), mac: MAC }));
      await remove();
      const path = 'DEVPATH=/devices/fake0/virtio0/net/eth0';
      expect(events).to.deep.equal([
        `add ${path} SUBSYSTEM=net INTERFACE=eth0 IFINDEX=2`,
        `add ${path}/queues/rx-0 SUBSYSTEM=queues`,
        `add ${path}/queues/tx-0 SUBSYSTEM=queues`,
        `remove ${path}/queues/rx-0 SUBSYSTEM=queues`,
        `remove ${path}/queues/tx-0 SUBSYSTEM=queues`,
        `remove ${path} SUBSYSTEM=net INTERFACE=eth0 IFINDEX=2`,
      ]);
    });

    it('names by the lowest free number, and numbers that never come again', async () => {
      const machine = new VirtioMachine();
      await machine.kernel.registerDriver(virtioNet);
      const hub = new NetworkHub();
      const plugged: Plugged[] = [];
      const mac = (i: number): Uint8Array => Uint8Array.of(2, 0, 0, 0, 0, i);
      for (const i of [0, 1, 2])
        plugged.push(await machine.plug(new NetworkDevice({ name: `n${String(i)}`, hub, mac: mac(i) })));
      await plugged[1]?.remove();
      await machine.plug(new NetworkDevice({ name: 'n3', hub, mac: mac(3) }));
      expect(netDevices(machine.kernel).map(({ name, ifindex }) => [name, ifindex])).to.deep.equal([
        ['eth0', 2],
        ['eth2', 4],
        ['eth1', 5],
      ]);
      expect(await machine.read('/sys/class/net/eth1/address')).to.equal('02:00:00:00:00:03\n');
    });

    it('an address of its own where the device has none', async () => {
      const { machine, net } = await machineWithNet({ mac: null });
      const text = (await machine.read('/sys/class/net/eth0/address')).trim();
      expect(text).to.match(/^[0-9a-f]([26ae]):/);
      expect(await machine.read('/sys/class/net/eth0/addr_assign_type')).to.equal('1\n');
      expect(machine.kernel.log.entries[0]?.text).to.equal(`virtio_net virtio0: Assigned random MAC address ${text}`);
      expect(net.isUp).to.equal(true);
    });
  });

  describe('follows the cable', () => {
    it('out and in again', async () => {
      const { machine, model, net, heard, host, received, soon } = await machineWithNet();
      const state = (): Promise<string[]> =>
        Promise.all(['carrier', 'operstate'].map((file) => machine.read(`/sys/class/net/eth0/${file}`)));
      expect(await state()).to.deep.equal(['1\n', 'up\n']);
      model.setLink(false);
      await soon();
      expect(await state()).to.deep.equal(['0\n', 'down\n']);
      net.transmit(frame(PEER, MAC, 1));
      host.send(frame(MAC, PEER, 1));
      await soon();
      expect(heard).to.deep.equal([]);
      expect(received).to.deep.equal([]);
      model.setLink(true);
      await soon();
      expect(await state()).to.deep.equal(['1\n', 'up\n']);
      net.transmit(frame(PEER, MAC, 2));
      host.send(frame(MAC, PEER, 3));
      await soon();
      expect(heard).to.deep.equal([frame(PEER, MAC, 2)]);
      expect(received).to.deep.equal([frame(MAC, PEER, 3)]);
    });

    it('is believed to be in where the device says nothing', async () => {
      const machine = new VirtioMachine();
      await machine.kernel.registerDriver(virtioNet);
      await machine.plug(new OddNet());
      expect(eth(machine).carrierOk).to.equal(true);
    });
  });

  describe('up and down', () => {
    it('gives the device buffers when it first goes up, and no sooner', async () => {
      const machine = new VirtioMachine();
      await machine.kernel.registerDriver(virtioNet);
      const model = new NetworkDevice({ name: 'net0', hub: new NetworkHub(), mac: MAC });
      await machine.plug(model);
      await machine.world.advance(SOON);
      expect(model.buffers).to.equal(0);
      await machine.write('/sys/class/net/eth0/flags', '0x1003');
      expect(model.buffers).to.equal(64);
      expect(await machine.read('/sys/class/net/eth0/flags')).to.equal('0x1003\n');
    });

    it('refuses frames with ENETDOWN while down, and has what came meanwhile when up again', async () => {
      const { net, host, received, soon, heard } = await machineWithNet();
      await net.close();
      expect(await code(() => net.transmit(frame(PEER, MAC)))).to.equal('ENETDOWN');
      host.send(frame(MAC, PEER, 8));
      await soon();
      expect(received).to.deep.equal([]);
      expect(heard).to.deep.equal([]);
      await net.open();
      expect(received).to.deep.equal([frame(MAC, PEER, 8)]);
    });

    it('a flood loses frames, and no more than that', async () => {
      const { host, received, soon, model, net } = await machineWithNet();
      for (let i = 0; i < 500; i += 1) host.send(frame(MAC, PEER, i));
      await soon();
      expect(received.length + model.receiveDropped).to.equal(500);
      host.send(frame(MAC, PEER, 42));
      await soon();
      expect(received.at(-1)).to.deep.equal(frame(MAC, PEER, 42));
      expect(net.stats.rx_packets).to.equal(received.length);
      expect(model.buffers).to.be.greaterThan(31);
    });
  });

  describe('unbound', () => {
    it('gives back what is in flight and refuses what comes', async () => {
      const { machine, net, heard, soon } = await machineWithNet();
      net.get();
      for (let i = 0; i < 100; i += 1) net.transmit(frame(PEER, MAC, i));
      await unbindNet(machine);
      expectClean(machine);
      expect(await code(() => net.transmit(frame(PEER, MAC)))).to.equal('ENXIO');
      expect(await code(() => net.open())).to.equal('ENODEV');
      await soon();
      expect(heard).to.deep.equal([]);
      expect(machine.list('/sys/class/net')).to.deep.equal([]);
      net.put();
    });

    it('can be bound again', async () => {
      const { machine, heard, soon, transport } = await machineWithNet();
      await unbindNet(machine);
      await machine.write('/sys/bus/virtio/drivers/virtio_net/bind', 'virtio0');
      await soon();
      await eth(machine).open();
      eth(machine).transmit(frame(PEER, MAC, 4));
      await soon();
      expect(heard).to.deep.equal([frame(PEER, MAC, 4)]);
      expect(transport.backend.status).to.equal(0xf);
    });

    it('at any moment, in any schedule, leaves nothing', async () => {
      for (let seed = 0; seed < 20; seed += 1) {
        const { machine, net, host } = await machineWithNet({}, { seed });
        const tasks = Array.from({ length: 12 }, (_, i) =>
          machine.world.spawn(async () => {
            await machine.world.sleep(i * 1500);
            host.send(frame(MAC, PEER, i));
            try {
              if (i % 4 === 3) await net.close();
              if (i % 4 === 0) await net.open();
              net.transmit(frame(PEER, MAC, i));
            } catch (error) {
              expect((error as { code: string }).code).to.be.oneOf(['ENETDOWN', 'ENXIO', 'ENODEV']);
            }
          }),
        );
        const gone = machine.world.spawn(async () => {
          await machine.world.sleep(8_000);
          await unbindNet(machine);
        });
        await Promise.all([...tasks, gone]);
        expectClean(machine);
      }
    });
  });

  describe('whose device vanishes', () => {
    it('hangs nowhere and leaks nothing', async () => {
      const { machine, net, surpriseRemove } = await machineWithNet();
      for (let i = 0; i < 100; i += 1) net.transmit(frame(PEER, MAC, i));
      net.get();
      await surpriseRemove();
      expect(await code(() => net.transmit(frame(PEER, MAC)))).to.equal('ENXIO');
      net.put();
      expectClean(machine);
    });

    it('before the guest finds out: frames are lost and counted', async () => {
      const { machine, net, transport, dev } = await machineWithNet();
      transport.present = false;
      for (let i = 0; i < 3; i += 1) net.transmit(frame(PEER, MAC, i));
      expect(net.stats).to.include({ tx_dropped: 2, tx_fifo_errors: 2 });
      expect(machine.kernel.log.entries.at(-1)?.text).to.equal('net eth0: Unexpected TXQ (0) queue failure: -5');
      virtioBreakDevice(dev);
      await dev.unregister();
      expectClean(machine);
    });
  });
});
