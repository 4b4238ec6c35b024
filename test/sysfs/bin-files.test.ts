import { expect } from 'chai';
import { type BinAttribute, type Kobject } from '../../lib';
import { errorOf } from '../support/errors';
import { objectWith } from './support';

function binFile(attr: Partial<BinAttribute<Kobject>>) {
  const made = objectWith([{ binAttrs: [{ name: 'bin', mode: 0o644, size: 0, ...attr }] }]);
  return { ...made, open: (access: 'r' | 'w') => made.kernel.sysfs.open('/sys/k/bin', access) };
}

const DATA = Uint8Array.from([0, 1, 2, 3, 0xff, 0xc3]);

describe('/sys binary files', () => {
  it('SY-11 a read is cut at the end, and past it there is nothing, without a call', async () => {
    const asked: [number, number][] = [];
    const { open } = binFile({
      size: DATA.length,
      read: (_, offset, count) => {
        asked.push([offset, count]);
        return DATA.subarray(offset, offset + count);
      },
    });
    expect(await open('r').readBytes(4, 100)).to.deep.equal(Uint8Array.from([0xff, 0xc3]));
    expect(await open('r').readBytes(6, 1)).to.deep.equal(new Uint8Array(0));
    expect(await open('r').readBytes(99, 1)).to.deep.equal(new Uint8Array(0));
    expect(asked).to.deep.equal([[4, 2]]);
  });

  it('SY-11 size 0 has no end', async () => {
    const { open } = binFile({ read: (_, offset, count) => new Uint8Array(count).fill(offset & 0xff) });
    expect(await open('r').readBytes(1000, 2)).to.deep.equal(Uint8Array.from([0xe8, 0xe8]));
  });

  it('SY-11 a write past the end is EFBIG, one over the end is cut', async () => {
    const written: [number, number[]][] = [];
    const { open } = binFile({ size: 4, write: (_, offset, data) => void written.push([offset, [...data]]) });
    expect(await open('w').writeBytes(4, DATA)).to.equal(-27);
    expect(await open('w').writeBytes(2, DATA)).to.equal(2);
    expect(written).to.deep.equal([[2, [0, 1]]]);
  });

  it('SY-11 regression: one write gives a page at most, and a file of fixed size is filled to its end', async () => {
    const calls: [number, number][] = [];
    const write = (_: Kobject, offset: number, data: Uint8Array): void => void calls.push([offset, data.length]);
    const endless = binFile({ write });
    expect(await endless.open('w').writeBytes(100, new Uint8Array(5000))).to.equal(4096);
    await endless.kernel.fs.writeFile('/sys/k/bin', new Uint8Array(10_000));
    expect(calls.splice(0)).to.deep.equal([
      [100, 4096],
      [0, 4096],
      [4096, 4096],
      [8192, 1808],
    ]);
    const sized = binFile({ write, size: 5000 });
    expect(await errorOf(() => sized.kernel.fs.writeFile('/sys/k/bin', new Uint8Array(5001)))).to.include({
      code: 'EFBIG',
    });
    expect(calls).to.deep.equal([
      [0, 4096],
      [4096, 904],
    ]);
  });

  it('SY-11 one read gives a page at most, and no more than was asked for', async () => {
    const asked: [number, number][] = [];
    const { open } = binFile({
      read: (_, offset, count) => {
        asked.push([offset, count]);
        return new Uint8Array(count + 10);
      },
    });
    expect(((await open('r').readBytes(7, 10_000)) as Uint8Array).length).to.equal(4096);
    expect(((await open('r').readBytes(7, 5)) as Uint8Array).length).to.equal(5);
    expect(asked).to.deep.equal([
      [7, 4096],
      [7, 5],
    ]);
  });

  it('SY-11 without read or write it is EIO', async () => {
    const { open } = binFile({ size: 4 });
    expect(await open('r').readBytes(0, 1)).to.equal(-5);
    expect(await open('w').writeBytes(0, DATA)).to.equal(-5);
  });

  it('a size can depend on the object', async () => {
    const { kernel } = binFile({
      size: (kobj) => kobj.name?.length ?? 0,
      read: (_, at, n) => DATA.subarray(at, at + n),
    });
    expect((await kernel.fs.stat('/sys/k/bin')).size).to.equal(1);
    expect(await kernel.fs.readFile('/sys/k/bin', null)).to.deep.equal(Uint8Array.from([0]));
  });

  it('readFile reads page by page to the end, without touching the bytes', async () => {
    const big = Uint8Array.from({ length: 10_000 }, (_, i) => i * 7);
    const { kernel } = binFile({ size: big.length, read: (_, at, n) => big.subarray(at, at + n) });
    expect(await kernel.fs.readFile('/sys/k/bin', null)).to.deep.equal(big);
  });

  it('an open one gives ENODEV after removal', async () => {
    const { dir, open } = binFile({ size: 4, read: () => DATA });
    const file = open('r');
    await dir.removeName('bin');
    expect(await file.readBytes(0, 1)).to.equal(-19);
    expect(await file.writeBytes(0, DATA)).to.equal(-19);
  });

  it('what read refuses with is the error', async () => {
    const { kernel } = binFile({ size: 4, read: () => -6 });
    expect(await errorOf(() => kernel.fs.readFile('/sys/k/bin', null))).to.include({
      code: 'ENXIO',
      path: '/sys/k/bin',
    });
  });
});
