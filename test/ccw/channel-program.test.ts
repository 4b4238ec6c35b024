import { expect } from 'chai';
import { CSTAT, DSTAT, ENDED, packCcw1, SENSE0, STCTL, type Ccw, type CommandData, type Irb } from '../../buses/ccw';
import { BareMachine, PlainUnit } from './support';

const DC = 0x80;
const CC = 0x40;
const SLI = 0x20;
const SKIP = 0x10;
const IDA = 0x04;
const WRITE = 0x01;
const READ = 0x02;
const TIC = 0x08;

/** Reads give the bytes 1, 2, 3 ...; what is written is kept. */
class Tape extends PlainUnit {
  readonly taken: number[] = [];

  constructor(length: number) {
    super({}, (code, data) => this.#serve(code, data, length));
  }

  #serve(code: number, data: CommandData, length: number): number {
    if (code === READ) data.give(Uint8Array.from({ length }, (_, i) => i + 1));
    else if (code === WRITE) this.taken.push(...data.take(length));
    else if (code === 0x07) return ENDED | DSTAT.STATUS_MODIFIER;
    else if (code === 0x0b) throw new Error('broken motor');
    else return this.check(SENSE0.COMMAND_REJECT);
    return ENDED;
  }
}

function machine(length = 4): { m: BareMachine; tape: Tape } {
  const m = new BareMachine();
  const tape = new Tape(length);
  m.host.plugUnit(tape, m.guest);
  m.msch({ ena: true, csense: true });
  return { m, tape };
}

/** Where a program check was, and why: the host's log says it. */
function checked(m: BareMachine, irb: Irb): string {
  expect(irb.scsw.cstat).to.equal(CSTAT.PROGRAM_CHECK);
  expect(irb.scsw.stctl & STCTL.ALERT).to.equal(STCTL.ALERT);
  return m.refusals.at(-1) ?? '';
}

const AT = 'subchannel 0.0.0000: channel program at 0x2000: CCW at ';

