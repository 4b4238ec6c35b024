import { expect } from 'chai';
import { why, type Device, type Driver } from '../../lib';
import { fixtureName } from '../../lib/machine';
import { fixtures } from '../../buses';
import { sceneOfBus, type Scene } from '../../tools/commands/why-scene';

/** Every device with every driver of its bus. */
function pairs({ devices, drivers }: Scene): [Device, Driver][] {
  return devices.flatMap(({ it: dev }) =>
    drivers.filter(({ it }) => it.bus === dev.bus).map(({ it }): [Device, Driver] => [dev, it]),
  );
}

function matchDetails(dev: Device, drv: Driver): readonly string[] {
  return why(dev, drv).rules.find(({ fn }) => fn === 'driver_match_device')?.details ?? [];
}

describe('why on the buses', () => {
  for (const fixture of fixtures) {
    describe(fixtureName(fixture), () => {
      let scene: Scene;

      before(async () => {
        scene = await sceneOfBus(fixture);
      });

      it('explains what match says, for every device and driver', () => {
        const all = pairs(scene);
        expect(all.length).to.be.greaterThan(4);
        for (const [dev, drv] of all) {
          const { type } = drv.bus;
          expect('explainMatch' in type).to.equal(true);
          const { result, clauses } = type.explainMatch!(dev, drv);
          expect(Number(result) > 0, `${String(dev.name)} ${drv.def.name}`).to.equal(Number(type.match!(dev, drv)) > 0);
          expect(clauses.length).to.be.greaterThan(0);
          expect(clauses.at(-1)?.holds).to.equal(Number(result) > 0);
        }
      });

      it('a device is bound to its driver; others are refused by match, or have found an empty slot', () => {
        for (const [dev, drv] of pairs(scene)) {
          const { outcome, decidedBy } = why(dev, drv);
          const isEmptySlot = dev.driver === null && decidedBy?.details[0]?.endsWith('rejects match -19');
          const fn =
            dev.driver === drv ? 'driver_bound' : isEmptySlot === true ? 'call_driver_probe' : 'driver_match_device';
          expect(outcome).to.equal(dev.driver === drv ? 'bound' : 'refused');
          expect(decidedBy?.fn).to.equal(fn);
        }
      });

      it('changes nothing', () => {
        const kernel = scene.devices[0]!.it.kernel;
        const state = (): unknown => [
          kernel.log.entries.length,
          kernel.port?.counters(),
          kernel.deferred.lines(),
          scene.devices.map(({ it }) => it.refcount),
        ];
        const before = state();
        for (const [dev, drv] of pairs(scene)) why(dev, drv);
        expect(state()).to.deep.equal(before);
      });
    });
  }

  it('PCI: row by row of the id table, the override, the added ids', async () => {
    const { devices, drivers } = await sceneOfBus(fixtures[0]!);
    const dev = devices.find(({ name }) => name === '0000:00:01.0')!.it;
    const drv = drivers.find(({ name }) => name === 'virtio-pci')!.it;
    const { kernel } = dev;
    await dev.setDriverOverride('other');
    expect(matchDetails(dev, drv)).to.deep.equal([
      'pci_match_device: no, driver_override is other: no other driver may',
    ]);
    await dev.setDriverOverride('virtio-pci');
    expect(matchDetails(dev, drv)).to.deep.equal([
      'pci_match_device: yes, driver_override is virtio-pci: this driver',
      'pci_match_device: yes, id table, row 0: fits',
    ]);
    await dev.setDriverOverride(null);
    await kernel.fs.writeFile('/sys/bus/pci/drivers/virtio-pci/new_id', '1234 5678');
    expect(matchDetails(dev, drv)[0]).to.match(
      /^pci_match_device: no, added ids, row 0: vendor 0x1234 is wanted, the device has 0x1af4; device 0x5678 is wanted/,
    );
    expect(matchDetails(dev, drv)[1]).to.equal('pci_match_device: yes, id table, row 0: fits');
  });

  it('virtio: which field of which row does not fit', async () => {
    const { devices, drivers } = await sceneOfBus(fixtures[0]!);
    const dev = devices.find(({ it }) => it.driver?.def.name === 'virtio_blk')!.it;
    const drv = drivers.find(({ name }) => name === 'virtio_rng')!.it;
    expect(matchDetails(dev, drv)).to.deep.equal([
      'virtio_id_match: no, id table, row 0: device 0x0004 is wanted, the device has 0x0002',
    ]);
  });
});
