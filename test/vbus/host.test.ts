import { expect } from 'chai';
import { STATE, VBUS, VECTOR } from '../../buses/vbus';
import { STYLE } from '../../lib/access/place';
import { errno } from '../../lib/errno';
import { thrownBy } from '../support/errors';
import { close, ids, next, open, RNG, rng, VbusMachine } from './support';

const { EBADF, EBUSY, EINVAL, ENODEV } = errno;

describe('vbus: the list of the host', () => {
  it('is in order of id, and ends with id 0', () => {
    const rig = new VbusMachine();
    const g1 = rig.guest('g1');
    for (const place of [6, 2, 4]) rig.plug(`rng${String(place)}`, g1, place);
    expect(ids(g1)).to.deep.equal([3, 5, 7]);
    expect(next(g1, 7)).to.deep.equal([0, 0, 0, 0]);
  });

  it('has the class, who has the device, and the styles of access that are offered', () => {
    const rig = new VbusMachine({ access: ['mmio', 'fd'] });
    const [g1, g2] = [rig.guest('g1'), rig.guest('g2')];
    rig.plug('rng0', g1);
    const styles = (1 << STYLE.MMIO) | (1 << STYLE.FD);
    expect(next(g1)).to.deep.equal([1, RNG, STATE.FREE, styles]);
    open(g1, 1);
    expect(next(g1)).to.deep.equal([1, RNG, STATE.OPEN, styles]);
    expect(next(g2)).to.deep.equal([1, RNG, STATE.BUSY, styles]);
  });

  it('gives no id twice by itself', () => {
    const rig = new VbusMachine();
    const g1 = rig.guest('g1');
    rig.plug('rng0', g1).unplug();
    rig.plug('rng1', g1);
    expect(ids(g1)).to.deep.equal([2]);
  });

  it('has each guest see only its own where devices are private', () => {
    const rig = new VbusMachine({ ownership: 'private' });
    const [g1, g2] = [rig.guest('g1'), rig.guest('g2')];
    for (const [i, guest] of [g1, g2, g1].entries()) rig.plug(`rng${String(i)}`, guest);
    expect(ids(g1)).to.deep.equal([1, 3]);
    expect(ids(g2)).to.deep.equal([2]);
    expect(open(g2, 1)).to.equal(-ENODEV);
  });

  const places = [-1, 0.5, NaN, Infinity, 2 ** 32 - 1];
  for (const place of places) {
    it(`has no place ${String(place)}, and nothing is plugged`, () => {
      const rig = new VbusMachine();
      const g1 = rig.guest('g1');
      const model = rng(0);
      expect(thrownBy(() => rig.host.plug(model, g1, place)).code).to.equal('ENOENT');
      rig.host.plug(model, g1);
      expect(ids(g1)).to.deep.equal([1]);
    });
  }

  it('refuses a place that is taken, and a model that is plugged', () => {
    const rig = new VbusMachine();
    const g1 = rig.guest('g1');
    const model = rng(0);
    rig.host.plug(model, g1);
    expect(thrownBy(() => rig.plug('rng1', g1, 0)).code).to.equal('EEXIST');
    expect(thrownBy(() => rig.host.plug(model, g1)).code).to.equal('EBUSY');
    expect(ids(g1)).to.deep.equal([1]);
  });
});

