import { expect } from 'chai';
import { attrRo, attrRw, attrWo, GuestDead, type Kobject } from '../../lib';
import { errorOf } from '../support/errors';
import { addSibling, objectWith } from './support';

function tree() {
  let value = 'old';
  const made = objectWith([
    {
      attrs: [
        attrRw<Kobject>(
          'rw',
          () => value,
          (_, data) => {
            value = data;
          },
        ),
        attrRo('ro', () => 'ro\n'),
        attrWo('wo', () => undefined),
      ],
    },
    { name: 'sub', attrs: [attrRo('inner', () => 'inner\n')] },
  ]);
  const other = addSibling(made.kernel, 'other');
  other.sd?.addLink('link', made.dir);
  return { ...made, fs: made.kernel.fs, value: () => value };
}

describe('kernel.fs', () => {
  it('reads and writes', async () => {
    const { fs, value } = tree();
    await fs.writeFile('/sys/k/rw', 'new');
    expect(value()).to.equal('new');
    await fs.writeFile('/sys/other/link/rw', Uint8Array.from([0xc3, 0xa9]));
    expect(await fs.readFile('/sys/k/rw', 'utf8')).to.equal('é');
    expect(await fs.readFile('/sys/k/rw', null)).to.deep.equal(Uint8Array.from([0xc3, 0xa9]));
  });

  it('lists directories, groups and through links, sorted', async () => {
    const { fs } = tree();
    expect(await fs.readdir('/sys/k')).to.deep.equal(['ro', 'rw', 'sub', 'wo']);
    expect(await fs.readdir('/sys/k/sub')).to.deep.equal(['inner']);
    expect(await fs.readdir('/sys/other/link')).to.deep.equal(['ro', 'rw', 'sub', 'wo']);
  });

  it('tells kinds, modes and sizes; lstat does not follow', async () => {
    const { fs } = tree();
    const file = await fs.stat('/sys/k/ro');
    expect(file.isFile()).to.equal(true);
    expect(file.isDirectory()).to.equal(false);
    expect(file.isSymbolicLink()).to.equal(false);
    expect(file.mode).to.equal(0o100444);
    expect(file.size).to.equal(4096);
    const dir = await fs.stat('/sys/other/link');
    expect(dir.isDirectory()).to.equal(true);
    expect(dir.mode).to.equal(0o040755);
    const link = await fs.lstat('/sys/other/link');
    expect(link.isSymbolicLink()).to.equal(true);
    expect(link.mode).to.equal(0o120777);
    expect(await fs.readlink('/sys/other/link')).to.equal('../k');
  });

  it('access allows root everything but the execution of a file, as a real kernel does', async () => {
    const { fs } = tree();
    const { R_OK, W_OK, X_OK } = fs.constants;
    for (const path of ['/sys/k/ro', '/sys/k/wo', '/sys/k/rw', '/sys/k', '/sys/k/sub'])
      await fs.access(path, R_OK | W_OK);
    await fs.access('/sys/k', R_OK | W_OK | X_OK);
    await fs.access('/sys/other/link', X_OK);
    expect(await errorOf(() => fs.access('/sys/k/rw', X_OK))).to.include({
      code: 'EACCES',
      syscall: 'access',
      path: '/sys/k/rw',
    });
    expect(await errorOf(() => fs.access('/sys/none'))).to.include({ code: 'ENOENT', syscall: 'access' });
    expect(await errorOf(() => fs.access('/sys/k', 8))).to.include({ code: 'EINVAL' });
  });

  it("errors have the shape of Node's", async () => {
    const { fs } = tree();
    const none = '/sys/none';
    const error = await errorOf(() => fs.readFile(none));
    expect(error).to.include({ code: 'ENOENT', errno: -2, syscall: 'open', path: none });
    expect(error.message).to.equal("ENOENT: No such file or directory, open '/sys/none'");
    expect(await errorOf(() => fs.readdir(none))).to.include({ code: 'ENOENT', syscall: 'scandir', path: none });
    expect(await errorOf(() => fs.readdir('/sys/k/ro'))).to.include({ code: 'ENOTDIR', syscall: 'scandir' });
    expect(await errorOf(() => fs.readlink(none))).to.include({ code: 'ENOENT', syscall: 'readlink' });
    expect(await errorOf(() => fs.readlink('/sys/k'))).to.include({ code: 'EINVAL', syscall: 'readlink' });
    expect(await errorOf(() => fs.stat(none))).to.include({ code: 'ENOENT', syscall: 'stat' });
    expect(await errorOf(() => fs.lstat(none))).to.include({ code: 'ENOENT', syscall: 'lstat' });
    expect(await errorOf(() => fs.readFile('/sys/k'))).to.include({ code: 'EISDIR', syscall: 'read' });
    expect(await errorOf(() => fs.writeFile('/sys/k', 'x'))).to.include({ code: 'EISDIR', syscall: 'open' });
  });

  it('regression: nobody makes files here: EACCES for a new name, ENOENT where there is no directory', async () => {
    const { fs } = tree();
    const cases = {
      '/sys/k/new': 'EACCES',
      '/sys/k/sub/new': 'EACCES',
      '/sys/other/link/new': 'EACCES',
      '/sys/new': 'EACCES',
      '/sys/k/./new': 'EACCES',
      '/sys/none/new': 'ENOENT',
      '/sys/k/new/newer': 'ENOENT',
      '/sys/k/ro/new': 'ENOTDIR',
      '/sys/k/new/': 'EISDIR',
      '/sys/k/': 'EISDIR',
      '/proc/new': 'ENOENT',
    };
    for (const [path, code] of Object.entries(cases)) {
      expect(await errorOf(() => fs.writeFile(path, 'x')), path).to.include({ code, syscall: 'open', path });
    }
    expect(await errorOf(() => fs.readFile('/sys/k/new'))).to.include({ code: 'ENOENT' });
  });

  it('is refused with GuestDead when the kernel dies meanwhile', async () => {
    const { world, kernel } = objectWith([
      {
        attrs: [
          attrRo('slow', async () => {
            await world.sleep(10);
            return '';
          }),
        ],
      },
    ]);
    const error = errorOf(() => kernel.fs.readFile('/sys/k/slow'));
    kernel.kill();
    expect(await error).to.be.instanceOf(GuestDead);
  });
});
