import { expect } from 'chai';
import fc from 'fast-check';
import { BalloonDevice, COSTS, type BalloonOptions } from '../../../lib/hypervisor/index';
import { BALLOON, encodeBalloonPages, encodeBalloonStats } from '../../../lib/virtio/spec';
import { thrownBy } from '../../support/errors';
import { BackendMachine, DriverRing } from '../support';

const AT = 0x8000;
const PAGES = 256;

/** A driver's side of all queues of one balloon, by hand. */
class Rig extends BackendMachine {
  readonly rings: readonly DriverRing[];

  constructor(readonly balloon: BalloonDevice) {
    super(balloon, { memory: PAGES * BALLOON.PAGE });
    this.rings = this.backend.queues.map((_, i) => new DriverRing(this.guest.memory, 8, 0x1_0000 + 0x3000 * i));
    this.negotiate();
    this.backend.queues.forEach((queue, i) => {
      const { desc, driver, device, size } = this.rings[i] ?? this.ring;
      Object.assign(queue, { desc, driver, device, size, ready: true });
    });
    this.backend.status |= 4;
  }

  /** Hands bytes to a queue, and waits for what the device makes of them. @returns used entries until now */
  async send(queue: number, bytes: Uint8Array): Promise<number> {
    this.offer(queue, bytes);
    await this.world.advance(COSTS.balloon);
    return this.rings[queue]?.usedIdx ?? 0;
  }

  offer(queue: number, bytes: Uint8Array): void {
    this.guest.memory.write(AT, bytes);
    this.rings[queue]?.chain([{ address: AT, length: bytes.length }]);
    this.backend.queues[queue]?.notify();
  }
}

const rigOf = (options: Partial<BalloonOptions> = {}): Rig =>
  new Rig(new BalloonDevice({ name: 'balloon0', ...options }));

const { INFLATEQ, DEFLATEQ, STATSQ } = BALLOON;
const config = (rig: Rig): DataView => new DataView(rig.backend.readConfig(0, BALLOON.CONFIG_BYTES).buffer);

