import { expect } from 'chai';
import {
  IORESOURCE,
  ofAddressToResource,
  ofFindNodeByPath,
  ofTranslateAddress,
  unflattenDeviceTree,
  writeFdt,
  type DeviceNode,
  type FdtNode,
} from '../../buses/of-tree';
import { Kernel } from '../../lib/base/kernel';
import { World } from '../../lib/world';
import { node, type Value } from './support';

const ONE = { '#address-cells': [1], '#size-cells': [1] };
const TWO = { '#address-cells': [2], '#size-cells': [2] };

function kernelWith(root: FdtNode): Kernel {
  const kernel = new Kernel(new World());
  unflattenDeviceTree(kernel, writeFdt({ root }));
  return kernel;
}

function find(kernel: Kernel, path: string): DeviceNode {
  const found = ofFindNodeByPath(kernel, path);
  if (found === null) throw new Error(`no node ${path}`);
  return found;
}

/** What an address below one bus becomes. */
function below(
  bus: Readonly<Record<string, Value>>,
  reg: readonly number[],
  root: Readonly<Record<string, Value>> = ONE,
): bigint | null {
  const kernel = kernelWith(node('', root, [node('bus', { ...ONE, ...bus }, [node('dev', { reg })])]));
  return ofTranslateAddress(find(kernel, '/bus/dev'), [...reg]);
}

describe('of: addresses at the ends of ranges', () => {
  const ranges = [0x100, 0x8000, 0x100, 0x300, 0x9000, 0x10];

  for (const [address, becomes] of [
    [0xff, null],
    [0x100, 0x8000n],
    [0x1ff, 0x80ffn],
    [0x200, null],
    [0x2ff, null],
    [0x300, 0x9000n],
    [0x30f, 0x900fn],
    [0x310, null],
  ] as const) {
    it(`0x${address.toString(16)} ${becomes === null ? 'is in none' : `becomes 0x${becomes.toString(16)}`}`, () => {
      expect(below({ ranges }, [address, 1])).to.equal(becomes);
    });
  }

  it('a range that is cut off is none', () => {
    expect(below({ ranges: ranges.slice(0, 5) }, [0x300, 1])).to.equal(null);
    expect(below({ ranges: ranges.slice(0, 5) }, [0x100, 1])).to.equal(0x8000n);
  });

  it('through two buses, each with its own cells', () => {
    const kernel = kernelWith(
      node('', TWO, [
        node('outer', { ...ONE, ranges: [0x1000, 1, 0x2000, 0x1000] }, [
          node('inner', { ...TWO, ranges: [7, 0x10, 0x1800, 0, 0x100] }, [node('dev', { reg: [7, 0x14, 0, 1] })]),
        ]),
      ]),
    );
    expect(ofTranslateAddress(find(kernel, '/outer/inner/dev'), [7, 0x14, 0, 1])).to.equal(0x1_0000_2804n);
  });

  it('fewer cells than an address has are none; four are the most', () => {
    const kernel = kernelWith(node('', TWO, [node('dev', { reg: [1, 2, 0, 1] })]));
    expect([[1], [1, 2]].map((cells) => ofTranslateAddress(find(kernel, '/dev'), cells))).to.deep.equal([
      null,
      0x1_0000_0002n,
    ]);
    for (const [count, becomes] of [
      [0, null],
      [4, 9n],
      [5, null],
    ] as const) {
      const many = kernelWith(node('', { '#address-cells': [count], '#size-cells': [1] }, [node('dev', {})]));
      expect(ofTranslateAddress(find(many, '/dev'), [0, 0, 0, 9, 9]), String(count)).to.equal(becomes);
    }
  });

  it('a bus without sizes does not translate', () => {
    expect(below({ '#size-cells': [0], ranges: [] }, [1])).to.equal(null);
    expect(below({ ranges: [] }, [1, 1], { '#address-cells': [1], '#size-cells': [0] })).to.equal(null);
  });

  it('nodes that say nothing ask those above them, and one cell is what none says', () => {
    const kernel = kernelWith(node('', TWO, [node('bus', { ranges: [] }, [node('dev', {})])]));
    expect(ofTranslateAddress(find(kernel, '/bus/dev'), [3, 4])).to.equal(0x3_0000_0004n);
    const bare = kernelWith(node('', {}, [node('dev', {})]));
    expect(ofTranslateAddress(find(bare, '/dev'), [5, 6])).to.equal(5n);
  });
});

