import { expect } from 'chai';
import fc from 'fast-check';
import { LogRing } from '../lib/log-ring';

describe('LogRing', () => {
  it('keeps the last entries, and their numbers go on', () => {
    const ring = new LogRing<string>(2);
    expect(['a', 'b', 'c'].map((entry) => ring.push(entry))).to.deep.equal([undefined, undefined, 'a']);
    expect(ring.entries).to.deep.equal(['b', 'c']);
    expect(ring.count).to.equal(3);
    expect(ring.dropped).to.equal(1);
    expect(ring.since(1)).to.deep.equal(['b', 'c']);
    expect(ring.since(2)).to.deep.equal(['c']);
    expect(ring.since(3)).to.deep.equal([]);
    expect(ring.since(99)).to.deep.equal([]);
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
    expect(ring.entries).to.deep.equal([2]);
    expect(ring.count).to.equal(2);
    expect(ring.dropped).to.equal(1);
    expect(ring.shift()).to.equal(2);
    expect(ring.shift()).to.equal(undefined);
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
