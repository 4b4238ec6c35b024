import { expect } from 'chai';
import {
  DeviceNode,
  ofAddressToResource,
  ofAliasGetId,
  ofAttachNode,
  ofDetachNode,
  ofDeviceBusId,
  ofDeviceIsAvailable,
  ofDeviceIsCompatible,
  ofFindDeviceByNode,
  ofFindNodeByPath,
  ofFindNodeByPhandle,
  ofIrqFindParent,
  ofIrqGet,
  ofMatchNode,
  ofModalias,
  ofParsePhandleWithArgs,
  ofPlatformDefaultPopulate,
  ofPlatformDepopulate,
  ofPlatformPopulate,
  ofState,
  ofTranslateAddress,
  platformBus,
  unflattenDeviceTree,
  writeFdt,
  cells,
  cString,
  type FdtNode,
  type PlatformDriver,
} from '../../buses/of-tree';
import { Kernel } from '../../lib/base/kernel';
import { FWNODE_FLAG } from '../../lib/base/links/fwnode';
import { World } from '../../lib/world';
import { rejection } from '../support/errors';
import { node, OfMachine } from './support';

/** A tree without a machine. */
function unflat(root: FdtNode): DeviceNode {
  return unflattenDeviceTree(new Kernel(new World()), writeFdt({ root }));
}

function at(root: DeviceNode, path: string): DeviceNode {
  const found = ofFindNodeByPath(root.kernel, path);
  if (found === null) throw new Error(`no node ${path}`);
  return found;
}

const one = { '#address-cells': [1], '#size-cells': [1] };

describe('of: nodes (OF-01, OF-12)', () => {
  const root = unflat(
    node('', {}, [node('b@1', {}), node('a', { phandle: [7] }, [node('x', {})]), node('c', { 'linux,phandle': [9] })]),
  );

  it('children in the order of the firmware, with parent', () => {
    expect(root.children.map(({ unitName }) => unitName)).to.deep.equal(['b@1', 'a', 'c']);
    expect(at(root, '/a/x').parent).to.equal(at(root, '/a'));
  });

  it('names with and without unit address, and the path', () => {
    const b = at(root, '/b@1');
    expect(b.nodeName).to.equal('b');
    expect(b.unitName).to.equal('b@1');
    expect(b.fullName).to.equal('/b@1');
    expect(at(root, '/a/x').fullName).to.equal('/a/x');
    expect(root.fullName).to.equal('/');
  });

  it('by handle (OF-07)', () => {
    expect(ofFindNodeByPhandle(root.kernel, 7)?.fullName).to.equal('/a');
    expect(ofFindNodeByPhandle(root.kernel, 9)?.fullName).to.equal('/c');
    expect(ofFindNodeByPhandle(root.kernel, 0)).to.equal(null);
    expect(ofFindNodeByPhandle(root.kernel, 8)).to.equal(null);
  });

  it('each has a property `name`, whether the blob has it or not', () => {
    expect(at(root, '/b@1').text('name')).to.equal('b');
  });
});

describe('of: status (OF-02)', () => {
  const cases: readonly (readonly [string | Uint8Array | undefined, boolean])[] = [
    [undefined, true],
    ['okay', true],
    ['ok', true],
    ['disabled', false],
    ['fail', false],
    ['okay ', false],
    ['OK', false],
    [new Uint8Array(0), false],
  ];
  for (const [status, available] of cases) {
    const title = status === undefined ? 'absent' : JSON.stringify(String(status));
    it(`${title}: ${available ? 'a device' : 'none'}`, () => {
      const root = unflat(node('', {}, [node('a', status === undefined ? {} : { status })]));
      expect(ofDeviceIsAvailable(at(root, '/a'))).to.equal(available);
    });
  }
});

