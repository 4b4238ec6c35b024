import { expect } from 'chai';
import { vbus } from '../../buses/vbus';
import { vpci } from '../../buses/vpci';
import { virtioBlk } from '../../drivers/virtio_blk';
import { blockWorkload } from '../../lib/machine';
import { compareAccess, type AccessComparison } from '../../lib/study/access';
import { additive } from '../../lib/study/access/additive';
import { accessJson, accessText } from '../../tools/commands/compare/access';
import { costModel } from '../../tools/commands/compare/cost-model';
import { plain } from '../../tools/commands/compare/paint';

describe('ldm compare --access', () => {
  let result: AccessComparison;
  before(async () => {
    result = await compareAccess([vpci, vbus], [blockWorkload(virtioBlk)]);
  });

  it('binds and uses a device on each bus in each style', () => {
    expect(result.runs.map(({ access }) => access).slice(0, 5)).to.deep.equal([
      'native',
      'mmio',
      'channel',
      'mapped',
      'fd',
    ]);
    for (const run of result.runs)
      expect(run, `${run.bus}, ${run.access}`).to.include({ bound: true, ioVerified: true });
  });

  it('puts what finding costs down to the bus, and what talking costs down to the style', () => {
    const [mmio, mapped] = ['mmio', 'mapped'].map((style) =>
      result.runs.filter(({ bus, access }) => bus === 'vbus' && access === style),
    );
    expect(mmio?.[0]?.phases.attach.probing).to.equal(mapped?.[0]?.phases.attach.probing);
    expect(mmio?.[0]?.phases.attach.access).to.be.greaterThan(mapped?.[0]?.phases.attach.access ?? Infinity);
  });

  it('leaves only what the scan of windows costs', () => {
    const { residuals } = result.additive;
    expect(residuals.map(({ bus, phase }) => `${bus} ${phase}`)).to.deep.equal(['vpci scan', 'vpci scan']);
    for (const { reason } of residuals) expect(reason).to.contain('windows');
  });

  it('does not explain what the numbers do not bear out', () => {
    const runs = result.runs.map((run) => {
      if (run.bus !== 'vpci' || run.access !== 'fd') return run;
      const { scan } = run.phases;
      return { ...run, phases: { ...run.phases, scan: { ...scan, probing: scan.probing + 1 } } };
    });
    const { residuals } = additive(runs, 'vbus');
    for (const { reason } of residuals) expect(reason).to.equal(null);
    const text = accessText({ ...result, additive: additive(runs, 'vbus') }, costModel(), plain);
    expect(text).to.contain('not explained');
  });

  it('finds by trying what a style can do', () => {
    const can = Object.fromEntries(result.abilities.map(({ style, can: what }) => [style, what.get('sealed RAM')]));
    expect(can).to.deep.equal({ mmio: false, channel: false, mapped: true, fd: true });
    const mmap = Object.fromEntries(result.abilities.map(({ style, can: what }) => [style, what.get('mmap')]));
    expect(mmap).to.deep.equal({ mmio: false, channel: false, mapped: true, fd: true });
  });

  it('splits each cost into probing and access', () => {
    const { runs } = accessJson(result) as { runs: readonly { cost: { probing: object; access: object } }[] };
    for (const { cost } of runs) {
      expect(cost.probing).to.have.keys(Object.keys(cost.access));
      expect(cost.access).to.include.keys('exits', 'hypercalls', 'interrupts', 'latencyNs');
    }
  });

  it('says what is wrong with a cost model', () => {
    expect(() => costModel('/nowhere.json')).to.throw('/nowhere.json');
    expect(() => costModel(require.resolve('../../package.json'))).to.throw('exit.ns is not a time in ns');
  });
});
