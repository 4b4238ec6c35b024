import { expect } from 'chai';
import { fixtureName } from '../../lib/machine';
import { SplitVirtqueue, virtioBus, type VirtioDevice, type VirtioDriver } from '../../lib/virtio';
import { AVAIL, DESC_F, USED } from '../../lib/virtio/spec';
import { eachBus, fixtures, type KitWorld } from '../support/kit';
import { HeldDevice } from '../support/held-device';
import { heldBy } from './support';

/** Where queues are rings in memory. */
const RINGS = fixtures.filter((bus) => !fixtureName(bus).startsWith('ps3-handle'));
const ID = 42;

/** A driver that takes whatever comes, and counts how often it was told that its device is broken. */
class Taker {
  vq: SplitVirtqueue | null = null;
  broken = 0;
  readonly taken: { readonly token: unknown; readonly length: number; readonly bytes: number }[] = [];
  readonly driver: VirtioDriver = {
    name: 'taker',
    bus: virtioBus,
    idTable: [{ device: ID }],
    probe: (vdev) => this.#probe(vdev),
    remove: async (vdev) => {
      await vdev.reset();
      await vdev.delVqs();
    },
    broken: () => void (this.broken += 1),
  };

  async #probe(vdev: VirtioDevice): Promise<void> {
    const vq = await vdev.findSingleVq({ name: 'q', callback: () => this.#take() });
    if (!(vq instanceof SplitVirtqueue)) throw new Error('no ring');
    this.vq = vq;
    await vdev.ready();
  }

  #take(): void {
    for (let done = this.ring.getBuf(); done !== undefined; done = this.ring.getBuf()) {
      this.taken.push({ token: done.token, length: done.length, bytes: done.data[0]?.length ?? 0 });
    }
  }

  get ring(): SplitVirtqueue {
    if (this.vq === null) throw new Error('not bound');
    return this.vq;
  }
}

async function bound(w: KitWorld) {
  const model = new HeldDevice([8]);
  const taker = new Taker();
  w.plug(model);
  await w.boot();
  const before = heldBy(w);
  await w.load(taker.driver);
  return { model, taker, before, memory: taker.ring.ring.memory };
}

/** Ends well whatever the ring was: the driver leaves, nothing is held, and the next bind works. */
async function expectGoesOn(w: KitWorld, taker: Taker, before: object, model: HeldDevice): Promise<void> {
  await w.unload(taker.driver);
  expect(heldBy(w)).to.deep.equal(before);
  await w.load(taker.driver);
  taker.taken.length = 0;
  taker.ring.add({ in: [4] }, 'again');
  taker.ring.kick();
  await w.settle();
  model.complete(Uint8Array.of(1, 2));
  await w.settle();
  expect(taker.taken).to.deep.equal([{ token: 'again', length: 2, bytes: 2 }]);
  await w.unload(taker.driver);
}

/** What a device writes behind the entry that it has filled in honestly for the buffer of head 0. */
interface Lie {
  readonly id: number;
  readonly length: number;
  readonly says: string | null;
}

const LIES: readonly [string, Lie][] = [
  ['an id that no queue of this size has', { id: 8, length: 4, says: 'q:id 8 out of range' }],
  ['the largest id there is', { id: 2 ** 32 - 1, length: 4, says: 'q:id 4294967295 out of range' }],
  ['an id that is with the driver', { id: 3, length: 4, says: 'q:id 3 is not a head!' }],
  ['an id for the second time', { id: 0, length: 4, says: 'q:id 0 is not a head!' }],
];

