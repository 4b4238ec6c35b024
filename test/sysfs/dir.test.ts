import { expect } from 'chai';
import { Kobject, kobjectAdd, kobjectDel, type SysfsDir } from '../../lib';
import { addSibling, objectWith } from './support';

const ENOENT = -2;
const EEXIST = -17;
const EINVAL = -22;

describe('/sys directories', () => {
  it('SY-01 one directory for each object, below its parent', () => {
    const { kernel, kobj } = objectWith();
    const child = new Kobject(kernel, { name: 't' });
    kobjectAdd(child, kobj, 'child');
    expect(child.sd?.path).to.equal('/sys/k/child');
    expect(kernel.sysfs.stat('/sys/k/child')).to.deep.equal({ kind: 'dir', mode: 0o755 });
  });

  it('SY-01 a name that is taken: EEXIST and a warning', () => {
    const { kernel, kobj, dir } = objectWith();
    dir.addFile({ name: 'x', mode: 0o444 });
    expect(kobjectAdd(new Kobject(kernel, { name: 't' }), kobj, 'x')).to.equal(EEXIST);
    expect(kernel.log.entries[0]?.text).to.equal("sysfs: cannot create duplicate filename '/k/x'");
  });

  it('SY-01 a directory that is gone: ENOENT', async () => {
    const { kobj, dir } = objectWith();
    await kobjectDel(kobj);
    expect(dir.addDir('d', null)).to.equal(ENOENT);
    expect(dir.addFile({ name: 'f', mode: 0o444 })).to.equal(ENOENT);
    expect(dir.addLink('l', dir)).to.equal(ENOENT);
  });

  it('SY-02 removing a directory removes all in it; links to it elsewhere stay, and lead nowhere', async () => {
    const { kernel, kobj, dir } = objectWith();
    const other = addSibling(kernel, 'other');
    dir.addFile({ name: 'file', mode: 0o444 });
    const inner = dir.addDir('inner', null) as SysfsDir;
    other.sd?.addLink('to-k', dir);
    await kobjectDel(kobj);
    expect(dir.removed).to.equal(true);
    expect(inner.removed).to.equal(true);
    expect(kernel.sysfs.readdir('/sys/other')).to.deep.equal(['to-k']);
    expect(kernel.sysfs.readlink('/sys/other/to-k')).to.equal('../k');
    expect(() => kernel.sysfs.stat('/sys/other/to-k', true)).to.throw(
      "ENOENT: No such file or directory, open '/sys/other/to-k'",
    );
  });

  it('SY-10 a link to what has no directory: ENOENT; a taken name: EEXIST, warned of unless asked not to', () => {
    const { kernel, dir } = objectWith();
    const other = addSibling(kernel, 'other');
    expect(dir.addLink('l', null)).to.equal(ENOENT);
    expect(dir.addLink('l', other.sd)).to.equal(0);
    expect(dir.addLink('l', other.sd, false)).to.equal(EEXIST);
    expect(kernel.warnings).to.equal(0);
    expect(dir.addLink('l', other.sd)).to.equal(EEXIST);
    expect(kernel.warnings).to.equal(1);
  });

  it('SY-10 the text of a link is relative, by the shortest way', () => {
    const { kernel, dir } = objectWith();
    const a = dir.addDir('a', null) as SysfsDir;
    const b = a.addDir('b', null) as SysfsDir;
    const other = addSibling(kernel, 'other');
    b.addLink('out', other.sd);
    b.addLink('up', dir);
    b.addLink('parent', a);
    b.addLink('self', b);
    dir.addLink('down', b);
    const read = (path: string): string => kernel.sysfs.readlink(`/sys/k/${path}`);
    expect(read('a/b/out')).to.equal('../../../other');
    expect(read('a/b/up')).to.equal('../../../k');
    expect(read('a/b/parent')).to.equal('../../a');
    expect(read('a/b/self')).to.equal('../b');
    expect(read('down')).to.equal('a/b');
  });

  it('paths: links are followed on the way, dots and slashes too', () => {
    const { kernel, dir } = objectWith([{ attrs: [{ name: 'f', mode: 0o444, show: () => 'f\n' }] }]);
    const other = addSibling(kernel, 'other');
    other.sd?.addLink('k', dir);
    for (const path of [
      '/sys/other/k/f',
      '/sys//other/./k/f',
      '/sys/other/../k/f',
      '/sys/../sys/k/f'.replace('/../sys', ''),
    ]) {
      expect(kernel.sysfs.stat(path).kind).to.equal('file');
    }
    expect(kernel.sysfs.stat('/sys/other/k').kind).to.equal('link');
    expect(kernel.sysfs.stat('/sys/other/k/').kind).to.equal('dir');
  });

  for (const [path, code] of [
    ['/sys/none', 'ENOENT'],
    ['/sys/k/f/x', 'ENOTDIR'],
    ['/sys/k/f/', 'ENOTDIR'],
    ['/proc', 'ENOENT'],
    ['sys/k', 'ENOENT'],
    ['', 'ENOENT'],
  ] as const) {
    it(`path ${JSON.stringify(path)} is ${code}`, () => {
      const { kernel } = objectWith([{ attrs: [{ name: 'f', mode: 0o444 }] }]);
      expect(() => kernel.sysfs.lookup(path))
        .to.throw()
        .that.includes({ code, path, syscall: 'open' });
    });
  }

  it('a directory can be moved and renamed, a link keeps its target', () => {
    const { kernel, dir } = objectWith();
    const other = addSibling(kernel, 'other');
    other.sd?.addLink('l', dir);
    expect(dir.moveTo(other.sd as SysfsDir, 'l')).to.equal(EEXIST);
    expect(dir.moveTo(other.sd as SysfsDir, 'm')).to.equal(0);
    expect(kernel.sysfs.readlink('/sys/other/l')).to.equal('m');
    expect(other.sd?.renameLink('l', 'm', dir)).to.equal(EEXIST);
    expect(other.sd?.renameLink('l', 'n', dir)).to.equal(0);
    expect(other.sd?.renameLink('l', 'o', dir)).to.equal(ENOENT);
    expect(other.sd?.renameLink('n', 'o', other.sd)).to.equal(EINVAL);
    expect(other.sd?.renameLink('m', 'o', dir)).to.equal(EINVAL);
    expect(kernel.sysfs.readdir('/sys/other')).to.deep.equal(['m', 'n']);
  });

  it('SY-10 a link that is renamed to its own name stays', () => {
    const { kernel, dir } = objectWith();
    const target = addSibling(kernel, 'target').sd!;
    dir.addLink('l', target);
    expect(dir.renameLink('l', 'l', target)).to.equal(0);
    expect(kernel.sysfs.readlink('/sys/k/l')).to.equal('../target');
  });

  it('a directory that is moved to where it is stays, and so does what is in it', async () => {
    const { kernel, kobj, dir } = objectWith();
    const child = new Kobject(kernel, { name: 't' });
    kobjectAdd(child, kobj, 'c');
    expect(child.sd!.moveTo(dir, 'c')).to.equal(0);
    expect(kernel.sysfs.readdir('/sys/k')).to.deep.equal(['c']);
    await kobjectDel(child);
    expect(child.sd).to.equal(null);
    expect(kernel.sysfs.readdir('/sys/k')).to.deep.equal([]);
  });

  it('a name is free again when its directory is gone, and stays with who has it now', async () => {
    const { kernel, kobj, dir } = objectWith();
    const [first, second] = [new Kobject(kernel, { name: 't' }), new Kobject(kernel, { name: 't' })];
    kobjectAdd(first, kobj, 'c');
    const gone = first.sd!;
    await kobjectDel(first);
    kobjectAdd(second, kobj, 'c');
    await gone.remove();
    dir.forget(gone);
    expect(kernel.sysfs.readdir('/sys/k')).to.deep.equal(['c']);
    expect(gone.moveTo(dir, 'd')).to.equal(ENOENT);
  });

  it('a link from the top, and to a directory above, has as many steps up as it is deep', () => {
    const { kernel, kobj, dir } = objectWith();
    const child = new Kobject(kernel, { name: 't' });
    kobjectAdd(child, kobj, 'c');
    child.sd!.addLink('up', dir);
    child.sd!.addLink('self', child.sd);
    dir.addLink('down', child.sd);
    expect(kernel.sysfs.readlink('/sys/k/c/up')).to.equal('../../k');
    expect(kernel.sysfs.readlink('/sys/k/c/self')).to.equal('../c');
    expect(kernel.sysfs.readlink('/sys/k/down')).to.equal('c');
  });

  it('a file that removes itself is gone at once, and the second to try is told so', () => {
    const { dir } = objectWith();
    dir.addFile({ name: 'f', mode: 0o200 });
    expect(dir.removeSelf('f')).to.equal(true);
    expect(dir.removeSelf('f')).to.equal(false);
    expect(dir.has('f')).to.equal(false);
  });
});
