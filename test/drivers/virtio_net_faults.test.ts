import { expect } from 'chai';
import * as fc from 'fast-check';
import { virtioNet } from '../../drivers/virtio_net';
import { ErrnoError } from '../../lib/errno';
import { NetworkDevice, NetworkHub } from '../../lib/hypervisor';
import { netDevices } from '../../lib/subsystems';
import { featureBit, NET } from '../../lib/virtio';
import { code, expectClean, SOON } from '../support/driver';
import { eth, EVERYBODY, frame, MAC, OddNet, PEER } from '../support/net';
import { VirtioMachine, type FakeTransport } from '../support/virtio';

describe('virtio_net', () => {
  describe('with a device that misbehaves', () => {
    const bad: [string, Uint8Array, string][] = [
      ['nothing', new Uint8Array(0), 'rx_length_errors'],
      ['less than a header', new Uint8Array(25), 'rx_length_errors'],
      ['a frame in pieces that nobody asked for', Uint8Array.of(0, 1, ...new Uint8Array(40)), 'rx_frame_errors'],
    ];
    for (const [title, bytes, counter] of bad) {
      it(`by giving ${title}: it is counted and dropped`, async () => {
        const machine = new VirtioMachine();
        await machine.kernel.registerDriver(virtioNet);
        const odd = new OddNet();
        await machine.plug(odd);
        const net = eth(machine);
        await net.open();
        let received = 0;
        net.addPack(() => void (received += 1));
        odd.give(bytes);
        odd.give(Uint8Array.of(...new Uint8Array(12), ...frame(MAC, PEER)));
        await machine.world.advance(SOON);
        expect(received).to.equal(1);
        expect(net.stats[counter as 'rx_errors']).to.equal(1);
      });
    }

    it('by any bytes whatever: the guest lives and lets go of it', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 20 }), async (pieces) => {
          const machine = new VirtioMachine();
          await machine.kernel.registerDriver(virtioNet);
          const odd = new OddNet();
          const { remove } = await machine.plug(odd);
          const net = eth(machine);
          await net.open();
          for (const piece of pieces) odd.give(piece);
          await machine.world.advance(SOON);
          expect(net.stats.rx_packets).to.equal(pieces.length);
          await remove();
          expectClean(machine);
        }),
        { numRuns: 60 },
      );
    });

    it('by an MTU that no Ethernet has: it is not agreed on', async () => {
      const machine = new VirtioMachine();
      await machine.kernel.registerDriver(virtioNet);
      const { dev } = await machine.plug(new OddNet(67));
      expect(dev.features & featureBit(NET.F_MTU)).to.equal(0n);
      expect(eth(machine).mtu).to.equal(1500);
    });

    it('by an address for several: it cannot go up', async () => {
      const machine = new VirtioMachine();
      await machine.kernel.registerDriver(virtioNet);
      await machine.plug(new NetworkDevice({ name: 'net0', hub: new NetworkHub(), mac: EVERYBODY }));
      await machine.world.settle();
      expect(await code(() => eth(machine).open())).to.equal('EADDRNOTAVAIL');
      expect(await machine.read('/sys/class/net/eth0/operstate')).to.equal('down\n');
    });
  });

  describe('whose probe fails', () => {
    const failures: [string, (transport: FakeTransport) => unknown][] = [
      ['for want of a queue', (transport) => transport.refuse.set('findVqs', 'ENOENT')],
      ['at the configuration', (transport) => transport.refuse.set('getConfig', 'EIO')],
    ];
    for (const [title, prepare] of failures) {
      it(`${title} leaves nothing, and works the next time`, async () => {
        const machine = new VirtioMachine();
        await machine.kernel.registerDriver(virtioNet);
        const { dev, transport } = await machine.plug(
          new NetworkDevice({ name: 'net0', hub: new NetworkHub(), mac: MAC }),
          prepare,
        );
        expect(dev.driver).to.equal(null);
        expectClean(machine);
        transport.refuse.clear();
        await dev.attach();
        expect(machine.list('/sys/class/net')).to.deep.equal(['eth0']);
      });
    }

    it('when it is shown already leaves nothing', async () => {
      const machine = new VirtioMachine();
      await machine.kernel.registerDriver(virtioNet);
      const { dev } = await machine.plug(
        new NetworkDevice({ name: 'net0', hub: new NetworkHub(), mac: MAC }),
        (transport) => {
          const setStatus = transport.setStatus.bind(transport);
          transport.setStatus = (status) => {
            if ((status & 4) !== 0) throw new ErrnoError('EIO', { syscall: 'setStatus' });
            return setStatus(status);
          };
        },
      );
      expect(dev.driver).to.equal(null);
      expect(machine.list('/sys/class/net')).to.deep.equal([]);
      expect(netDevices(machine.kernel)).to.deep.equal([]);
      expectClean(machine);
    });

    it('for want of memory for buffers it works with fewer', async () => {
      const machine = new VirtioMachine({ memory: 64 << 10 });
      await machine.kernel.registerDriver(virtioNet);
      const hub = new NetworkHub();
      const host = hub.plug({ receive: () => undefined });
      const model = new NetworkDevice({ name: 'net0', hub, mac: MAC });
      const { remove } = await machine.plug(model);
      await machine.world.advance(SOON);
      await eth(machine).open();
      expect(model.buffers).to.be.lessThan(40).and.greaterThan(3);
      let received = 0;
      eth(machine).addPack(() => void (received += 1));
      for (let i = 0; i < 200; i += 1) {
        host.send(frame(MAC, PEER, i));
        await machine.world.advance(20_000);
      }
      expect(received).to.equal(200);
      await remove();
      expectClean(machine);
    });
  });
});