describe('vbus: open and close', () => {
  it('claim the device and release it', () => {
    const rig = new VbusMachine();
    const g1 = rig.guest('g1');
    rig.plug('rng0', g1);
    expect(open(g1, 1)).to.equal(0);
    expect(rig.claims).to.deep.equal(['rng0:g1']);
    expect(close(g1, 1)).to.equal(0);
    expect(rig.claims).to.deep.equal([]);
  });

  it('are refused with the reason', () => {
    const rig = new VbusMachine();
    const [g1, g2] = [rig.guest('g1'), rig.guest('g2')];
    rig.plug('rng0', g1);
    expect(open(g1, 2)).to.equal(-ENODEV);
    expect(g1.port.hypercall(VBUS.OPEN, [1]).status).to.equal(-EINVAL);
    expect(g1.port.hypercall(VBUS.OPEN, [1, STYLE.FD]).status).to.equal(-EINVAL);
    expect(close(g1, 1)).to.equal(-EBADF);
    open(g1, 1);
    expect(open(g2, 1)).to.equal(-EBUSY);
    expect(close(g2, 1)).to.equal(-EBADF);
    expect(rig.claims).to.deep.equal(['rng0:g1']);
  });

  it('take the first style of the guest that is offered', () => {
    const rig = new VbusMachine({ access: ['fd', 'channel'] });
    const g1 = rig.guest('g1');
    rig.plug('rng0', g1);
    const { values } = g1.port.hypercall(VBUS.OPEN, [1, STYLE.MMIO, STYLE.CHANNEL, STYLE.FD]);
    expect(Number(values[0])).to.equal(STYLE.CHANNEL);
  });

  it('map a window for as long as the device is open, each time another one', () => {
    const rig = new VbusMachine();
    const g1 = rig.guest('g1');
    rig.plug('rng0', g1);
    const [, base] = g1.port.hypercall(VBUS.OPEN, [1, STYLE.MMIO]).values;
    expect(g1.port.read(Number(base), 4)).to.equal(0x74726976);
    close(g1, 1);
    expect(g1.port.read(Number(base), 4)).to.equal(0xffff_ffff);
    const [, again] = g1.port.hypercall(VBUS.OPEN, [1, STYLE.MMIO]).values;
    expect(again).not.to.equal(base);
  });

  it('may be called anew by the guest that has the device: its next kernel does not know of the open', () => {
    const rig = new VbusMachine();
    const g1 = rig.guest('g1');
    rig.plug('rng0', g1);
    const [, base] = g1.port.hypercall(VBUS.OPEN, [1, STYLE.MMIO]).values;
    expect(open(g1, 1)).to.equal(0);
    expect(g1.port.read(Number(base), 4), 'the old window').to.equal(0xffff_ffff);
    expect(rig.claims).to.deep.equal(['rng0:g1']);
    expect(close(g1, 1)).to.equal(0);
    expect(rig.claims).to.deep.equal([]);
  });
});

describe('vbus: what guests are told', () => {
  it('is that a device was added and removed, to all that see it', async () => {
    const rig = new VbusMachine();
    const [g1] = [rig.guest('g1'), rig.guest('g2')];
    rig.plug('rng0', g1).unplug();
    await rig.world.advance(1_000_000);
    const bus = String(VECTOR.BUS);
    const expected = ['g1', 'g2'].flatMap((name) => [`${name}: ${bus} added 1`, `${name}: ${bus} removed 1`]);
    expect([...rig.told].sort()).to.deep.equal(expected);
  });

  it('is nothing of what belongs to another guest', async () => {
    const rig = new VbusMachine({ ownership: 'private' });
    const [g1] = [rig.guest('g1'), rig.guest('g2')];
    rig.plug('rng0', g1).unplug();
    await rig.world.advance(1_000_000);
    expect(rig.told.filter((line) => line.startsWith('g2'))).to.deep.equal([]);
  });

  it('is that a device is free, to those that were refused, once', async () => {
    const rig = new VbusMachine();
    const [g1, g2] = ['g1', 'g2', 'g3'].map((name) => rig.guest(name));
    if (g1 === undefined || g2 === undefined) throw new Error('no guests');
    rig.plug('rng0', g1);
    open(g1, 1);
    for (let i = 0; i < 3; i++) open(g2, 1);
    await rig.world.advance(1_000_000);
    rig.told.length = 0;
    for (let i = 0; i < 2; i++) {
      close(g1, 1);
      await rig.world.advance(1_000_000);
      expect(rig.told).to.deep.equal([`g2: ${String(VECTOR.BUS)} freed 1`]);
      open(g1, 1);
    }
  });

  it('is nothing to who was refused and has it by now', async () => {
    const rig = new VbusMachine();
    const [g1, g2] = [rig.guest('g1'), rig.guest('g2')];
    rig.plug('rng0', g1);
    open(g1, 1);
    open(g2, 1);
    close(g1, 1);
    open(g2, 1);
    await rig.world.advance(1_000_000);
    rig.told.length = 0;
    close(g2, 1);
    await rig.world.advance(1_000_000);
    expect(rig.told).to.deep.equal([]);
  });
});

