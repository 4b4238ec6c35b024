import { expect } from 'chai';
import fc from 'fast-check';
import { CCW_BYTES, CSTAT, ENDED, INSTRUCTION, packSchid, type Orb } from '../../buses/ccw';
import { BareMachine, PlainUnit } from './support';

const BASE = 0x2000;
const SLOTS = 8;

/** A CCW that is often nearly right: addresses near the program, the data, the end of memory. */
const ccw = fc.record({
  command: fc.oneof(fc.constantFrom(0x01, 0x02, 0x03, 0x04, 0x08, 0xe4), fc.nat(0xff)),
  flags: fc.oneof(fc.constantFrom(0, 0x40, 0x80, 0x20, 0x60, 0xa0, 0x04, 0x84, 0x10), fc.nat(0xff)),
  count: fc.oneof(fc.nat(64), fc.nat(0xffff)),
  address: fc.oneof(
    fc.nat(SLOTS).map((n) => BASE + n * CCW_BYTES),
    fc.integer({ min: 0x3000, max: 0x3040 }),
    fc.integer({ min: 0xfffc0, max: 0x100010 }),
    fc.nat(0xffffffff),
  ),
});

const orb: fc.Arbitrary<Partial<Orb>> = fc.record({
  key: fc.constantFrom(0, 0, 0, 5),
  spnd: fc.boolean(),
  format1: fc.constantFrom(true, true, false),
  c64: fc.boolean(),
  i2k: fc.boolean(),
  ils: fc.boolean(),
  cpa: fc.oneof({ weight: 5, arbitrary: fc.constant(BASE) }, { weight: 1, arbitrary: fc.nat(0x7fffffff) }),
});

function machine(): BareMachine {
  const m = new BareMachine();
  const unit = new PlainUnit({}, (code, data) => {
    if ((code & 3) === 1) data.take(40);
    else if ((code & 3) === 2) data.give(new Uint8Array(40).fill(0xee));
    return ENDED;
  });
  m.host.plugUnit(unit, m.guest);
  m.host.plugUnit(new PlainUnit({}), m.guest);
  m.msch({ ena: true, csense: true });
  return m;
}

describe('ccw channel programs: whatever is in memory', () => {
  it('a program ends with a status, or is suspended; the host throws nothing; the next program works', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(ccw, { minLength: 1, maxLength: SLOTS }), orb, async (ccws, changes) => {
        const m = machine();
        const irb = await m.write(...ccws).start(changes);
        expect(irb.scsw.stctl & 1).to.equal(1);
        expect(m.hv.log.errors).to.deep.equal([]);
        m.run(INSTRUCTION.CSCH, packSchid({ ssid: 0, schNo: 0 }));
        await m.world.advance(1e6);
        m.tsch();
        const after = await m.write({ command: 0x02, count: 40, address: 0x5000 }).start();
        expect(after.scsw).to.include({ cstat: 0, dstat: ENDED, count: 0 });
      }),
      { numRuns: 300 },
    );
  });

  it('a program check comes with a line in the log that names the program, and only then', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(ccw, { minLength: 1, maxLength: SLOTS }), async (ccws) => {
        const m = machine();
        const irb = await m.write(...ccws).start({ spnd: false });
        const wrong = (irb.scsw.cstat & (CSTAT.PROGRAM_CHECK | CSTAT.PROTECTION_CHECK)) !== 0;
        const lines = m.refusals.filter((text) =>
          text.startsWith('subchannel 0.0.0000: channel program at 0x2000: CCW at 0x'),
        );
        expect(lines).to.have.length(wrong ? 1 : 0);
        expect(m.refusals).to.have.length(lines.length);
      }),
      { numRuns: 300 },
    );
  });

  it('memory is changed only where the CCWs point to, as far as their counts go', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 60 }), async (offset, count) => {
        const m = machine();
        m.guest.memory.write(0x4000, new Uint8Array(256).fill(0x11));
        await m.write({ command: 0x02, count, flags: 0x20, address: 0x4040 + offset }).start();
        const stored = Math.min(count, 40);
        const wanted = Array.from({ length: 256 }, (_, i) =>
          i >= 64 + offset && i < 64 + offset + stored ? 0xee : 0x11,
        );
        expect(m.bytes(0x4000, 256)).to.deep.equal(wanted);
      }),
    );
  });

  it('instructions with any operands answer with a condition code or an exception', () => {
    const nr = fc.constantFrom(...Object.values(INSTRUCTION));
    const word = fc.oneof(fc.nat(0xffffffff), fc.constantFrom(0x10000, 0x10001, 0x1000, 0x2000, 0xff000), fc.double());
    fc.assert(
      fc.property(fc.array(fc.tuple(nr, fc.array(word, { maxLength: 4 })), { maxLength: 12 }), (calls) => {
        const m = machine();
        for (const [number, args] of calls) {
          const { status, values } = m.guest.port.hypercall(number, args);
          if (status === 0) expect(values).to.have.length(1);
          else expect(status).to.be.below(0);
        }
        expect(m.hv.log.errors).to.deep.equal([]);
      }),
      { numRuns: 300 },
    );
  });
});
