import { expect } from 'chai';
import { ErrnoError } from '../lib/errno';
import { Ida } from '../lib/ida';

describe('numbers that are given out once', () => {
  it('are the lowest that are free', () => {
    const ida = new Ida();
    expect(ida.alloc()).to.equal(0);
    expect(ida.alloc()).to.equal(1);
    expect(ida.alloc()).to.equal(2);
    ida.free(1);
    ida.free(0);
    ida.free(7);
    expect(ida.alloc()).to.equal(0);
    expect(ida.alloc()).to.equal(1);
    expect(ida.alloc()).to.equal(3);
    expect(ida.inUse).to.equal(4);
  });

  it('run out with ENOSPC', () => {
    const ida = new Ida(0);
    ida.alloc();
    expect(() => ida.alloc()).to.throw(ErrnoError, 'ENOSPC');
    expect(ida.inUse).to.equal(1);
  });
});
