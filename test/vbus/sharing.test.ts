import { expect } from 'chai';
import { ENODEV, EBUSY } from '../../lib/errno';
import { bootedWorld, device, opens } from './support';

const names = ['vbus1', 'vbus2'];

describe('vbus: two guests and the same devices', () => {
  it('the second is refused with EBUSY, and that is what its user is told', async () => {
    const made = await bootedWorld({ guests: 2 });
    const [g1, g2] = [made.guest(), made.guest(1)];
    await g1.loadTransport();
    await g2.loadTransport();
    expect(g1.boundNames()).to.deep.equal(names);
    expect(g2.boundNames()).to.deep.equal([]);
    expect(await g2.bindFile('bind', 'vbus1')).to.equal(-EBUSY);
  });

  it('has a device attached in the guest that was refused, when it is freed', async () => {
    const made = await bootedWorld({ guests: 2 });
    const [g1, g2] = [made.guest(), made.guest(1)];
    await g1.loadTransport();
    await g2.loadTransport();
    await g1.bindFile('unbind', 'vbus2');
    expect(g2.boundNames()).to.deep.equal(['vbus2']);
    await g1.unloadDriver(g1.bus.transport);
    await made.settle();
    expect(g2.boundNames()).to.deep.equal(names);
  });

  it('attaches nothing where the user wants to bind by hand', async () => {
    const made = await bootedWorld({ guests: 2 });
    const [g1, g2] = [made.guest(), made.guest(1)];
    await g1.loadTransport();
    await g2.loadTransport();
    await g2.bindByHand();
    await g1.bindFile('unbind', 'vbus1');
    expect(g2.boundNames()).to.deep.equal([]);
  });

  it('leaves alone a guest that was not refused', async () => {
    const made = await bootedWorld({ guests: 2 });
    const [g1, g2] = [made.guest(), made.guest(1)];
    await g1.loadTransport();
    await g1.bindFile('unbind', 'vbus1');
    await g1.bindFile('bind', 'vbus1');
    expect(opens(made, 'g2')).to.equal(0);
    expect(g2.boundNames()).to.deep.equal([]);
  });

  it('has a guest that waits get what a dead one had, when the host takes it back', async () => {
    const made = await bootedWorld({ guests: 2 });
    const [g1, g2] = [made.guest(), made.guest(1)];
    await g1.loadTransport();
    await g2.loadTransport();
    g1.die();
    await made.settle();
    expect(g2.boundNames()).to.deep.equal([]);
    expect(made.host.host.reclaim(g1.guest)).to.equal(2);
    await made.settle();
    expect(g2.boundNames()).to.deep.equal(names);
  });

  it('do not wake each other for ever when both drivers open and then decline', async () => {
    const made = await bootedWorld({ devices: 1, guests: 2 }, [/probe of \S+ failed with error -16/]);
    const probes = new Map<string, number>();
    for (const guest of made.guests) {
      const { transport } = guest.bus;
      const probe = async (dev: never): Promise<number> => {
        probes.set(guest.name, (probes.get(guest.name) ?? 0) + 1);
        const opened = await (transport as { probe(dev: never): Promise<number> | number }).probe(dev);
        if (opened !== 0) return opened;
        // As long as a firmware takes to load: the other one is refused meanwhile.
        await guest.kernel.world.sleep(1_000_000);
        await (transport as { remove(dev: never): Promise<void> | void }).remove(dev);
        return -ENODEV;
      };
      void guest.kernel.world.spawn(() => guest.kernel.registerDriver({ ...transport, name: 'picky', probe }));
    }
    await made.world.advance(1_000_000_000);
    expect(probes.get('g1')).to.be.within(1, 2);
    expect(probes.get('g2')).to.be.within(1, 2);
    expect(
      [...probes.values()].reduce((sum, count) => sum + count, 0),
      'one was refused',
    ).to.equal(3);
    expect(made.held).to.equal(0);
    expect(device(made.guest(), 'vbus1').isBound).to.equal(false);
  });
});
