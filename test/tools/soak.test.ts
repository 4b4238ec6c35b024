import { expect } from 'chai';
import { soak, soakText, type Soakable } from '../../tools/soak/measure';
import { main } from '../../tools/soak/soak';
import { captured, type Outcome } from '../support/captured';

const command = (...args: string[]): Promise<Outcome> => captured(() => main(args));

/** Counting objects takes seconds: all buses are a step of their own in .ci/run. */
const PLAN = { cycles: 60, warmUp: 20, limit: 1_000_000 };
const PLAN_ARGS = ['--cycles', '60', '--warm-up', '20', '--limit', '1000000'];

const LENGTHS = { devices: 0, klists: 0, tasks: 0, timers: 0, claims: 0, interrupts: 0, dmaBytes: 0 };

/** Something that is called for each cycle, in place of a machine. */
function soakable(onCycle: (index: number) => void): Soakable {
  const log = { kept: 1, dropped: 2 };
  const start = async (): Promise<void> => undefined;
  const cycle = async (index: number): Promise<void> => onCycle(index);
  return { name: 'lab', start, cycle, lengths: LENGTHS, seqnum: 3, logs: { kernel: log, host: log } };
}

describe('soak', () => {
  // Objects are counted, not bytes: what the compiler makes for itself is none, and no clock is looked at.
  it('regression: nothing is left of a device that came and went, on the bus that is asked for', async () => {
    const { out, err, code } = await command(...PLAN_ARGS, '--pre-run', '4', '--bus', 'vpci');
    expect({ err, code }).to.deep.equal({ err: '', code: 0 });
    expect(out)
      .to.match(/^vpci: 60 cycles\n/)
      .and.to.match(/\n {2}flat\n$/);
    expect(Number(/(\d+) at the end\n {2}lists/.exec(out)?.[1])).to.be.greaterThan(PLAN.cycles);
  });

  it('notices one object that each cycle leaves behind, bytes, and lists that are longer', async () => {
    const kept: object[] = [];
    const texts: string[] = [];
    const machine = soakable((index) => {
      kept.push({ index });
      texts.push(Buffer.alloc(100_000, index).toString('latin1').toUpperCase());
    });
    Object.defineProperty(machine, 'lengths', { get: () => ({ ...LENGTHS, devices: 1 + kept.length }) });
    const { grown } = await soak(machine, { ...PLAN, limit: 1000 });
    const left = PLAN.cycles - PLAN.warmUp;
    expect(kept.length + texts.length).to.equal(2 * PLAN.cycles);
    expect(grown.map((line) => line.replace(/^\d+/, 'N'))).to.deep.equal(['N KiB of heap', 'N objects', 'N devices']);
    expect(parseInt(grown[1] ?? '', 10)).to.be.within(left, left + 5);
  });

  it('says what it saw', () => {
    const look = { heap: 2 ** 20, objects: 7, seqnum: 3, lengths: { ...LENGTHS, devices: 1 } };
    const [start, warm, end] = [look, { ...look, heap: 2 ** 21 }, { ...look, objects: 8 }];
    const log = { kept: 1, dropped: 2 };
    const text = soakText({ name: 'lab', ...PLAN, start, warm, end, logs: { kernel: log, host: log }, grown: [] });
    expect(text).to.equal(
      [
        'lab: 60 cycles',
        '  heap     1024 KiB at the start, 2048 after 20 cycles, 1024 at the end',
        '  objects  7 at the start, 7 after 20 cycles, 8 at the end',
        '  SEQNUM   3 after 20 cycles, 3 at the end',
        '  lists    devices 1, klists 0, tasks 0, timers 0, claims 0, interrupts 0, dmaBytes 0',
        '  logs     kernel 1 lines, 2 dropped; host 1 lines, 2 dropped',
        '  flat',
        '',
      ].join('\n'),
    );
  });

  for (const [what, args, words] of [
    ['a bus that is none', ['--bus', 'isa'], "unknown bus 'isa'; there are:"],
    ['no cycles', ['--cycles', '0'], 'whole number from 2 to 10000000'],
    ['a number that is none', ['--limit', '1k'], 'whole number from 1 to 1000000'],
    [
      'a warm-up that does not end',
      ['--cycles', '10', '--warm-up', '10'],
      'the warm-up has to end before the 10 cycles do',
    ],
    ['an unknown option', ['--nope'], "unknown option '--nope'"],
  ] as const) {
    it(`refuses ${what} with exit code 2`, async () => {
      const { out, err, code } = await command(...args);
      expect({ out, code }).to.deep.equal({ out: '', code: 2 });
      expect(err)
        .to.match(/^soak: /)
        .and.to.contain(words);
    });
  }
});
