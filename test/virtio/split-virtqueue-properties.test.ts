import { expect } from 'chai';
import fc from 'fast-check';
import { FEATURE, featureBit, hasFeature, SplitVirtqueue } from '../../lib/virtio';
import { HeldDevice } from '../support/held-device';
import { VirtioMachine } from '../support/virtio';

const bit = featureBit;

/** What happens to a queue, by either side. */
type QueueStep =
  | { readonly kind: 'add'; readonly out: readonly Uint8Array[]; readonly in: readonly number[] }
  | { readonly kind: 'kick' | 'get' | 'disable' | 'enable' }
  | { readonly kind: 'complete'; readonly which: number; readonly part: number };

const step: fc.Arbitrary<QueueStep> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      out: fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 3 }),
      in: fc.array(fc.nat(20), { maxLength: 3 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.constantFrom('kick', 'kick', 'get', 'get', 'disable', 'enable').map((kind): QueueStep => ({ kind })),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('complete' as const),
      which: fc.nat(100),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
);

const features = fc.constantFrom(
  bit(FEATURE.VERSION_1),
  bit(FEATURE.VERSION_1) | bit(FEATURE.RING_INDIRECT_DESC),
  bit(FEATURE.VERSION_1) | bit(FEATURE.RING_EVENT_IDX),
  bit(FEATURE.VERSION_1) | bit(FEATURE.RING_INDIRECT_DESC) | bit(FEATURE.RING_EVENT_IDX),
);

async function rig(agreed: bigint, size: number) {
  const machine = new VirtioMachine();
  const model = new HeldDevice([size]);
  const transport = machine.transport(model);
  for (const status of [1, 3]) await transport.setStatus(status);
  await transport.finalizeFeatures(agreed);
  await transport.setStatus(11);
  const [vq] = await transport.findVqs([{ name: 'q', callback: () => undefined }]);
  await transport.setStatus(15);
  return { machine, model, transport, vq: vq as SplitVirtqueue };
}

const concat = (parts: readonly Uint8Array[]): number[] => parts.flatMap((part) => [...part]);

/** What a request was made of; its number is the first byte that the device reads. */
interface Sent {
  readonly out: readonly number[];
  readonly room: number;
  /** What the device has answered. */
  answer?: readonly number[];
}

/** Both sides of a queue, and what should be in it. */
class Play {
  readonly sent = new Map<number, Sent>();
  #next = 0;

  constructor(
    readonly vq: SplitVirtqueue,
    readonly model: HeldDevice,
    readonly size: number,
    readonly indirect: boolean,
  ) {}

  do(it: QueueStep): void {
    switch (it.kind) {
      case 'add':
        return this.#add(it.out, it.in);
      case 'kick':
        return void expect(this.vq.kick()).to.equal(true);
      case 'get':
        return void this.get();
      case 'disable':
        return this.vq.disableCb();
      case 'enable':
        return void this.vq.enableCb();
      case 'complete':
        if (this.model.held.length > 0) this.complete(it.which, it.part);
    }
  }

  #add(more: readonly Uint8Array[], areas: readonly number[]): void {
    const token = this.#next++ & 0xff;
    const out = [Uint8Array.of(token), ...more];
    const segments = [...out.map((bytes) => bytes.length), ...areas].filter((length) => length > 0).length;
    const fits = this.vq.numFree >= (this.indirect ? 1 : segments);
    expect(this.vq.add({ out, in: areas }, token)).to.equal(fits ? 0 : -28);
    if (fits) this.sent.set(token, { out: concat(out), room: areas.reduce((sum, n) => sum + n, 0) });
  }

  complete(which: number, part: number): void {
    const index = which % this.model.held.length;
    const request = this.model.held[index];
    const sent = this.sent.get(request?.readable[0] ?? -1);
    if (request === undefined || sent === undefined) throw new Error('the device has what nobody sent');
    expect([...request.readable]).to.deep.equal(sent.out);
    expect(request.writable).to.equal(sent.room);
    const answer = Uint8Array.from({ length: Math.floor(part * sent.room) }, (_, i) => (i + which) & 0xff);
    sent.answer = [...answer];
    this.model.complete(answer, index);
  }

  get(): boolean {
    const done = this.vq.getBuf();
    if (done === undefined) return false;
    const sent = this.sent.get(done.token as number);
    expect(concat(done.data)).to.deep.equal(sent?.answer);
    expect(done.length).to.equal(sent?.answer?.length);
    this.sent.delete(done.token as number);
    return true;
  }

  finish(): void {
    this.vq.kick();
    while (this.model.held.length > 0) this.complete(0, 1);
    while (this.get());
    expect(this.sent.size).to.equal(0);
    expect(this.vq.numFree).to.equal(this.size);
    expect(this.vq.broken).to.equal(false);
  }
}

describe('a split virtqueue, whatever both sides do', () => {
  it('loses nothing, mixes up nothing and leaks nothing', async () => {
    const sizes = fc.constantFrom(1, 2, 4, 8);
    await fc.assert(
      fc.asyncProperty(features, sizes, fc.array(step, { maxLength: 80 }), async (agreed, size, steps) => {
        const { machine, model, transport, vq } = await rig(agreed, size);
        const empty = machine.held.bytes;
        const play = new Play(vq, model, size, hasFeature(agreed, FEATURE.RING_INDIRECT_DESC));
        for (const it of steps) play.do(it);
        play.finish();
        expect(machine.held.bytes).to.equal(empty);
        expect(machine.hv.log.refusals).to.deep.equal([]);
        await transport.delVqs();
        expect(machine.held).to.deep.equal({ bytes: 0, interrupts: [] });
      }),
      { numRuns: 200 },
    );
  });

  it('survives a device that writes anything into its area', async () => {
    const bytes = fc.uint8Array({ minLength: 70, maxLength: 70 });
    await fc.assert(
      fc.asyncProperty(features, bytes, fc.nat(4), async (agreed, garbage, adds) => {
        const { machine, transport, vq } = await rig(agreed, 8);
        for (let i = 0; i < adds; i += 1) vq.add({ out: [Uint8Array.of(i)], in: [4] }, i);
        machine.guest.memory.write(vq.device, garbage);
        vq.vqInterrupt();
        let got = 0;
        for (let done = vq.getBuf(); done !== undefined; done = vq.getBuf()) {
          got += 1;
          expect(concat(done.data).length).to.be.at.most(4);
        }
        expect(got).to.be.at.most(adds);
        vq.kick();
        await transport.reset();
        await transport.delVqs();
        expect(machine.held).to.deep.equal({ bytes: 0, interrupts: [] });
      }),
      { numRuns: 200 },
    );
  });
});
