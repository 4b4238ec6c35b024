import { expect } from 'chai';
import fc from 'fast-check';
import { STATUS, USED, usedRingBytes } from '../../lib/virtio/spec';
import { DriverRing, LIVE, BackendMachine, TestModel, VERSION_1 } from './support';

const MEMORY = 64 * 1024;
const U64 = { min: 0n, max: (1n << 64n) - 1n };
const ALL = VERSION_1 | (3n << 28n);

/** Descriptors between nonsense and sense, so that walks go deep. */
const descriptor = fc.record({
  address: fc.oneof(
    fc.nat(MEMORY),
    fc.bigInt(U64),
    fc.nat(15).map((n) => 0x1000 + 16 * n),
  ),
  length: fc.oneof(
    fc.nat(64),
    fc.nat(8).map((n) => 16 * n),
    fc.nat(0xffffffff),
  ),
  flags: fc.oneof(fc.nat(7), fc.nat(0xffff)),
  next: fc.oneof(fc.nat(7), fc.nat(0xffff)),
});

const scenario = fc.record({
  table: fc.array(descriptor, { minLength: 8, maxLength: 16 }),
  heads: fc.array(fc.oneof(fc.nat(7), fc.nat(0xffff)), { minLength: 8, maxLength: 8 }),
  availIdx: fc.oneof(fc.nat(8), fc.nat(0xffff)),
  availFlags: fc.nat(0xffff),
  noise: fc.uint8Array({ maxLength: 64 }),
});

function fill(rig: BackendMachine, { table, heads, availIdx, availFlags, noise }: Filling) {
  const { memory } = rig.guest;
  table.forEach((entry, i) => {
    const at = rig.ring.desc + 16 * i;
    memory.setU64(at, BigInt(entry.address));
    memory.setU32(at + 8, entry.length);
    memory.setU16(at + 12, entry.flags);
    memory.setU16(at + 14, entry.next);
  });
  heads.forEach((head, i) => memory.setU16(rig.ring.driver + 4 + 2 * i, head));
  memory.setU16(rig.ring.driver, availFlags);
  memory.setU16(rig.ring.driver + 2, availIdx);
  memory.write(0x8000, noise);
}

interface Filling {
  table: { address: number | bigint; length: number; flags: number; next: number }[];
  heads: number[];
  availIdx: number;
  availFlags: number;
  noise: Uint8Array;
}

