import { expect } from 'chai';
import fc from 'fast-check';
import { VBUS } from '../../buses/vbus';
import { STYLE } from '../../lib/access/place';
import { errno } from '../../lib/errno';
import type { Crossing } from '../../lib/hypervisor';
import type { Plugged } from '../../lib/machine';
import { close, ids, open, VbusMachine } from './support';

const crossing: fc.Arbitrary<Crossing> = fc.oneof(
  fc.double(),
  fc.integer({ min: -2, max: 6 }),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  fc.uint8Array({ maxLength: 8 }),
);

describe('vbus: whatever a guest calls', () => {
  it('gets an answer, throws nothing in the host, and claims nothing for another guest', () => {
    const calls = fc.array(
      fc.record({
        nr: fc.constantFrom(...Object.values(VBUS)),
        args: fc.array(crossing, { maxLength: 6 }),
      }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(calls, (list) => {
        const rig = new VbusMachine();
        const [g1, g2] = [rig.guest('g1'), rig.guest('g2')];
        for (const name of ['rng0', 'rng1']) rig.plug(name, g1);
        open(g2, 2);
        for (const { nr, args } of list) {
          const { status } = g1.port.hypercall(nr, args);
          expect(status, `${String(nr)}(${args.map(String).join(', ')})`).to.be.at.most(0);
        }
        expect(rig.hv.log.errors).to.deep.equal([]);
        expect(rig.claims.filter((claim) => claim !== 'rng0:g1')).to.deep.equal(['rng1:g2']);
      }),
    );
  });

  it('has the table be that of the operations that were done', () => {
    const operation = fc.record({
      what: fc.constantFrom('open', 'close', 'plug', 'unplug' as const),
      guest: fc.integer({ min: 0, max: 1 }),
      id: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 40 }), (list) => {
        const rig = new VbusMachine();
        const guests = ['g1', 'g2'].map((name) => rig.guest(name));
        const plugged = new Map<number, Plugged>();
        /** Who has what open, of devices that are there and of those that were pulled out. */
        const owners = new Map<number, number>();
        const pulled: { id: number; guest: number }[] = [];
        for (const [i, { what, guest: who, id }] of list.entries()) {
          const guest = guests[who];
          if (guest === undefined) continue;
          if (what === 'plug' && !plugged.has(id)) plugged.set(id, rig.plug(`rng${String(i)}`, guest, id - 1));
          if (what === 'unplug') {
            plugged.get(id)?.unplug();
            plugged.delete(id);
            const owner = owners.get(id);
            if (owner !== undefined) pulled.push({ id, guest: owner });
            owners.delete(id);
          }
          if (what === 'open') {
            const owner = owners.get(id);
            const expected = !plugged.has(id) ? errno.ENODEV : owner !== undefined && owner !== who ? errno.EBUSY : 0;
            expect(0 - open(guest, id), `open ${String(id)}`).to.equal(expected);
            if (expected === 0) owners.set(id, who);
          }
          if (what === 'close') {
            const old = pulled.findIndex((one) => one.id === id && one.guest === who);
            const isOpen = old >= 0 || owners.get(id) === who;
            expect(0 - close(guest, id), `close ${String(id)}`).to.equal(isOpen ? 0 : errno.EBADF);
            if (old >= 0) pulled.splice(old, 1);
            else if (isOpen) owners.delete(id);
          }
          expect(rig.claims).to.have.length(owners.size);
        }
        const left = [...plugged.keys()].sort((a, b) => a - b);
        for (const guest of guests) expect(ids(guest)).to.deep.equal(left);
        const held = [...owners.values(), ...pulled.map((one) => one.guest)];
        for (const [who, guest] of guests.entries()) {
          expect(rig.host.reclaim(guest)).to.equal(held.filter((owner) => owner === who).length);
          expect(guest.mmio.mapped).to.equal(0);
        }
      }),
    );
  });

  it('has a bounded answer to any number of wishes', () => {
    const rig = new VbusMachine();
    const g1 = rig.guest('g1');
    rig.plug('rng0', g1);
    const wishes = Array.from({ length: 10_000 }, () => STYLE.FD);
    expect(g1.port.hypercall(VBUS.OPEN, [1, ...wishes]).status).to.equal(-errno.EINVAL);
    expect(JSON.stringify(rig.hv.log.entries).length).to.be.below(2000);
  });
});
