import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { deadLinks } from './dead-links';

const ROOT = join(__dirname, '../..');

describe('pages of the package', () => {
  it('regression: lead to nothing that the package does not have', () => {
    const { files } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { files: string[] };
    const inPackage = (path: string): boolean =>
      [...files, 'package.json'].some((name) => path === name || path.startsWith(`${name}/`));
    expect(deadLinks(ROOT, inPackage)).to.deep.equal([]);
  });

  it('are searched for links of every form, outside of code', () => {
    const dir = mkdtempSync(join(tmpdir(), 'links-'));
    mkdirSync(join(dir, 'more'));
    writeFileSync(
      join(dir, 'a.md'),
      [
        '# One: `two` (three)',
        '[good](more/b.md#x_1), [self](#one-two-three), [folder](more/)',
        '[far](https://example.org/none)',
        '[bad](none.md "title"), ![bad](none.png)',
        '[heading](more/b.md#none)',
        '<a href="none.html">',
        '[def]: none-defined',
        '`[code](none-1)`',
        '```',
        '[code](none-2)',
        '```',
        '    [code](none-3)',
      ].join('\n'),
    );
    writeFileSync(join(dir, 'more/b.md'), '## x_1\n[up](../a.md) [out](../../a.md)\n');
    expect(deadLinks(dir)).to.deep.equal([
      'a.md: more/b.md#none',
      'a.md: none-defined',
      'a.md: none.html',
      'a.md: none.md',
      'a.md: none.png',
      'more/b.md: ../../a.md',
    ]);
    rmSync(dir, { recursive: true });
  });
});
