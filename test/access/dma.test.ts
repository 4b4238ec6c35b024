import { expect } from 'chai';
import fc from 'fast-check';
import { DmaPool, type DmaBuffer } from '../../lib/access/index';
import { GuestMemory } from '../../lib/hypervisor/index';
import { thrownBy } from '../support/errors';

const SIZE = 64 * 1024;

function pool() {
  const memory = new GuestMemory(SIZE, 'g1');
  return { memory, dma: new DmaPool(memory) };
}

/** @param buffers in order of address */
function lowestFit(buffers: readonly DmaBuffer[], bytes: number, align: number): number {
  let address = Math.ceil(4096 / align) * align;
  for (const buffer of buffers) {
    if (address + bytes <= buffer.address) break;
    address = Math.ceil((buffer.address + buffer.size) / align) * align;
  }
  return address;
}

describe('DmaPool', () => {
  it("gives whole pages' starts by default, never address 0", () => {
    const { dma } = pool();
    expect(dma.alloc(1).address).to.equal(4096);
    expect(dma.alloc(5000).address).to.equal(8192);
    expect(dma.alloc(1).address).to.equal(16384);
    expect(dma.inUse).to.equal(5002);
  });

  it('knows what is free, and what of it is for those who cannot wait', () => {
    const { dma } = pool();
    dma.alloc(5000);
    expect(dma.size).to.equal(SIZE);
    expect(dma.free).to.equal(SIZE - 5000);
    expect(dma.minFree).to.equal(128 << 10);
    expect(new DmaPool(new GuestMemory(16 << 20, 'g2')).minFree).to.equal(512 << 10);
  });

  it('packs with a smaller alignment', () => {
    const { dma } = pool();
    expect(dma.alloc(5, 1).address).to.equal(4096);
    expect(dma.alloc(4, 16).address).to.equal(4112);
  });

  it('gives zeroed memory, and the same place again after free', () => {
    const { dma, memory } = pool();
    const first = dma.alloc(16);
    dma.alloc(16);
    memory.write(first.address, new Uint8Array(16).fill(1));
    first.free();
    const again = dma.alloc(16);
    expect(again.address).to.equal(first.address);
    expect(memory.getU64(again.address)).to.equal(0n);
  });

  it('knows what is given out, for a leak check', () => {
    const { dma } = pool();
    const ring = dma.alloc(100, 16, 'virtio0 ring');
    const { owner, size, address } = dma.alloc(8, 8, 'virtio0 header');
    ring.free();
    expect(dma.list().map((b) => [b.owner, b.size, b.address])).to.deep.equal([[owner, size, address]]);
    expect(dma.inUse).to.equal(8);
  });

  it('refuses with ENOMEM what does not fit, and takes nothing', () => {
    const { dma } = pool();
    dma.alloc(SIZE - 8192);
    expect(thrownBy(() => dma.alloc(4097, 1, 'big'))).to.include({
      code: 'ENOMEM',
      message: "ENOMEM: Cannot allocate memory, dma_alloc 'big: 4097 bytes aligned to 1'",
    });
    expect(dma.alloc(4096).address).to.equal(SIZE - 4096);
    expect(thrownBy(() => dma.alloc(1)).code).to.equal('ENOMEM');
    expect(dma.inUse).to.equal(SIZE - 4096);
  });

  it('refuses sizes that are none, and to free twice', () => {
    const { dma } = pool();
    for (const bytes of [0, -1, 1.5, NaN]) expect(thrownBy(() => dma.alloc(bytes)).code).to.equal('EINVAL');
    expect(thrownBy(() => dma.alloc(1, 0)).code).to.equal('EINVAL');
    const buffer = dma.alloc(1);
    buffer.free();
    expect(thrownBy(() => buffer.free()).code).to.equal('EINVAL');
    expect(dma.inUse).to.equal(0);
  });

  const step = fc.record({
    bytes: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 9000 })),
    align: fc.oneof(
      fc.nat(13).map((n) => 2 ** n),
      fc.constantFrom(3, 48, 5000),
    ),
    drop: fc.nat(9),
  });

  it('gives the lowest place that fits, as a search from the start finds it', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { dma } = pool();
        const held: DmaBuffer[] = [];
        for (const { bytes, align, drop } of steps) {
          if (drop < held.length) held.splice(drop, 1)[0]?.free();
          const lowest = lowestFit(dma.list(), bytes, align);
          if (lowest + bytes <= SIZE) held.push(dma.alloc(bytes, align));
          else expect(thrownBy(() => dma.alloc(bytes, align)).code).to.equal('ENOMEM');
          if (lowest + bytes <= SIZE) expect(held.at(-1)?.address).to.equal(lowest);
        }
      }),
    );
  });

  it('never gives a byte twice, and forgets nothing', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { dma } = pool();
        const held: DmaBuffer[] = [];
        for (const { bytes, align, drop } of steps) {
          if (drop < held.length) held.splice(drop, 1)[0]?.free();
          try {
            const buffer = dma.alloc(bytes, align);
            expect(buffer.address % align).to.equal(0);
            held.push(buffer);
          } catch (error) {
            expect((error as { code: string }).code).to.equal('ENOMEM');
          }
          const sorted = [...held].sort((a, b) => a.address - b.address);
          sorted.forEach((b, i) => expect(b.address + b.size).to.be.at.most(sorted[i + 1]?.address ?? SIZE));
          expect(dma.list()).to.deep.equal(sorted);
        }
        for (const buffer of held) buffer.free();
        expect(dma.inUse).to.equal(0);
        expect(dma.list().length).to.equal(0);
      }),
    );
  });
});