describe('ccw channel programs (PoP chapters 15 and 16)', () => {
  describe('chaining', () => {
    it('command chaining goes on after device end', async () => {
      const { m, tape } = machine();
      const { scsw } = await m.write({ command: 0x03, flags: CC }, { count: 4 }).start();
      expect(tape.seen).to.deep.equal([0x03, READ]);
      expect(scsw).to.include({ dstat: ENDED, cstat: 0, cpa: m.program + 16 });
    });

    it('a status modifier skips a CCW', async () => {
      const { m, tape } = machine();
      await m.write({ command: 0x07, flags: CC }, { command: 0x03 }, { count: 4 }).start();
      expect(tape.seen).to.deep.equal([0x07, READ]);
    });

    it('data chaining spreads one command over several areas, whatever the codes in it', async () => {
      const { m, tape } = machine(6);
      await m
        .write(
          { count: 2, flags: DC },
          { command: 0xff, count: 3, flags: DC, address: 0x3100 },
          { count: 1, address: 0x3200 },
        )
        .start();
      expect(m.bytes(0x3000, 2)).to.deep.equal([1, 2]);
      expect(m.bytes(0x3100, 3)).to.deep.equal([3, 4, 5]);
      expect(m.bytes(0x3200, 1)).to.deep.equal([6]);
      expect(tape.seen).to.deep.equal([READ]);
    });

    it('data chaining gathers what is written', async () => {
      const { m, tape } = machine(4);
      m.guest.memory.write(0x3000, Uint8Array.of(9, 8));
      m.guest.memory.write(0x3100, Uint8Array.of(7, 6));
      await m.write({ command: WRITE, count: 2, flags: DC }, { count: 2, address: 0x3100 }).start();
      expect(tape.taken).to.deep.equal([9, 8, 7, 6]);
    });

    it('a transfer in channel goes on elsewhere', async () => {
      const { m, tape } = machine();
      m.guest.memory.write(0x2800, packCcw1({ command: READ, flags: 0, count: 4, address: 0x3000 }));
      const { scsw } = await m.write({ command: 0x03, flags: CC }, { command: TIC, address: 0x2800 }).start();
      expect(tape.seen).to.deep.equal([0x03, READ]);
      expect(scsw.cpa).to.equal(0x2808);
    });

    it('a transfer in channel works in data chaining', async () => {
      const { m } = machine(4);
      m.guest.memory.write(0x2800, packCcw1({ command: 0, flags: 0, count: 2, address: 0x3100 }));
      await m.write({ count: 2, flags: DC }, { command: TIC, address: 0x2800 }).start();
      expect(m.bytes(0x3000, 2)).to.deep.equal([1, 2]);
      expect(m.bytes(0x3100, 2)).to.deep.equal([3, 4]);
    });

    it('a unit check ends the program where it is', async () => {
      const { m, tape } = machine();
      const { scsw, ecw } = await m.write({ command: 0x05, flags: CC | SLI }, { count: 4 }).start();
      expect(tape.seen).to.deep.equal([0x05]);
      expect(scsw).to.include({ dstat: ENDED | DSTAT.UNIT_CHECK, cpa: m.program + 8 });
      expect(ecw[0]).to.equal(SENSE0.COMMAND_REJECT);
    });
  });

  describe('lengths', () => {
    it('less than the count: the residual count, and an incorrect length unless it is suppressed', async () => {
      const { m } = machine(4);
      expect((await m.write({ count: 10 }).start()).scsw).to.include({ cstat: CSTAT.INCORRECT_LENGTH, count: 6 });
      expect((await m.write({ count: 10, flags: SLI }).start()).scsw).to.include({ cstat: 0, count: 6 });
    });

    it('more than the count: cut, and an incorrect length', async () => {
      const { m } = machine(4);
      expect((await m.write({ count: 2 }).start()).scsw).to.include({ cstat: CSTAT.INCORRECT_LENGTH, count: 0 });
      expect(m.bytes(0x3000, 4)).to.deep.equal([1, 2, 0, 0]);
    });

    it('an incorrect length ends command chaining', async () => {
      const { m, tape } = machine(4);
      await m.write({ count: 10, flags: CC }, { command: 0x03 }).start();
      expect(tape.seen).to.deep.equal([READ]);
    });

    it('data that are left in the chain cannot be suppressed', async () => {
      const { m } = machine(4);
      const irb = await m.write({ count: 8, flags: DC | SLI }, { count: 1 }).start();
      expect(irb.scsw.cstat).to.equal(CSTAT.INCORRECT_LENGTH);
    });

    it('skip drops what the device gives', async () => {
      const { m } = machine(4);
      const irb = await m.write({ count: 2, flags: DC | SKIP }, { count: 2, address: 0x3100 }).start();
      expect(irb.scsw.cstat).to.equal(0);
      expect(m.bytes(0x3000, 2)).to.deep.equal([0, 0]);
      expect(m.bytes(0x3100, 2)).to.deep.equal([3, 4]);
    });

    it('the flag for a program-controlled interruption is seen in the status', async () => {
      const { m } = machine(4);
      expect((await m.write({ count: 4, flags: 0x08 }).start()).scsw.cstat).to.equal(CSTAT.PCI);
    });
  });

  describe('indirect addresses', () => {
    it('format 2: 64-bit words, blocks of 4 KiB', async () => {
      const { m } = machine(4);
      m.guest.memory.write(0x3800, Uint8Array.of(0, 0, 0, 0, 0, 0, 0x5f, 0xfe, 0, 0, 0, 0, 0, 0, 0x80, 0x00));
      await m.write({ count: 4, flags: IDA, address: 0x3800 }).start();
      expect(m.bytes(0x5ffe, 2)).to.deep.equal([1, 2]);
      expect(m.bytes(0x8000, 2)).to.deep.equal([3, 4]);
    });

    it('format 1: 31-bit words, blocks of 2 KiB', async () => {
      const { m } = machine(4);
      m.guest.memory.write(0x3800, Uint8Array.of(0, 0, 0x57, 0xfe, 0, 0, 0x80, 0x00));
      await m.write({ count: 4, flags: IDA, address: 0x3800 }).start({ c64: false });
      expect(m.bytes(0x57fe, 2)).to.deep.equal([1, 2]);
      expect(m.bytes(0x8000, 2)).to.deep.equal([3, 4]);
    });

    it('a later block that is not aligned is a program check', async () => {
      const { m } = machine(4);
      m.guest.memory.write(0x3800, Uint8Array.of(0, 0, 0, 0, 0, 0, 0x5f, 0xfe, 0, 0, 0, 0, 0, 0, 0x80, 0x08));
      const irb = await m.write({ count: 4, flags: IDA, address: 0x3800 }).start();
      expect(checked(m, irb)).to.equal(`${AT}0x2000: indirect address 0x8008 is not aligned`);
    });

    it('words outside memory, not aligned, or with a wrong bit are program checks', async () => {
      const { m } = machine(4);
      expect(checked(m, await m.write({ count: 4, flags: IDA, address: 0x100000 }).start())).to.match(
        /at 0x100000 is outside memory$/,
      );
      expect(checked(m, await m.write({ count: 4, flags: IDA, address: 0x3804 }).start())).to.match(
        /0x3804 is not aligned$/,
      );
      m.guest.memory.write(0x3800, Uint8Array.of(0x80, 0, 0, 0));
      expect(checked(m, await m.write({ count: 4, flags: IDA, address: 0x3800 }).start({ c64: false }))).to.match(
        /has bit 0 set$/,
      );
    });
  });

  describe('program checks name the place', () => {
    const cases: readonly (readonly [string, readonly Partial<Ccw>[], string])[] = [
      [
        'data outside memory',
        [{ count: 4, address: 0xffffe }],
        '0x2000: data address 0xffffe, 4 bytes, is outside memory',
      ],
      ['data above 2 GiB', [{ count: 4, address: 0x80000000 }], '0x2000: data address 0x80000000 has bit 0 set'],
      [
        'data of the second area outside memory',
        [
          { count: 2, flags: DC },
          { count: 2, address: 0x200000 },
        ],
        '0x2008: data address 0x200000, 2 bytes, is outside memory',
      ],
      ['a command code of zero', [{ command: 0x00 }], '0x2000: command code 0x0 is invalid'],
      [
        'a code that ends in zero',
        [{ command: 0x03, flags: CC }, { command: 0x30 }],
        '0x2008: command code 0x30 is invalid',
      ],
      ['a code that looks like a transfer', [{ command: 0x18 }], '0x2000: command code 0x18 is invalid'],
      ['a transfer first', [{ command: TIC, address: 0x2008 }], '0x2000: the first CCW is a transfer in channel'],
      [
        'a transfer to a transfer',
        [
          { command: 0x03, flags: CC },
          { command: TIC, address: 0x2010 },
          { command: TIC, address: 0x2000 },
        ],
        '0x2010: a transfer in channel leads to another',
      ],
      [
        'a transfer with flags',
        [
          { command: 0x03, flags: CC },
          { command: TIC, flags: CC, address: 0x2010 },
        ],
        '0x2008: a transfer in channel has flags or a count',
      ],
      [
        'a transfer that is not aligned',
        [
          { command: 0x03, flags: CC },
          { command: TIC, address: 0x2014 },
        ],
        '0x2008: CCW address 0x2014 is not aligned',
      ],
      [
        'a transfer out of memory',
        [
          { command: 0x03, flags: CC },
          { command: TIC, address: 0x7ffffff8 },
        ],
        '0x2008: CCW address 0x7ffffff8 is outside memory',
      ],
      ['data chaining with a count of zero', [{ count: 0, flags: DC }, { count: 4 }], '0x2000: count is zero'],
      ['a count of zero in data chaining', [{ count: 2, flags: DC }, { count: 0 }], '0x2008: count is zero'],
      [
        'suspend in data chaining',
        [
          { count: 2, flags: DC },
          { count: 2, flags: 0x02 },
        ],
        '0x2008: suspend flag in data chaining',
      ],
      [
        'modified indirect addresses',
        [{ count: 4, flags: 0x01 }],
        '0x2000: modified indirect addresses are not installed',
      ],
    ];
    for (const [title, ccws, reason] of cases) {
      it(title, async () => {
        const { m } = machine();
        expect(checked(m, await m.write(...ccws).start())).to.equal(`${AT}${reason}`);
      });
    }

    it('the program itself outside memory, or not aligned', async () => {
      const { m } = machine();
      expect(checked(m, await m.start({ cpa: 0x100000 }))).to.match(/CCW address 0x100000 is outside memory$/);
      expect(checked(m, await m.start({ cpa: 0x2004 }))).to.match(/CCW address 0x2004 is not aligned$/);
    });

    it('a program that chains for ever', async () => {
      const { m } = machine();
      const irb = await m.write({ command: 0x03, flags: CC }, { command: TIC, address: 0x2000 }).start();
      expect(checked(m, irb)).to.match(
        /^subchannel 0\.0\.0000: channel program at 0x2000: CCW at 0x200[08]: .* chains through more than 4096 CCWs$/,
      );
    });

    it('data chaining for ever', async () => {
      const { m } = machine(1e6);
      const irb = await m.write({ count: 1, flags: DC }, { command: TIC, address: 0x2000 }).start();
      expect(checked(m, irb)).to.match(/chains through more than 4096 CCWs$/);
    });

    it('the address of the CCW is in the status, and the next program works', async () => {
      const { m } = machine();
      const irb = await m.write({ command: 0x03, flags: CC }, { command: 0x30 }).start();
      expect(irb.scsw.cpa).to.equal(0x2010);
      expect((await m.write({ count: 4 }).start()).scsw).to.include({ cstat: 0, dstat: ENDED });
    });
  });

  it('a storage key that does not fit is a protection check for stores, not for fetches', async () => {
    const { m } = machine();
    expect((await m.write({ count: 4 }).start({ key: 3 })).scsw.cstat).to.equal(CSTAT.PROTECTION_CHECK);
    expect(m.bytes(m.data, 4)).to.deep.equal([0, 0, 0, 0]);
    expect((await m.write({ command: WRITE, count: 4 }).start({ key: 3 })).scsw.cstat).to.equal(0);
  });

  it('format 0: 24-bit addresses, a count of zero is always a program check', async () => {
    const { m } = machine();
    m.guest.memory.write(m.program, Uint8Array.of(READ, 0, 0x30, 0, 0, 0, 0, 4));
    expect((await m.start({ format1: false })).scsw.cstat).to.equal(0);
    expect(m.bytes(m.data, 4)).to.deep.equal([1, 2, 3, 4]);
    m.guest.memory.write(m.program, Uint8Array.of(0x03, 0, 0, 0, 0, 0, 0, 0));
    expect(checked(m, await m.start({ format1: false }))).to.match(/count is zero$/);
  });

  it('an immediate operation with a count is an incorrect length in format 1 only, unless suppressed', async () => {
    const { m } = machine();
    expect((await m.write({ command: 0x03, count: 1 }).start()).scsw.cstat).to.equal(CSTAT.INCORRECT_LENGTH);
    expect((await m.write({ command: 0x03, count: 1 }).start({ ils: true })).scsw.cstat).to.equal(0);
    m.guest.memory.write(m.program, Uint8Array.of(0x03, 0, 0x30, 0, 0, 0, 0, 1));
    expect((await m.start({ format1: false })).scsw.cstat).to.equal(0);
  });

  it('a control unit that throws breaks its own command only: an equipment check, and a line in the log', async () => {
    const { m } = machine();
    const { scsw, ecw } = await m.write({ command: 0x0b }).start();
    expect(scsw.dstat & DSTAT.UNIT_CHECK).to.equal(DSTAT.UNIT_CHECK);
    expect(ecw[0]).to.equal(SENSE0.EQUIPMENT_CHECK);
    expect(m.hv.log.errors.map(({ message, error }) => `${message ?? ''}: ${String(error)}`)).to.deep.equal([
      'control unit of subchannel 0.0.0000 threw: Error: broken motor',
    ]);
    expect((await m.write({ count: 4 }).start()).scsw.dstat).to.equal(ENDED);
  });

  it('never touches the memory of a guest that is gone', async () => {
    const { m } = machine();
    m.write({ count: 4 }).ssch();
    m.guest.destroy();
    await m.world.advance(1e6);
    expect(m.bytes(m.data, 4)).to.deep.equal([0, 0, 0, 0]);
    expect(m.refusals.at(-1)).to.match(/^subchannel 0\.0\.0000 reaches for memory of guest g1/);
  });

  it('a device that leaves takes its program along: no interrupt comes', async () => {
    const m = new BareMachine();
    const plugged = m.host.plugUnit(new Tape(4), m.guest);
    m.msch();
    m.write({ count: 4 }).ssch();
    plugged.unplug();
    await m.world.advance(1e6);
    expect(m.interrupts).to.deep.equal([]);
    expect(m.machineChecks).to.equal(2);
    expect(m.stsch()).to.equal(3);
  });
});
