import { expect } from 'chai';
import {
  Kernel,
  Kobject,
  kobjectAdd,
  kobjectCreateAndAdd,
  kobjectDel,
  kobjectGet,
  kobjectGetPath,
  kobjectGetUnlessZero,
  kobjectPut,
  kobjectSetName,
  kobjectUevent,
  Kset,
  ksetFindObj,
  ksetRegister,
  ksetUnregister,
  World,
  type KobjType,
} from '../../lib';

const ENOENT = -2;
const EEXIST = -17;
const EINVAL = -22;

function setUp() {
  const kernel = new Kernel(new World());
  const released: string[] = [];
  const events: string[] = [];
  kernel.uevents.subscribe(({ action, devpath }) => events.push(`${action} ${devpath}`));
  const ktype: KobjType = { name: 'test_ktype', release: (kobj) => released.push(kobj.name ?? '') };
  const make = (kset: Kset | null = null): Kobject => {
    const kobj = new Kobject(kernel, ktype);
    kobj.kset = kset;
    return kobj;
  };
  const added = (name: string, parent: Kobject | null = null, kset: Kset | null = null): Kobject => {
    const kobj = make(kset);
    expect(kobjectAdd(kobj, parent, name)).to.equal(0);
    return kobj;
  };
  const kset = (name: string): Kset => {
    const made = new Kset(kernel);
    expect(ksetRegister(made, name)).to.equal(0);
    return made;
  };
  return { kernel, released, events, make, added, kset };
}

