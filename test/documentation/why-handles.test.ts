import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { fixtures } from '../../buses';
import { fixtureName } from '../../lib/machine';
import { GROUPS, INVARIANTS, type Cell, type Comparison, type Row } from '../../lib/study';
import { wholeComparison } from '../support/whole-comparison';

const PAGE = readFileSync(join(__dirname, '../../Documentation/why-handles.md'), 'utf8');
const SCANNED = ['vpci', 'ccw', 'of-tree'];
const STRATEGIES = fixtures.flatMap(({ strategy }) => strategy ?? []);

/** The table as it must be; the page was made with it. */
function tableOf({ invariants }: Comparison): string[] {
  return GROUPS.flatMap(({ group }) => invariants.filter((row) => row.group === group)).map((row) => {
    const cells = STRATEGIES.map((name) => told(cellOf(row, `ps3-handle/${name}`)));
    return `| ${[row.id, row.title, scanned(row), ...cells].join(' | ')} |`;
  });
}

function cellOf({ cells }: Row, column: string): Cell {
  const cell = cells.find((known) => fixtureName(known) === column);
  if (cell === undefined) throw new Error(`no column ${column}`);
  return cell;
}

function mark({ holds }: Cell): string {
  return holds === null ? '-' : holds ? '✓' : '✗';
}

function told(cell: Cell): string {
  return cell.value === null ? mark(cell) : `${mark(cell)} ${String(Math.round(cell.value * 100) / 100)}`;
}

/** What the three buses have in common; one of them may have nothing to say. */
function scanned(row: Row): string {
  const marks = new Set(SCANNED.map((name) => mark(cellOf(row, name))));
  return marks.size === 1 ? [...marks].join('') : [...marks].filter((one) => one !== '-').join(' ');
}

describe('Documentation/why-handles.md', () => {
  let result: Comparison;

  before(async () => void (result = await wholeComparison()));

  it('has every invariant, with what is measured', () => {
    const rows = PAGE.split('\n').filter((line) => /^\| I\d+ \|/.test(line));
    expect(rows).to.deep.equal(tableOf(result));
    expect(rows.length).to.equal(INVARIANTS.length);
  });

  it('says rightly that no scanned bus breaks an invariant, and that they end in one state', () => {
    for (const name of SCANNED) {
      expect(
        result.invariants.filter((row) => cellOf(row, name).holds === false),
        name,
      ).to.deep.equal([]);
      expect(result.states.find((count) => fixtureName(count) === name)?.distinct, name).to.equal(1);
    }
  });

  it('says rightly what vbus breaks', () => {
    const broken = result.invariants.filter((row) => cellOf(row, 'vbus').holds === false).map(({ id }) => id);
    expect(PAGE.replace(/\s+/g, ' ')).to.contain(`it breaks ${broken.join(' and ')} and no other row`);
  });

  const FIGURES: readonly (readonly [string, string, string, string])[] = [
    ['I5', 'at-probe', '9 of 10 changed', '(I5: 9 of 10)'],
    ['I6', 'at-probe', '1 same, 7 other', '(I6: 1 of 8 the same'],
    ['I11', 'at-probe', '16 refused, 0 of 4 woken', '(I11: 16 requests in vain, 0 of 4 woken)'],
    ['I12', 'at-probe', '1 of 4', '(I12: 1 of 4)'],
    ['I26', 'repository', '8 become 1', '(I26: 8 reasons become 1)'],
    ['I27', 'repository', '15, 20, 20', 'none to 15 in the manner of the PS3 (I27)'],
    ['I28', 'at-probe', '8 maps of 8 schedules', 'end in 8 different maps (I28)'],
  ];
  for (const [id, strategy, text, words] of FIGURES) {
    it(`tells of ${id} on ${strategy} what is measured: ${text}`, () => {
      const row = result.invariants.find((known) => known.id === id);
      expect(row && cellOf(row, `ps3-handle/${strategy}`).text).to.equal(text);
      expect(PAGE.replace(/\s+/g, ' ')).to.contain(words);
    });
  }
});
