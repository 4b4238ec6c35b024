import { expect } from 'chai';
import { played } from '../../support/scenario';

describe('scenarios of names', () => {
  it('a failed add sends remove on every bus, and only where a name is a claim somebody loses a device', async () => {
    const name = 'remove-uevent-without-add';
    for (const control of ['vpci', 'ccw', 'vbus']) {
      const { facts } = await played(name, control);
      expect(facts).to.deep.equal({ failed: 1, removesWithoutAdd: 1, taken: 0, worked: true, works: true });
    }
    const { facts, steps } = await played(name, 'ps3-handle/eager');
    expect(facts).to.deep.equal({ failed: 1, removesWithoutAdd: 1, taken: 1, worked: true, works: false });
    expect(steps.map(({ outcome }) => outcome)).to.deep.equal([
      'new: none',
      'new: blk_04',
      'remove blk_04, add blk_04: 1 device taken back',
    ]);
  });

  it('a plug adds no device to a tree whose slots are always there', async () => {
    expect((await played('remove-uevent-without-add', 'of-tree')).facts).to.include({
      failed: 0,
      removesWithoutAdd: 0,
    });
  });

  it('placeholders bring their module and nothing else', async () => {
    const name = 'placeholder-autoload';
    expect((await played(name, 'ps3-handle/at-probe')).facts).to.deep.equal({
      announced: 4,
      loaded: 1,
      usable: 0,
      deferred: 4,
    });
    for (const control of ['vpci', 'ccw', 'of-tree']) {
      expect((await played(name, control)).facts).to.include({ loaded: 2, usable: 2, deferred: 0 });
    }
    expect((await played(name, 'vbus')).facts).to.include({ announced: 4, loaded: 1, usable: 0, deferred: 0 });
    expect((await played(name, 'ps3-handle/eager')).facts).to.include({ announced: 0, loaded: 0 });
  });

  it('the order of unloading decides what the next load finds', async () => {
    const name = 'unload-order-matters';
    const { facts, steps } = await played(name, 'ps3-handle/lazy');
    expect(facts).to.deep.equal({ compared: 4, changed: 4, differ: 4 });
    expect(steps[2]?.outcome).to.equal('blk_00 is disk0, blk_01 is disk1, blk_02 is disk2, blk_03 is disk3');
    expect(steps[5]?.outcome).to.equal('blk_00 is disk2, blk_01 is disk3, blk_02 is disk0, blk_03 is disk1');
    expect((await played(name, 'ps3-handle/lazy', { policy: 'lowest' })).facts).to.include({ differ: 0 });
    for (const control of ['vpci', 'ccw', 'of-tree']) {
      expect((await played(name, control)).facts).to.deep.equal({ compared: 2, changed: 0, differ: 0 });
    }
  });

  it('names in the order of discovery follow the order of readiness', async () => {
    const { facts, steps } = await played('name-race', 'ps3-handle/repository');
    expect(facts).to.deep.equal({ names: 4, differ: 4 });
    expect(steps[1]?.outcome).to.equal('sb_01 is disk3, sb_02 is disk2, sb_03 is disk1, sb_04 is disk0');
    for (const control of ['vpci', 'ccw', 'of-tree']) {
      expect((await played('name-race', control)).facts).to.deep.equal({ names: 4, differ: 0 });
    }
  });

  it('an image wakes with its devices where they have places, and with others where they are claimed', async () => {
    const same = { refusal: null, names: 2, same: 2, other: 0, dead: 0 };
    expect((await played('hibernate', 'vpci')).facts).to.deep.equal(same);
    expect((await played('hibernate', 'of-tree')).facts).to.deep.equal(same);
    expect((await played('hibernate', 'ps3-handle/at-probe')).facts).to.include({ same: 0, other: 3, dead: 1 });
    for (const listing of ['ps3-handle/repository', 'vbus'])
      expect((await played('hibernate', listing)).facts, listing).to.include({ same: 3, other: 0, dead: 1 });
    expect((await played('hibernate', 'vbus', { ownership: 'private' })).facts).to.deep.equal(same);
  });

  it('a channel subsystem takes no image: s390 has no hibernation in this kernel', async () => {
    expect((await played('hibernate', 'ccw')).facts).to.include({ refusal: 'ENOENT', other: 0, dead: 0 });
  });

  it('the second of two eager guests sees nothing at all', async () => {
    const name = 'quota-as-truth';
    expect((await played(name, 'ps3-handle/eager')).facts).to.deep.equal({
      first: 4,
      second: 0,
      jain: 0.5,
      namesOfSecond: 0,
    });
    for (const listing of ['ps3-handle/repository', 'vbus'])
      expect((await played(name, listing)).facts, listing).to.include({ second: 0, namesOfSecond: 4 });
    for (const control of ['vpci', 'ccw', 'of-tree']) {
      expect((await played(name, control)).facts).to.include({ first: 2, second: 2, jain: 1 });
    }
  });
});