describe('what the driver side of a ring makes of a device that lies', () => {
  for (const [title, { id, length, says }] of LIES) {
    eachBus(
      `is a broken queue, for ${title}`,
      async (w) => {
        const { model, taker, before, memory } = await bound(w);
        taker.ring.add({ in: [4] }, 'first');
        taker.ring.kick();
        await w.settle();
        const { device, size } = taker.ring;
        const used = memory.getU16(device + USED.IDX);
        const at = device + USED.RING + USED.ENTRY * ((used + 1) % size);
        model.complete(new Uint8Array(4));
        memory.setU32(at, id);
        memory.setU32(at + 4, length);
        memory.setU16(device + USED.IDX, used + 2);
        await w.settle();
        expect(taker.taken).to.deep.equal([{ token: 'first', length: 4, bytes: 4 }]);
        expect(w.log.entries.map(({ text }) => text)).to.include(says);
        expect(taker.ring.broken).to.equal(true);
        await expectGoesOn(w, taker, before, model);
      },
      { fixtures: RINGS, allow: ['warnings'] },
    );
  }

  eachBus(
    'is no more than the buffer, for a length that is longer',
    async (w) => {
      const { model, taker, before, memory } = await bound(w);
      taker.ring.add({ in: [4] }, 'first');
      taker.ring.kick();
      await w.settle();
      const { device } = taker.ring;
      model.complete(new Uint8Array(4));
      memory.setU32(device + USED.RING + 4, 2 ** 31);
      await w.settle();
      expect(taker.taken).to.deep.equal([{ token: 'first', length: 2 ** 31, bytes: 4 }]);
      expect(taker.ring.broken).to.equal(false);
      await expectGoesOn(w, taker, before, model);
    },
    { fixtures: RINGS, allow: ['warnings'] },
  );
});

/** How a driver, or who writes to its memory, spoils the ring before the device looks. */
const SPOILT: readonly [string, (vq: SplitVirtqueue) => void][] = [
  [
    'a chain that leads to itself',
    ({ ring, desc }) => ring.writeDescriptor(0, { address: desc, length: 4, flags: DESC_F.NEXT, next: 0 }),
  ],
  [
    'a chain of two that goes round',
    ({ ring, desc }) => {
      ring.writeDescriptor(0, { address: desc, length: 4, flags: DESC_F.NEXT, next: 1 });
      ring.writeDescriptor(1, { address: desc, length: 4, flags: DESC_F.NEXT, next: 0 });
    },
  ],
  [
    'a next that is out of range',
    ({ ring, desc }) => ring.writeDescriptor(0, { address: desc, length: 4, flags: DESC_F.NEXT, next: 8 }),
  ],
  [
    'memory that there is not',
    ({ ring }) => ring.writeDescriptor(0, { address: 2 ** 48, length: 4, flags: 0, next: 0 }),
  ],
  [
    'a buffer that is longer than memory',
    ({ ring, desc }) => ring.writeDescriptor(0, { address: desc, length: 2 ** 32 - 1, flags: DESC_F.WRITE, next: 0 }),
  ],
  [
    'something to read behind something to write',
    ({ ring, desc }) => {
      ring.writeDescriptor(0, { address: desc, length: 4, flags: DESC_F.WRITE | DESC_F.NEXT, next: 1 });
      ring.writeDescriptor(1, { address: desc, length: 4, flags: 0, next: 0 });
    },
  ],
  ['a head that is out of range', ({ ring }) => ring.writeAvailable(0, 8)],
  ['more entries than the ring has', ({ ring, driver }) => ring.memory.setU16(driver + AVAIL.IDX, 9)],
];

describe('what the device side of a ring makes of a driver that lies', () => {
  for (const [title, spoil] of SPOILT) {
    eachBus(
      `is a device that needs a reset, and a queue that is broken: ${title}`,
      async (w) => {
        const { model, taker, before } = await bound(w);
        taker.ring.add({ in: [4] }, 'first');
        spoil(taker.ring);
        taker.ring.kick();
        await w.settle();
        expect(model.held).to.deep.equal([]);
        expect(taker.ring.broken).to.equal(true);
        expect(taker.broken).to.equal(1);
        await expectGoesOn(w, taker, before, model);
      },
      { fixtures: RINGS, allow: ['warnings'] },
    );
  }
});
