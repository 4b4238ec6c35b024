import { expect } from 'chai';
import { ccw } from '../../../buses/ccw';
import { ofTree } from '../../../buses/of-tree';
import { ps3AtProbe, ps3Eager } from '../../../buses/ps3-handle';
import { vpci } from '../../../buses/vpci';
import type { BusFixture } from '../../../lib';
import type { DeviceDriver } from '../../../lib/base/types';
import { detect, spoiled } from '../../support/detect';

/** A device that comes when there is a driver stays without one. */
const deafToPlugs = spoiled((bus, { kernel }) => {
  const pci = [...kernel.buses.values()].find(({ type }) => type.name === bus.busName);
  pci?.registerNotifier((event, dev) => {
    if (event === 'add-device' && pci.findDriver(bus.transport.name) !== null)
      Object.assign(dev, { driverOverride: 'none' });
  });
  return {};
});

/** Only the device whose probe comes first is taken. */
const onlyOne = spoiled((bus) => {
  const like = bus.transport as DeviceDriver;
  let taken = false;
  const probe: DeviceDriver['probe'] = (dev) => {
    if (taken) return -19;
    taken = true;
    return like.probe?.(dev);
  };
  return { transport: { ...like, probe } };
});

/** The guest that boots second finds nothing. */
const firstOnly = spoiled((bus, { kernel, boots }) => {
  const pci = [...kernel.buses.values()].find(({ type }) => type.name === bus.busName);
  if (boots > 0) for (const dev of [...(pci?.devices() ?? [])]) void kernel.world.run(() => dev.del(), 'hide', kernel);
  return {};
});

/** Its driver is called otherwise with each boot that the process has seen. */
function everChanging(): BusFixture {
  let boots = 0;
  return spoiled(({ transport }) => ({ transport: { ...transport, name: `${transport.name}-${String(boots++)}` } }));
}

/** There are no devices at all. */
const empty = spoiled((_bus, { kernel }) => {
  for (const bus of kernel.buses.values()) Object.assign(bus.type.name === 'pci' ? bus : {}, { devices: () => [] });
  return {};
});

describe('detectors of order and chance', () => {
  for (const fixture of [vpci, ccw, ofTree]) {
    for (const id of ['I4', 'I28', 'I29']) {
      it(`${id} holds on ${fixture.bus}`, async () => {
        expect(await detect(id, fixture)).to.include({ holds: true, value: 1 });
      });
    }
  }

  it('I4 sees that a driver which comes first gets nothing', async () => {
    const found = await detect('I4', deafToPlugs);
    expect(found).to.include({ holds: false, value: 2, text: '2 maps of 6 orders' });
    expect(found.evidence.join('\n')).to.contain('host: $ plug disk0').and.to.contain('--- another order');
  });

  it('I28 sees that the probe which comes first is served', async () => {
    const found = await detect('I28', onlyOne);
    expect(found.holds).to.equal(false);
    expect(found.value).to.be.within(2, 3);
  });

  it(
    'I28 sees handles that are allocated in probes; the chance of the pool alone is ' + 'none of the schedule',
    async () => {
      expect((await detect('I28', ps3AtProbe, { policy: 'random' })).holds).to.equal(false);
      expect((await detect('I28', ps3Eager, { policy: 'random' })).holds).to.equal(true);
    },
  );

  it('I29 sees that another guest shows in the trace of the first', async () => {
    expect(await detect('I29', firstOnly)).to.include({ holds: false, value: 2, text: '2 traces' });
    const found = await detect('I29', ps3AtProbe);
    expect(found.evidence.join('\n')).to.contain('--- with other turns').and.to.not.match(/^g2: /m);
  });

  it('I29 sees a run that is not the same when it is repeated', async () => {
    const found = await detect('I29', everChanging());
    expect(found.holds).to.equal(false);
    expect(found.text).to.match(/, not repeatable$/);
  });

  it('I4 and I28 do not apply where nothing is ever bound', async () => {
    for (const id of ['I4', 'I28']) expect((await detect(id, empty)).holds, id).to.equal(null);
  });
});
