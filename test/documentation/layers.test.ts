import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { bindingPath, drawLayers, floorOf, isForbidden, readLayers, ROOT } from './layers';

const INDEX = readFileSync(join(ROOT, 'Documentation/index.md'), 'utf8');

/** The files of the section "An afternoon", in its order. */
function afternoon(): string[] {
  const section = /## An afternoon\n([^]*?)\nThen one bus/.exec(INDEX)?.[1] ?? '';
  return [...section.matchAll(/\]\(\.\.\/(lib\/[^)]+)\)/g)].map(([, file]) => file ?? '');
}

describe('the layers of the sources', () => {
  const layers = readLayers();

  it('are drawn in Documentation/layers.svg as they are: `npm run picture` draws them anew', async () => {
    expect(readFileSync(join(ROOT, 'Documentation/layers.svg'), 'utf8')).to.equal(await drawLayers());
  });

  it('import from below only, and a rule refuses the way back', () => {
    for (const layer of layers) {
      for (const below of layer.imports.keys()) {
        expect(floorOf(below, layers), `${layer.name} -> ${below}`).to.be.lessThan(floorOf(layer.name, layers));
        const other = layers.find(({ name }) => name === below);
        for (const from of other?.files ?? [])
          for (const to of layer.files) expect(isForbidden(from, to), `${from} -> ${to}`).to.equal(true);
      }
    }
  });
});

describe('an afternoon', () => {
  it('has every file that a bind and an unbind pass through', async () => {
    expect(afternoon()).to.include.members(await bindingPath());
  });

  it('says how many files and lines there are', () => {
    const files = afternoon();
    expect(files.filter((file) => !existsSync(join(ROOT, file)))).to.deep.equal([]);
    const lines = files.map((file) => readFileSync(join(ROOT, file), 'utf8').split('\n').length - 1);
    const said = /These (\w+) files are some ([\d,]+) lines/.exec(INDEX);
    expect(said?.[1]).to.equal('twenty');
    expect(files.length).to.equal(20);
    const total = lines.reduce((sum, count) => sum + count, 0);
    expect(total).to.be.closeTo(Number(said?.[2]?.replace(',', '')), 150);
  });
});