describe('BalloonDevice (VIRTIO 1.2 §5.5)', () => {
  it('is device 5, with a queue more for statistics', () => {
    expect(rigOf().backend.deviceId).to.equal(5);
    expect(rigOf().backend.queues.length).to.equal(3);
    expect(rigOf().balloon.features()).to.equal(0b11n);
    expect(rigOf({ statistics: false }).backend.queues.length).to.equal(2);
    expect(rigOf({ statistics: false, deflateOnOom: true }).balloon.features()).to.equal(0b101n);
  });

  it('shows its target, and interrupts when that changes', () => {
    const rig = rigOf({ target: 3 });
    expect(config(rig).getUint32(0, true)).to.equal(3);
    rig.balloon.target = 3;
    expect(rig.interrupts).to.deep.equal([]);
    rig.balloon.target = 5;
    expect(config(rig).getUint32(0, true)).to.equal(5);
    expect(rig.interrupts).to.deep.equal(['config']);
  });

  for (const target of [-1, 0.5, NaN, 2 ** 32]) {
    it(`refuses a target of ${String(target)}`, () => {
      expect(thrownBy(() => (rigOf().balloon.target = target)).message).to.contain('balloon0');
    });
  }

  it('lets the driver write nothing but what it has given', () => {
    const rig = rigOf({ target: 3 });
    rig.backend.writeConfig(0, Uint8Array.of(9, 0, 0, 0, 7, 0, 0, 0));
    expect(rig.balloon.actual).to.equal(7);
    expect(rig.balloon.target).to.equal(3);
    rig.backend.writeConfig(4, Uint8Array.of(8));
    expect(rig.balloon.actual).to.equal(8);
  });

  it('takes pages from the guest, which are zero afterwards', async () => {
    const rig = rigOf();
    rig.guest.memory.write(0x80 * BALLOON.PAGE, new Uint8Array(4 * BALLOON.PAGE).fill(7));
    rig.offer(INFLATEQ, encodeBalloonPages([0x80, 0x82, 0x83]));
    const { resident } = rig.guest.memory;
    expect(rig.balloon.held).to.equal(0);
    await rig.world.advance(COSTS.balloon);
    expect(rig.balloon.held).to.equal(3);
    expect(rig.balloon.holds(0x80)).to.equal(true);
    expect(rig.balloon.holds(0x81)).to.equal(false);
    expect(rig.guest.memory.getU8(0x80 * BALLOON.PAGE)).to.equal(0);
    expect(rig.guest.memory.getU8(0x81 * BALLOON.PAGE)).to.equal(7);
    expect(rig.guest.memory.resident).to.equal(resident - 3 * BALLOON.PAGE);
    expect(await rig.send(DEFLATEQ, encodeBalloonPages([0x83, 0x80, 0x82]))).to.equal(1);
    expect(rig.balloon.held).to.equal(0);
    expect(rig.refusals).to.deep.equal([]);
  });

  const refused: [string, number, Uint8Array, string, number][] = [
    [
      'a page outside memory',
      INFLATEQ,
      encodeBalloonPages([0x80, PAGES, 0x81]),
      'inflate, page 1 of the list: page 0x100 lies outside memory',
      1,
    ],
    [
      'the last number',
      INFLATEQ,
      encodeBalloonPages([0xffff_ffff]),
      'inflate, page 0 of the list: page 0xffffffff lies outside memory',
      0,
    ],
    [
      'a page given twice',
      INFLATEQ,
      encodeBalloonPages([0x80, 0x80]),
      'inflate, page 1 of the list: page 0x80 is in the balloon already',
      1,
    ],
    [
      'a page that was not given',
      DEFLATEQ,
      encodeBalloonPages([0x80]),
      'deflate, page 0 of the list: page 0x80 is not in the balloon',
      0,
    ],
    ['half a number', INFLATEQ, Uint8Array.of(0x80, 0, 0, 0, 1, 0), 'inflate, page 1 of the list: half a number', 1],
  ];
  for (const [what, queue, bytes, report, held] of refused) {
    it(`refuses ${what} with a report, and goes on`, async () => {
      const rig = rigOf();
      expect(await rig.send(queue, bytes)).to.equal(1);
      expect(rig.refusals).to.deep.equal([`device balloon0: ${report}; the rest is ignored`]);
      expect(rig.balloon.held).to.equal(held);
      expect(rig.backend.status & 64).to.equal(0);
      await rig.send(INFLATEQ, encodeBalloonPages([0x90]));
      expect(rig.balloon.holds(0x90)).to.equal(true);
    });
  }

  it('keeps the buffer of statistics until it asks for new ones', async () => {
    const rig = rigOf();
    expect(rig.balloon.requestStatistics()).to.equal(false);
    const used = await rig.send(STATSQ, encodeBalloonStats(new Map([[BALLOON.S_MEMFREE, 123]])));
    expect(used).to.equal(0);
    expect(rig.balloon.statistics.get(BALLOON.S_MEMFREE)).to.equal(123n);
    expect(rig.balloon.requestStatistics()).to.equal(true);
    expect(rig.rings[STATSQ]?.usedIdx).to.equal(1);
    expect(rig.balloon.requestStatistics()).to.equal(false);
    expect(rig.balloon.statistics.size).to.equal(1);
  });

  it('gives an older buffer of statistics back when there is another', async () => {
    const rig = rigOf();
    await rig.send(STATSQ, encodeBalloonStats(new Map([[1, 1]])));
    expect(await rig.send(STATSQ, encodeBalloonStats(new Map([[2, 2]])))).to.equal(1);
    expect([...rig.balloon.statistics]).to.deep.equal([[2, 2n]]);
    expect(rig.refusals).to.deep.equal(['device balloon0: statistics given that nobody asked for']);
  });

  it('looks at no more statistics than there can be', async () => {
    const rig = rigOf();
    await rig.send(STATSQ, encodeBalloonStats(new Map(Array.from({ length: 300 }, (_, i) => [i, i]))));
    expect(rig.balloon.statistics.size).to.equal(64);
  });

  it('has nothing of the guest after a reset', async () => {
    const rig = rigOf();
    await rig.send(INFLATEQ, encodeBalloonPages([0x80, 0x81]));
    await rig.send(STATSQ, encodeBalloonStats(new Map([[1, 1]])));
    rig.backend.writeConfig(4, Uint8Array.of(2));
    rig.backend.status = 0;
    expect(rig.balloon.held).to.equal(0);
    expect(rig.balloon.actual).to.equal(0);
    expect(rig.balloon.statistics.size).to.equal(0);
    expect(rig.balloon.requestStatistics()).to.equal(false);
  });

  it('takes no page of a guest that has gone, whose memory another may have', async () => {
    const rig = rigOf();
    rig.guest.memory.setU8(0x80 * BALLOON.PAGE, 7);
    rig.offer(INFLATEQ, encodeBalloonPages([0x80]));
    rig.guest.destroy();
    await rig.world.advance(COSTS.balloon);
    expect(rig.guest.memory.getU8(0x80 * BALLOON.PAGE)).to.equal(7);
    expect(rig.balloon.held).to.equal(0);
  });

  it('holds what was given and not taken back, whatever comes in its queues', async () => {
    const page = fc.oneof(fc.nat(PAGES + 4), fc.nat(0xffff_ffff));
    const bytes = fc.oneof(
      fc.array(page, { minLength: 1, maxLength: 40 }).map(encodeBalloonPages),
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
    );
    const step = fc.record({ queue: fc.nat(2), bytes });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        // No page of the rings is in its place in memory, for the guest may give what it needs.
        const rig = new BackendMachine(new BalloonDevice({ name: 'balloon0' }), { memory: PAGES * BALLOON.PAGE });
        const balloon = rig.backend.model as BalloonDevice;
        const model = new Set<number>();
        const host = hostOf(rig);
        for (const { queue, bytes: sent } of steps) {
          balloon.handle(queue, { readable: sent, writable: 0, complete: () => undefined }, host);
          if (queue !== STATSQ) follow(model, queue, sent);
          expect(balloon.held).to.equal(model.size);
          for (const one of model) expect(balloon.holds(one)).to.equal(true);
        }
        expect(balloon.statistics.size).to.be.at.most(64);
        expect(rig.errors).to.deep.equal([]);
      }),
    );
  });

  it('breaks only itself, whatever the guest gives up, its own queues included', async () => {
    const step = fc.record({ queue: fc.nat(2), pages: fc.array(fc.nat(PAGES), { minLength: 1, maxLength: 40 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const rig = rigOf();
        for (const { queue, pages } of steps) await rig.send(queue, encodeBalloonPages(pages));
        expect(rig.errors).to.deep.equal([]);
        expect(rig.world.oopses).to.deep.equal([]);
        rig.backend.status = 0;
        expect(rig.balloon.held).to.equal(0);
      }),
    );
  });
});

/** What a list does: the first page that cannot be ends it. */
function follow(model: Set<number>, queue: number, bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const page = view.getUint32(at, true);
    const isGood = queue === INFLATEQ ? page < PAGES && !model.has(page) : model.has(page);
    if (!isGood) return;
    if (queue === INFLATEQ) model.add(page);
    else model.delete(page);
  }
}

/** A host that does at once what is to be done later. */
function hostOf({ guest }: BackendMachine) {
  return {
    now: 0,
    after: (_ns: number, fire: () => unknown) => void fire(),
    configChanged: () => undefined,
    discardPage: (page: number) => guest.memory.discard(page),
    refuse: () => undefined,
  };
}
