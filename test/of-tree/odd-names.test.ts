import { expect } from 'chai';
import {
  ofAddressToResource,
  ofDeviceBusId,
  ofFindNodeByPath,
  ofMatchNode,
  ofModalias,
  ofPropertyMatchString,
  ofPropertyReadStringIndex,
  ofState,
  registerPlatformBus,
  ofPlatformDefaultPopulate,
  unflattenDeviceTree,
  writeFdt,
  type DeviceNode,
  type FdtNode,
} from '../../buses/of-tree';
import { Kernel } from '../../lib/base/kernel';
import { World } from '../../lib/world';
import { node } from './support';

const one = { '#address-cells': [1], '#size-cells': [1] };
const latin = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

function unflat(children: readonly FdtNode[], name = ''): DeviceNode {
  return unflattenDeviceTree(new Kernel(new World()), writeFdt({ root: node(name, one, children) }));
}

function only(child: FdtNode): DeviceNode {
  const [found] = unflat([child, node('behind', {})]).children;
  if (found === undefined) throw new Error('no node');
  return found;
}

/** The file `uevent` of the only device. */
async function ueventOf(child: FdtNode): Promise<string[]> {
  const kernel = new Kernel(new World());
  await registerPlatformBus(kernel);
  unflattenDeviceTree(kernel, writeFdt({ root: node('', one, [child]) }));
  await ofPlatformDefaultPopulate(kernel);
  const [name = ''] = await kernel.fs.readdir('/sys/bus/platform/devices');
  return (await kernel.fs.readFile(`/sys/bus/platform/devices/${name}/uevent`)).trimEnd().split('\n');
}