describe('kobject', () => {
  it('KO-01 a new object has one reference; the last put calls release exactly once', () => {
    const { make, released } = setUp();
    const kobj = make();
    kobjectSetName(kobj, 'k');
    expect(kobj.refcount).to.equal(1);
    expect(kobjectGet(kobj)).to.equal(kobj);
    kobjectPut(kobj);
    expect(released).to.deep.equal([]);
    kobjectPut(kobj);
    expect(released).to.deep.equal(['k']);
  });

  it('KO-01 get_unless_zero refuses a dead object; get and put of one only warn', () => {
    const { kernel, make, released } = setUp();
    const kobj = make();
    expect(kobjectGetUnlessZero(kobj)).to.equal(kobj);
    kobjectPut(kobj);
    kobjectPut(kobj);
    expect(kobjectGetUnlessZero(kobj)).to.equal(null);
    expect(kernel.warnings).to.equal(0);
    kobjectPut(kobj);
    expect(kernel.warnings).to.equal(1);
    expect(released.length).to.equal(1);
    expect(kernel.log.entries.at(-1)?.text).to.match(/underflow; use-after-free/);
  });

  it('KO-02 add gives it a directory below its parent, and the parent a reference', () => {
    const { kernel, added } = setUp();
    const parent = added('p');
    const child = added('c', parent);
    expect(parent.refcount).to.equal(2);
    expect(kobjectGetPath(child)).to.equal('/p/c');
    expect(kernel.sysfs.readdir('/sys/p')).to.deep.equal(['c']);
    expect(child.stateInSysfs).to.equal(true);
  });

  it('KO-02 without a parent the kset is the parent; a kset has its members in order', () => {
    const { added, kset } = setUp();
    const set = kset('s');
    const before = set.refcount;
    const [a, b] = [added('a', null, set), added('b', null, set)];
    expect(a.kobjParent).to.equal(set);
    expect([...set.list]).to.deep.equal([a, b]);
    expect(set.refcount).to.equal(before + 4);
  });

  it('KO-02 an empty name is refused with EINVAL and a warning', () => {
    const { kernel, make } = setUp();
    expect(kobjectAdd(make(), null, '')).to.equal(EINVAL);
    expect(kobjectAdd(make(), null, null)).to.equal(EINVAL);
    expect(kernel.warnings).to.equal(2);
  });

  it('KO-03 a failed add leaves the kset and the parent, is logged, and still needs a put', () => {
    const { kernel, added, make, kset, released } = setUp();
    const set = kset('s');
    const parent = added('p');
    added('same', parent, set);
    const second = make(set);
    const references = [parent.refcount, set.refcount];
    expect(kobjectAdd(second, parent, 'same')).to.equal(EEXIST);
    expect([parent.refcount, set.refcount]).to.deep.equal(references);
    expect(second.kobjParent).to.equal(null);
    expect(second.ksetEntry).to.equal(null);
    expect(second.stateInSysfs).to.equal(false);
    expect([...set.list].length).to.equal(1);
    expect(kernel.log.entries.at(-1)?.text).to.match(/kobject_add_internal failed for same with -EEXIST/);
    expect(released).to.deep.equal([]);
    kobjectPut(second);
    expect(released).to.deep.equal(['same']);
  });

  it('KO-03 below a parent without directory it is ENOENT', () => {
    const { make } = setUp();
    const parent = make();
    kobjectSetName(parent, 'p');
    expect(kobjectAdd(make(), parent, 'c')).to.equal(ENOENT);
  });

  it('KO-04 add sends no event, a kset does', () => {
    const { added, kset, events } = setUp();
    const outer = kset('s');
    added('a', null, outer);
    expect(events).to.deep.equal([]);
    const inner = new Kset(outer.kernel);
    inner.kset = outer;
    ksetRegister(inner, 'inner');
    expect(events).to.deep.equal(['add /s/inner']);
  });

  it('KO-05 delete sends remove if add was sent and remove was not', async () => {
    const { added, kset, events } = setUp();
    const set = kset('s');
    const [silent, told, twice] = [added('silent', null, set), added('told', null, set), added('twice', null, set)];
    for (const kobj of [told, twice]) kobjectUevent(kobj, 'add');
    kobjectUevent(twice, 'remove');
    for (const kobj of [silent, told, twice]) await kobjectDel(kobj);
    expect(events).to.deep.equal(['add /s/told', 'add /s/twice', 'remove /s/twice', 'remove /s/told']);
  });

  it('KO-05 default groups go first, then the event is sent, then the directory goes', async () => {
    const { kernel } = setUp();
    const set = new Kset(kernel);
    ksetRegister(set, 's');
    const kobj = new Kobject(kernel, { name: 't', defaultGroups: [{ attrs: [{ name: 'a', mode: 0o444 }] }] });
    kobj.kset = set;
    kobjectAdd(kobj, null, 'k');
    kobjectUevent(kobj, 'add');
    const atRemove: string[][] = [];
    kernel.uevents.subscribe(() => atRemove.push(kernel.sysfs.readdir('/sys/s'), kernel.sysfs.readdir('/sys/s/k')));
    expect(kernel.sysfs.readdir('/sys/s/k')).to.deep.equal(['a']);
    await kobjectDel(kobj);
    expect(atRemove).to.deep.equal([['k'], []]);
    expect(kernel.sysfs.readdir('/sys/s')).to.deep.equal([]);
  });

  it(
    'KO-06 the last put of an object that is still added deletes it first, then ' + 'releases, then puts the parent',
    () => {
      const { kernel, added, released, events, kset } = setUp();
      const set = kset('s');
      const parent = added('p', null, set);
      const child = added('c', parent, set);
      kobjectUevent(child, 'add');
      kobjectPut(parent);
      expect(released).to.deep.equal([]);
      kobjectPut(child);
      expect(released).to.deep.equal(['c', 'p']);
      expect(events).to.deep.equal(['add /s/p/c', 'remove /s/p/c']);
      expect(kernel.sysfs.readdir('/sys/s')).to.deep.equal([]);
    },
  );

  it('KO-07 the reference on the parent is dropped by delete, not by release', async () => {
    const { added, released } = setUp();
    const parent = added('p');
    const child = added('c', parent);
    await kobjectDel(child);
    expect(parent.refcount).to.equal(1);
    expect(child.kobjParent).to.equal(null);
    expect(released).to.deep.equal([]);
  });

  it('KO-07 a parent that was put lives until its children are deleted', async () => {
    const { added, released } = setUp();
    const parent = added('p');
    const child = added('c', parent);
    await kobjectDel(parent);
    kobjectPut(parent);
    expect(released).to.deep.equal([]);
    await kobjectDel(child);
    expect(released).to.deep.equal(['p']);
  });

  it("KO-08 every '/' of a name becomes '!'", () => {
    const { kernel, added } = setUp();
    const kobj = added('a/b/c');
    expect(kobj.name).to.equal('a!b!c');
    expect(kernel.sysfs.readdir('/sys')).to.include('a!b!c');
  });

  it('KO-12 a member is found by name, with a reference', () => {
    const { added, kset } = setUp();
    const set = kset('s');
    const member = added('m', null, set);
    expect(ksetFindObj(set, 'm')).to.equal(member);
    expect(member.refcount).to.equal(2);
    expect(ksetFindObj(set, 'n')).to.equal(null);
  });

  it('a kset takes its directory along when it is unregistered, and is released', async () => {
    const { kernel, released } = setUp();
    const set = new Kset(kernel, null, {
      name: 't',
      release: (kobj: Kobject) => released.push(`kset ${kobj.name ?? ''}`),
    });
    ksetRegister(set, 's');
    await ksetUnregister(set);
    expect(released).to.deep.equal(['kset s']);
    expect(kernel.sysfs.readdir('/sys')).to.not.include('s');
  });

  it('a deleted object may be added again', async () => {
    const { kernel, added } = setUp();
    const kobj = added('k');
    await kobjectDel(kobj);
    expect(kobjectAdd(kobj, null, 'again')).to.equal(0);
    expect(kernel.sysfs.readdir('/sys')).to.include('again').and.not.include('k');
  });

  it('create_and_add makes an empty directory, and warns of a name that is taken', () => {
    const { kernel } = setUp();
    expect(kobjectCreateAndAdd(kernel, 'dir', null)).to.be.instanceOf(Kobject);
    expect(kernel.sysfs.readdir('/sys/dir')).to.deep.equal([]);
    kobjectCreateAndAdd(kernel, 'dir', null);
    expect(kernel.log.entries.at(-1)?.text).to.match(/kobject_create_and_add: kobject_add error: -17/);
  });
});