describe('of: match score (OF-05)', () => {
  const root = unflat(node('', {}, [node('dev@1', { compatible: ['v,special', 'v,general'], device_type: 'block' })]));
  const dev = at(root, '/dev@1');

  it('an earlier compatible string, then type, then name', () => {
    const rising = [
      ofDeviceIsCompatible(dev, '', '', 'dev'),
      ofDeviceIsCompatible(dev, '', 'block'),
      ofDeviceIsCompatible(dev, '', 'block', 'dev'),
      ofDeviceIsCompatible(dev, 'v,general'),
      ofDeviceIsCompatible(dev, 'v,general', '', 'dev'),
      ofDeviceIsCompatible(dev, 'v,general', 'block'),
      ofDeviceIsCompatible(dev, 'v,general', 'block', 'dev'),
      ofDeviceIsCompatible(dev, 'v,special'),
      ofDeviceIsCompatible(dev, 'v,special', 'block', 'dev'),
    ];
    expect([...rising].sort((a, b) => a - b)).to.deep.equal(rising);
    expect(new Set(rising).size).to.equal(rising.length);
    expect(rising[0]).to.equal(1);
    expect(rising.at(-1)).to.equal(0x3fff_ffff + 3);
  });

  it('what is asked for and does not fit is 0', () => {
    expect(ofDeviceIsCompatible(dev, 'v,other')).to.equal(0);
    expect(ofDeviceIsCompatible(dev, 'v,special', 'char')).to.equal(0);
    expect(ofDeviceIsCompatible(dev, 'v,special', '', 'x')).to.equal(0);
  });

  it('compatible strings are compared without case', () => {
    expect(ofDeviceIsCompatible(dev, 'V,Special')).to.be.greaterThan(0);
  });

  it('the table gives its best line, not its first; of equal ones the first', () => {
    const table = [
      { compatible: 'v,general' },
      { compatible: 'v,special', data: 1 },
      { compatible: 'v,special', data: 2 },
    ];
    expect(ofMatchNode(table, dev)?.data).to.equal(1);
    expect(ofMatchNode([{ compatible: 'x' }], dev)).to.equal(null);
  });
});

describe('of: addresses', () => {
  const range = node(
    'bus',
    {
      compatible: 'simple-bus',
      ...one,
      ranges: [0x100, 0, 0xc000_0000, 0x1000, 0x5000, 1, 0, 0x1000],
    },
    [node('in', { reg: [0x180, 0x10] }), node('far', { reg: [0x5008, 0x10] }), node('out', { reg: [0x3000, 0x10] })],
  );
  const root = unflat(
    node('', { '#address-cells': [2], '#size-cells': [2] }, [
      range,
      node('none', one, [node('x', { reg: [1, 1] })]),
      node('same', { ...one, ranges: [] }, [node('x', { reg: [0x77, 1] })]),
      node('cpus', { '#address-cells': [1], '#size-cells': [0] }, [node('cpu', { reg: [0] })]),
      node(
        'pcie@1',
        {
          device_type: 'pci',
          '#address-cells': [3],
          '#size-cells': [2],
          ranges: [0x0200_0000, 0, 0x1000, 0, 0x8000, 0, 0x1000],
        },
        [node('dev', { 'assigned-addresses': [0x8200_0010, 0, 0x1800, 0, 0x100] })],
      ),
    ]),
  );
  const translate = (path: string): bigint | null =>
    ofTranslateAddress(at(root, path), at(root, path).cells('reg') ?? []);

  it('through ranges, into two cells', () => {
    expect(translate('/bus/in')).to.equal(0xc000_0080n);
    expect(translate('/bus/far')).to.equal(0x1_0000_0008n);
  });

  it('outside all ranges, and without ranges, there is no way', () => {
    expect(translate('/bus/out')).to.equal(null);
    expect(translate('/none/x')).to.equal(null);
    expect(translate('/cpus/cpu')).to.equal(null);
  });

  it('empty ranges: the same address', () => {
    expect(translate('/same/x')).to.equal(0x77n);
  });

  it('as a resource, with the name of the node or of reg-names', () => {
    expect(ofAddressToResource(at(root, '/bus/in'), 0)).to.include({
      start: 0xc000_0080n,
      end: 0xc000_008fn,
      flags: 0x200,
      name: 'in',
    });
    expect(ofAddressToResource(at(root, '/bus/in'), 1)).to.equal(null);
    expect(ofAddressToResource(at(root, '/pcie@1/dev'), 0)).to.include({ start: 0x8800n, end: 0x88ffn, flags: 0x200 });
  });
});

describe('of: names of devices (OF-04)', () => {
  const root = unflat(
    node('', one, [
      node('a@5000', { reg: [0x5000, 0x10] }),
      node('b', {}, [node('c@1', { reg: [1] })]),
      node('d@6000', { reg: [0x6000, 0x10] }, [node('e', {})]),
      node('m@7000', { reg: [0x7000, 4], mask: [0x10] }),
    ]),
  );
  const names = ['/a@5000', '/b', '/b/c@1', '/d@6000/e', '/m@7000'].map((path) => ofDeviceBusId(at(root, path)));

  it('address and name, or the unit names up to an address', () => {
    expect(names).to.deep.equal(['5000.a', 'b', 'b:c@1', '6000.d:e', '7000.4.m']);
  });
});

