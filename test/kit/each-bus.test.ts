import { expect } from 'chai';
import { vpci } from '../../buses/vpci';
import { fixtureName } from '../../lib/machine';
import { eachBus, fixtures, type KitWorld } from '../support/kit';
import { rejection, thrownBy } from '../support/errors';
import { ErrnoError } from '../../lib';

interface Defined {
  readonly title: string;
  readonly body: () => Promise<void>;
}

/** What eachBus defines when `it` is another function than mocha's. */
function definedBy(act: () => void, it: unknown): Defined[] {
  const defined: Defined[] = [];
  const scope = globalThis as { it?: unknown };
  const before = scope.it;
  scope.it = it ?? ((title: string, body: () => Promise<void>) => void defined.push({ title, body }));
  try {
    act();
  } finally {
    scope.it = before;
  }
  return defined;
}

describe('the kit: eachBus', () => {
  it('defines one test for each bus and strategy, each with a world of its own', async () => {
    const worlds: KitWorld[] = [];
    const defined = definedBy(() => eachBus('works', (w) => worlds.push(w)), null);
    const titles = defined.map(({ title }) => title);
    expect(titles).to.deep.equal(fixtures.map((fixture) => `works [${fixtureName(fixture)}]`));
    expect(titles).to.include('works [ps3-handle/eager]');
    for (const { body } of defined) await body();
    expect(worlds.map(({ fixture }) => fixture)).to.deep.equal(fixtures);
    await defined[0]?.body();
    expect(new Set(worlds).size).to.equal(fixtures.length + 1);
  });

  it('fails with what the body throws, and with what a worker has thrown when it ends', async () => {
    const define = (body: (w: KitWorld) => unknown) =>
      definedBy(() => eachBus('t', body, { fixtures: [vpci] }), null)[0];
    const inBody = define(() => {
      throw new ErrnoError('EPERM');
    });
    const inWorker = define((w) => {
      void w.world.spawn(() => {
        throw new ErrnoError('EXDEV');
      });
    });
    expect((await rejection(() => inBody?.body())).code).to.equal('EPERM');
    expect((await rejection(() => inWorker?.body())).code).to.equal('EXDEV');
  });

  it('says so where there is no mocha', () => {
    const scope = globalThis as { it?: unknown };
    const before = scope.it;
    delete scope.it;
    const error = thrownBy(() => {
      try {
        eachBus('t', () => undefined);
      } finally {
        scope.it = before;
      }
    });
    expect(error.message).to.include('run this file with mocha');
  });
});
