import { expect } from 'chai';
import { ACTL, CSTAT, DSTAT, ENDED, FCTL, INSTRUCTION, packSchid, STCTL } from '../../buses/ccw';
import { EFAULT, EINVAL } from '../../lib/errno';
import { BareMachine, PlainUnit } from './support';

const SCH0 = packSchid({ ssid: 0, schNo: 0 });
const VECTOR_IO = 1;

/** One device that answers reads with four bytes, and never answers command 0x63. */
function machine(): BareMachine {
  const m = new BareMachine();
  const unit = new PlainUnit({}, (code, data) => {
    if (code === 0x63) return null;
    if (code !== 0x02) return ENDED | DSTAT.UNIT_CHECK;
    data.give(Uint8Array.of(1, 2, 3, 4));
    return ENDED;
  });
  m.host.plugUnit(unit, m.guest, { devno: 0x1234 });
  return m;
}

function enabled(): BareMachine {
  const m = machine();
  m.msch({ ena: true, csense: true, isc: 3 });
  return m;
}

describe('ccw instructions (PoP chapter 14): condition codes', () => {
  describe('STSCH', () => {
    it('0: stores what the subchannel is', () => {
      const m = machine();
      expect(m.stsch()).to.equal(0);
      expect(m.schib.pmcw).to.include({ dnv: true, dev: 0x1234, pim: 0x80, pam: 0x80, pom: 0xff, ena: false, st: 0 });
    });

    it('3: behind the last subchannel that has a device', () => {
      expect(machine().stsch(1)).to.equal(3);
    });

    it('0 without a valid device number: between devices', () => {
      const m = machine();
      const plugged = m.host.plugUnit(new PlainUnit({}), m.guest);
      m.host.plugUnit(new PlainUnit({}), m.guest);
      plugged.unplug();
      expect(m.stsch(1)).to.equal(0);
      expect(m.schib.pmcw.dnv).to.equal(false);
      expect(m.stsch(3)).to.equal(3);
    });

    it('3 in sets other than 0 until CHSC has been asked for them', () => {
      const m = machine();
      m.host.plugUnit(new PlainUnit({}), m.guest, { ssid: 1 });
      expect(m.stsch(0, 1)).to.equal(3);
      m.guest.memory.write(0x4000, Uint8Array.of(0x04, 0x00, 0x00, 0x31, 0, 0, 0, 2));
      expect(m.run(INSTRUCTION.CHSC, 0x4000)).to.equal(0);
      expect(m.stsch(0, 1)).to.equal(0);
    });
  });

  describe('MSCH', () => {
    it('0: takes what may be changed and nothing else', () => {
      const m = machine();
      expect(m.msch({ ena: true, isc: 5, dev: 7, pim: 0, intparm: 9 })).to.equal(0);
      m.stsch();
      expect(m.schib.pmcw).to.include({ ena: true, isc: 5, intparm: 9, dev: 0x1234, pim: 0x80 });
    });

    it('1: while status is pending', async () => {
      const m = enabled().write({ count: 4 });
      m.ssch();
      await m.world.advance(1e6);
      expect(m.msch({ ena: false })).to.equal(1);
    });

    it('2: while a function is in progress', () => {
      const m = enabled().write({ count: 4 });
      m.ssch();
      expect(m.msch({ ena: false })).to.equal(2);
    });

    it('3: behind the last subchannel', () => {
      expect(machine().msch({ ena: true }, 1)).to.equal(3);
    });

    it('an operand exception for bits that must be zero', () => {
      const m = machine();
      m.stsch();
      m.guest.memory.setU8(m.operand + 4, 0x07);
      expect(m.run(INSTRUCTION.MSCH, SCH0, m.operand)).to.equal(-EINVAL);
    });
  });

  describe('SSCH', () => {
    it('0: an interruption follows with the parameter of the ORB', async () => {
      const m = enabled().write({ count: 4 });
      expect(m.ssch({ intparm: 0xabcd })).to.equal(0);
      await m.world.advance(1e6);
      expect(m.interrupts).to.deep.equal([`${String(VECTOR_IO)}:${SCH0.toString(16)}0000abcd`]);
      expect(m.bytes(m.data, 4)).to.deep.equal([1, 2, 3, 4]);
    });

    it('1: while status is pending', async () => {
      const m = enabled().write({ count: 4 });
      m.ssch();
      await m.world.advance(1e6);
      expect(m.ssch()).to.equal(1);
    });

    it('2: while another program runs', () => {
      const m = enabled().write({ count: 4 });
      m.ssch();
      expect(m.ssch()).to.equal(2);
    });

    it('3: not enabled, no path, no subchannel', () => {
      const m = machine().write({ count: 4 });
      expect(m.ssch()).to.equal(3);
      m.msch();
      expect(m.ssch({ lpm: 0x40 })).to.equal(3);
      expect(m.ssch({}, 1)).to.equal(3);
    });

    it('an operand exception for an ORB that cannot be', () => {
      const m = enabled();
      m.guest.memory.write(m.operand, new Uint8Array(32).fill(0xff));
      expect(m.run(INSTRUCTION.SSCH, SCH0, m.operand)).to.equal(-EINVAL);
    });
  });

  describe('TSCH', () => {
    it('0: takes the status that is pending', async () => {
      const m = enabled().write({ count: 4 });
      const { scsw } = await m.start();
      expect(scsw).to.include({ fctl: FCTL.START, actl: 0, dstat: ENDED, cstat: 0, count: 0, cpa: m.program + 8 });
      expect(scsw.stctl).to.equal(STCTL.PRIMARY | STCTL.SECONDARY | STCTL.STATUS_PEND);
      expect(m.tsch().cc).to.equal(1);
    });

    it('1: nothing is pending; activity is told', () => {
      const m = enabled().write({ count: 4 });
      m.ssch();
      const { cc, irb } = m.tsch();
      expect(cc).to.equal(1);
      expect(irb.scsw.actl).to.equal(ACTL.START_PEND);
    });

    it('3: not enabled', () => {
      expect(machine().tsch().cc).to.equal(3);
    });
  });

  describe('TPI', () => {
    it('1: stores the interruption code and takes the interruption; then 0', async () => {
      const m = enabled().write({ count: 4 });
      m.ssch({ intparm: 0x55 });
      await m.world.advance(1e6);
      expect(m.run(INSTRUCTION.TPI, m.operand)).to.equal(1);
      expect(m.bytes(m.operand, 12)).to.deep.equal([0, 1, 0, 0, 0, 0, 0, 0x55, 3 << 3, 0, 0, 0]);
      expect(m.run(INSTRUCTION.TPI, m.operand)).to.equal(0);
    });
  });

  describe('CSCH, HSCH, XSCH', () => {
    it('CSCH ends a program that never ends', async () => {
      const m = enabled().write({ command: 0x63, count: 0 });
      m.ssch();
      await m.world.advance(1e9);
      expect(m.tsch()).to.deep.include({ cc: 1 });
      expect(m.run(INSTRUCTION.CSCH, SCH0)).to.equal(0);
      await m.world.advance(1e6);
      const { cc, irb } = m.tsch();
      expect(cc).to.equal(0);
      expect(irb.scsw).to.include({ fctl: FCTL.CLEAR, actl: 0, stctl: STCTL.STATUS_PEND });
      expect(m.write({ count: 4 }).ssch()).to.equal(0);
    });

    it('CSCH forgets status that is pending', async () => {
      const m = enabled().write({ count: 4 });
      m.ssch();
      await m.world.advance(1e6);
      m.run(INSTRUCTION.CSCH, SCH0);
      await m.world.advance(1e6);
      expect(m.tsch().irb.scsw).to.include({ fctl: FCTL.CLEAR, dstat: 0 });
    });

    it('HSCH ends a program with device end; 1 while status is pending; 2 while it is halted already', async () => {
      const m = enabled().write({ command: 0x63, count: 0 });
      m.ssch();
      await m.world.advance(1e6);
      expect(m.run(INSTRUCTION.HSCH, SCH0)).to.equal(0);
      expect(m.run(INSTRUCTION.HSCH, SCH0)).to.equal(2);
      await m.world.advance(1e6);
      expect(m.run(INSTRUCTION.HSCH, SCH0)).to.equal(1);
      expect(m.tsch().irb.scsw).to.include({ fctl: FCTL.START | FCTL.HALT, dstat: DSTAT.DEVICE_END });
    });

    it('XSCH takes back a start that has not begun; 2 when it has, or there is none', async () => {
      const m = enabled().write({ command: 0x63, count: 0 });
      expect(m.run(INSTRUCTION.XSCH, SCH0)).to.equal(2);
      m.ssch();
      expect(m.run(INSTRUCTION.XSCH, SCH0)).to.equal(0);
      await m.world.advance(1e6);
      expect(m.interrupts).to.deep.equal([]);
      m.ssch();
      await m.world.advance(1e6);
      expect(m.run(INSTRUCTION.XSCH, SCH0)).to.equal(2);
    });

    it('all give 3 for a subchannel that is not enabled', () => {
      const m = machine();
      const { CSCH, HSCH, XSCH, RSCH } = INSTRUCTION;
      expect([CSCH, HSCH, XSCH, RSCH].map((nr) => m.run(nr, SCH0))).to.deep.equal([3, 3, 3, 3]);
    });
  });

  describe('suspend and RSCH', () => {
    const suspended = async (): Promise<BareMachine> => {
      const m = enabled().write({ count: 4, flags: 0x40 }, { count: 4, flags: 0x02, address: 0x3100 });
      m.ssch({ spnd: true });
      await m.world.advance(1e6);
      return m;
    };

    it('a program stops before the CCW with the flag and says so', async () => {
      const m = await suspended();
      const { cc, irb } = m.tsch();
      expect(cc).to.equal(0);
      expect(irb.scsw).to.include({
        actl: ACTL.SUSPENDED,
        stctl: STCTL.INTERMEDIATE | STCTL.STATUS_PEND,
        cpa: m.program + 16,
      });
      expect(m.bytes(0x3100, 4)).to.deep.equal([0, 0, 0, 0]);
    });

    it('RSCH goes on once the flag is gone; with it the program suspends again', async () => {
      const m = await suspended();
      m.tsch();
      expect(m.run(INSTRUCTION.RSCH, SCH0)).to.equal(0);
      await m.world.advance(1e6);
      expect(m.tsch().irb.scsw.actl).to.equal(ACTL.SUSPENDED);
      m.write({ count: 4 }, { count: 4, address: 0x3100 });
      expect(m.run(INSTRUCTION.RSCH, SCH0)).to.equal(0);
      await m.world.advance(1e6);
      expect(m.tsch().irb.scsw).to.include({ dstat: ENDED, actl: 0 });
      expect(m.bytes(0x3100, 4)).to.deep.equal([1, 2, 3, 4]);
    });

    it('RSCH gives 2 when nothing is suspended, 1 while status is pending', async () => {
      expect(enabled().run(INSTRUCTION.RSCH, SCH0)).to.equal(2);
      expect((await suspended()).run(INSTRUCTION.RSCH, SCH0)).to.equal(1);
    });

    it('without suspend control the flag is a program check', async () => {
      const m = enabled().write({ count: 4, flags: 0x02 });
      expect((await m.start()).scsw.cstat).to.equal(CSTAT.PROGRAM_CHECK);
    });
  });

  describe('operands', () => {
    it('outside memory: an addressing exception, which names instruction and address', () => {
      const m = machine();
      expect(m.run(INSTRUCTION.STSCH, SCH0, 0x100000)).to.equal(-EFAULT);
      expect(m.refusals).to.deep.equal(['stsch: operand at 0x100000, 52 bytes, is outside memory']);
    });

    it('not aligned, or no subchannel id: exceptions as well', () => {
      const m = machine();
      expect(m.run(INSTRUCTION.STSCH, SCH0, 0x1001)).to.equal(-EINVAL);
      expect(m.run(INSTRUCTION.STSCH, 0, 0x1000)).to.equal(-EINVAL);
      expect(m.run(INSTRUCTION.STSCH)).to.equal(-EINVAL);
    });
  });

  it('sense data go along with the interruption if concurrent sense is set, else the device keeps them', async () => {
    const m = enabled().write({ command: 0x01, count: 4, flags: 0x20 });
    const irb = await m.start();
    expect(irb.cons).to.equal(true);
    m.msch({ csense: false });
    const without = await m.start();
    expect(without.cons).to.equal(false);
    expect(without.scsw.dstat & DSTAT.UNIT_CHECK).to.equal(DSTAT.UNIT_CHECK);
  });

  it('regression: a clear takes sense data back that nobody fetched', async () => {
    const m = enabled().write({ command: 0x01, count: 4, flags: 0x20 });
    m.ssch();
    await m.world.advance(100e6);
    expect(m.run(INSTRUCTION.CSCH, SCH0)).to.equal(0);
    await m.world.advance(100e6);
    const { cc, irb } = m.tsch();
    expect(cc).to.equal(0);
    expect(irb.scsw.fctl).to.equal(FCTL.CLEAR);
    expect(irb.cons).to.equal(false);
  });

  it('every instruction is an exit and stands in the log under its name', () => {
    const m = machine();
    m.msch();
    m.ssch();
    expect(m.hv.log.calls().map(({ name }) => name)).to.deep.equal(['stsch', 'msch', 'ssch']);
    expect(m.guest.port.counters().exits).to.equal(3);
  });
});
