import { expect } from 'chai';
import { ps3AtProbe } from '../../../buses/ps3-handle';
import { pciBus, vpci } from '../../../buses/vpci';
import type { DeviceDriver } from '../../../lib/base/types';
import { detect, spoiled, shifting } from '../../support/detect';

describe('detectors', () => {
  for (const id of ['I1', 'I2', 'I3', 'I6', 'I7', 'I8', 'I9', 'I12']) {
    it(`${id} holds on a scanned bus`, async () => {
      expect((await detect(id, vpci)).holds).to.equal(true);
    });
  }

  for (const id of ['I1', 'I6', 'I12']) {
    it(`${id} sees a made-up bus whose names move on to other devices`, async () => {
      expect((await detect(id, shifting())).holds).to.equal(false);
    });
  }

  it('I2 sees devices that a scan claims', async () => {
    const greedy = spoiled((_bus, { hypervisor, models, guest }) => {
      for (const model of models) hypervisor.claims.claim(model, guest);
      return {};
    });
    expect(await detect('I2', greedy)).to.include({ holds: false, value: 3 });
  });

  it('I3 sees what a second scan claims', async () => {
    const growing = spoiled((_bus, { hypervisor, models, guest }) => ({
      rescan: async () => void hypervisor.claims.claim(models[0]!, guest),
    }));
    expect(await detect('I3', growing)).to.include({ holds: false, value: 1 });
  });

  it('I6 sees that another device comes back', async () => {
    const found = await detect('I6', ps3AtProbe);
    expect(found.value).to.equal(0.125);
    expect(found.evidence.join('\n')).to.contain('unbind').and.to.contain('is served by');
  });

  it('I7 sees devices that go with their driver', async () => {
    const forgetful = spoiled((_bus, { kernel }) => {
      kernel.busOf(pciBus)?.registerNotifier((event, dev) => {
        if (event !== 'unbound-driver') return;
        // Not from within the unbind that holds the device's lock.
        kernel.world.after(1, () => void kernel.world.spawn(() => dev.del()));
      });
      return {};
    });
    expect(await detect('I7', forgetful)).to.include({ holds: false, value: 0 });
  });

  it('I8 sees a match that asks the host', async () => {
    const asking = spoiled((_bus, { kernel }) => {
      const bus = kernel.busOf(pciBus);
      const type = {
        ...pciBus,
        match: (...args: Parameters<NonNullable<typeof pciBus.match>>) => {
          kernel.port?.hypercall(1, []);
          return pciBus.match?.(...args) ?? 0;
        },
      };
      Object.assign(bus as object, { type });
      return {};
    });
    const found = await detect('I8', asking);
    expect(found.holds).to.equal(false);
    expect(found.value).to.be.greaterThan(0);
  });

  it('I9 sees what a refused probe leaves claimed', async () => {
    const leaky = spoiled(({ transport }, { hypervisor, models, guest }) => {
      const like = transport as DeviceDriver;
      const probe: DeviceDriver['probe'] = (dev) => {
        hypervisor.claims.claim(models[0]!, guest);
        return like.probe?.(dev);
      };
      return { transport: { ...like, probe } };
    });
    expect(await detect('I9', leaky)).to.include({ holds: false, value: 1 });
  });

  it('I9 sees memory that a refused probe leaves, though no device is held', async () => {
    const leaky = spoiled(({ transport }, { kernel }) => {
      const like = transport as DeviceDriver;
      const probe: DeviceDriver['probe'] = (dev) => {
        kernel.dma?.alloc(64, 64, 'leak');
        return like.probe?.(dev);
      };
      return { transport: { ...like, probe } };
    });
    const found = await detect('I9', leaky);
    expect(found).to.include({ holds: false, value: 0 });
    expect(found.evidence.join('\n')).to.contain('claims left: 0, bytes of memory left: 192');
  });
});
