import { expect } from 'chai';
import { ccw } from '../../../buses/ccw';
import { ofTree } from '../../../buses/of-tree';
import { ps3AtProbe, ps3Lazy, ps3Named, ps3Repository } from '../../../buses/ps3-handle';
import { vpci } from '../../../buses/vpci';
import type { BusFixture } from '../../../lib';
import { detect, silent, spoiled } from '../../support/detect';

/** Its devices swap places with each boot: a name leads to another one. */
const swapping: BusFixture = {
  bus: 'made-up',
  strategy: null,
  install(hypervisor) {
    const host = vpci.install(hypervisor);
    let unplug: (() => void)[] = [];
    let order: Parameters<typeof host.plug>[] = [];
    return {
      plug(...args) {
        order.push(args);
        const plugged = host.plug(...args);
        unplug.push(() => plugged.unplug());
        return plugged;
      },
      boot(kernel, guest) {
        for (const pull of unplug.splice(0)) pull();
        order = order.toReversed();
        unplug = order.map((args) => host.plug(...args)).map((plugged) => () => plugged.unplug());
        return host.boot(kernel, guest);
      },
    };
  },
};

/** Devices without a MODALIAS: nobody can tell which module they want. */
const nameless = spoiled((_bus, { kernel }) => {
  for (const bus of kernel.buses.values())
    if (bus.type.name === 'pci') Object.assign(bus, { type: { ...bus.type, uevent: () => 0 } });
  return {};
});

/** There are no devices before a driver is loaded that registers them itself, as before there was a driver model. */
const legacy = spoiled((bus, { kernel }) => {
  const pci = [...kernel.buses.values()].find(({ type }) => type.name === bus.busName);
  for (const dev of [...(pci?.devices() ?? [])]) void kernel.world.run(() => dev.del(), 'hide', kernel);
  return {};
});

describe('detectors of names and modules', () => {
  for (const fixture of [vpci, ccw, ofTree, ps3Repository]) {
    for (const id of ['I5', 'I13', 'I14']) {
      it(`${id} holds on ${fixture.bus}`, async () => {
        expect((await detect(id, fixture)).holds).to.equal(true);
      });
    }
  }

  it('I5 sees that names are given out anew: allocation follows what others have taken', async () => {
    for (const policy of ['lowest', 'recent', 'random'] as const) {
      const found = await detect('I5', ps3AtProbe, { policy });
      expect(found.holds, policy).to.equal(false);
      expect(found.value, policy).to.be.greaterThan(0);
      expect(found.evidence.join('\n')).to.contain('$ reboot').and.to.contain('is served by');
    }
  });

  it('I5 sees it too where devices are claimed before a bind, if the policy shows it', async () => {
    for (const fixture of [ps3Lazy, ps3Named]) {
      expect((await detect('I5', fixture, { policy: 'lowest' })).holds).to.equal(true);
      expect((await detect('I5', fixture, { policy: 'recent' })).holds).to.equal(false);
    }
  });

  it('I5 sees devices that swap places', async () => {
    expect((await detect('I5', swapping)).holds).to.equal(false);
  });

  it('I5 does not apply where no name ever led to a device twice', async () => {
    const empty = spoiled((_bus, { kernel }) => {
      for (const bus of kernel.buses.values()) Object.assign(bus.type.name === 'pci' ? bus : {}, { devices: () => [] });
      return {};
    });
    expect(await detect('I5', empty)).to.include({ holds: null, value: 0 });
  });

  for (const [what, fixture] of [
    ['no events', silent],
    ['no alias', nameless],
    ['no devices', legacy],
  ] as const) {
    it(`I14 sees a bus with ${what}: coldplug finds nothing`, async () => {
      expect(await detect('I14', fixture)).to.include({ holds: false, value: 0 });
    });
  }

  it('I13 sees a bus that announces nothing', async () => {
    expect(await detect('I13', silent)).to.include({ holds: false, value: 0, text: '0 announced, 0 of 3 bound' });
  });

  it('I13 sees devices that are announced and whose module does not take them', async () => {
    const refusing = spoiled((bus) => ({ transport: { ...bus.transport, probe: () => -19 } }));
    expect(await detect('I13', refusing)).to.include({ holds: false, value: 3, text: '3 announced, 0 of 3 bound' });
  });

  it('I13 shows which module came for which text', async () => {
    const lines = (await detect('I13', vpci)).evidence.filter((line) => line.includes('udev: '));
    expect(lines[0]).to.match(/^g1: udev: pci:v00001AF4d00001042\S+: loaded virtio_pci$/);
    expect(lines.filter((line) => line.endsWith(': loaded virtio_blk'))).to.have.length(1);
    expect(lines.filter((line) => line.endsWith(': loaded already'))).to.have.length(4);
  });
});