describe('the device side of a queue against arbitrary rings', () => {
  it('never throws, always ends, and answers each chain it took once', () => {
    fc.assert(
      fc.property(scenario, fc.boolean(), (filling, extras) => {
        const model = new TestModel((request) => request.complete());
        const rig = new BackendMachine(model, { memory: MEMORY }).start(extras ? ALL : VERSION_1);
        fill(rig, filling);
        rig.queue.notify();
        expect(rig.ring.usedIdx).to.equal(model.seen.length);
        expect(model.seen.length).to.be.at.most(8);
        const broken = (rig.backend.status & STATUS.DEVICE_NEEDS_RESET) !== 0;
        expect(rig.refusals.length).to.equal(broken ? 1 : 0);
        expect(rig.errors).to.deep.equal([]);
        if (!broken) expect(model.seen.length).to.equal(filling.availIdx);
      }),
      { numRuns: 400 },
    );
  });

  it('writes nothing but writable buffers and the device area', () => {
    fc.assert(
      fc.property(scenario, (filling) => {
        const model = new TestModel((request) => request.complete());
        const rig = new BackendMachine(model, { memory: MEMORY }).start(ALL);
        fill(rig, filling);
        const before = rig.guest.memory.read(0, MEMORY);
        rig.queue.notify();
        const after = rig.guest.memory.read(0, MEMORY);
        const area = usedRingBytes(rig.ring.size);
        for (const bytes of [before, after]) bytes.fill(0, rig.ring.device, rig.ring.device + area);
        expect(after).to.deep.equal(before);
      }),
      { numRuns: 100 },
    );
  });

  it('ends even when the device writes over its own ring', () => {
    fc.assert(
      fc.property(scenario, fc.uint8Array({ minLength: 1, maxLength: 64 }), (filling, written) => {
        const model = new TestModel((request) => request.complete(written.subarray(0, request.writable)));
        const rig = new BackendMachine(model, { memory: MEMORY }).start(ALL);
        const over = [rig.ring.driver, rig.ring.device, rig.ring.desc].map((address) => ({ address, length: 64 }));
        fill(rig, { ...filling, table: [...over, ...over, ...over].map((s) => ({ ...s, flags: 2, next: 0 })) });
        rig.queue.notify();
        expect(model.seen.length).to.be.at.most(rig.ring.size);
        rig.queue.notify();
        expect(model.seen.length).to.be.at.most(2 * rig.ring.size);
        expect(rig.errors).to.deep.equal([]);
      }),
    );
  });

  it('gives back every good chain with its bytes, in order', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(fc.array(bytes, { minLength: 1, maxLength: 40 }), fc.boolean(), (requests, extras) => {
        const model = new TestModel((request) => request.complete(request.readable.slice().reverse()));
        const rig = new BackendMachine(model, { memory: MEMORY }).start(extras ? ALL : VERSION_1);
        for (const [i, sent] of requests.entries()) {
          rig.guest.memory.write(0x8000, sent);
          const first = (2 * i) % 8;
          const into = { address: 0x9000, length: 64, write: true };
          rig.ring.chain([{ address: 0x8000, length: sent.length }, into], first);
          rig.queue.notify();
          expect(rig.ring.used()).to.deep.equal({ id: first, length: sent.length });
          expect(rig.guest.memory.read(0x9000, sent.length)).to.deep.equal(sent.slice().reverse());
        }
        expect(rig.backend.status).to.equal(LIVE);
        expect(model.served).to.equal(requests.length);
      }),
    );
  });

  it('never throws at a driver that writes any register at any time', async () => {
    const number = fc.oneof(fc.nat(255), fc.nat(MEMORY), fc.integer(), fc.double());
    const step = fc.record({ what: fc.nat(9), number, features: fc.bigInt(U64) });
    await fc.assert(
      fc.asyncProperty(scenario, fc.array(step, { maxLength: 30 }), async (filling, steps) => {
        const model = new TestModel((request, host) => host.after(10, () => request.complete()));
        const rig = new BackendMachine(model, { memory: MEMORY }).start();
        fill(rig, filling);
        const { queue, backend } = rig;
        const actions: ((n: number, features: bigint) => void)[] = [
          (n) => void (backend.status = n),
          (_n, features) => void (backend.driverFeatures = features),
          (n) => void (queue.size = n),
          (n) => void (queue.desc = n),
          (n) => void (queue.driver = n),
          (n) => void (queue.device = n),
          (n) => void (queue.ready = n > 100),
          () => queue.notify(),
          (n) => void backend.readConfig(Math.abs(n | 0), 4),
          (n) => backend.writeConfig(Math.abs(n | 0), new Uint8Array(4)),
        ];
        for (const { what, number: n, features } of steps) actions[what]?.(n, features);
        await rig.world.advance(20);
        expect(backend.inFlight).to.equal(0);
        expect(rig.errors).to.deep.equal([]);
      }),
      { numRuns: 200 },
    );
  });

  it("keeps two guests apart: what one writes into its ring cannot move the other's memory", () => {
    fc.assert(
      fc.property(scenario, (filling) => {
        const rig = new BackendMachine(
          new TestModel((r) => r.complete(new Uint8Array(Math.min(r.writable, 99)).fill(1))),
          {
            memory: MEMORY,
          },
        ).start(ALL);
        const other = rig.hv.createGuest({ name: 'g2', memory: MEMORY });
        const victim = new DriverRing(other.memory);
        victim.chain([{ address: 0x8000, length: 64, write: true }]);
        const before = other.memory.read(0, MEMORY);
        fill(rig, filling);
        rig.queue.notify();
        expect(other.memory.read(0, MEMORY)).to.deep.equal(before);
        expect(other.memory.getU16(victim.device + USED.IDX)).to.equal(0);
      }),
      { numRuns: 50 },
    );
  });
});
