import { expect } from 'chai';
import { played } from '../../support/scenario';

const CONTROLS = ['vpci', 'ccw', 'of-tree'];
const AT_PROBE = 'ps3-handle/at-probe';

describe('scenarios of binding', () => {
  it('a rebind leads to another disk, under the same name', async () => {
    const subject = await played('rebind-changes-the-disk', AT_PROBE);
    expect(subject.facts).to.deep.equal({ before: 'disk0', after: 'disk1' });
    expect(subject.steps.map(({ outcome }) => outcome)).to.deep.equal([
      'blk_00 is disk0',
      'blk_00 is still there',
      'binds blk_00',
      'blk_00 is disk1',
    ]);
    expect(subject.steps.flatMap(({ evidence }) => evidence)).to.deep.equal([
      'g1 claims disk0',
      'g1 releases disk0',
      'g2 claims disk0',
      'g1 claims disk1',
    ]);
    for (const control of CONTROLS) {
      expect((await played('rebind-changes-the-disk', control)).facts).to.deep.equal({
        before: 'disk0',
        after: 'disk0',
      });
    }
  });

  it('a rebind of an opened device is refused when somebody else was faster, and gives no other', async () => {
    const { facts, steps } = await played('rebind-changes-the-disk', 'ps3-handle/repository');
    expect(facts).to.deep.equal({ before: 'disk0', after: null });
    expect(steps.at(-1)?.outcome).to.equal('sb_01: EPERM');
  });

  it('a driver that declines is shown the same device by a pool that gives the last one back first', async () => {
    const name = 'enodev-gets-the-same-device-again';
    const { facts } = await played(name, AT_PROBE);
    expect(facts).to.deep.equal({ shown: 12, different: 1, found: false, allocations: 12, later: 0 });
    expect((await played(name, 'vpci')).facts).to.include({ different: 4, found: true, allocations: 0 });
    expect((await played(name, AT_PROBE, { policy: 'random' })).facts).to.include({ found: true });
  });

  it('the next driver is shown another device', async () => {
    const name = 'next-driver-another-device';
    expect((await played(name, AT_PROBE)).facts).to.deep.equal({ rounds: 8, compared: 8, other: 7 });
    expect((await played(name, 'vpci')).facts).to.deep.equal({ rounds: 8, compared: 8, other: 0 });
    expect((await played(name, AT_PROBE, { policy: 'lowest' })).facts).to.include({ other: 0 });
  });

  it('a driver of ccw cannot look at its device in probe: it is not online', async () => {
    expect((await played('next-driver-another-device', 'ccw')).facts).to.include({ compared: 0, other: 0 });
    expect((await played('enodev-gets-the-same-device-again', 'ccw')).facts).to.include({ found: null });
  });

  it('deferred devices wait for a bind of their own kernel', async () => {
    const name = 'deferral-never-ends';
    const { facts } = await played(name, AT_PROBE);
    expect(facts).to.deep.equal({ refused: 4, free: 4, boundAfterRelease: 0, boundAfterUnrelated: 4 });
    for (const control of ['vpci', 'of-tree'])
      expect((await played(name, control)).facts).to.include({ refused: 0, free: 4 });
    // Its own two stay claimed.
    expect((await played(name, 'ccw')).facts).to.include({ refused: 0, free: 2 });
    expect((await played(name, 'ps3-handle/repository')).facts).to.include({ refused: 0, boundAfterUnrelated: 0 });
  });

  it('where the host tells who was refused, nothing waits and nothing is left free', async () => {
    const { facts, steps } = await played('deferral-never-ends', 'vbus');
    expect(facts).to.deep.equal({ refused: 0, free: 0, boundAfterRelease: 0, boundAfterUnrelated: 0 });
    expect(steps[2]?.evidence.filter((line) => line.startsWith('g1 claims'))).to.have.length.greaterThan(0);
  });

  it('each unrelated bind has each waiting device ask the hypervisor once', async () => {
    const name = 'allocation-storm';
    expect((await played(name, AT_PROBE)).facts).to.deep.equal({ waiting: 4, binds: 4, retries: 16, refusals: 16 });
    expect((await played(name, AT_PROBE, { devices: 2 })).facts).to.include({ waiting: 2, retries: 8, refusals: 8 });
    for (const control of CONTROLS) expect((await played(name, control)).facts).to.include({ retries: 0, refusals: 0 });
  });

  it('with test_remove each bind is two probes, and the second may be of another device', async () => {
    const name = 'test-remove-doubles-the-damage';
    expect((await played(name, AT_PROBE)).facts).to.deep.equal({
      binds: 4,
      probes: 8,
      claims: 8,
      compared: 4,
      other: 3,
    });
    expect((await played(name, 'vpci')).facts).to.deep.equal({ binds: 4, probes: 8, claims: 0, compared: 4, other: 0 });
  });
});

describe('the same script on all buses', () => {
  const name = 'same-script-four-buses';

  it('gives the same trace, line for line, on PCI, CCW and OF', async () => {
    const [vpci, ccw, of] = [await played(name, 'vpci'), await played(name, 'ccw'), await played(name, 'of-tree')];
    expect(vpci.trace.length).to.be.greaterThan(1000);
    expect(ccw.trace).to.deep.equal(vpci.trace);
    expect(of.trace).to.deep.equal(vpci.trace);
    expect(of.facts).to.deep.equal(vpci.facts);
  });

  it('gives another one where a bind allocates, and the lines that differ tell which disk it is', async () => {
    const [control, subject] = [await played(name, 'vpci'), await played(name, AT_PROBE)];
    expect(subject.trace).to.have.length(control.trace.length);
    const other = subject.trace.filter((line, i) => line !== control.trace[i]);
    expect(other.length).to.be.greaterThan(20);
    for (const line of other) expect(line).to.match(/^ {2}<\d> is served by <disk \d>$/);
    expect(subject.facts['digest']).not.to.equal(control.facts['digest']);
  });

  it('gives the same on vbus where each guest has its own devices, and parts where they are shared', async () => {
    const control = await played(name, 'vpci');
    expect((await played(name, 'vbus', { ownership: 'private' })).trace).to.deep.equal(control.trace);
    const shared = await played(name, 'vbus');
    expect(shared.trace).not.to.deep.equal(control.trace);
    expect(shared.facts['changed']).to.equal(0);
    expect(shared.facts['refused']).to.be.greaterThan(0);
  });

  it('differs with another seed, and not only in the numbers of devices', async () => {
    const [one, two] = [await played(name, 'vpci'), await played(name, 'vpci', { seed: 2 })];
    expect(one.trace).not.to.deep.equal(two.trace);
    expect((await played(name, 'ccw', { seed: 2 })).trace).to.deep.equal(two.trace);
  });

  it('tells of every step of the core, by names that no bus has', async () => {
    for (const side of ['vpci', 'ccw', 'of-tree', 'vbus', AT_PROBE]) {
      const text = (await played(name, side)).trace.join('\n');
      expect(text)
        .to.contain('step really_probe: call_driver_probe <1> = 0')
        .and.to.contain('uevent add@<1>/virtio0/block/vda');
      expect(text).not.to.match(/pci|ccw|0\.0\.000|mmio|vbus|ps3|blk_/);
    }
  });
});
