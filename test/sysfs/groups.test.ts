import { expect } from 'chai';
import {
  attrRo,
  createGroup,
  createGroups,
  mergeGroup,
  removeGroup,
  removeGroups,
  unmergeGroup,
  updateGroup,
  type AttributeGroup,
  type Kobject,
} from '../../lib';
import { addSibling, objectWith } from './support';

const ENOENT = -2;
const EEXIST = -17;
const EINVAL = -22;

function group(names: string, name?: string): AttributeGroup<Kobject> {
  const attrs = Array.from(names, (attr) => attrRo<Kobject>(attr, () => `${attr}\n`));
  return name === undefined ? { attrs } : { name, attrs };
}

describe('/sys groups', () => {
  it('SY-06 all files or none: a taken name removes the whole group, the older file included', () => {
    const { dir, names } = objectWith([group('b')]);
    expect(createGroup(dir, group('abc'))).to.equal(EEXIST);
    expect(names()).to.deep.equal([]);
  });

  it('SY-06 a list of groups unwinds in reverse what was made, and leaves older files alone', () => {
    const { dir, names } = objectWith([group('x')]);
    expect(createGroups(dir, [group('ab'), group('c', 'named'), group('x')])).to.equal(EEXIST);
    expect(names()).to.deep.equal([]);
    const second = objectWith([group('x')]);
    second.dir.addLink('d', second.dir);
    expect(createGroups(second.dir, [group('ab'), group('d')])).to.equal(EEXIST);
    expect(second.names()).to.deep.equal(['x']);
  });

  it('SY-06 attributes come before binary ones, and a taken binary name undoes both', () => {
    const { dir, names } = objectWith();
    const bin = { name: 'bin', mode: 0o444, size: 4, read: () => new Uint8Array(4) };
    expect(createGroup(dir, { ...group('a'), binAttrs: [bin] })).to.equal(0);
    expect(names()).to.deep.equal(['a', 'bin']);
    expect(createGroup(dir, { ...group('z'), binAttrs: [bin] })).to.equal(EEXIST);
    expect(names()).to.deep.equal(['a']);
  });

  it('SY-06 default groups that cannot be made refuse the object', () => {
    const { result, kobj } = objectWith([group('a'), group('a')]);
    expect(result).to.equal(EEXIST);
    expect(kobj.stateInSysfs).to.equal(false);
  });

  it('a group without a list is EINVAL with a warning', () => {
    const { kernel, dir } = objectWith();
    expect(createGroup(dir, { name: 'g' })).to.equal(EINVAL);
    expect(kernel.warnings).to.equal(1);
  });

  it('SY-07 isVisible decides for each object and file; 0 is no file', () => {
    const asked: [string, string, number][] = [];
    const visible: AttributeGroup<Kobject> = {
      ...group('abc'),
      isVisible: (kobj, attr, index) => {
        asked.push([kobj.name ?? '', attr.name, index]);
        return attr.name === 'b' ? 0 : 0o400;
      },
    };
    const { kernel, dir, names } = objectWith();
    createGroup(dir, visible);
    expect(names()).to.deep.equal(['a', 'c']);
    expect(asked).to.deep.equal([
      ['k', 'a', 0],
      ['k', 'b', 1],
      ['k', 'c', 2],
    ]);
    expect(kernel.sysfs.stat('/sys/k/a').mode).to.equal(0o400);
  });

  it('SY-07 a mode beyond 0664 is cut, with a warning', () => {
    const { kernel, dir } = objectWith();
    createGroup(dir, {
      attrs: [
        { name: 'a', mode: 0o666 },
        { name: 'b', mode: 0o664 },
      ],
    });
    expect(kernel.sysfs.stat('/sys/k/a').mode).to.equal(0o664);
    expect(kernel.sysfs.stat('/sys/k/b').mode).to.equal(0o664);
    expect(kernel.log.entries.map((entry) => entry.text)).to.deep.equal(['Attribute a: Invalid permissions 0666']);
  });

  it('SY-07 a mode of one object does not become that of another', () => {
    let mode = 0o444;
    const shared: AttributeGroup<Kobject> = { ...group('a'), isVisible: () => mode };
    const { kernel, dir } = objectWith();
    createGroup(dir, shared);
    mode = 0o644;
    addSibling(kernel, 'second', [shared]);
    mode = 0o444;
    addSibling(kernel, 'third', [shared]);
    expect(['k', 'second', 'third'].map((name) => kernel.sysfs.stat(`/sys/${name}/a`).mode)).to.deep.equal([
      0o444, 0o644, 0o444,
    ]);
  });

  it('SY-08 a named group is a subdirectory; it takes its files along', async () => {
    const { kernel, dir, names } = objectWith([group('ab', 'sub')]);
    expect(kernel.sysfs.readdir('/sys/k/sub')).to.deep.equal(['a', 'b']);
    expect(kernel.sysfs.stat('/sys/k/sub').kind).to.equal('dir');
    expect(await kernel.fs.readFile('/sys/k/sub/b')).to.equal('b\n');
    await removeGroup(dir, group('ab', 'sub'));
    expect(names()).to.deep.equal([]);
    expect(kernel.warnings).to.equal(0);
  });

  it('SY-08 removing one that is missing only warns', async () => {
    const { kernel, dir } = objectWith();
    await removeGroup(dir, group('a', 'sub'));
    expect(kernel.log.entries.map((entry) => entry.text)).to.deep.equal([
      "sysfs group 'sub' not found for kobject 'k'",
    ]);
  });

  it('SY-08 a taken name refuses it', () => {
    const { dir, names } = objectWith([group('a')]);
    expect(createGroup(dir, group('b', 'a'))).to.equal(EEXIST);
    expect(names()).to.deep.equal(['a']);
  });

  it('SY-09 update decides visibility again', () => {
    let shown = 'ab';
    const dynamic: AttributeGroup<Kobject> = {
      ...group('abc'),
      isVisible: (_, attr) => (shown.includes(attr.name) ? 0o444 : 0),
    };
    const { dir, names } = objectWith([dynamic]);
    expect(names()).to.deep.equal(['a', 'b']);
    shown = 'bc';
    expect(updateGroup(dir, dynamic)).to.equal(0);
    expect(names()).to.deep.equal(['b', 'c']);
  });

  it('SY-09 update of a named group that is missing is EINVAL', () => {
    const { kernel, dir } = objectWith();
    expect(updateGroup(dir, group('a', 'sub'))).to.equal(EINVAL);
    createGroup(dir, group('a', 'sub'));
    expect(updateGroup(dir, group('ab', 'sub'))).to.equal(0);
    expect(kernel.sysfs.readdir('/sys/k/sub')).to.deep.equal(['a', 'b']);
  });

  it('SY-09 merge adds to a group that is there: ENOENT without it', () => {
    const { kernel, dir } = objectWith();
    expect(mergeGroup(dir, group('c', 'sub'))).to.equal(ENOENT);
    createGroup(dir, group('ab', 'sub'));
    expect(mergeGroup(dir, group('cd', 'sub'))).to.equal(0);
    expect(kernel.sysfs.readdir('/sys/k/sub')).to.deep.equal(['a', 'b', 'c', 'd']);
    unmergeGroup(dir, group('cd', 'sub'));
    expect(kernel.sysfs.readdir('/sys/k/sub')).to.deep.equal(['a', 'b']);
  });

  it('SY-09 regression: a merge that meets a taken name is EEXIST, and the older file of that name goes too', () => {
    const { kernel, dir } = objectWith();
    createGroup(dir, group('abz', 'sub'));
    expect(mergeGroup(dir, group('cdabe', 'sub'))).to.equal(EEXIST);
    expect(kernel.sysfs.readdir('/sys/k/sub')).to.deep.equal(['b', 'z']);
  });

  it('groups are removed in order', async () => {
    const { dir, names } = objectWith([group('ab'), group('c', 'sub')]);
    await removeGroups(dir, [group('ab'), group('c', 'sub')]);
    expect(names()).to.deep.equal([]);
  });
});
