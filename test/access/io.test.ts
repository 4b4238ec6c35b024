import { expect } from 'chai';
import { ErrnoError } from '../../lib';
import { ioOr } from '../../lib/access/io';
import { thrownBy } from '../support/errors';

describe('an access whose result does not matter', () => {
  it('gives what it reads', () => expect(ioOr(7, () => 3)).to.equal(3));

  it('that is refused gives the other value', () => {
    const refused = (): number => {
      throw new ErrnoError('ENXIO', { syscall: 'mmio_read', path: 'guest g1' });
    };
    expect(ioOr(7, refused)).to.equal(7);
  });

  it('that has an oops throws it on', () => {
    const error = new TypeError('oops');
    const oops = (): never => {
      throw error;
    };
    expect(thrownBy(() => ioOr(7, oops))).to.equal(error);
  });
});
