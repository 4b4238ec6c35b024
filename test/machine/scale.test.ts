import { fork } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import { fixtures } from '../../buses';
import { fixtureName } from '../../lib/machine';
import type { Sizes } from '../support/work-counts';

/** The larger vpci has all functions of bus 0 in use, and some behind a bridge. */
const SIZES: Sizes = [68, 272];

describe('a machine with many devices', () => {
  /** By bus: what runs for each two devices. */
  const found = new Map<string, readonly string[]>();

  before(async () => {
    // Optimised code does not count all calls.
    const execArgv = ['--no-opt', '--require', 'ts-node/register'];
    const child = fork(join(__dirname, '..', 'support', 'scale-process.ts'), SIZES.map(String), { execArgv });
    child.on('message', ([bus, blocks]: [string, string[]]) => void found.set(bus, blocks));
    await new Promise((done, failed) => child.on('exit', done).on('error', failed));
  });

  for (const fixture of fixtures) {
    const name = fixtureName(fixture);
    it(`of ${name} binds all of them, and does no work for each two of them`, () => {
      expect(found.get(name)).to.deep.equal([]);
    });
  }
});
