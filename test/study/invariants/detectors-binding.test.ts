import { expect } from 'chai';
import { ccw } from '../../../buses/ccw';
import { ofTree } from '../../../buses/of-tree';
import { ps3AtProbe, ps3Eager, ps3Lazy, ps3Named, ps3Repository } from '../../../buses/ps3-handle';
import { vbus } from '../../../buses/vbus';
import { vpci } from '../../../buses/vpci';
import type { BusFixture, DeviceDriver, Guest, Kernel } from '../../../lib';
import { detect, shifting, spoiled } from '../../support/detect';

const EPROBE_DEFER = 517;
const EINVAL = 22;

/**
 * A PCI bus on which one guest's devices wait while another guest has any.
 *
 * @param tells does a guest that has unbound its devices tell who waits?
 */
function jealous(tells: boolean): ReturnType<typeof spoiled> {
  const kernels: Kernel[] = [];
  const pciDevices = (kernel?: Kernel) =>
    [...kernel!.buses.values()].find(({ type }) => type.name === 'pci')!.devices();
  return spoiled(({ transport }, { kernel }) => {
    const index = kernels.push(kernel) - 1;
    const like = transport as DeviceDriver;
    const isBusy = () => index > 0 && [...pciDevices(kernels[0])].some((dev) => dev.isBound);
    const probe: DeviceDriver['probe'] = (dev) => (isBusy() ? -EPROBE_DEFER : like.probe?.(dev));
    const leave = () => (tells ? kernels[1]?.deferred.trigger() : undefined);
    return { transport: { ...like, probe }, leave };
  });
}

/** A PCI bus whose driver asks the hypervisor for permission. @param told what the driver makes of a refusal */
function permitted(told: (status: number) => number): BusFixture {
  const fixture = spoiled(({ transport }, { hypervisor, models, kernel }) => {
    const call = (guest: Guest) => ({ status: hypervisor.claims.claim(models[0]!, guest), values: [] });
    hypervisor.defineHypercall({ nr: 900, name: 'permit', call });
    const like = transport as DeviceDriver;
    const probe: DeviceDriver['probe'] = (dev) => {
      const { status } = kernel.port!.hypercall(900, []);
      return status === 0 ? like.probe?.(dev) : told(status);
    };
    return { transport: { ...like, probe } };
  });
  return { ...fixture, ownership: ['shared'] };
}

describe('detectors of binding', () => {
  for (const fixture of [vpci, ccw, ofTree]) {
    for (const id of ['I10', 'I11']) {
      it(`${id} holds on ${fixture.bus}`, async () => {
        expect((await detect(id, fixture)).holds).to.equal(true);
      });
    }
  }

  it('I10 sees that the next driver gets another device', async () => {
    const found = await detect('I10', shifting());
    expect(found.holds).to.equal(false);
    expect(found.value).to.be.greaterThan(1);
  });

  it('I10 sees it where a bind allocates: another guest gave a lower device back meanwhile', async () => {
    const found = await detect('I10', ps3AtProbe);
    const lines = found.evidence.join('\n');
    expect(lines).to.match(/g2: \$ echo blk_00 > \S+\/unbind[^]*g1: probe driver1 blk_02 = 0[^]*is served by disk0/);
    expect(await detect('I10', ps3AtProbe, { policy: 'recent' })).to.include({ holds: true, value: 1 });
  });

  it('I10 holds where the name has its device before it is bound, also where that was allocated', async () => {
    for (const fixture of [ps3Repository, ps3Eager, ps3Lazy, ps3Named]) {
      expect(await detect('I10', fixture, { policy: 'random' }), fixture.strategy).to.include({
        holds: true,
        value: 1,
      });
    }
  });

  it('I11 sees who is not woken, and counts the tries that were for nothing', async () => {
    expect(await detect('I11', jealous(false))).to.include({ holds: false, text: '0 refused, 0 of 1 woken' });
    const four = await detect('I11', ps3AtProbe, { devices: 4 });
    expect(four).to.include({ holds: false, value: 16, text: '16 refused, 0 of 4 woken' });
  });

  it('I11 holds where who waits is told', async () => {
    expect(await detect('I11', jealous(true))).to.include({ holds: true, text: '0 refused, 1 of 1 woken' });
  });

  it('I26 counts the errors that arrive', async () => {
    expect(
      await detect(
        'I26',
        permitted((status) => status),
      ),
    ).to.include({ holds: true, value: 8, text: '8 become 8' });
    expect(
      await detect(
        'I26',
        permitted(() => -EINVAL),
      ),
    ).to.include({ holds: false, value: 1, text: '8 become 1' });
  });

  it('I26 does not count a refusal that the user is not told of', async () => {
    const forgetful = permitted((status) => (status === -EINVAL ? 0 : status));
    expect(await detect('I26', forgetful)).to.include({ holds: false, value: 7, text: '8 become 7' });
  });

  it('I26 sees that Linux on the PS3 says EPERM to all', async () => {
    expect((await detect('I26', ps3Repository)).evidence).to.include('the user sees EPERM');
    expect((await detect('I26', ps3Named)).evidence).to.include('the user sees EUSERS');
  });

  it('I26 does not apply where the write claims nothing', async () => {
    for (const fixture of [vpci, ofTree]) {
      expect(await detect('I26', fixture), fixture.bus).to.include({ holds: null, text: 'the write claims nothing' });
    }
  });

  it('I26 does not apply where nobody else can claim the device', async () => {
    const notApplicable = { holds: null, text: 'each guest has its own' };
    expect(await detect('I26', ccw)).to.include(notApplicable);
    expect(await detect('I26', vbus, { ownership: 'private' })).to.include(notApplicable);
  });
});
