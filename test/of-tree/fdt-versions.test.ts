import { expect } from 'chai';
import fc from 'fast-check';
import { FdtError, ofFindNodeByPath, readFdt, unflattenDeviceTree, writeFdt } from '../../buses/of-tree';
import { Kernel } from '../../lib/base/kernel';
import { World } from '../../lib/world';
import { writeOldFdt } from './old-fdt';
import { node } from './support';

const tree = node('', { model: 'm', '#address-cells': [1] }, [
  node('soc', { compatible: ['a,b', 'c'], reg: [1, 2, 3, 4] }, [node('dev@1', { odd: 'x', reg: [1, 2] })]),
  node('aliases', { serial0: '/soc/dev@1' }),
]);

const kernel = (): Kernel => new Kernel(new World());

describe('flattened trees of other versions', () => {
  for (const version of [2, 3, 16]) {
    it(`regression: version ${String(version)} is read as version 17`, () => {
      expect(readFdt(writeOldFdt(tree, version)).root).to.deep.equal(readFdt(writeFdt({ root: tree })).root);
    });

    it(`a kernel makes its nodes of version ${String(version)}`, () => {
      const root = unflattenDeviceTree(kernel(), writeOldFdt(tree, version));
      expect(ofFindNodeByPath(root.kernel, 'serial0')?.u32('reg', 1)).to.equal(2);
      expect(ofFindNodeByPath(root.kernel, '/soc/dev@1')?.text('name')).to.equal('dev');
    });
  }

  it('before version 16 a node whose name is no path has no tree', () => {
    const blob = writeOldFdt(tree, 16);
    new DataView(blob.buffer).setUint32(20, 3);
    new DataView(blob.buffer).setUint32(24, 3);
    expect(() => readFdt(blob)).to.throw(FdtError, /is no path, as version 3 has it/);
  });

  it('before version 17 the structure goes on to the end of the blob', () => {
    const blob = writeFdt({ root: tree });
    const view = new DataView(blob.buffer);
    view.setUint32(36, 8);
    expect(() => readFdt(blob)).to.throw(FdtError, /ends before/);
    view.setUint32(20, 16);
    expect(readFdt(blob).root.children).to.have.length(2);
  });

  it('regression: reservations without an end are no matter', () => {
    const blob = writeFdt({ root: tree });
    const endless = new Uint8Array(blob.length + 32).fill(1);
    endless.set(blob);
    const view = new DataView(endless.buffer);
    view.setUint32(4, endless.length);
    view.setUint32(16, blob.length);
    expect(unflattenDeviceTree(kernel(), endless).children).to.have.length(2);
    expect(readFdt(endless).reservations).to.have.length(2);
  });

  it('any bytes with any version are a tree or are refused, and leave a kernel that works', () => {
    const change = fc.record({ at: fc.nat(400), value: fc.nat(255) });
    fc.assert(
      fc.property(fc.constantFrom(2, 3, 16), fc.array(change, { maxLength: 6 }), (version, changes) => {
        const blob = writeOldFdt(tree, version);
        for (const { at, value } of changes) if (at < blob.length) blob[at] = value;
        const guest = kernel();
        try {
          unflattenDeviceTree(guest, blob);
        } catch (error) {
          expect(error).to.be.instanceOf(FdtError);
        }
        unflattenDeviceTree(kernel(), writeFdt({ root: tree }));
        expect(guest.world.oopses).to.deep.equal([]);
      }),
      { numRuns: 300 },
    );
  });
});
