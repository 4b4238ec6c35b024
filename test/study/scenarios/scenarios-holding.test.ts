import { expect } from 'chai';
import { played } from '../../support/scenario';

const CONTROLS = ['vpci', 'ccw', 'of-tree'];

describe('scenarios of holding and giving back', () => {
  it('after a failed open the next ones ask nobody, and fail where the registers are mapped', async () => {
    const { facts, steps } = await played('counter-leak-lies', 'ps3-handle/repository');
    expect(facts).to.deep.equal({ bound: 0, free: 2, tried: 4, asked: 0, boundAfter: 0 });
    const [, loading, , again] = steps;
    expect(loading?.evidence[0]).to.equal('g1: lv1_open_device(1, 1, 0) = -EBUSY');
    expect(again?.evidence[0]).to.match(/^g1: lv1_map_device_mmio_region\(1, 1, .*\) = -EINVAL$/);
    for (const control of CONTROLS)
      expect((await played('counter-leak-lies', control)).facts).to.include({ bound: 1, boundAfter: 1 });
    const { facts: asking } = await played('counter-leak-lies', 'ps3-handle/at-probe');
    expect(asking).to.deep.equal({ bound: 0, free: 2, tried: 2, asked: 2, boundAfter: 2 });
  });

  it('an unbound half of a device is held until the other half is unbound', async () => {
    const { facts, steps } = await played('close-order', 'ps3-handle/repository');
    expect(facts).to.deep.equal({ faces: 2, heldUnbound: 1, heldAtEnd: false });
    expect(steps.map(({ outcome }) => outcome)).to.deep.equal([
      'usb0 is sb_01, sb_02',
      'sb_01 has no driver; usb0 is held',
      'sb_02 has no driver; usb0 is not held',
    ]);
    for (const control of CONTROLS) {
      expect((await played('close-order', control)).facts).to.deep.equal({
        faces: 1,
        heldUnbound: 0,
        heldAtEnd: false,
      });
    }
  });

  it('a reference keeps a handle, an open file does not', async () => {
    const { facts, steps } = await played('open-file-keeps-the-device', 'ps3-handle/eager');
    expect(facts).to.deep.equal({ fileHolds: false, referenceHolds: true, held: 1, usable: 3, heldAfterPut: 0 });
    expect(steps[3]).to.include({ outcome: 'ENODEV' });
    expect(steps.at(-1)?.evidence).to.deep.equal(['g1 releases disk1']);
    for (const control of CONTROLS) {
      expect((await played('open-file-keeps-the-device', control)).facts).to.include({
        referenceHolds: false,
        held: 0,
        usable: 2,
      });
    }
  });

  it('an oops hangs the kernel on every bus, and costs other guests a device where it was claimed', async () => {
    const lost = {
      vpci: 0,
      ccw: 0,
      'of-tree': 0,
      vbus: 1,
      'ps3-handle/eager': 0,
      'ps3-handle/at-probe': 1,
      'ps3-handle/repository': 1,
    };
    for (const [side, count] of Object.entries(lost)) {
      expect((await played('driver-oops', side)).facts, side).to.include({ oopses: 1, hung: 3, lost: count });
    }
  });

  it('a crash kernel has what its guest may have, and nothing where the host knows no guest in an open', async () => {
    const name = 'crash-kernel-finds-everything-busy';
    for (const control of ['vpci', 'of-tree'])
      expect((await played(name, control)).facts).to.deep.equal({ before: 4, held: 0, usable: 4 });
    for (const claiming of ['ccw', 'vbus'])
      expect((await played(name, claiming)).facts).to.deep.equal({ before: 4, held: 4, usable: 4 });
    const { facts, steps } = await played(name, 'ps3-handle/repository');
    expect(facts).to.deep.equal({ before: 4, held: 4, usable: 0 });
    expect(steps.at(-1)?.evidence[0]).to.equal('g1: lv1_open_device(1, 1, 0) = -EBUSY');
  });

  it('a shutdown gives back what the callback of the driver gives back', async () => {
    const name = 'orderly-reboot-by-accident';
    const { facts } = await played(name, 'ps3-handle/repository');
    expect(facts).to.deep.equal({ used: 4, withoutOwn: 0, withOwn: 4, stillBound: 4 });
    expect((await played(name, 'ps3-handle/at-probe')).facts).to.include({ withoutOwn: 0, withOwn: 4 });
    for (const control of CONTROLS)
      expect((await played(name, control)).facts).to.include({ withoutOwn: 0, withOwn: 0 });
  });

  it('two objects of one device suspend in the wrong order without a link, and in the right one with it', async () => {
    const { facts, steps } = await played('two-objects-one-device', 'ps3-handle/repository');
    expect(facts).to.deep.equal({ objects: 2, unordered: 2, inversions: 2, inversionsWithLink: 0 });
    expect(steps.slice(1).map(({ outcome }) => outcome)).to.deep.equal([
      'in this order: sb_04, sb_03, sb_02, sb_01',
      'in this order: sb_03, sb_01, sb_04, sb_02',
    ]);
    for (const control of CONTROLS) {
      expect((await played('two-objects-one-device', control)).facts).to.include({
        objects: 1,
        unordered: 0,
        inversions: 0,
      });
    }
  });
});
