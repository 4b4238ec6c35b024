import { expect } from 'chai';
import {
  ofFindNodeByPath,
  ofFindNodeOptsByPath,
  ofState,
  unflattenDeviceTree,
  writeFdt,
  type DeviceNode,
} from '../../buses/of-tree';
import { Kernel } from '../../lib/base/kernel';
import { World } from '../../lib/world';
import { node } from './support';

function unflat(root: ReturnType<typeof node>): DeviceNode {
  return unflattenDeviceTree(new Kernel(new World()), writeFdt({ root }));
}

const root = unflat(
  node('', {}, [
    node('soc', {}, [node('uart@10', {}, [node('port', {})])]),
    node('chosen@0', {}),
    node('aliases', {
      uart: '/soc/uart@10',
      serial0: 'uart',
      trail1: '/soc/uart@10/',
      opt2: '/soc/uart@10:115200',
      both3: 'uart/port',
      ring4: 'round',
      round: 'ring4',
      '7': '/soc',
      serial01: '/soc',
      big2147483648: '/soc',
      most2147483647: '/soc',
    }),
  ]),
);

const find = (path: string): string | undefined => ofFindNodeByPath(root.kernel, path)?.fullName;

describe('of: nodes by path', () => {
  const found: readonly (readonly [string, string | undefined])[] = [
    ['/', '/'],
    ['/soc', '/soc'],
    ['/soc/uart@10/port', '/soc/uart@10/port'],
    ['uart', '/soc/uart@10'],
    ['uart/port', '/soc/uart@10/port'],
    ['/soc/uart@10:9600/8', '/soc/uart@10'],
    ['uart:9600/8', '/soc/uart@10'],
    ['serial0', '/soc/uart@10'],
    ['both3', '/soc/uart@10/port'],
    ['', undefined],
    ['soc', undefined],
    ['/soc/uart', undefined],
    ['uart/none', undefined],
    ['ring4', undefined],
  ];
  for (const [path, expected] of found) {
    it(`'${path}' is ${expected ?? 'no node'}`, () => {
      expect(find(path)).to.equal(expected);
    });
  }

  for (const path of ['/soc/', 'uart/', '//soc', '/soc//uart@10', '/:x', 'trail1']) {
    it(`regression: '${path}' is no node: between two slashes, or behind the last, there is a name`, () => {
      expect(find(path)).to.equal(undefined);
    });
  }

  it('what follows the first colon are options', () => {
    const options = (path: string): string | null => ofFindNodeOptsByPath(root.kernel, path).options;
    expect(options('/soc:a/b:c')).to.equal('a/b:c');
    expect(options('uart:')).to.equal('');
    expect(options('/soc')).to.equal(null);
    expect(options('/')).to.equal(null);
  });

  it('regression: an alias whose path ends in a slash, or whose number is no int, is none', () => {
    expect(ofState(root.kernel).aliases.map(({ alias, stem, id }) => [alias, stem, id])).to.deep.equal([
      ['7', '', 7],
      ['serial0', 'serial', 0],
      ['opt2', 'opt', 2],
      ['both3', 'both', 3],
      ['serial01', 'serial', 1],
      ['most2147483647', 'most', 2147483647],
    ]);
  });

  it('/chosen may be called /chosen@0', () => {
    expect(ofState(root.kernel).chosen?.fullName).to.equal('/chosen@0');
  });

  it('without /aliases nothing is found by alias', () => {
    const bare = unflat(node('', {}, [node('soc', {})]));
    expect(ofFindNodeByPath(bare.kernel, 'soc')).to.equal(null);
    expect(ofState(bare.kernel).aliases).to.deep.equal([]);
  });
});
