import { expect } from 'chai';
import { World } from '../../lib';
import { errorOf } from '../support/errors';

describe('oopses without end', () => {
  it('are counted, and the first hundred are kept', () => {
    const world = new World();
    const errors = Array.from({ length: 250 }, (_, i) => new Error(String(i)));
    for (const error of errors) {
      world.reportOops(error, 'inner');
      world.reportOops(error, 'outer');
    }
    expect(world.oopsCount).to.equal(250);
    expect(world.oopses.length).to.equal(100);
    expect(world.oopses.map(({ error }) => error)).to.deep.equal(errors.slice(0, 100));
    expect(new Set(world.oopses.map(({ where }) => where))).to.deep.equal(new Set(['inner']));
  });

  it('of tasks that nobody waits for leave one to be thrown', async () => {
    const world = new World();
    const errors = [1, 2, 3].map((n) => new Error(String(n)));
    for (const error of errors)
      world.spawn(() => {
        throw error;
      });
    expect(await errorOf(() => world.settle())).to.equal(errors[0]);
    await world.settle();
  });
});
