import { expect } from 'chai';
import {
  ofFindNodeByPath,
  ofIrqGet,
  ofState,
  unflattenDeviceTree,
  writeFdt,
  type DeviceNode,
  type FdtNode,
} from '../../buses/of-tree';
import { Kernel } from '../../lib/base/kernel';
import { World } from '../../lib/world';
import { node, type Value } from './support';

const PIC = 1;
const NEXUS = 2;
const controller = (name: string, phandle: number, properties: Readonly<Record<string, Value>> = {}): FdtNode =>
  node(name, { 'interrupt-controller': [], '#interrupt-cells': [1], phandle: [phandle], ...properties });

/** What an interrupt is, with every controller driven: path of the controller and its cells, or the error. */
function irqOf(nodes: readonly FdtNode[], path: string, index = 0): string | number {
  const root = unflattenDeviceTree(new Kernel(new World()), writeFdt({ root: node('', {}, nodes) }));
  let got = '';
  const drive = (at: DeviceNode): void => {
    if (at.has('interrupt-controller')) {
      ofState(root.kernel).irqDomains.set(at, (cells) => (got = `${at.fullName} ${cells.join(' ')}`).length);
    }
    at.children.forEach(drive);
  };
  drive(root);
  const device = ofFindNodeByPath(root.kernel, path);
  if (device === null) throw new Error(`no node ${path}`);
  const vector = ofIrqGet(device, index);
  return vector > 0 ? got : vector;
}

/** Like the socket of a PCI slot: line and device number tell the interrupts apart. */
const nexus = (map: readonly number[], properties: Readonly<Record<string, Value>> = {}): FdtNode =>
  node(
    'nexus',
    {
      '#address-cells': [1],
      '#size-cells': [0],
      '#interrupt-cells': [1],
      phandle: [NEXUS],
      'interrupt-map': map,
      ...properties,
    },
    [
      node('a@1', { reg: [1], interrupts: [1, 2] }),
      node('b@2', { reg: [2], interrupts: [1] }),
      node('c@3', { reg: [3], interrupts: [9] }),
    ],
  );

const MAP = [1, 1, PIC, 11, 1, 2, PIC, 12, 2, 1, PIC, 21];

describe('of: interrupt-map', () => {
  it('regression: a node with a map is not waited for: the line that fits leads to the controller', () => {
    const nodes = [controller('pic', PIC), nexus(MAP)];
    expect(irqOf(nodes, '/nexus/a@1')).to.equal('/pic 11');
    expect(irqOf(nodes, '/nexus/a@1', 1)).to.equal('/pic 12');
    expect(irqOf(nodes, '/nexus/b@2')).to.equal('/pic 21');
  });

  it('without a line that fits there is no interrupt', () => {
    expect(irqOf([controller('pic', PIC), nexus(MAP)], '/nexus/c@3')).to.equal(-22);
  });

  it('only what the mask leaves is compared', () => {
    const nodes = [controller('pic', PIC), nexus([0, 1, PIC, 77], { 'interrupt-map-mask': [0, 7] })];
    expect(irqOf(nodes, '/nexus/b@2')).to.equal('/pic 77');
    expect(irqOf(nodes, '/nexus/c@3')).to.equal('/pic 77');
  });

  it('the address of the parent stands before its cells', () => {
    const pic = controller('pic', PIC, { '#address-cells': [2], '#interrupt-cells': [3] });
    expect(irqOf([pic, nexus([1, 1, PIC, 0, 0, 4, 5, 6])], '/nexus/a@1')).to.equal('/pic 4 5 6');
  });

  it('a line whose controller is off is passed over', () => {
    const nodes = [
      controller('off', 3, { status: 'disabled' }),
      controller('pic', PIC),
      nexus([1, 1, 3, 30, 1, 1, PIC, 10]),
    ];
    expect(irqOf(nodes, '/nexus/a@1')).to.equal('/pic 10');
  });

  it('maps may follow each other', () => {
    const outer = node('outer', {
      '#address-cells': [0],
      '#interrupt-cells': [1],
      phandle: [4],
      'interrupt-map': [55, PIC, 66],
    });
    expect(irqOf([controller('pic', PIC), outer, nexus([1, 1, 4, 55])], '/nexus/a@1')).to.equal('/pic 66');
  });

  it('a controller with a map uses it, but for those whose drivers read it themselves', () => {
    const nodes = (compatible: string): FdtNode[] => [
      controller('pic', PIC),
      nexus([1, 1, PIC, 11], { 'interrupt-controller': [], compatible }),
    ];
    expect(irqOf(nodes('x'), '/nexus/a@1')).to.equal('/pic 11');
    expect(irqOf(nodes('fsl,ls1021a-extirq'), '/nexus/a@1')).to.equal('/nexus 1');
  });

  it('a map that leads to its own node ends there', () => {
    const nodes = [nexus([1, 1, NEXUS, 0, 8], { 'interrupt-controller': [] })];
    expect(irqOf(nodes, '/nexus/a@1')).to.equal('/nexus 8');
  });

  it('interrupts-extended goes through maps too', () => {
    const device = node('dev', { 'interrupts-extended': [PIC, 5, 4, 55] });
    const outer = node('outer', {
      '#address-cells': [0],
      '#interrupt-cells': [1],
      phandle: [4],
      'interrupt-map': [55, PIC, 66],
    });
    const nodes = [controller('pic', PIC), outer, device];
    expect(irqOf(nodes, '/dev')).to.equal('/pic 5');
    expect(irqOf(nodes, '/dev', 1)).to.equal('/pic 66');
  });

  const wrong: readonly (readonly [string, readonly FdtNode[], number])[] = [
    ['a map to a handle that nobody has', [nexus([1, 1, 99, 5])], -22],
    [
      'a map that ends within a line',
      [controller('pic', PIC, { '#interrupt-cells': [3] }), nexus([1, 1, PIC, 5])],
      -22,
    ],
    ['a parent without #interrupt-cells', [node('pic', { phandle: [PIC] }), nexus([1, 1, PIC, 5])], -22],
    ['more cells than there may be', [nexus(MAP, { '#address-cells': [16] })], -14],
    [
      'a way that ends without a controller',
      [node('pic', { phandle: [PIC], '#interrupt-cells': [1] }), nexus(MAP)],
      -2,
    ],
  ];
  for (const [title, nodes, error] of wrong) {
    it(`${title} gives ${String(error)}`, () => expect(irqOf(nodes, '/nexus/a@1')).to.equal(error));
  }

  it('maps in a ring end', () => {
    const ring = (name: string, phandle: number, to: number): FdtNode =>
      node(name, {
        '#address-cells': [0],
        '#interrupt-cells': [1],
        phandle: [phandle],
        'interrupt-map': [5, to, 5],
      });
    const device = node('dev', { 'interrupts-extended': [3, 5] });
    expect(irqOf([ring('x', 3, 4), ring('y', 4, 3), device], '/dev')).to.equal(-22);
  });
});
