import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

const ROOT = join(__dirname, '../..');
const DOCUMENTATION = join(ROOT, 'Documentation');

function pages(): string[] {
  return readdirSync(DOCUMENTATION, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'));
}

describe('Documentation', () => {
  const table = readFileSync(join(DOCUMENTATION, 'linux-names.md'), 'utf8');
  const rows = [...table.matchAll(/^\| (.+?) \| `(\w+)` \| \[(.+?)\]/gm)];

  it('has a table of names', () => {
    expect(rows.length).to.be.greaterThan(80);
  });

  for (const [, linux, name, file] of rows) {
    it(`finds ${String(linux)} as ${String(name)} in ${String(file)}`, () => {
      const text = readFileSync(join(ROOT, String(file)), 'utf8');
      expect(text).to.match(
        new RegExp(`^(export )?(async |abstract )*(function\\*?|class|const|interface|type) ${String(name)}\\b`, 'm'),
      );
    });
  }

  for (const page of pages()) {
    it(`has no broken links in ${page}`, () => {
      const text = readFileSync(join(DOCUMENTATION, page), 'utf8');
      for (const [, target] of text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
        expect(() => readdirSync(join(DOCUMENTATION, page, '..', String(target))))
          .to.throw()
          .with.property('code', 'ENOTDIR');
      }
    });
  }
});
