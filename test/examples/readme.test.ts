import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

const ROOT = join(__dirname, '../..');

describe('README', () => {
  it('shows a driver and a test that are run here', () => {
    const [, shown] = /```ts\n([^]*?)```/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8')) ?? [];
    const run = readFileSync(join(ROOT, 'test/examples/led.test.ts'), 'utf8');
    expect(shown).to.equal(run.replace('../../lib', 'linux-driver-model'));
  });
});
