import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { fixtures } from '../../../buses';
import { differences, fixtureName, SCENARIOS } from '../../../lib';
import { expectedOf } from '../../support/expected';
import { played, scenarioNamed, SIDES } from '../../support/scenario';

const ROOT = join(__dirname, '../../..');

/** What surprises on each side; nothing on buses of which nothing is expected. */
const SURPRISES = fixtures.map((fixture) => [fixtureName(fixture), expectedOf(fixture)?.surprises ?? []] as const);

/** Where each surprise shows. */
const SHOWS: readonly (readonly [string, readonly string[]])[] = SCENARIOS.map(({ name }) => {
  return [name, SURPRISES.filter(([, surprises]) => surprises.includes(name)).map(([side]) => side)];
});

describe('scenarios', () => {
  it('are twenty, in the order of the study', () => {
    expect(SCENARIOS).to.have.length(20);
    const names = SCENARIOS.map(({ name }) => name);
    for (const [side, surprises] of SURPRISES) {
      expect(
        names.filter((name) => surprises.includes(name)),
        side,
      ).to.deep.equal(surprises);
    }
  });

  it('are the rows of the page about them', () => {
    const page = readFileSync(join(ROOT, 'Documentation/scenarios.md'), 'utf8');
    const rows = [...page.matchAll(/^\| ([a-z]+(?:-[a-z]+)*) \| .* \| .* \| ([a-z-]+): .* \| .* \|$/gm)];
    expect(rows.map(([, name, strategy]) => [name, strategy])).to.deep.equal(
      SCENARIOS.map(({ name, strategy }) => [name, strategy]),
    );
  });

  for (const [name, sides] of SHOWS) {
    it(`${name} shows on ${sides.join(', ')}, and on no other bus`, async () => {
      const shown: string[] = [];
      for (const side of SIDES) if ((await played(name, side)).happens) shown.push(side);
      expect(shown).to.deep.equal(sides);
    });
  }

  for (const { name, strategy, title, why, measures } of SCENARIOS) {
    it(`${name} says what it measures and which line makes the difference`, async () => {
      const subject = await played(name, `ps3-handle/${strategy}`);
      expect(subject.happens).to.equal(true);
      expect(Object.keys(subject.facts).sort()).to.deep.equal(Object.keys(measures).sort());
      expect(title).to.match(/^[a-z].*[^.]$/);
      expect(why.length).to.be.greaterThan(0);
      for (const { file, name: place } of why) {
        expect(existsSync(join(ROOT, file)), file).to.equal(true);
        expect(readFileSync(join(ROOT, file), 'utf8'), file).to.contain(place);
      }
    });
  }

  it('do the same operations on either side', async () => {
    for (const { name, strategy } of SCENARIOS) {
      const [control, subject] = [await played(name, 'vpci'), await played(name, `ps3-handle/${strategy}`)];
      const operations = (what: readonly { readonly what: string }[]): string[] => what.map((step) => step.what);
      if (name === 'close-order')
        expect(operations(subject.steps).slice(0, 2)).to.deep.equal(operations(control.steps));
      else expect(operations(subject.steps), name).to.deep.equal(operations(control.steps));
    }
  });

  it('give the same for the same conditions', async () => {
    for (const { name, strategy } of SCENARIOS) {
      const side = `ps3-handle/${strategy}`;
      expect(await played(name, side), name).to.deep.equal(await played(name, side));
    }
  });

  it('surprise with other seeds too', async () => {
    for (const { name, strategy } of SCENARIOS.filter(({ policy }) => policy === 'random')) {
      for (const seed of [2, 3, 4]) {
        expect(
          (await played(name, `ps3-handle/${strategy}`, { seed })).happens,
          `${name}, seed ${String(seed)}`,
        ).to.equal(true);
        expect((await played(name, 'of-tree', { seed })).happens, `${name}, seed ${String(seed)}`).to.equal(false);
      }
    }
  });

  it('differences are the facts that differ, in the order of the measures', async () => {
    const name = 'quota-as-truth';
    const [control, subject] = [await played(name, 'vpci'), await played(name, 'ps3-handle/eager')];
    const found = differences(scenarioNamed(name), control, subject);
    expect(found.map((difference) => [difference.name, ...difference.values])).to.deep.equal([
      ['first', 2, 4],
      ['second', 2, 0],
      ['jain', 1, 0.5],
      ['namesOfSecond', 2, 0],
    ]);
    expect(differences(scenarioNamed(name), control, await played(name, 'ccw'))).to.deep.equal([]);
  });
});
