import { expect } from 'chai';
import { ccw } from '../../../buses/ccw';
import { ofTree } from '../../../buses/of-tree';
import { ps3Eager, ps3Repository } from '../../../buses/ps3-handle';
import { vpci } from '../../../buses/vpci';
import { detect, Relay, replaced, silent, spoiled, type Made } from '../../support/detect';

function claimAll({ hypervisor, models, guest }: Made): void {
  for (const model of models) hypervisor.claims.claim(model, guest);
}

/** A PCI bus that gives back what its driver still uses: the driver is not unloaded when it should be. */
const hasty = spoiled((_bus, made) => {
  claimAll(made);
  return {
    registration: { register: (def) => made.kernel.registerDriver(def), unregister: () => undefined },
    leave: () => made.models.forEach((model) => made.hypervisor.claims.release(model)),
  };
});

/** A PCI bus that gives nothing back. */
const miserly = spoiled((_bus, made) => {
  claimAll(made);
  return {};
});

describe('detectors of objects', () => {
  for (const fixture of [vpci, ccw, ofTree]) {
    for (const id of ['I15', 'I16', 'I25']) {
      it(`${id} holds on ${fixture.bus}`, async () => {
        expect((await detect(id, fixture)).holds).to.equal(true);
      });
    }
  }

  it('I15 says that a bus which claims nothing claims nothing', async () => {
    expect(await detect('I15', vpci)).to.include({ value: 0, text: 'no claims' });
  });

  it('I15 sees devices that stay taken while an object is held', async () => {
    const found = await detect('I15', ps3Eager);
    expect(found.evidence.at(-1)).to.equal('user: drops the references: 0 claims are left');
    expect(await detect('I15', miserly)).to.include({
      holds: false,
      value: 3,
      text: '0 free with the last reference, 3 never',
    });
  });

  it('I15 sees devices that are used after they were given back', async () => {
    expect(await detect('I15', hasty)).to.include({
      holds: false,
      value: 0,
      text: 'free at once, 3 used after the end',
    });
  });

  it('I16 sees a device with several objects', async () => {
    const doubled = replaced((models, i) => new Relay(`relay${String(i)}`, () => models[i - (i % 2)] ?? models[0]!));
    expect(await detect('I16', doubled, { devices: 2 })).to.include({
      holds: false,
      value: 1,
      text: '1 object, 2 owners',
    });
    const all = replaced((models, i) => new Relay(`relay${String(i)}`, () => models[0]!));
    expect(await detect('I16', all)).to.include({ holds: false, value: 2, text: '2 objects, 2 owners' });
  });

  it('I16 sees the faces of a USB controller and of the graphics processor', async () => {
    const found = await detect('I16', ps3Repository);
    expect(found.evidence.filter((line) => /is served by (usb0|gpu)$/.test(line))).to.deep.equal([
      'g1: ioc0_01 is served by gpu',
      'g1: ioc0_02 is served by gpu',
      'g1: ioc0_03 is served by gpu',
      'g1: sb_04 is served by usb0',
      'g1: sb_05 is served by usb0',
    ]);
  });

  it('I25 sees a bus that sends no events', async () => {
    expect(await detect('I25', silent)).to.include({ holds: false, value: 0, text: 'add untold, remove untold' });
  });
});
