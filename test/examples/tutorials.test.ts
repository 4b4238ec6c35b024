import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

const ROOT = join(__dirname, '../..');
const TUTORIALS = join(ROOT, 'Documentation/tutorials');

/** Import paths as a user of the package writes them. */
function asPublished(source: string): string {
  return source
    .replaceAll("'../../../lib'", "'linux-driver-model'")
    .replaceAll("'../../support/kit'", "'linux-driver-model/testing'")
    .replaceAll(/'\.\.\/\.\.\/\.\.\/(buses|drivers)\//g, "'linux-driver-model/$1/");
}

describe('tutorials', () => {
  const pages = readdirSync(TUTORIALS);

  it('are in the list of pages', () => {
    const index = readFileSync(join(ROOT, 'Documentation/index.md'), 'utf8');
    for (const page of pages) expect(index).to.include(`(tutorials/${page})`);
  });

  for (const page of pages) {
    it(`${page} shows files that are run here, whole and all of them`, () => {
      const folder = join(__dirname, page.replace(/\.md$/, ''));
      const text = readFileSync(join(TUTORIALS, page), 'utf8');
      const shown = new Map(
        [...text.matchAll(/^## .*: (\S+)\n[^]*?^```[jt]s\n([^]*?)^```$/gm)].map(([, name, code]) => [name, code]),
      );
      const run = new Map(
        readdirSync(folder).map((name) => [name, asPublished(readFileSync(join(folder, name), 'utf8'))]),
      );
      expect([...shown.keys()].sort()).to.deep.equal([...run.keys()].sort());
      for (const [name, code] of shown) expect(code, name).to.equal(run.get(name ?? ''));
      expect(text.match(/^```/gm)?.length).to.equal(2 * run.size);
    });
  }
});

it('testing-drivers.md shows the conformance test that is run here', () => {
  const page = readFileSync(join(ROOT, 'Documentation/testing-drivers.md'), 'utf8');
  const file = readFileSync(join(__dirname, 'conformance-of-a-transport/transport.test.ts'), 'utf8');
  expect(page).to.include('```ts\n' + asPublished(file) + '```');
});