describe('vbus: a device that is pulled out while it is open', () => {
  it('belongs to nobody at once, but stays until it is closed', () => {
    const rig = new VbusMachine();
    const g1 = rig.guest('g1');
    const plugged = rig.plug('rng0', g1);
    open(g1, 1);
    plugged.unplug();
    expect(rig.claims).to.deep.equal([]);
    expect(ids(g1)).to.deep.equal([]);
    expect(close(g1, 1)).to.equal(0);
    expect(close(g1, 1)).to.equal(-EBADF);
  });

  it('is closed before the one that has its id by then, and that one keeps its claim', () => {
    const rig = new VbusMachine();
    const g1 = rig.guest('g1');
    const plugged = rig.plug('rng0', g1, 0);
    open(g1, 1);
    plugged.unplug();
    rig.plug('rng1', g1, 0);
    expect(open(g1, 1)).to.equal(0);
    expect(close(g1, 1), 'the old one').to.equal(0);
    expect(rig.claims).to.deep.equal(['rng1:g1']);
    expect(close(g1, 1), 'the new one').to.equal(0);
    expect(rig.claims).to.deep.equal([]);
    plugged.unplug();
    expect(ids(g1), 'unplugged twice').to.deep.equal([1]);
  });

  it('may be plugged again elsewhere meanwhile, and the late close takes it from nobody', () => {
    const rig = new VbusMachine();
    const [g1, g2] = [rig.guest('g1'), rig.guest('g2')];
    const model = rng(0);
    const plugged = rig.host.plug(model, g1);
    open(g1, 1);
    plugged.unplug();
    rig.host.plug(model, g1);
    expect(open(g2, 2)).to.equal(0);
    expect(close(g1, 1)).to.equal(0);
    expect(rig.claims).to.deep.equal(['rng0:g2']);
  });

  it('does not keep its id from another guest', () => {
    const rig = new VbusMachine();
    const [g1, g2] = [rig.guest('g1'), rig.guest('g2')];
    const plugged = rig.plug('rng0', g1, 0);
    open(g1, 1);
    plugged.unplug();
    rig.plug('rng1', g1, 0);
    expect(open(g2, 1)).to.equal(0);
    expect(close(g1, 1)).to.equal(0);
    expect(rig.claims).to.deep.equal(['rng1:g2']);
  });
});

describe('vbus: a guest that ends', () => {
  it('keeps its claims until the host takes them back, and who waits is told then', async () => {
    const rig = new VbusMachine();
    const [g1, g2] = [rig.guest('g1'), rig.guest('g2')];
    const plugged = [0, 1, 2].map((i) => rig.plug(`rng${String(i)}`, g1));
    for (const id of [1, 2, 3]) open(g1, id);
    open(g2, 1);
    plugged[2]?.unplug();
    g1.destroy();
    await rig.world.advance(1_000_000);
    expect(rig.claims).to.deep.equal(['rng0:g1', 'rng1:g1']);
    rig.told.length = 0;
    expect(rig.host.reclaim(g1), 'with the one that was pulled out').to.equal(3);
    expect(rig.claims).to.deep.equal([]);
    await rig.world.advance(1_000_000);
    expect(rig.told).to.deep.equal([`g2: ${String(VECTOR.BUS)} freed 1`]);
    expect(rig.host.reclaim(g1)).to.equal(0);
  });
});
