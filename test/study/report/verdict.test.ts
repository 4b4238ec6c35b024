import { expect } from 'chai';
import { conclusions, GROUPS, groupSentences, type Cell, type Comparison, type Group, type Row } from '../../../lib';

/** A comparison of made-up columns: + holds, - does not, . does not apply; one sign a column. */
function made(...rows: readonly (readonly [id: string, group: Group, signs: string])[]): Comparison {
  return {
    conditions: { seed: 1, devices: 1, policy: 'lowest' },
    runs: [],
    invariants: rows.map(row),
    states: [],
    timelines: [],
    sequences: [],
  };
}

function row([id, group, signs]: readonly [string, Group, string]): Row {
  const cells = Array.from(signs, (sign, i): Cell => ({
    bus: i === 0 ? 'isa' : 'eisa',
    strategy: i === 0 ? null : `way${String(i)}`,
    holds: sign === '.' ? null : sign === '+',
    value: i,
    text: `${String(i)} seen`,
    evidence: [],
  }));
  return { id, group, title: `title of ${id}`, measure: 'none', cells };
}

describe('verdicts', () => {
  it('say of a group who keeps it and who breaks what', () => {
    const { invariants } = made(['I1', 'code', '+--'], ['I2', 'code', '++-']);
    expect(groupSentences(invariants)).to.deep.equal([
      'isa keeps them all.',
      'eisa/way1 breaks 1 of 2: title of I1 (I1: 1 seen).',
      'eisa/way2 breaks 2 of 2: title of I1 (I1: 2 seen); title of I2 (I2: 2 seen).',
    ]);
  });

  it('leave out of a sentence whom a group does not concern', () => {
    expect(groupSentences(made(['I1', 'code', '+.-']).invariants)).to.deep.equal([
      'isa keeps them all.',
      'eisa/way2 breaks 1 of 1: title of I1 (I1: 2 seen).',
    ]);
  });

  it('name for each group the columns that keep all of it and those that do not', () => {
    const sentences = conclusions(
      made(['I7', 'code', '++-'], ['I6', 'expectation', '+-+'], ['I5', 'contract', '+++'], ['I27', 'other', '...']),
    );
    expect(sentences).to.deep.equal([
      'With the same core, the same drivers and the same script, isa breaks nothing.',
      `${GROUPS[0]!.title} is kept by isa and eisa/way1, and broken by eisa/way2 (1 of 1).`,
      `${GROUPS[1]!.title} is kept by all.`,
      `${GROUPS[2]!.title} is kept by isa and eisa/way2, and broken by eisa/way1 (1 of 1).`,
    ]);
  });

  it('say that nobody is clean, or keeps a group, where it is so', () => {
    expect(conclusions(made(['I7', 'code', '--']))).to.deep.equal([
      'With the same core, the same drivers and the same script, every bus breaks something.',
      `${GROUPS[0]!.title} is kept by none, and broken by isa (1 of 1) and eisa/way1 (1 of 1).`,
    ]);
  });

  it('say that nothing was broken and how to look further', () => {
    expect(conclusions(made(['I7', 'code', '++']))).to.have.length(1);
    expect(conclusions(made(['I7', 'code', '++']))[0]).to.match(/^Under these conditions no bus breaks an invariant/);
  });

  it('hold what is broken against when devices are named and claimed', () => {
    const [facts, claim] = conclusions(
      made(['I1', 'code', '+-+'], ['I2', 'other', '++-'], ['I6', 'expectation', '+--']),
    ).slice(-2);
    expect(facts).to.contain('(I1 and I2: isa), 0 of 3 cells are broken; elsewhere 4 of 6 cells.');
    expect(claim).to.contain('naming to be free and claiming to be late');
  });

  it('name what a way costs, whatever it keeps', () => {
    const totals = { claims: 0, releases: 0, refusals: 0, hoard: 0, vacant: 0, devicesPerName: 1, orphans: 0 };
    const timelines = [
      { bus: 'isa', strategy: null, steps: [], totals },
      { bus: 'eisa', strategy: 'way1', steps: [], totals: { ...totals, hoard: 5, orphans: 2 } },
      { bus: 'eisa', strategy: 'way2', steps: [], totals: { ...totals, hoard: 1 } },
    ];
    expect(conclusions({ ...made(['I7', 'code', '+-+']), timelines }).slice(-2)).to.deep.equal([
      'Devices that are held and not used, summed over the operations of a script: eisa/way1 (5) and eisa/way2 (1).',
      'Devices that are still held when all guests have shut down: eisa/way1 (2).',
    ]);
  });

  it('say where the order of operations matters, as far as was explored', () => {
    const state = { families: 1, orders: 2, differing: 0, difference: null, shortest: null };
    const states = [
      { ...state, bus: 'isa', strategy: null, distinct: 1 },
      { ...state, bus: 'eisa', strategy: 'way1', distinct: 3 },
    ];
    const sentence = (some: typeof states): string | undefined =>
      conclusions({ ...made(['I7', 'code', '+-']), states: some }).at(-1);
    const start = 'Whatever order they are done in, the same operations end in';
    expect(sentence(states)).to.equal(`${start} one state on isa, and in several on eisa/way1 (3).`);
    expect(sentence(states.slice(0, 1))).to.equal(`${start} one state on isa.`);
    expect(sentence(states.slice(1))).to.equal(`${start} several on eisa/way1 (3).`);
  });

  it('do not hold to the thesis where the numbers are against it', () => {
    const last = conclusions(
      made(['I1', 'code', '+-'], ['I2', 'other', '++'], ['I6', 'expectation', '-+'], ['I7', 'code', '-+']),
    ).at(-1);
    expect(last).to.equal('So what is broken is not a matter of when a device is named and claimed.');
  });

  it('say nothing about naming where it was not measured or where all are alike', () => {
    for (const rows of [
      [['I6', 'code', '+-']],
      [
        ['I1', 'code', '++'],
        ['I2', 'code', '++'],
        ['I6', 'code', '+-'],
      ],
    ] as const) {
      expect(conclusions(made(...rows)).join(' ')).not.to.contain('naming');
    }
  });
});
