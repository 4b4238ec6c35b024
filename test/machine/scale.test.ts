import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
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
    const worker = new Worker(join(__dirname, '..', 'support', 'scale-worker.ts'), {
      workerData: SIZES,
      execArgv: ['--require', 'ts-node/register'],
    });
    worker.on('message', ([bus, blocks]: [string, string[]]) => void found.set(bus, blocks));
    await new Promise((done, failed) => worker.on('exit', done).on('error', failed));
  });

  for (const fixture of fixtures) {
    const name = fixtureName(fixture);
    it(`of ${name} binds all of them, and does no work for each two of them`, () => {
      expect(found.get(name)).to.deep.equal([]);
    });
  }
});
