import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { deviceListing, treeListing } from '../../tools/devicetree/listing';
import { machineOf } from '../../tools/devicetree/machine';

const DIR = join(__dirname, 'recorded');
const read = (name: string, ending: string): Buffer => readFileSync(join(DIR, `${name}.${ending}`));

/** Trees that test/oracle/of/run has booted, and what the real kernel made of them. */
const names = readdirSync(DIR)
  .filter((file) => file.endsWith('.dtb'))
  .map((file) => file.slice(0, -'.dtb'.length));

describe('of-tree: trees that a real kernel has booted', () => {
  for (const name of names) {
    it(`makes the devices and files of ${name}`, async () => {
      const { kernel, refused } = await machineOf(new Uint8Array(read(name, 'dtb')));
      expect(refused).to.equal(null);
      expect(await deviceListing(kernel)).to.equal(read(name, 'dev').toString('latin1'));
      expect(await treeListing(kernel)).to.equal(read(name, 'tree').toString('latin1'));
      expect(kernel.world.oopses).to.deep.equal([]);
    });
  }

  it('are there', () => expect(names.length).to.be.greaterThan(10));
});
