import { expect } from 'chai';
import { ccw } from '../../../buses/ccw';
import { ofTree } from '../../../buses/of-tree';
import { ps3AtProbe, ps3Eager, ps3Named, ps3Repository } from '../../../buses/ps3-handle';
import { vbus } from '../../../buses/vbus';
import { vpci } from '../../../buses/vpci';
import type { BusFixture, Guest, GuestBus, Kernel } from '../../../lib';
import { detect, spoiled } from '../../support/detect';

/** A PCI bus that claims every device at boot. */
const hoarding: BusFixture = {
  ...spoiled((_bus, { hypervisor, models, guest }) => {
    for (const model of models) hypervisor.claims.claim(model, guest);
    return {};
  }),
  ownership: ['shared'],
};

/** A PCI machine that gives everything to the first guest. */
const partial: BusFixture = {
  bus: 'made-up',
  strategy: null,
  install(hypervisor) {
    const host = vpci.install(hypervisor);
    let first: Guest | undefined;
    return {
      plug: (model, guest) => host.plug(model, (first ??= guest)),
      boot: (kernel, guest) => host.boot(kernel, guest),
    };
  },
};

/** The strategy `named`, changed. @param change what its guest half does otherwise, called when it has booted */
function changed(change: (kernel: Kernel) => Partial<GuestBus>): BusFixture {
  return {
    ...ps3Named,
    install(hypervisor, options) {
      const host = ps3Named.install(hypervisor, options);
      return {
        plug: (model, guest) => host.plug(model, guest),
        boot: async (kernel, guest) => ({ ...(await host.boot(kernel, guest)), ...change(kernel) }),
      };
    },
  };
}

/** Nothing tells how many devices are free. */
const uncounted = changed((kernel) => {
  const types = '/sys/devices/ps3_system/mdev_supported_types';
  for (const type of kernel.sysfs.readdir(types)) {
    void kernel.sysfs.lookup(`${types}/${type}`).dir.removeName('available_instances');
  }
  return {};
});

/** Who wants a device always gets the same error. */
const unhelpful = changed(() => ({
  createWrite: () => ({ path: '/sys/bus/ps3_system_bus/drivers_probe', text: 'nobody' }),
}));

describe('detectors of sharing', () => {
  for (const fixture of [vpci, ccw, ofTree]) {
    for (const id of ['I17', 'I18']) {
      it(`${id} holds on ${fixture.bus}`, async () => {
        expect((await detect(id, fixture)).holds).to.equal(true);
      });
    }
  }

  it('I17 sees devices that are held and that nobody uses', async () => {
    const found = await detect('I17', hoarding);
    expect(found).to.include({ holds: false, text: '3, 0, 3 of 3 idle' });
    expect(found.value).to.be.closeTo(2 / 3, 1e-9);
  });

  it('I18 sees a guest that gets nothing', async () => {
    expect(await detect('I18', partial, { devices: 4 })).to.include({ holds: false, value: 0.5, text: '2, 0' });
    expect(await detect('I18', ps3Eager, { devices: 4 })).to.include({ holds: false, value: 0.5, text: '2, 0' });
  });

  it('I18 counts the names that were tried in vain', async () => {
    expect(await detect('I18', ps3Repository, { devices: 4 })).to.include({
      holds: true,
      value: 1,
      text: '2, 2; 2 refused',
    });
    expect((await detect('I18', ps3AtProbe, { devices: 4 })).text).to.equal('2, 2');
  });

  it('I18 does not apply to one device', async () => {
    expect(await detect('I18', vpci, { devices: 1 })).to.include({ holds: null, value: null });
  });

  it('I19 does not apply where nothing is claimed, for nothing runs out', async () => {
    for (const fixture of [vpci, ofTree]) {
      expect(await detect('I19', fixture), fixture.bus).to.include({ holds: null, text: 'nothing is claimed' });
    }
  });

  it('I19 does not apply where each guest has its own, for nobody takes them', async () => {
    const notApplicable = { holds: null, text: 'each guest has its own' };
    expect(await detect('I19', ccw)).to.include(notApplicable);
    expect(await detect('I19', vbus, { ownership: 'private' })).to.include(notApplicable);
  });

  it('I19 holds where a file tells how many are free and the error tells the rest', async () => {
    const found = await detect('I19', ps3Named);
    const file = '/sys/devices/ps3_system/mdev_supported_types/blk/available_instances';
    expect(found.evidence).to.include(`user: numbers of free devices: ${file}`);
    expect((await detect('I19', vbus)).evidence).to.include('user: numbers of free devices: /sys/bus/vbus/free');
  });

  it('I19 sees where neither is so, and where one is missing', async () => {
    expect(await detect('I19', hoarding)).to.include({
      holds: false,
      value: 0,
      text: 'no number; ENODEV, broken ENODEV',
    });
    expect(await detect('I19', uncounted)).to.include({
      holds: false,
      value: 0,
      text: 'no number; EUSERS, broken EIO',
    });
    expect(await detect('I19', unhelpful)).to.include({
      holds: false,
      value: 1,
      text: 'a number; ENODEV, broken ENODEV',
    });
  });
});
