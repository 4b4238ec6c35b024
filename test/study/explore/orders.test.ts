import { expect } from 'chai';
import fc from 'fast-check';
import { alphabet, depend, type Operation, type Order } from '../../../lib/study/explore/operation';
import { families, familyOf, ordersOf, randomOrder, shuffled, steps } from '../../../lib/study/explore/orders';
import { Plan } from '../../../lib/study/explore/plan';
import { Random } from '../../../lib/world';

const ALL = alphabet({ devices: 3, drivers: 3, guests: 2 });
const SMALL = alphabet({ devices: 2, drivers: 1, guests: 2 });

const keyOf = (order: Order, letters = ALL): string => order.map((operation) => letters.indexOf(operation)).join();

/** Every order that can be done, without any thought of families. */
function* everyOrder(letters: readonly Operation[], bound: number, done: Order = []): Generator<Order> {
  if (done.length > 0) yield done;
  if (done.length === bound) return;
  const plan = new Plan(done);
  for (const next of letters) if (plan.allows(next)) yield* everyOrder(letters, bound, [...done, next]);
}

/** An order drawn by a seed, of up to ten operations. */
const drawn = fc
  .tuple(fc.nat(), fc.integer({ min: 1, max: 10 }))
  .map(([seed, length]) => randomOrder(ALL, length, new Random(seed)));

describe('orders', () => {
  it('every order that can be done is in one family, and in one only', () => {
    const counted = new Map<string, number>();
    for (const family of families(SMALL, 4)) {
      for (const order of ordersOf(family))
        counted.set(keyOf(order, SMALL), (counted.get(keyOf(order, SMALL)) ?? 0) + 1);
    }
    const expected = [...everyOrder(SMALL, 4)].map((order) => keyOf(order, SMALL));
    expect([...counted.keys()].sort()).to.deep.equal(expected.sort());
    expect(new Set(counted.values())).to.deep.equal(new Set([1]));
  });

  it('a family is told by its first order, whichever of its orders one has', () => {
    fc.assert(
      fc.property(drawn, fc.nat(), (order, seed) => {
        const family = familyOf(order, ALL);
        expect(familyOf(shuffled(order, new Random(seed)), ALL)).to.deep.equal(family);
        expect(family.key.join()).to.equal(keyOf(family.first));
      }),
    );
  });

  it('a shuffled order keeps what one operation needs of another, and can be done', () => {
    fc.assert(
      fc.property(drawn, fc.nat(), (order, seed) => {
        const mixed = shuffled(order, new Random(seed));
        expect([...mixed].sort(inAlphabet)).to.deep.equal([...order].sort(inAlphabet));
        const plan = new Plan();
        for (const operation of mixed) {
          expect(plan.allows(operation)).to.equal(true);
          plan.do(operation);
        }
      }),
    );
  });

  it('no two operations of one step depend on each other, and the steps have them all', () => {
    fc.assert(
      fc.property(drawn, (order) => {
        const made = steps(order);
        for (const step of made)
          for (const a of step) for (const b of step) expect(a !== b && depend(a, b)).to.equal(false);
        expect(made.flat().sort(inAlphabet)).to.deep.equal([...order].sort(inAlphabet));
      }),
    );
  });

  it('an operation is possible only where it does something', () => {
    const at = (kind: string, number = 0): Operation => {
      const found = ALL.filter((operation) => operation.kind === kind)[number];
      if (found === undefined) throw new Error(kind);
      return found;
    };
    const after = (...order: Operation[]): Plan => new Plan(order);
    expect(after().allows(at('start'))).to.equal(true);
    expect(after(at('start')).allows(at('start'))).to.equal(false);
    expect(after().allows(at('scan'))).to.equal(false);
    expect(after().allows(at('plug'))).to.equal(false);
    expect(after(at('unplug')).allows(at('plug'))).to.equal(true);
    const bound = [at('start'), at('register')];
    expect(after(at('start')).allows(at('unbind'))).to.equal(false);
    expect(after(...bound).allows(at('unbind'))).to.equal(true);
    expect(after(...bound).allows(at('bind'))).to.equal(false);
    expect(after(...bound, at('unbind')).allows(at('bind'))).to.equal(true);
    expect(after(...bound, at('unbind'), at('unplug'), at('plug')).allows(at('bind'))).to.equal(false);
    expect(after(...bound, at('unplug')).allows(at('unbind'))).to.equal(false);
  });
});

function inAlphabet(a: Operation, b: Operation): number {
  return ALL.indexOf(a) - ALL.indexOf(b);
}
