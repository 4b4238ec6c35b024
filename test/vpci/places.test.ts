import { expect } from 'chai';
import { VpciHost } from '../../buses/vpci';
import { Kernel } from '../../lib/base/kernel';
import { EntropyDevice, Hypervisor } from '../../lib/hypervisor';
import { World } from '../../lib/world';
import { thrownBy } from '../support/errors';

/** A guest whose machine has room for so many devices, and that many of them. */
function machine(places: number, devices = places) {
  const hv = new Hypervisor(new World());
  const guest = hv.createGuest();
  const host = new VpciHost(hv, { places });
  const model = (i: number): EntropyDevice => new EntropyDevice({ name: `rng${String(i)}`, seed: i });
  const plugged = Array.from({ length: devices }, (_, i) => host.plug(model(i), guest));
  const names = async (): Promise<string[]> => {
    const kernel = new Kernel(hv.world, { port: guest.port });
    await host.boot(kernel, guest);
    const bus = [...kernel.buses.values()].find(({ type }) => type.name === 'pci');
    return [...(bus?.devices() ?? [])].map(({ name }) => name ?? '').sort();
  };
  return { host, guest, model, plugged, names };
}

describe('places for devices of vpci', () => {
  it('are one function in each slot of bus 0, as long as that is enough', async () => {
    const { names } = machine(31);
    const found = await names();
    expect(found.every((name) => /^0000:00:..\.0$/.test(name))).to.equal(true);
    expect(found).to.have.length(31);
  });

  it('are then eight functions in each slot', async () => {
    const { names } = machine(32);
    const found = await names();
    expect(found.slice(0, 8)).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7].map((fn) => `0000:00:01.${String(fn)}`));
    expect(found.at(-1)).to.equal('0000:00:04.7');
  });

  it('are then behind bridges in the last slots of bus 0', async () => {
    const { names } = machine(249);
    const found = await names();
    expect(found).to.have.length(250);
    expect(found.slice(239, 242)).to.deep.equal(['0000:00:1e.7', '0000:00:1f.0', '0000:01:00.0']);
    expect(found.at(-1)).to.equal('0000:01:01.0');
  });

  it('can be chosen by number, up to the last', async () => {
    const { host, guest, model, names } = machine(249, 0);
    host.plug(model(1), guest, 240);
    expect(await names()).to.deep.equal(['0000:00:1f.0', '0000:01:00.0']);
    expect(thrownBy(() => host.plug(model(2), guest, 240)).code).to.equal('EEXIST');
    const { code, message } = thrownBy(() => host.plug(model(2), guest, 496));
    expect(code).to.equal('ENOENT');
    expect(message).to.contain("'rng2 of guest g1': there is no place 496, only 496 functions (8 in a slot) of bus 0");
  });

  it('are given the lowest first, also when one behind a bridge is free again', () => {
    const { host, guest, model, plugged } = machine(249, 0);
    for (let i = 0; i < 496; i++) plugged.push(host.plug(model(i), guest));
    expect(thrownBy(() => host.plug(model(496), guest)).code).to.equal('ENOSPC');
    plugged[300]?.unplug();
    plugged[7]?.unplug();
    host.plug(model(497), guest);
    expect(thrownBy(() => host.plug(model(498), guest, 7)).code).to.equal('EEXIST');
    host.plug(model(499), guest, 300);
    expect(thrownBy(() => host.plug(model(500), guest)).code).to.equal('ENOSPC');
  });
});