describe('of: aliases, handles with arguments, interrupts', () => {
  const root = unflat(
    node('', { ...one, 'interrupt-parent': [1] }, [
      node('intc', { compatible: 'arm,cortex-a15-gic', '#interrupt-cells': [3], phandle: [1] }),
      node('gpio', { '#gpio-cells': [2], phandle: [2] }),
      node('uart', { gpios: [2, 5, 6, 0, 2, 7, 8], interrupts: [0, 3, 1, 1, 9, 1], 'bad-gpios': [2, 5] }),
      node('other', { 'interrupt-parent': [2], interrupts: [0, 4, 1] }),
      node('short', { interrupts: [0, 4] }),
      node('aliases', { serial0: '/uart', serial7: '/uart:115200', x: '/uart', gone1: '/nosuch' }),
    ]),
  );

  it('finds nodes by alias, and numbers by stem', () => {
    expect(ofFindNodeByPath(root.kernel, 'serial0')?.fullName).to.equal('/uart');
    expect(ofState(root.kernel).aliases.map(({ alias, stem, id }) => [alias, stem, id])).to.deep.equal([
      ['serial0', 'serial', 0],
      ['serial7', 'serial', 7],
    ]);
    expect(ofAliasGetId(at(root, '/uart'), 'serial')).to.equal(0);
    expect(ofAliasGetId(at(root, '/uart'), 'gpio')).to.equal(null);
  });

  it('splits a list by what each node asks for; an entry may be empty', () => {
    const args = (index: number): readonly number[] | undefined =>
      ofParsePhandleWithArgs(at(root, '/uart'), 'gpios', '#gpio-cells', index)?.args;
    expect(args(0)).to.deep.equal([5, 6]);
    expect(args(1)).to.equal(undefined);
    expect(args(2)).to.deep.equal([7, 8]);
    expect(args(3)).to.equal(undefined);
    expect(ofParsePhandleWithArgs(at(root, '/uart'), 'bad-gpios', '#gpio-cells', 0)).to.equal(null);
  });

  it('an interrupt waits for its controller', () => {
    expect(ofIrqGet(at(root, '/uart'), 0)).to.equal(-517);
  });

  it('a parent that is no controller is passed over; cells that are too few are none', () => {
    expect(ofIrqFindParent(at(root, '/other'))?.fullName).to.equal('/intc');
    expect(ofIrqGet(at(root, '/short'), 0)).to.equal(-75);
  });

  it('spaces in compatible become underlines in the modalias', () => {
    const spaced = unflat(node('', {}, [node('a', { compatible: ['x y', 'z'], device_type: 't' })]));
    expect(ofModalias(at(spaced, '/a'))).to.equal('of:NaTtCx_yCz');
  });
});

const tree = node('', one, [
  node('soc', { compatible: 'simple-bus', ...one, ranges: [] }, [
    node('a@1000', { compatible: 'x,a', reg: [0x1000, 0x10] }),
    node('off@2000', { compatible: 'x,a', reg: [0x2000, 0x10], status: 'disabled' }),
    node('plain@3000', { reg: [0x3000, 0x10] }),
  ]),
  node('dev', { compatible: 'x,b' }, [node('child', { compatible: 'x,c' })]),
  node('opp', { compatible: 'operating-points-v2' }),
  node('aliases', { led0: '/dev' }),
]);

describe('of: populate (S15, OF-03)', () => {
  it('a device for each node with compatible that is available; below buses only', async () => {
    const rig = await OfMachine.of(tree).boot();
    expect(rig.names()).to.deep.equal(['soc', '1000.a', 'dev']);
    expect(rig.device('1000.a').parent?.name).to.equal('soc');
  });

  it('a second time makes nothing', async () => {
    const rig = await OfMachine.of(tree).boot();
    rig.takeUevents();
    await ofPlatformDefaultPopulate(rig.kernel);
    await rig.bus.rescan();
    expect(rig.names()).to.deep.equal(['soc', '1000.a', 'dev']);
    expect(rig.takeUevents()).to.deep.equal([]);
  });

  it('depopulate takes the children of a bus, the last first, and populate brings them back', async () => {
    const rig = await OfMachine.of(tree).boot();
    const soc = rig.pdev('soc');
    await ofPlatformDepopulate(soc);
    expect(rig.names()).to.deep.equal(['soc', 'dev']);
    if (soc.ofNode !== null) await ofPlatformPopulate(soc.ofNode, soc);
    expect(rig.names()).to.deep.equal(['soc', 'dev', '1000.a']);
  });

  it('depopulate takes also what is below a bus on the bus, and populate brings back all of it', async () => {
    const bus = { compatible: 'simple-bus', ...one, ranges: [] };
    const inner = node('inner', bus, [node('a@1000', { compatible: 'x,a', reg: [0x1000, 0x10] })]);
    const rig = await OfMachine.of(node('', one, [node('soc', bus, [inner])])).boot();
    const soc = rig.pdev('soc');
    const all = rig.names();
    expect(all).to.have.length(3);
    for (let i = 0; i < 2; i++) {
      await ofPlatformDepopulate(soc);
      expect(rig.names()).to.deep.equal(['soc']);
      await ofPlatformDepopulate(soc);
      if (soc.ofNode !== null) await ofPlatformPopulate(soc.ofNode, soc);
      expect(rig.names()).to.deep.equal(all);
    }
  });

  it('a device that cannot be added leaves its node free', async () => {
    const rig = await OfMachine.of(
      node('', one, [node('x', { compatible: 'a' }), node('x', { compatible: 'b' })]),
    ).boot();
    const { root } = ofState(rig.kernel);
    expect(root?.children.map(({ populated }) => populated)).to.deep.equal([true, false]);
  });

  it('the alias is in the events (OF-06), and drivers match by the node', async () => {
    const rig = await OfMachine.of(tree).boot();
    expect(await rig.cat('/sys/devices/platform/dev/uevent')).to.match(
      /OF_COMPATIBLE_N=1\nOF_ALIAS_0=led0\nMODALIAS=of:NdevT\(null\)Cx,b\n$/,
    );
    const drv: PlatformDriver = { name: 'x', bus: platformBus, ofMatchTable: [{ compatible: 'x,b' }] };
    await rig.kernel.registerDriver(drv);
    expect(
      rig
        .devices()
        .filter(({ driver }) => driver?.def === drv)
        .map(({ name }) => name),
    ).to.deep.equal(['dev']);
  });
});

