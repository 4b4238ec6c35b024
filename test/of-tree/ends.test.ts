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
import { primecell, primecellPart } from '../../buses/of-tree/host/primecell';
import { gicDomain } from '../../buses/of-tree/guest/irq';
import { ofParsePhandleWithArgs } from '../../buses/of-tree/guest/of-phandle';
import { insertResource, makeResource, type Resource } from '../../buses/of-tree/guest/resource';
import { Kernel } from '../../lib/base/kernel';
import { EBUSY, EFAULT, EINVAL } from '../../lib/errno';
import { World } from '../../lib/world';
import { node } from './support';

function treeOf(...nodes: readonly FdtNode[]): DeviceNode {
  return unflattenDeviceTree(new Kernel(new World()), writeFdt({ root: node('', {}, nodes) }));
}

function nodeAt(root: DeviceNode, path: string): DeviceNode {
  const found = ofFindNodeByPath(root.kernel, path);
  if (found === null) throw new Error(`no node ${path}`);
  return found;
}

/** The interrupt of /dev, with the controller /pic driven: 1, or the error. */
function irqOf(nodes: readonly FdtNode[]): { irq: number; warnings: number } {
  const root = treeOf(...nodes);
  ofState(root.kernel).irqDomains.set(nodeAt(root, '/pic'), () => 1);
  const irq = ofIrqGet(nodeAt(root, '/dev'), 0);
  return { irq, warnings: root.kernel.warnings };
}

const range = (length: number, from = 0): number[] => Array.from({ length }, (_, i) => from + i);

describe('of: the longest way to a controller, and one that is too long', () => {
  /** `length` nodes, each with a map to the next; the last leads to the controller. */
  function chain(length: number): FdtNode[] {
    const maps = range(length, 1).map((i) =>
      node(`nexus${String(i)}`, {
        '#address-cells': [0],
        '#interrupt-cells': [1],
        phandle: [i],
        'interrupt-map': [7, i === length ? 1000 : i + 1, 7],
      }),
    );
    const pic = node('pic', { 'interrupt-controller': [], '#interrupt-cells': [1], phandle: [1000] });
    return [pic, ...maps, node('dev', { 'interrupt-parent': [length === 0 ? 1000 : 1], interrupts: [7] })];
  }

  for (const [length, irq] of [
    [0, 1],
    [1, 1],
    [62, 1],
    [63, 1],
    [64, -EINVAL],
    [65, -EINVAL],
  ] as const) {
    it(`${String(length)} maps: ${String(irq)}`, () => {
      expect(irqOf(chain(length)).irq).to.equal(irq);
    });
  }

  it('a node without cells is passed on the way up, and the address has the cells of the nearest node above', () => {
    const pic = node('pic', { 'interrupt-controller': [], '#interrupt-cells': [1], phandle: [1000] });
    const map = node('nexus', {
      '#address-cells': [2],
      '#interrupt-cells': [1],
      phandle: [1],
      'interrupt-map': [0, 5, 7, 1000, 3],
    });
    const dev = (reg: number[]): FdtNode => node('dev', { 'interrupt-parent': [1], interrupts: [7], reg });
    expect(irqOf([pic, map, dev([0, 5])]).irq).to.equal(1);
    expect(irqOf([pic, map, dev([0, 6])]).irq).to.equal(-EINVAL);
    expect(irqOf([pic, map, dev([0])]).irq, 'what is missing is 0').to.equal(-EINVAL);
  });
});

describe('of: as many cells as there may be (MAX_PHANDLE_ARGS)', () => {
  for (const [cells, irq, warnings] of [
    [15, 1, 0],
    [16, 1, 0],
    [17, -EFAULT, 1],
  ] as const) {
    it(`an interrupt of ${String(cells)} cells: ${String(irq)}, ${String(warnings)} warnings`, () => {
      const pic = node('pic', {
        'interrupt-controller': [],
        '#address-cells': [0],
        '#interrupt-cells': [cells],
        phandle: [1],
      });
      const dev = node('dev', { 'interrupt-parent': [1], interrupts: range(cells) });
      expect(irqOf([pic, dev])).to.deep.equal({ irq, warnings });
    });
  }

  for (const [cells, irq, warnings] of [
    [16, 1, 0],
    [17, -EINVAL, 1],
  ] as const) {
    it(`a line of a map with ${String(cells)} cells of the parent: ${String(irq)}`, () => {
      const pic = node('pic', {
        'interrupt-controller': [],
        '#address-cells': [2],
        '#interrupt-cells': [cells - 2],
        phandle: [1],
      });
      const map = node('nexus', {
        '#address-cells': [0],
        '#interrupt-cells': [1],
        phandle: [2],
        'interrupt-map': [7, 1, ...range(cells)],
      });
      expect(irqOf([pic, map, node('dev', { 'interrupt-parent': [2], interrupts: [7] })])).to.deep.equal({
        irq,
        warnings,
      });
    });
  }

  it('a line of a map that ends too early is none', () => {
    const pic = node('pic', { 'interrupt-controller': [], '#interrupt-cells': [2], phandle: [1] });
    const map = (line: readonly number[]): FdtNode =>
      node('nexus', { '#address-cells': [0], '#interrupt-cells': [1], phandle: [2], 'interrupt-map': [...line] });
    const dev = node('dev', { 'interrupt-parent': [2], interrupts: [7] });
    expect(irqOf([pic, map([7, 1, 3, 4]), dev]).irq).to.equal(1);
    expect(irqOf([pic, map([7, 1, 3]), dev]).irq).to.equal(-EINVAL);
  });

  it('a list of handles: an entry that just fits, and one that lacks a cell', () => {
    const clock = node('clock', { '#clock-cells': [2], phandle: [1] });
    const argsOf = (list: readonly number[], index: number) =>
      ofParsePhandleWithArgs(
        nodeAt(treeOf(clock, node('dev', { clocks: [...list] })), '/dev'),
        'clocks',
        '#clock-cells',
        index,
      );
    expect(argsOf([1, 5, 6], 0)?.args).to.deep.equal([5, 6]);
    expect(argsOf([1, 5, 6, 0, 1, 7, 8], 1)).to.equal(null);
    expect(argsOf([1, 5, 6, 0, 1, 7, 8], 2)?.args).to.deep.equal([7, 8]);
    expect(argsOf([1, 5], 0)).to.equal(null);
    expect(argsOf([1, 5, 6, 1, 5], 1)).to.equal(null);
  });

  it('of a list, no more than 16 cells are taken, with a warning', () => {
    const root = treeOf(node('c', { '#c-cells': [17], phandle: [1] }), node('dev', { list: [1, ...range(17)] }));
    expect(ofParsePhandleWithArgs(nodeAt(root, '/dev'), 'list', '#c-cells', 0)?.args).to.deep.equal(range(16));
    expect(root.kernel.warnings).to.equal(1);
  });
});

