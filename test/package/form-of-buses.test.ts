import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { isForbidden } from '../documentation/layers';

const BUSES = join(__dirname, '../../buses');
const MUST = ['guest', 'host', 'index.ts', 'layout.ts'];
const MAY = ['layout', 'virtio'];

function names(folder: string): string[] {
  return readdirSync(folder).sort();
}

describe('the form of a bus', () => {
  const buses = names(BUSES).filter((name) => name !== 'index.ts');

  it('is that of all that there are', () => {
    expect(buses).to.include.members(['ccw', 'of-tree', 'ps3-handle', 'vbus', 'vpci']);
  });

  for (const bus of buses) {
    it(`${bus} has a door, a layout and two halves, and beside them at most a transport`, () => {
      expect(names(join(BUSES, bus)).filter((name) => !MAY.includes(name))).to.deep.equal(MUST);
    });
  }

  const parts = ['index.ts', 'guest/a.ts', 'host/a.ts', 'virtio/a.ts', 'layout.ts', 'layout/a.ts'];
  const layout = ['layout.ts', 'layout/a.ts'];
  const mayImport: ReadonlyMap<string, readonly string[]> = new Map([
    ['index.ts', parts],
    ['guest/a.ts', ['guest/a.ts', ...layout]],
    ['host/a.ts', ['host/a.ts', ...layout]],
    ['virtio/a.ts', ['virtio/a.ts', 'guest/a.ts', ...layout]],
    ['layout.ts', layout],
    ['layout/a.ts', layout],
  ]);

  for (const [from, allowed] of mayImport) {
    it(`${from} may import ${allowed.join(', ')}, and nothing else of its bus`, () => {
      const refused = parts.filter((to) => isForbidden(`buses/lab/${from}`, `buses/lab/${to}`));
      expect(refused).to.deep.equal(parts.filter((to) => !allowed.includes(to)));
    });
  }
});