describe('of: odd properties and names', () => {
  it('regression: compatible without a value is one empty text', async () => {
    expect(await ueventOf(node('empty@10', { compatible: [], reg: [0x10, 4] }))).to.deep.equal([
      'OF_NAME=empty',
      'OF_FULLNAME=/empty@10',
      'OF_COMPATIBLE_0=',
      'OF_COMPATIBLE_N=1',
      'MODALIAS=of:NemptyT(null)C',
    ]);
  });

  it('a type without a value is empty, not absent', async () => {
    const seen = await ueventOf(node('x', { compatible: 'c', device_type: [] }));
    expect(seen[2]).to.equal('OF_TYPE=');
    expect(seen.at(-1)).to.equal('MODALIAS=of:NxTCc');
  });

  it('texts without an end go on to the next NUL, wherever it is', () => {
    const texts = (value: Uint8Array): string[] => only(node('x', { compatible: value })).texts('compatible');
    expect(texts(latin('abc'))).to.deep.equal(['abc']);
    expect(texts(latin('abcd'))).to.deep.equal(['abcd']);
    expect(texts(latin('a\0bcd'))).to.deep.equal(['a', 'bcd']);
    expect(texts(latin('\0a\0\0'))).to.deep.equal(['', 'a', '']);
  });

  it('where the length is looked at, they have none', () => {
    const at = only(node('x', { names: latin('a\0bc'), none: [], good: ['a', 'b'] }));
    const read = (name: string, index: number): string | number => ofPropertyReadStringIndex(at, name, index);
    expect(read('names', 0)).to.equal('a');
    expect(read('names', 1)).to.equal(-84);
    expect(read('none', 0)).to.equal(-61);
    expect(read('gone', 0)).to.equal(-22);
    expect(read('good', 1)).to.equal('b');
    expect(read('good', 2)).to.equal(-61);
    const match = (name: string, text: string): number => ofPropertyMatchString(at, name, text);
    expect(match('names', 'a')).to.equal(0);
    expect(match('names', 'bc')).to.equal(-84);
    expect(match('none', '')).to.equal(-61);
    expect(match('gone', 'a')).to.equal(-22);
    expect(match('good', 'b')).to.equal(1);
  });

  it(
    'regression: the property `name` is what stands before the last @, the name of the ' + 'device before the first',
    () => {
      const at = only(node('a@1@2', { compatible: 'c' }));
      expect(at.text('name')).to.equal('a@1');
      expect(at.nodeName).to.equal('a');
      expect(ofModalias(at)).to.equal('of:NaT(null)Cc');
    },
  );

  it('a property `name` of its own does not rename the node', () => {
    const at = only(node('a@1', { name: 'other' }));
    expect(at.text('name')).to.equal('other');
    expect(at.nodeName).to.equal('a');
  });

  it('what stands before a slash in a name does not count', () => {
    const at = only(node('dir/a@1', { compatible: 'c' }));
    expect(at.unitName).to.equal('a@1');
    expect(at.fullName).to.equal('/a@1');
    expect(ofFindNodeByPath(at.kernel, '/a@1') === at).to.equal(true);
  });

  it('the name of the root stands before all paths', () => {
    const root = unflat([node('a', {}, [node('b', {})])], 'top');
    expect(root.children[0]?.children[0]?.fullName).to.equal('top/a/b');
  });

  it('a reg that is too short is read on behind its end, as it stands in the blob', () => {
    expect(ofDeviceBusId(only(node('short@a0', { compatible: 's', reg: [0xa0] })))).to.equal('a0.short');
    expect(ofDeviceBusId(only(node('none@a4', { reg: [] })))).to.equal('2.none');
    expect(ofDeviceBusId(only(node('none@a4', { reg: [], compatible: 's' })))).to.equal('3.none');
    expect(ofDeviceBusId(only(node('odd@a8', { reg: Uint8Array.of(0, 0, 0) })))).to.equal('0.odd');
    expect(ofAddressToResource(only(node('short@a0', { reg: [0xa0] })), 0)).to.equal(null);
  });

  it('a handle that is too short is read on too; the first of two counts, and ibm,phandle more than either', () => {
    const handle = (properties: Parameters<typeof node>[1]): number => only(node('x', properties)).phandle;
    expect(handle({ phandle: Uint8Array.of(1, 2) })).to.equal(0x0102_0000);
    expect(handle({ 'linux,phandle': [5], phandle: [6] })).to.equal(5);
    expect(handle({ phandle: [0], 'linux,phandle': [6] })).to.equal(6);
    expect(handle({ phandle: [5], 'ibm,phandle': [7] })).to.equal(7);
    expect(handle({ 'ibm,phandle': [7], phandle: [5] })).to.equal(7);
  });

  it('of two windows with names, one that has no end gets the name of the node', () => {
    const at = only(node('x@0', { reg: [0, 1, 2, 1], 'reg-names': latin('a\0bc') }));
    expect([0, 1].map((index) => ofAddressToResource(at, index)?.name)).to.deep.equal(['a', 'x@0']);
  });

  it('a line that says nothing ends a table', () => {
    const at = only(node('x', { compatible: 'c' }));
    expect(ofMatchNode([{ compatible: 'b' }, {}, { compatible: 'c' }], at)).to.equal(null);
    expect(ofMatchNode([{ compatible: 'c' }, {}], at)?.compatible).to.equal('c');
  });

  it('compatible strings are compared without case', () => {
    expect(ofMatchNode([{ compatible: 'V,Dev' }], only(node('x', { compatible: 'v,dEV' })))?.compatible).to.equal(
      'V,Dev',
    );
  });

  it('the blob can be read in /sys', async () => {
    const blob = writeFdt({ root: node('', {}, [node('a', {})]) });
    const longer = new Uint8Array(blob.length + 8);
    longer.set(blob);
    const { kernel } = unflattenDeviceTree(new Kernel(new World()), longer);
    expect(await kernel.fs.readFile('/sys/firmware/fdt', null)).to.deep.equal(blob);
    expect((await kernel.fs.stat('/sys/firmware/fdt')).mode & 0o777).to.equal(0o400);
    expect(ofState(kernel).root?.children).to.have.length(1);
  });
});

describe('of: the longest modalias in an event', () => {
  const compatible = (length: number): FdtNode => node('x', { compatible: 'c'.repeat(length) });
  /** Bytes before MODALIAS=, and of `of:NxT(null)C`. */
  const rest = (length: number): number =>
    'OF_NAME=x\0OF_FULLNAME=/x\0OF_COMPATIBLE_0=\0OF_COMPATIBLE_N=1\0'.length + length + 'of:NxT(null)C'.length;

  it('fits with a byte to spare, and an event that has no room for it is not sent', async () => {
    let most = 1;
    while (rest(most + 1) + most + 1 + 'MODALIAS=\0'.length < 2048) most += 1;
    expect((await ueventOf(compatible(most))).at(-1)).to.equal(`MODALIAS=of:NxT(null)C${'c'.repeat(most)}`);
    expect(await ueventOf(compatible(most + 1))).to.deep.equal(['']);
  });
});
