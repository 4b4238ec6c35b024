import { expect } from 'chai';
import { ccw } from '../../buses/ccw';
import { vpci } from '../../buses/vpci';
import { virtioBlk } from '../../drivers/virtio_blk';
import { blockDisk } from '../../lib';
import { fixtureName, type BusFixture } from '../../lib/machine';
import { between, eachMoment, type Between, type Moment, type StepKind } from '../support/between';
import { world, type KitWorld } from '../support/kit';
import { disk } from './support';

/** A world with a disk that was booted and read from, while something was waited for. */
async function waited(bus: BusFixture, moment: Moment, act: (w: KitWorld) => void): Promise<Between> {
  const w = world({ bus });
  w.plug(disk(0));
  const wait = between(w.guest().guest, moment, () => act(w));
  await w.boot();
  await w.load(virtioBlk);
  await w.settle();
  expect([...((await blockDisk(w.kernel, 'vda')?.readSectors(3, 1)) ?? [])][0]).to.equal(3);
  wait.stop();
  expect(w.kernel.warnings).to.equal(0);
  expect(w.world.oopses).to.deep.equal([]);
  return wait;
}

describe('the support: between two steps of a guest', () => {
  const kinds: readonly (readonly [BusFixture, readonly StepKind[]])[] = [
    [vpci, ['config', 'register', 'ring', 'lock', 'switch']],
    [ccw, ['hypercall', 'program', 'ring', 'lock', 'switch']],
  ];

  for (const [bus, ofBus] of kinds) {
    for (const kind of ofBus) {
      it(`${fixtureName(bus)}: sees each ${kind} of the guest, and acts within the one that was asked for`, async () => {
        const steps: string[] = [];
        const all = await waited(
          bus,
          { kind, nth: Infinity, matches: ({ what }) => steps.push(what) > 0 },
          () => undefined,
        );
        expect([all.fired, all.seen]).to.deep.equal([false, steps.length]).and.not.deep.equal([false, 0]);
        let acted = 0;
        const third = await waited(bus, { kind, nth: 3 }, () => void (acted += 1));
        expect(third.fired).to.equal(true);
        expect(third.seen).to.equal(3);
        expect(acted).to.equal(1);
      });
    }
  }

  it('does not count what the host does to the rings', async () => {
    const w = world({ bus: vpci });
    const { guest } = w.guest();
    const wait = between(guest, { kind: 'ring' }, () => undefined);
    guest.memory.setU16(0x1000, 7);
    expect(guest.memory.getU16(0x1000)).to.equal(7);
    expect(wait.seen).to.equal(0);
    wait.stop();
  });

  it('acts before an operation, so that it sees what was done, or after it', async () => {
    for (const before of [true, false]) {
      const w = world({ bus: vpci });
      const { guest } = w.guest();
      const seen: number[] = [];
      between(guest, { kind: 'ring', before }, () => guest.memory.setU16(0x1000, 9));
      await w.world.run(() => void seen.push(guest.port.memory.getU16(0x1000), guest.port.memory.getU16(0x1000)));
      expect(seen).to.deep.equal([before ? 9 : 0, 9]);
    }
  });

  it('leaves nothing behind when the moment has come or was given up', async () => {
    const w = world({ bus: vpci });
    await w.boot();
    const { guest } = w.guest();
    const shapes = (): unknown[] => [guest, guest.port, guest.memory, w.world].map((each) => Object.keys(each).sort());
    const [keys, entry] = [shapes(), guest.entry];
    const waits = [
      between(guest, { kind: 'switch' }, () => undefined),
      between(guest, { kind: 'lock' }, () => undefined),
    ];
    expect(guest.entry).to.not.equal(entry);
    for (const wait of waits) wait.stop();
    expect(shapes()).to.deep.equal(keys);
    expect(guest.entry).to.equal(entry);
  });

  it('goes through every moment once', async () => {
    const told: number[] = [];
    const count = await eachMoment(async (nth) => {
      const w = world({ bus: vpci });
      const { guest } = w.guest();
      const wait = between(guest, { kind: 'ring', nth }, () => void told.push(nth));
      await w.world.run(() => [1, 2, 3].forEach((n) => guest.port.memory.setU8(n, n)));
      return wait;
    });
    expect(count).to.equal(3);
    expect(told).to.deep.equal([1, 2, 3]);
    const never = (nth: number): Between => between(world().guest().guest, { kind: 'ring', nth }, () => undefined);
    expect(await eachMoment(never).then(() => '', String)).to.match(/never did/);
  });
});
