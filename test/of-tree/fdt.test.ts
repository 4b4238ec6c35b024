import { expect } from 'chai';
import fc from 'fast-check';
import { ErrnoError } from '../../lib/errno';
import { FDT, FdtError, fdtTotalSize, readFdt, writeFdt, type FdtNode } from '../../buses/of-tree';
import { machineDtb, node } from './support';

/** What reading throws; undefined when it does not. */
function refusalOf(blob: Uint8Array): FdtError | undefined {
  try {
    readFdt(blob);
    return undefined;
  } catch (error) {
    if (error instanceof FdtError) return error;
    throw error;
  }
}

/** A copy of a small tree's blob with some words changed. */
function changed(words: Readonly<Record<number, number>>, blob = small()): Uint8Array {
  const copy = blob.slice();
  const view = new DataView(copy.buffer);
  for (const [offset, value] of Object.entries(words)) view.setUint32(Number(offset), value);
  return copy;
}

/** Header 0..40, reservations 40..56, structure from 56 on: root, /a with reg and status, /a/b. */
function small(): Uint8Array {
  return writeFdt({ root: node('', {}, [node('a', { reg: [1, 2], status: 'okay' }, [node('b', {})])]) });
}

const START = 56;

function depthOf(root: FdtNode): number {
  let depth = 0;
  for (let at: FdtNode | undefined = root; at !== undefined; at = at.children[0]) depth += 1;
  return depth;
}

describe('reading a flattened device tree', () => {
  it('gives nodes and properties in the order of the blob', () => {
    const { root } = readFdt(machineDtb());
    expect(root.name).to.equal('');
    expect(root.properties.map(({ name }) => name)).to.deep.equal([
      'interrupt-parent',
      'model',
      '#size-cells',
      '#address-cells',
      'compatible',
    ]);
    expect(root.children.slice(0, 5).map(({ name }) => name)).to.deep.equal([
      'psci',
      'memory@40000000',
      'platform-bus@c000000',
      'fw-cfg@9020000',
      'virtio_mmio@a000000',
    ]);
    expect(root.children).to.have.length(48);
  });

  it('tells the size from the header', () => {
    const blob = machineDtb();
    expect(fdtTotalSize(blob.subarray(0, FDT.HEADER_BYTES))).to.equal(blob.length);
  });

  it('keeps reservations and boot cpu', () => {
    const reservations = [
      { address: 0x1_0000_0000n, size: 0x2000n },
      { address: 0n, size: 1n },
    ];
    const read = readFdt(writeFdt({ root: node('', {}), reservations, bootCpu: 3 }));
    expect(read.reservations).to.deep.equal(reservations);
    expect(read.bootCpu).to.equal(3);
  });

  it('refuses to write a name with a NUL', () => {
    expect(() => writeFdt({ root: node('', { 'a\0b': [1] }) })).to.throw(ErrnoError, /EINVAL.*flatten_device_tree/);
  });

  describe('a blob that lies is refused with the place', () => {
    const cases: readonly (readonly [string, Uint8Array, number, RegExp])[] = [
      ['no bytes', new Uint8Array(0), 0, /ends within its header/],
      ['cut within the header', small().subarray(0, 39), 39, /ends within its header/],
      ['another magic', changed({ 0: 0x7f454c46 }), 0, /magic is 0x7f454c46, not 0xd00dfeed/],
      ['total size beyond the bytes', small().subarray(0, 100), 4, /total size 0x[0-9a-f]+, but there are 0x64 bytes/],
      ['total size below the header', changed({ 4: 39 }), 4, /less than a header/],
      ['an old version', changed({ 20: 1, 24: 1 }), 20, /version 1 is older than 2/],
      ['a version that needs a later one', changed({ 20: 15 }), 24, /version 15 needs a reader of version 16/],
      ['a version to come', changed({ 24: 18 }), 24, /needs a reader of version 18/],
      ['structure outside', changed({ 8: 0xffff_fff0 }), 8, /structure block begins at 0xfffffff0/],
      ['structure in the header', changed({ 8: 8 }), 8, /structure block begins at 0x8/],
      ['structure too long', changed({ 36: 0xffff_ffff }), 36, /structure block of 0xffffffff bytes/],
      ['strings outside', changed({ 12: 0x10000 }), 12, /strings block begins at 0x10000/],
      ['strings too long', changed({ 32: 0x1000 }), 32, /strings block of 0x1000 bytes/],
      ['reservations outside', changed({ 16: 0 }), 16, /memory reservation block begins at 0x0/],
      ['no node first', changed({ [START]: FDT.NOP }), START, /does not begin with a node/],
      ['an unknown tag', changed({ [START + 8]: 7 }), START + 8, /unknown tag 0x7/],
      ['a structure that ends early', changed({ 36: 16 }), START + 16, /ends before a tag/],
      [
        'a property longer than the block',
        changed({ [START + 20]: 0xffff_ffff }),
        START + 16,
        /0xffffffff bytes does not fit/,
      ],
    ];
    for (const [title, blob, offset, message] of cases) {
      it(title, () => {
        const error = refusalOf(blob);
        expect(error?.message).to.match(message);
        expect(error?.offset).to.equal(offset);
        expect(error?.errno).to.equal(-22);
      });
    }

    it('names the node', () => {
      const error = refusalOf(changed({ [START + 20]: 0x1000 }));
      expect(error?.node).to.equal('/a');
      expect(error?.message).to.match(/^EINVAL: Invalid argument, unflatten_device_tree 'offset 0x48, node \/a: /);
    });

    it('a node name without end', () => {
      const blob = writeFdt({ root: node('', {}, [node('abc', {})]) });
      expect(refusalOf(changed({ [START + 12]: 0x61626364, 36: 16 }, blob))?.what).to.match(/node name does not end/);
    });
  });

  describe('what Linux only passes over is noted', () => {
    it('a property without a name in the strings block', () => {
      const { root, notes } = readFdt(changed({ [START + 24]: 0x7777 }));
      expect(root.children[0]?.properties.map(({ name }) => name)).to.deep.equal(['status']);
      expect(notes).to.deep.equal([
        {
          offset: START + 16,
          node: '/a',
          text: "cannot find a property's name at 0x7777 of the strings block",
        },
      ]);
    });

    it('an end before the root is closed', () => {
      const { root, notes } = readFdt(changed({ [START + 16]: FDT.END }));
      expect(root.children.map(({ name, properties }) => [name, properties.length])).to.deep.equal([['a', 0]]);
      expect(notes[0]?.text).to.equal('the tree ends with 2 nodes open');
    });
  });

  it('reads and writes a tree far deeper than any stack', () => {
    let root = node('x', {});
    for (let i = 0; i < 20_000; i += 1) root = node('x', {}, [root]);
    expect(depthOf(readFdt(writeFdt({ root })).root)).to.equal(20_001);
  });
});

const name = fc.string({
  unit: fc.integer({ min: 1, max: 255 }).map((c) => String.fromCharCode(c)),
  minLength: 1,
  maxLength: 12,
});
const property = fc.record({ name, value: fc.uint8Array({ maxLength: 20 }) });
const properties = fc.array(property, { maxLength: 4 });
const { tree } = fc.letrec<{ tree: FdtNode }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.record({ name, properties, children: fc.constant([]) }),
    fc.record({ name, properties, children: fc.array(tie('tree'), { maxLength: 3 }) }),
  ),
}));

