import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { main } from '../../tools/ldm';
import { captured } from '../support/captured';

const DOCUMENTATION = join(__dirname, '../../Documentation');
const EXAMPLES = join(__dirname, '../examples');

/** A command and its output as a page shows them: indented by four. */
const SHOWN = /^ {4}\$ npx ldm (.+)\n((?: {4}.*\n|\n(?= {4}))*)/gm;

function pages(): string[] {
  return readdirSync(DOCUMENTATION, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'));
}

describe('output of ldm in Documentation', () => {
  let shown = 0;

  for (const page of pages()) {
    const folder = join(EXAMPLES, basename(page, '.md'));
    for (const [, command = '', output = ''] of readFileSync(join(DOCUMENTATION, page), 'utf8').matchAll(SHOWN)) {
      shown++;
      it(`${page}: ldm ${command}`, async () => {
        const args = command.split(' ').map((arg) => (arg.startsWith('./') ? join(folder, arg) : arg));
        const { out, err } = await captured(() => main(args));
        expect(output.replaceAll(/^ {4}/gm, '').trimEnd()).to.equal(`${out}${err}`.trimEnd());
      });
    }
  }

  it('is found', () => {
    expect(shown).to.be.at.least(6);
  });
});
