import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

const BUSES = join(__dirname, '../../buses');
const MUST = ['guest', 'host', 'index.ts', 'layout.ts'];
const MAY = ['layout', 'virtio'];

function names(folder: string): string[] {
  return readdirSync(folder).sort();
}

describe('the form of a bus', () => {
  const buses = names(BUSES).filter((name) => name !== 'index.ts');

  it('is that of all that there are', () => {
    expect(buses).to.include.members(['ccw', 'of-tree', 'ps3-handle', 'vpci']);
  });

  for (const bus of buses) {
    it(`${bus} has a door, a layout and two halves, and beside them at most a transport`, () => {
      expect(names(join(BUSES, bus)).filter((name) => !MAY.includes(name))).to.deep.equal(MUST);
    });
  }
});
