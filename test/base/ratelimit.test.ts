import { expect } from 'chai';
import { RatelimitState } from '../../lib/base/ratelimit';
import { Kernel, World } from '../../lib';

describe('RatelimitState', () => {
  it('lets ten messages through in five seconds, and reports the others afterwards', async () => {
    const kernel = new Kernel(new World());
    const state = new RatelimitState();
    const ask = (): boolean => state.ratelimit(kernel, 'fill_balloon');
    expect(Array.from({ length: 13 }, ask).filter(Boolean).length).to.equal(10);
    await kernel.world.advance(5_000_000_000);
    expect(ask()).to.equal(false);
    await kernel.world.advance(1);
    expect(ask()).to.equal(true);
    expect(kernel.log.entries.at(-1)?.text).to.equal('fill_balloon: 4 callbacks suppressed');
    await kernel.world.advance(6_000_000_000);
    expect(ask()).to.equal(true);
    expect(kernel.log.entries.length).to.equal(1);
  });
});
