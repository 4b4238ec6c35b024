import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

const ROOT = join(__dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** `NAME` and `NN` stand for what is to be added. */
function folderOf(path: string): string {
  return /NAME|NN/.test(path) ? path.replace(/(^|\/)[^/]*(NAME|NN).*$/, '') : path;
}

describe('CONTRIBUTING.md', () => {
  const text = read('CONTRIBUTING.md');
  const scripts = (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts;

  it('names files that are there', () => {
    const links = [...text.matchAll(/\]\(([^):#]+)(?:#[^)]*)?\)/g)].map(([, target = '']) => target);
    expect(links.length).to.be.greaterThan(15);
    for (const file of links) expect(existsSync(join(ROOT, file)), file).to.equal(true);
  });

  it('names folders that are there for what is to be added', () => {
    const paths = [...text.matchAll(/`((?:lib|drivers|buses|tools|test)\/[\w./-]*)`/g)].map(([, path = '']) => path);
    expect(paths.length).to.be.greaterThan(6);
    for (const path of paths) expect(existsSync(join(ROOT, folderOf(path))), path).to.equal(true);
  });

  it('names scripts that are there', () => {
    const named = [...text.matchAll(/`npm run ([\w:]+)/g)].map(([, name = '']) => name);
    expect(named.length).to.be.greaterThan(6);
    for (const name of named) expect(scripts[name], name).to.be.a('string');
  });
});

describe('CHANGELOG.md', () => {
  it('begins with what is unreleased', () => {
    expect(read('CHANGELOG.md').match(/^## (.+)$/m)?.[1]).to.equal('[Unreleased]');
  });
});
