import { expect } from 'chai';
import { ccw } from '../../../buses/ccw';
import { ofTree } from '../../../buses/of-tree';
import { ps3Eager } from '../../../buses/ps3-handle';
import { vpci } from '../../../buses/vpci';
import type { Device } from '../../../lib/base/device';
import { devicesKsetMoveLast } from '../../../lib/base/device-order';
import type { DeviceDriver } from '../../../lib/base/types';
import type { BusFixture, GuestBus } from '../../../lib/machine';
import { detect, spoiled } from '../../support/detect';

/** A made-up bus whose transport driver is changed. */
function withTransport(
  change: (like: DeviceDriver, made: Parameters<Parameters<typeof spoiled>[0]>[1]) => Partial<DeviceDriver>,
): BusFixture {
  return spoiled((bus, made): Partial<GuestBus> => {
    const like = bus.transport as DeviceDriver;
    return { transport: { ...like, ...change(like, made) } };
  });
}

/** Claims a device at bind, and gives it back at remove alone. */
const claiming = withTransport((like, { hypervisor, models, guest }) => {
  const claimed = new Map<Device, (typeof models)[number]>();
  return {
    probe(dev) {
      const model = models[claimed.size];
      if (model !== undefined && hypervisor.claims.claim(model, guest) === 0) claimed.set(dev, model);
      return like.probe?.(dev);
    },
    async remove(dev) {
      await like.remove?.(dev);
      const model = claimed.get(dev);
      if (model !== undefined) hypervisor.claims.release(model, guest);
    },
  };
});

describe('detectors of what happens to guests', () => {
  for (const id of ['I20', 'I21', 'I22', 'I24']) {
    for (const fixture of [vpci, ccw, ofTree]) {
      it(`${id} holds on ${fixture.bus}`, async () => {
        expect(await detect(id, fixture)).to.include({ holds: true, value: 0 });
      });
    }
  }

  it(
    'I23 holds on buses that find a device where it was, and does not arise where a ' + 'machine cannot sleep',
    async () => {
      expect(await detect('I23', vpci)).to.include({ holds: true, value: 1 });
      expect(await detect('I23', ofTree)).to.include({ holds: true, text: '2 and 2 of 2' });
      expect(await detect('I23', ccw)).to.include({ holds: null, text: 'cannot sleep' });
    },
  );

  it('I20 sees a claim that an oops leaves behind, and operations that hang', async () => {
    expect(await detect('I20', claiming)).to.include({ holds: false, value: 1, text: '1 held, 3 of 4 hang' });
  });

  it('I21 sees devices that the next kernel is refused', async () => {
    const busy = withTransport((_like, { boots }) => (boots === 0 ? {} : { probe: () => -16 }));
    expect(await detect('I21', busy)).to.include({ holds: false, value: 3, text: '3 after a crash, 3 after kexec' });
  });

  it('I22 sees what only remove gives back', async () => {
    expect(await detect('I22', claiming)).to.include({ holds: false, value: 3, text: '3 held, 3 by a quiet driver' });
  });

  it('I23 sees a device that does not come back, though its driver is bound', async () => {
    const forgetful = withTransport((like) => ({ pm: { ...like.pm, restore: () => -5 } }));
    const found = await detect('I23', forgetful);
    expect(found).to.include({ holds: false, value: 0, text: '1 and 0 of 1' });
    expect(found.evidence.join('\n')).to.contain('a request: hung');
    const sleepy = withTransport((like) => ({ pm: { ...like.pm, resume: () => -5 } }));
    expect(await detect('I23', sleepy)).to.include({ holds: false, text: '0 and 1 of 1' });
  });

  it('I24 sees suppliers that sleep before their consumers', async () => {
    const jumpy = withTransport((like, { kernel }) => ({
      probe(dev) {
        kernel.dpm.moveLast(dev);
        return like.probe?.(dev);
      },
    }));
    // Three among themselves, and three with what was made of them before the driver was taken out and in.
    expect(await detect('I24', jumpy)).to.include({ holds: false, value: 6, text: '6 suspend, 0 shutdown' });
    const abrupt = withTransport((like) => ({
      probe(dev) {
        devicesKsetMoveLast(dev);
        return like.probe?.(dev);
      },
    }));
    expect(await detect('I24', abrupt)).to.include({ holds: false, value: 6, text: '0 suspend, 6 shutdown' });
  });

  it('I24 sees devices in the order of chance', async () => {
    expect((await detect('I24', ps3Eager, { policy: 'random', seed: 3 })).holds).to.equal(false);
  });
});