describe('properties of the flattened format', () => {
  it('what is written is read again', () => {
    const reservation = fc.record({ address: fc.bigInt(0n, (1n << 64n) - 1n), size: fc.bigInt(1n, (1n << 64n) - 1n) });
    fc.assert(
      fc.property(tree, fc.array(reservation, { maxLength: 3 }), fc.nat(), (root, reservations, bootCpu) => {
        const { notes, ...read } = readFdt(writeFdt({ root, reservations, bootCpu }));
        expect(read).to.deep.equal({ root, reservations, bootCpu });
        expect(notes).to.deep.equal([]);
      }),
      { numRuns: 100 },
    );
  });

  it('any bytes give a tree or the typed error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void refusalOf(bytes)),
      { numRuns: 300 },
    );
  });

  it('any bytes behind a good header give a tree or the typed error', () => {
    const header = small().subarray(0, START);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 300 }), (bytes) => {
        const blob = new Uint8Array(START + bytes.length);
        blob.set(header);
        blob.set(bytes, START);
        refusalOf(
          changed({ 4: blob.length, 12: START, 32: bytes.length, 36: bytes.length, [START]: 1, [START + 4]: 0 }, blob),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('the recorded blob with bytes changed gives a tree or the typed error, with a place inside', () => {
    const good = machineDtb();
    const change = fc.record({ at: fc.nat(good.length - 1), value: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), fc.nat(good.length), (changes, length) => {
        const blob = good.slice(0, changes.length % 2 === 0 ? length : good.length);
        for (const { at, value } of changes) if (at < blob.length) blob[at] = value;
        const error = refusalOf(blob);
        if (error !== undefined) expect(error.offset).to.be.within(0, blob.length);
      }),
      { numRuns: 300 },
    );
  });

  it('reads nothing outside the view it is given', () => {
    const blob = small();
    const around = new Uint8Array(blob.length + 64).fill(0xff);
    around.set(blob, 32);
    const { root } = readFdt(around.subarray(32, 32 + blob.length));
    expect(root).to.deep.equal(readFdt(blob).root);
  });
});