describe('of: interrupts of a GIC (gic_irq_domain_translate)', () => {
  const at = (kind: number, number: number, ...more: number[]): number | undefined =>
    gicDomain([kind, number, ...more]);

  it('the last number is 0x3ff', () => {
    for (const kind of [0, 1]) {
      expect(at(kind, 0x3ff, 4), 'last').to.be.a('number');
      expect(at(kind, 0x400, 4), 'next').to.equal(undefined);
    }
  });

  it('kinds: shared ones, 0, private ones, 1, from 16 on; no others', () => {
    expect(at(1, 0, 4)).to.equal(16);
    expect(at(1, 13, 4)).to.equal(29);
    expect(Number(at(0, 5, 4)) - Number(at(0, 0, 4))).to.equal(5);
    expect(at(2, 5, 4)).to.equal(undefined);
  });

  it('three cells at least', () => {
    expect(at(0, 5)).to.equal(undefined);
    expect(at(0, 5, 4, 1)).to.equal(at(0, 5, 4));
  });
});

describe('of: resources (__insert_resource)', () => {
  const res = (start: number, end: number): Resource =>
    makeResource({ start: BigInt(start), end: BigInt(end), flags: 0, name: 'test' });

  function inserted(ranges: readonly (readonly [number, number])[]): { results: number[]; tree: unknown } {
    const root = res(0, 1000);
    const results = ranges.map(([start, end]) => insertResource(root, res(start, end)));
    const shape = ({ start, end, children }: Resource): unknown => [Number(start), Number(end), children.map(shape)];
    return { results, tree: root.children.map(shape) };
  }

  it('beside each other, in the order of their addresses', () => {
    expect(
      inserted([
        [20, 29],
        [0, 9],
        [10, 19],
      ]),
    ).to.deep.equal({
      results: [0, 0, 0],
      tree: [
        [0, 9, []],
        [10, 19, []],
        [20, 29, []],
      ],
    });
  });

  it('inside, up to both edges', () => {
    for (const inner of [
      [10, 15],
      [15, 19],
      [12, 13],
    ] as const) {
      expect(inserted([[10, 19], inner])).to.deep.equal({ results: [0, 0], tree: [[10, 19, [[...inner, []]]]] });
    }
  });

  it('around, and the same once more: the new one is outside', () => {
    expect(
      inserted([
        [10, 15],
        [10, 19],
      ]).tree,
    ).to.deep.equal([[10, 19, [[10, 15, []]]]]);
    expect(
      inserted([
        [10, 15],
        [16, 19],
        [10, 19],
      ]).tree,
    ).to.deep.equal([
      [
        10,
        19,
        [
          [10, 15, []],
          [16, 19, []],
        ],
      ],
    ]);
    expect(
      inserted([
        [10, 19],
        [10, 19],
      ]).tree,
    ).to.deep.equal([[10, 19, [[10, 19, []]]]]);
  });

  it('across an edge: EBUSY', () => {
    for (const across of [
      [5, 10],
      [19, 25],
      [5, 15],
      [15, 25],
    ] as const) {
      expect(inserted([[10, 19], across])).to.deep.equal({ results: [0, -EBUSY], tree: [[10, 19, []]] });
    }
  });
});

describe('of: what a PrimeCell says of itself', () => {
  const bytesOf = (size: number): number[] => {
    const registers = primecell(0x00141011, size);
    return range(10, 0).map((i) => registers.read(size - 36 + 4 * i, 4));
  };

  it('eight bytes in the last words of its window, whatever its size; 0 before and behind', () => {
    for (const size of [0x1000, 0x10000]) {
      expect(bytesOf(size)).to.deep.equal([0, 0x11, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1, 0]);
    }
  });

  it('a byte within a word is that of the word', () => {
    const registers = primecell(0x00141011, 0x1000);
    for (const offset of [0xfe0, 0xfe1, 0xfe3]) expect(registers.read(offset, 1)).to.equal(0x11);
  });

  it('parts by their first name', () => {
    const part = (...names: string[]): number | undefined =>
      primecellPart(node('x', { compatible: `${names.join('\0')}\0` }));
    expect(part('arm,pl011', 'arm,primecell')).to.equal(0x00141011);
    expect(part('arm,pl031', 'arm,primecell')).to.equal(0x00141031);
    expect(part('arm,pl061', 'arm,primecell')).to.equal(0x00041061);
    expect(part('arm,pl011')).to.equal(undefined);
    expect(part('arm,primecell')).to.equal(undefined);
  });
});
