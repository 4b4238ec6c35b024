import { expect } from 'chai';
import fc from 'fast-check';
import { GuestMemory } from '../../lib/hypervisor/index';
import { PAGE_SIZE } from '../../lib/hypervisor/memory';
import { thrownBy } from '../support/errors';

const SIZE = 4 * PAGE_SIZE;

describe('GuestMemory', () => {
  it('is zero before anything is written', () => {
    const memory = new GuestMemory(SIZE, 'g1');
    expect([...memory.read(PAGE_SIZE - 2, 4)]).to.deep.equal([0, 0, 0, 0]);
    expect(memory.getU64(8)).to.equal(0n);
  });

  it('gives pages back to the host', () => {
    const memory = new GuestMemory(SIZE, 'g1');
    expect(memory.resident).to.equal(0);
    memory.write(PAGE_SIZE - 1, Uint8Array.of(1, 2));
    const { resident } = memory;
    expect(resident).to.be.at.least(2 * PAGE_SIZE);
    expect(memory.discard(1)).to.equal(true);
    expect(memory.discard(1)).to.equal(true);
    expect(memory.resident).to.equal(resident - PAGE_SIZE);
    expect([...memory.read(PAGE_SIZE - 1, 2)]).to.deep.equal([1, 0]);
    memory.write(2 * PAGE_SIZE - 1, Uint8Array.of(3));
    expect(memory.resident).to.equal(resident);
    for (let page = 0; page < 4; page++) expect(memory.discard(page)).to.equal(true);
    expect(memory.resident).to.equal(resident - 4 * PAGE_SIZE);
    expect([...memory.read(0, SIZE)].every((byte) => byte === 0)).to.equal(true);
    expect(memory.discard(4)).to.equal(false);
    expect(memory.discard(-1)).to.equal(false);
    expect(memory.discard(0.5)).to.equal(false);
  });

  it('keeps numbers in little endian', () => {
    const memory = new GuestMemory(SIZE, 'g1');
    memory.setU32(4, 0xdeadbeef);
    expect([...memory.read(4, 4)]).to.deep.equal([0xef, 0xbe, 0xad, 0xde]);
    memory.setU64(8, 0x0123456789abcdefn);
    expect(memory.getU32(8)).to.equal(0x89abcdef);
    expect(memory.getU16(14)).to.equal(0x0123);
    expect(memory.getU8(15)).to.equal(0x01);
  });

  it('writes numbers across the end of a page', () => {
    const memory = new GuestMemory(SIZE, 'g1');
    memory.setU64(PAGE_SIZE - 3, 0xffeeddccbbaa9988n);
    expect(memory.getU64(PAGE_SIZE - 3)).to.equal(0xffeeddccbbaa9988n);
    expect(memory.getU8(PAGE_SIZE)).to.equal(0xbb);
    memory.setU16(2 * PAGE_SIZE - 1, 0x1234);
    expect(memory.getU16(2 * PAGE_SIZE - 1)).to.equal(0x1234);
  });

  it('gives copies: what is read is not the memory', () => {
    const memory = new GuestMemory(SIZE, 'g1');
    const bytes = memory.read(0, 2);
    bytes[0] = 7;
    expect(memory.getU8(0)).to.equal(0);
    memory.write(0, bytes);
    bytes[0] = 9;
    expect(memory.getU8(0)).to.equal(7);
  });

  it('reads back what was written, and changes nothing else', () => {
    const write = fc.tuple(fc.nat(SIZE - 1), fc.uint8Array({ maxLength: 2 * PAGE_SIZE }));
    fc.assert(
      fc.property(fc.array(write, { maxLength: 8 }), (writes) => {
        const memory = new GuestMemory(SIZE, 'g1');
        const model = new Uint8Array(SIZE);
        for (const [address, bytes] of writes) {
          if (address + bytes.length > SIZE) expect(() => memory.write(address, bytes)).to.throw('EFAULT');
          else {
            memory.write(address, bytes);
            model.set(bytes, address);
          }
        }
        expect(memory.read(0, SIZE)).to.deep.equal(model);
      }),
      { numRuns: 30 },
    );
  });

  it('refuses every access outside with EFAULT and names memory, address and length', () => {
    const faults: string[] = [];
    const memory = new GuestMemory(SIZE, 'g1', (message) => faults.push(message));
    const { code, message } = thrownBy(() => memory.read(0x3fff, 2));
    expect(code).to.equal('EFAULT');
    expect(message).to.include('memory of g1, address 0x3fff, length 2');
    expect(faults).to.deep.equal([message]);
  });

  it('refuses addresses that are none', () => {
    const memory = new GuestMemory(SIZE, 'g1');
    for (const address of [-1, 0.5, NaN, Infinity, SIZE, 2 ** 53, -(2 ** 40)]) {
      for (const access of [
        () => memory.read(address, 1),
        () => memory.write(address, new Uint8Array(1)),
        () => memory.getU8(address),
        () => memory.getU64(address),
        () => memory.setU32(address, 1),
        () => memory.setU64(address, 1n),
      ]) {
        expect(thrownBy(access).code, String(address)).to.equal('EFAULT');
      }
    }
    expect(thrownBy(() => memory.read(0, -1)).code).to.equal('EFAULT');
    expect(memory.read(0, SIZE).every((byte) => byte === 0)).to.equal(true);
  });

  it('refuses a write that would begin inside and end outside, and writes nothing of it', () => {
    const memory = new GuestMemory(SIZE, 'g1');
    expect(thrownBy(() => memory.setU64(SIZE - 4, 0xffffffffffffffffn)).code).to.equal('EFAULT');
    expect(memory.getU32(SIZE - 4)).to.equal(0);
  });

  it('has whole pages only', () => {
    expect(thrownBy(() => new GuestMemory(PAGE_SIZE + 1, 'g1')).code).to.equal('EINVAL');
    expect(thrownBy(() => new GuestMemory(-PAGE_SIZE, 'g1')).code).to.equal('EINVAL');
  });

  describe('share', () => {
    it('makes pages common to both sides, in both directions, and no other page', () => {
      const one = new GuestMemory(SIZE, 'g1');
      const two = new GuestMemory(SIZE, 'g2');
      GuestMemory.share(one, PAGE_SIZE, two, 2 * PAGE_SIZE, PAGE_SIZE);
      one.setU32(PAGE_SIZE + 4, 11);
      two.setU32(2 * PAGE_SIZE + 8, 22);
      expect(two.getU32(2 * PAGE_SIZE + 4)).to.equal(11);
      expect(one.getU32(PAGE_SIZE + 8)).to.equal(22);
      one.setU32(2 * PAGE_SIZE, 33);
      expect(two.getU32(3 * PAGE_SIZE)).to.equal(0);
    });

    it('keeps the order of many pages', () => {
      const one = new GuestMemory(SIZE, 'g1');
      const two = new GuestMemory(SIZE, 'g2');
      GuestMemory.share(one, PAGE_SIZE, two, 0, 3 * PAGE_SIZE);
      [1, 2, 3].forEach((page) => one.setU8(page * PAGE_SIZE, page));
      expect([0, 1, 2, 3].map((page) => two.getU8(page * PAGE_SIZE))).to.deep.equal([1, 2, 3, 0]);
    });

    it('refuses parts of pages and ranges outside', () => {
      const one = new GuestMemory(SIZE, 'g1');
      const two = new GuestMemory(PAGE_SIZE, 'g2');
      expect(thrownBy(() => GuestMemory.share(one, 1, two, 0, PAGE_SIZE)).code).to.equal('EINVAL');
      expect(thrownBy(() => GuestMemory.share(one, 0, two, 0, 100)).code).to.equal('EINVAL');
      expect(thrownBy(() => GuestMemory.share(one, 0, two, 0, 2 * PAGE_SIZE)).message).to.include('memory of g2');
      expect(thrownBy(() => GuestMemory.share(one, SIZE, two, 0, PAGE_SIZE)).message).to.include('memory of g1');
    });
  });
});
