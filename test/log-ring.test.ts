import { expect } from 'chai';
import fc from 'fast-check';
import { LogRing } from '../lib/log-ring';

describe('LogRing', () => {
  it('keeps the last entries, and their numbers go on', () => {
    const ring = new LogRing<string>(2);
    expect(['a', 'b', 'c'].map((entry) => ring.push(entry))).to.deep.equal([undefined, undefined, 'a']);
    expect([ring.entries, ring.count, ring.dropped]).to.deep.equal([['b', 'c'], 3, 1]);
    expect([ring.since(1), ring.since(2), ring.since(3), ring.since(99)]).to.deep.equal([['b', 'c'], ['c'], [], []]);
  });

  it('says what was missed, and what to do about it', () => {
    const ring = new LogRing<number>(2);
    for (let i = 0; i < 5; i++) ring.push(i);
    expect(() => ring.since(1)).to.throw(
      RangeError,
      '2 entries were dropped before they were read: the log keeps 2 entries, give it a larger limit',
    );
  });

  it('forgets when told to', () => {
    const ring = new LogRing<number>(3);
    ring.push(1);
    ring.clear();
    ring.push(2);
    expect([ring.entries, ring.count, ring.dropped]).to.deep.equal([[2], 2, 1]);
    expect([ring.shift(), ring.shift()]).to.deep.equal([2, undefined]);
  });

  it('cannot keep nothing', () => {
    for (const limit of [0, -1, 1.5, NaN, Infinity])
      expect(() => new LogRing(limit)).to.throw(RangeError, 'cannot keep');
  });

  it('is the end of a list that is never cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(fc.integer(), { maxLength: 40 }), (limit, pushed) => {
        const ring = new LogRing<number>(limit);
        for (const entry of pushed) ring.push(entry);
        expect(ring.entries).to.deep.equal(pushed.slice(-limit));
        expect(ring.dropped).to.equal(Math.max(0, pushed.length - limit));
        for (let seq = ring.dropped; seq <= pushed.length; seq++)
          expect(ring.since(seq)).to.deep.equal(pushed.slice(seq));
      }),
    );
  });
});
