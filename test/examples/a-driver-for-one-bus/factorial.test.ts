import { expect } from 'chai';
import { pciBus, vpci, type PciDevice, type PciDriver } from '../../../buses/vpci';
import { virtioRng } from '../../../drivers/virtio_rng';
import { ErrnoError, virtioBus, type DeviceDriver, type VirtioDriver } from '../../../lib';
import { fault, world, type KitWorld } from '../../support/kit';
import { factorialCard } from './factorial-card';
import { factorialDriver } from './factorial';

const SLOT_2 = 2 * 8;
const DIR = '/sys/bus/pci/devices/0000:00:02.0';

async function booted(): Promise<KitWorld> {
  const made = world({ bus: vpci });
  made.host.complexOf(made.guest().guest).plug(factorialCard(), { devfn: SLOT_2 });
  await made.boot();
  return made;
}

describe('the factorial driver', () => {
  it('takes the card that its table names, and asks it', async () => {
    const made = await booted();
    await made.load(factorialDriver);
    const { fs } = made;
    await fs.writeFile(`${DIR}/factorial`, '6');
    expect(await fs.readFile(`${DIR}/factorial`)).to.equal('720\n');
    const refused = await fs.writeFile(`${DIR}/factorial`, '13').catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(ErrnoError).and.include({ code: 'EINVAL' });
  });

  it('gives back what it took when the core refuses its files', async () => {
    const made = await booted();
    made.inject(fault('device_add_groups', 'EEXIST'));
    await made.load(factorialDriver);
    expect(made.bound(factorialDriver)).to.deep.equal([]);
    expect(await made.fs.readFile(`${DIR}/enable`)).to.equal('0\n');
  });

  it('does not compile for another bus', () => {
    // @ts-expect-error a driver of PCI devices is none of virtio devices
    const onVirtio: VirtioDriver = factorialDriver;
    // @ts-expect-error and the other way round
    const onPci: PciDriver = virtioRng;
    const right: DeviceDriver<PciDevice> = factorialDriver;
    expect(onVirtio.bus).to.deep.equal(pciBus);
    expect(onPci.bus).to.deep.equal(virtioBus);
    expect(right.bus).to.deep.equal(pciBus);
  });
});
