import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { publicDoors } from './doors';
import { undocumentedExports } from './undocumented';

const ROOT = join(__dirname, '../..');

describe('public doors', () => {
  const doors = publicDoors(ROOT);

  it('lead to files that are there', () => {
    for (const [name, file] of doors) expect(existsSync(join(ROOT, file)), name).to.equal(true);
  });

  it('there is one for each bus and each driver', () => {
    const buses = readdirSync(join(ROOT, 'buses'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `./buses/${name}`);
    const drivers = readdirSync(join(ROOT, 'drivers'))
      .filter((file) => /^export const \w+: \w+Driver\b/m.test(readFileSync(join(ROOT, 'drivers', file), 'utf8')))
      .map((file) => `./drivers/${file.replace(/\.ts$/, '')}`);
    const named = [...doors.keys()].filter((name) => /^\.\/(buses|drivers)\//.test(name));
    expect(named.sort()).to.deep.equal([...buses, ...drivers].sort());
  });

  it('are called in the documentation as they are imported', () => {
    for (const [name, file] of doors) {
      const [comment = ''] = /^\/\*\*[^]*?\*\//.exec(readFileSync(join(ROOT, file), 'utf8')) ?? [];
      expect(/@module (.+)$/m.exec(comment)?.[1], file).to.equal(`linux-driver-model${name.slice(1)}`);
    }
  });

  it('export nothing without documentation', () => {
    expect(undocumentedExports(ROOT, [...doors.values()])).to.deep.equal([]);
  });
});
