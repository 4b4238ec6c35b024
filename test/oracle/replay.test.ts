import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { firstDifference } from '../../tools/replay/diff';
import { replay } from '../../tools/replay/run';

/** Programs with the traces that a real Linux 6.1.192 made of them. */
for (const folder of ['programs', 'random', 'wild']) {
  describe(`recorded ${folder}`, () => {
    const path = join(__dirname, folder);
    for (const name of readdirSync(path).filter((file) => file.endsWith('.dm'))) {
      it(name.slice(0, -'.dm'.length), async () => {
        const program = readFileSync(join(path, name), 'utf8');
        const recorded = readFileSync(join(path, name.replace(/dm$/, 'trace')), 'utf8');
        expect(firstDifference(recorded, await replay(program))?.text).to.equal(undefined);
      });
    }
  });
}