describe('of: nodes that come later (OF-08, OF-10)', () => {
  const late = [{ name: 'compatible', value: cString('x,late') }];

  it('a node that is attached is the first child, and has its device', async () => {
    const rig = await OfMachine.of(tree).boot();
    const soc = at(ofState(rig.kernel).root as DeviceNode, '/soc');
    const made = await ofAttachNode(rig.kernel, { parent: soc, unitName: 'late', properties: late });
    expect(soc.children.map(({ unitName }) => unitName)).to.deep.equal(['late', 'a@1000', 'off@2000', 'plain@3000']);
    expect(ofFindDeviceByNode(made)?.name).to.equal('soc:late');
    expect(ofFindDeviceByNode(made)?.parent?.name).to.equal('soc');
    expect(rig.ls('/sys/firmware/devicetree/base/soc/late')).to.deep.equal(['compatible']);
  });

  it('a node that is detached takes its device along', async () => {
    const rig = await OfMachine.of(tree).boot();
    const a = at(ofState(rig.kernel).root as DeviceNode, '/soc/a@1000');
    await ofDetachNode(a);
    expect(rig.names()).to.deep.equal(['soc', 'dev']);
    expect(rig.exists('/sys/firmware/devicetree/base/soc/a@1000')).to.equal(false);
    expect((await rejection(() => ofDetachNode(a))).code).to.equal('EINVAL');
  });

  it('a handle leads to the node that had it first, until that is detached', async () => {
    const rig = await OfMachine.of(tree).boot();
    const soc = at(ofState(rig.kernel).root as DeviceNode, '/soc');
    const handle = [...late, { name: 'phandle', value: cells(77) }];
    const first = await ofAttachNode(rig.kernel, { parent: soc, unitName: 'first', properties: handle });
    const second = await ofAttachNode(rig.kernel, { parent: soc, unitName: 'second', properties: handle });
    const none = await ofAttachNode(rig.kernel, { parent: soc, unitName: 'none', properties: late });
    expect([first, second, none].map(({ phandle }) => phandle)).to.deep.equal([77, 77, 0]);
    const led = (): DeviceNode | undefined => ofState(rig.kernel).phandles.get(77);
    expect(led()).to.deep.equal(first);
    expect(ofState(rig.kernel).phandles.has(0)).to.equal(false);
    await ofDetachNode(second);
    expect(led()).to.equal(first);
    await ofDetachNode(first);
    expect(led()).to.equal(undefined);
  });

  it("a node that is off, or that is attached below what is no bus, is nobody's supplier", async () => {
    const rig = await OfMachine.of(tree).boot();
    const root = ofState(rig.kernel).root as DeviceNode;
    const off = [...late, { name: 'status', value: cString('disabled') }];
    const made = await ofAttachNode(rig.kernel, { parent: at(root, '/soc'), unitName: 'off', properties: off });
    const below = await ofAttachNode(rig.kernel, { parent: at(root, '/dev'), unitName: 'late', properties: late });
    const on = await ofAttachNode(rig.kernel, { parent: at(root, '/soc'), unitName: 'on', properties: late });
    const flagged = [made, below, on].map(({ fwnode }) => (fwnode.flags & FWNODE_FLAG.NOT_DEVICE) !== 0);
    expect(flagged).to.deep.equal([true, true, false]);
  });

  it('below what is no bus no device is made', async () => {
    const rig = await OfMachine.of(tree).boot();
    const dev = at(ofState(rig.kernel).root as DeviceNode, '/dev');
    const made = await ofAttachNode(rig.kernel, { parent: dev, unitName: 'late', properties: late });
    expect(ofFindDeviceByNode(made)).to.equal(null);
  });
});
