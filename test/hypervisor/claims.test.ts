import { expect } from 'chai';
import { done, formatEntry, Hypervisor } from '../../lib/hypervisor/index';
import { World } from '../../lib/world/index';
import { TestModel } from './support';

function machine() {
  const world = new World();
  const hv = new Hypervisor(world);
  return { world, hv, g1: hv.createGuest(), g2: hv.createGuest(), device: new TestModel() };
}

describe('Claims', () => {
  it('give a device to one guest', () => {
    const { hv, g1, device } = machine();
    expect(hv.claims.ownerOf(device)).to.equal(undefined);
    expect(hv.claims.claim(device, g1)).to.equal(0);
    expect(hv.claims.ownerOf(device)).to.equal(g1);
    expect(hv.claims.release(device, g1)).to.equal(0);
    expect(hv.claims.list()).to.deep.equal([]);
  });

  it('refuse a second claim, be it by the owner, and log it', () => {
    const { hv, g1, g2, device } = machine();
    hv.claims.claim(device, g1);
    expect(hv.claims.claim(device, g2)).to.equal(-16);
    expect(hv.claims.claim(device, g1)).to.equal(-16);
    expect(hv.claims.ownerOf(device)).to.equal(g1);
    expect(hv.log.refusals.map((e) => [e.guest, e.refused])).to.deep.equal([
      ['g2', 'device test0 belongs to guest g1'],
      ['g1', 'device test0 belongs to guest g1'],
    ]);
  });

  it('refuse a release by another guest', () => {
    const { hv, g1, g2, device } = machine();
    expect(hv.claims.release(device, g1)).to.equal(-22);
    hv.claims.claim(device, g1);
    expect(hv.claims.release(device, g2)).to.equal(-1);
    expect(hv.claims.ownerOf(device)).to.equal(g1);
    expect(hv.log.refusals.map((e) => e.refused)).to.deep.equal(['device test0 does not belong to guest g2']);
  });

  it('outlive their guest until the host takes the device back', () => {
    const { hv, g1, g2, device, world } = machine();
    world.consume(10);
    hv.claims.claim(device, g1);
    g1.destroy();
    expect(hv.claims.list()).to.deep.equal([{ device, guest: g1, since: 10 }]);
    expect(hv.claims.claim(device, g2)).to.equal(-16);
    expect(hv.claims.release(device)).to.equal(0);
    expect(hv.claims.claim(device, g2)).to.equal(0);
    expect(hv.claims.history).to.deep.equal([
      { time: 10, action: 'claim', device: 'test0', guest: 'g1' },
      { time: 10, action: 'refuse', device: 'test0', guest: 'g2' },
      { time: 10, action: 'release', device: 'test0', guest: 'g1' },
      { time: 10, action: 'claim', device: 'test0', guest: 'g2' },
    ]);
  });

  it('stand in the log: in the line of the hypercall that made them, else in a line of their own', () => {
    const { hv, g1, device } = machine();
    hv.defineHypercall({ nr: 1, name: 'take', call: (guest) => (hv.claims.claim(device, guest), done()) });
    g1.port.hypercall(1, []);
    hv.claims.release(device);
    expect(hv.log.entries.map(formatEntry).map((line) => line.replace(/^\[\d+ ns\] /, ''))).to.deep.equal([
      `${g1.name}: take() = 0, claims test0`,
      `${g1.name}: releases test0`,
    ]);
  });
});
