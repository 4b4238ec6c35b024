import { expect } from 'chai';
import { Kernel } from '../../lib/base/kernel';
import { Hypervisor } from '../../lib/hypervisor';
import { World } from '../../lib/world';
import { rejection } from '../support/errors';

/** A kernel in a guest that was destroyed, and a hypervisor that has not heard of it. */
function moved(isolate = false) {
  const world = new World({ isolate });
  const [first, second] = [new Hypervisor(world), new Hypervisor(world)];
  const old = first.createGuest({ name: 'g1', memory: 1 << 16 });
  const kernel = new Kernel(world, { port: old.port });
  kernel.port?.memory.setU32(64, 7);
  old.destroy();
  return { world, first, second, old, kernel };
}

describe('a guest that goes on in another hypervisor', () => {
  for (const isolate of [false, true]) {
    it(`keeps memory and port, and nothing else of the host${isolate ? ', isolated' : ''}`, () => {
      const { first, second, old, kernel } = moved(isolate);
      first.mapMmio(old, 1 << 20, 4096, { read: () => 1, write: () => undefined });
      second.defineHypercall({ nr: 1, name: 'hello', call: (guest) => ({ status: 0, values: [guest.id] }) });
      second.createGuest({ name: 'other' });
      expect(kernel.port?.hypercall(1, []).status).to.equal(-6);
      const guest = second.createGuest({ name: 'g1', image: old });
      expect(guest.port).to.equal(old.port);
      expect(kernel.port?.plugged).to.equal(true);
      expect(guest.memory.getU32(64)).to.equal(7);
      expect(kernel.port?.hypercall(1, [])).to.deep.equal({ status: 0, values: [2] });
      expect(kernel.port?.read(1 << 20, 4)).to.equal(0xffffffff);
      expect(guest.counters.hypercalls).to.equal(1);
      expect(second.log.calls().length).to.equal(1);
    });
  }

  it('is interrupted as before, and not by the host that has lost it', async () => {
    const { world, second, old, kernel } = moved();
    const seen: bigint[] = [];
    kernel.irq.request(9, (value) => void seen.push(value), 'test');
    old.interrupt(9, 1n);
    const guest = second.createGuest({ name: 'g1', image: old });
    guest.interrupt(9, 2n);
    await world.advance(1_000_000);
    expect(seen).to.deep.equal([2n]);
  });

  it('has its faults told to the host that has it', async () => {
    const { first, second, old, kernel } = moved();
    second.createGuest({ name: 'g1', image: old });
    expect((await rejection(() => kernel.port?.memory.read(1 << 20, 1))).code).to.equal('EFAULT');
    expect(first.log.refusals.length).to.equal(0);
    expect(second.log.refusals.length).to.equal(1);
  });

  it('must not live elsewhere', async () => {
    const { second, first } = moved();
    const living = first.createGuest({ name: 'g2' });
    expect((await rejection(() => second.createGuest({ name: 'g2', image: living }))).code).to.equal('EBUSY');
    expect(second.guests).to.deep.equal([]);
  });
});
