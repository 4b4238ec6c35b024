import { expect } from 'chai';
import fc from 'fast-check';
import { errno, ErrnoError, type ErrnoName } from '../lib/errno';

describe('ErrnoError', () => {
  it('takes a number with either sign, or a name', () => {
    for (const no of [19, -19, 'ENODEV'] as const) {
      expect(new ErrnoError(no)).to.include({ code: 'ENODEV', errno: -19, message: 'ENODEV: No such device' });
    }
    expect(new ErrnoError(4095)).to.include({ code: 'errno 4095', errno: -4095 });
  });

  it('regression: refuses what is no error number', () => {
    const wrong = [NaN, 0, -0, 1.5, Infinity, 'ENOSUCH', 'constructor', undefined];
    for (const no of wrong) {
      expect(() => new ErrnoError(no as ErrnoName), String(no)).to.throw(
        RangeError,
        `${String(no)} is no error number`,
      );
    }
  });

  it('has a negative whole number, whatever it was made of', () => {
    const anything = fc.oneof(
      fc.double(),
      fc.integer(),
      fc.string(),
      fc.constantFrom(...(Object.keys(errno) as ErrnoName[])),
    );
    fc.assert(
      fc.property(anything, (no) => {
        try {
          const made = new ErrnoError(no as ErrnoName).errno;
          expect(Number.isSafeInteger(made) && made < 0).to.equal(true);
        } catch (error) {
          expect(error).to.be.instanceOf(RangeError);
        }
      }),
    );
  });
});