describe('of: windows of a device', () => {
  it('one for each whole entry', () => {
    const kernel = kernelWith(
      node('', TWO, [node('dev', { reg: [0, 0x1000, 0, 0x10, 1, 0, 1, 0, 0, 1, 0], 'reg-names': 'only' })]),
    );
    const windows = [0, 1, 2].map((i) => ofAddressToResource(find(kernel, '/dev'), i));
    expect(windows[0]).to.include({ start: 0x1000n, end: 0x100fn, name: 'only' });
    expect(windows[1]).to.include({ start: 0x1_0000_0000n, end: 0x1_ffff_ffffn, name: 'dev' });
    expect(windows[2]).to.equal(null);
  });

  it('four address cells are allowed, five are not', () => {
    for (const [count, found] of [
      [4, true],
      [5, false],
    ] as const) {
      const reg = [...new Array<number>(count - 1).fill(0), 0x40, 8];
      const kernel = kernelWith(node('', { '#address-cells': [count], '#size-cells': [1] }, [node('dev', { reg })]));
      expect(ofAddressToResource(find(kernel, '/dev'), 0) !== null, String(count)).to.equal(found);
    }
  });

  /** The window behind a PCI bridge whose only range has this first cell. */
  function pci(rangeFlags: number, flags: number, type: Readonly<Record<string, Value>> = { device_type: 'pci' }) {
    const kernel = kernelWith(
      node('', ONE, [
        node(
          'pcie@1',
          { ...type, '#address-cells': [3], '#size-cells': [2], ranges: [rangeFlags, 0, 0x1000, 0x8000, 0, 0x1000] },
          [node('dev', { 'assigned-addresses': [flags, 0, 0x1800, 0, 0x100] })],
        ),
      ]),
    );
    return { kernel, window: ofAddressToResource(find(kernel, '/pcie@1/dev'), 0) };
  }

  it('of PCI: memory of 64 bits and what may be fetched ahead; no memory in a range of ports', () => {
    const { MEM, MEM_64, PREFETCH } = IORESOURCE;
    expect(pci(0x0200_0000, 0x0200_0010).window).to.include({ start: 0x8800n, end: 0x88ffn, flags: MEM });
    expect(pci(0x0300_0000, 0x0300_0010).window).to.include({ start: 0x8800n, flags: MEM | MEM_64 });
    expect(pci(0x0200_0000, 0x4200_0010).window).to.include({ flags: MEM | PREFETCH });
    expect(pci(0x0200_0000, 0x0300_0010).window).to.include({ start: 0x8800n });
    expect(pci(0x0100_0000, 0x0200_0010).window).to.equal(null);
    expect(pci(0x0200_0000, 0x0100_0010).window).to.equal(null);
    expect(pci(0x0200_0000, 0x0000_0010).window).to.equal(null);
  });

  it('a pcie node without device_type is PCI all the same, and that is told once', () => {
    const { kernel, window } = pci(0x0200_0000, 0x0200_0010, {});
    expect(window).to.include({ start: 0x8800n });
    ofAddressToResource(find(kernel, '/pcie@1/dev'), 0);
    const told = (of: Kernel): string[] =>
      of.log.entries.map(({ text }) => text).filter((text) => text.includes('device_type'));
    expect(told(kernel)).to.deep.equal(['OF: /pcie@1: Missing device_type']);
    expect(told(pci(0x0200_0000, 0x0200_0010).kernel)).to.deep.equal([]);
  });

  it('of ISA: ports and memory are two spaces', () => {
    const window = (flags: number) => {
      const kernel = kernelWith(
        node('', ONE, [
          node('isa', { '#address-cells': [2], '#size-cells': [1], ranges: [0, 0x100, 0x4000, 0x100] }, [
            node('dev', { reg: [flags, 0x120, 8] }),
          ]),
        ]),
      );
      return ofAddressToResource(find(kernel, '/isa/dev'), 0);
    };
    expect(window(0)).to.include({ start: 0x4020n, end: 0x4027n, flags: IORESOURCE.MEM });
    expect(window(1)).to.equal(null);
  });
});
