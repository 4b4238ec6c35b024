import { expect } from 'chai';
import { CcwHost } from '../../buses/ccw';
import { VpciHost, PciFunction } from '../../buses/vpci';
import { BlockDevice, EntropyDevice, ErrnoError, Hypervisor, World, type DeviceModel } from '../../lib';
import { fixtureName } from '../../lib/machine';
import { fixtures } from '../../buses';

const disk = (name = 'disk0'): BlockDevice => new BlockDevice({ name, image: new Uint8Array(512) });

/** A model that no transport can serve. */
class Crooked extends EntropyDevice {
  override queueSizes(): readonly number[] {
    return [0];
  }
}

function refusal(body: () => unknown): ErrnoError {
  try {
    body();
  } catch (error) {
    if (error instanceof ErrnoError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

for (const fixture of fixtures) {
  describe(`models plugged on ${fixtureName(fixture)}`, () => {
    function machine() {
      const hypervisor = new Hypervisor(new World());
      const host = fixture.install(hypervisor);
      const guests = [hypervisor.createGuest(), hypervisor.createGuest()] as const;
      const plug = (model: DeviceModel, guest = 0, place?: number) => host.plug(model, guests[guest]!, place);
      return { hypervisor, guests, plug };
    }

    it('regression: refuses a second model of a name, in either guest, with EEXIST', () => {
      const { plug } = machine();
      plug(disk());
      for (const guest of [0, 1]) {
        const error = refusal(() => plug(new EntropyDevice({ name: 'disk0' }), guest));
        expect(error).to.include({ code: 'EEXIST', syscall: 'plug_device' });
        expect(error.message).to.match(
          /^EEXIST: File exists, plug_device 'disk0': another device of that name is plugged already/,
        );
      }
      plug(disk('disk1'));
    });

    it('regression: refuses a model a second place, in either guest, with EBUSY', () => {
      const { plug } = machine();
      const model = disk();
      plug(model);
      for (const guest of [0, 1]) {
        const error = refusal(() => plug(model, guest));
        expect(error).to.include({ code: 'EBUSY', syscall: 'plug_device' });
        expect(error.message).to.match(/plug_device 'disk0': it is plugged already/);
      }
    });

    it('takes model and name again after an unplug; the first unplug, called again, leaves it there', () => {
      const { plug } = machine();
      const model = disk();
      const first = plug(model);
      first.unplug();
      plug(model, 1);
      first.unplug();
      expect(refusal(() => plug(disk())).code).to.equal('EEXIST');
    });

    it('forgets a model whose place was refused', () => {
      const { plug } = machine();
      plug(disk('first'), 0, 0);
      const model = disk();
      expect(refusal(() => plug(model, 0, 0)).code).to.match(/^E/);
      expect(refusal(() => plug(new Crooked({ name: 'disk0' }))).code).to.equal('EINVAL');
      plug(model);
    });

    it('has in another hypervisor the same names', () => {
      machine().plug(disk());
      machine().plug(disk());
    });
  });
}

describe('models plugged', () => {
  it('go with the guest in whose machine they are', () => {
    const hypervisor = new Hypervisor(new World());
    const host = new VpciHost(hypervisor);
    const model = disk();
    const guest = hypervisor.createGuest();
    host.plug(model, guest);
    guest.destroy();
    host.plug(model, hypervisor.createGuest());
  });

  it('regression: a PCI function has one place', () => {
    const hypervisor = new Hypervisor(new World());
    const complex = new VpciHost(hypervisor).complexOf(hypervisor.createGuest());
    const fn = new PciFunction({ config: new Uint8Array(256) });
    complex.plug(fn, { devfn: 8 });
    const error = refusal(() => complex.plug(fn, { devfn: 16 }));
    expect(error).to.include({ code: 'EBUSY', path: 'g1: 0000:00:02.0' });
    complex.unplug(fn, { devfn: 8 });
    complex.plug(fn, { devfn: 16 });
    expect(complex.functions()).to.deep.equal([fn]);
  });

  it('regression: a control unit has one place', () => {
    const hypervisor = new Hypervisor(new World());
    const css = new CcwHost(hypervisor).css(hypervisor.createGuest());
    const { unit } = new CcwHost(new Hypervisor(new World())).plug(
      disk(),
      hypervisor.createGuest({ name: 'x' }),
    ).subchannel;
    css.plug(unit!, { devno: 0x1000 });
    const error = refusal(() => css.plug(unit!));
    expect(error).to.include({ code: 'EBUSY', path: '0.0.0000' });
  });
});
