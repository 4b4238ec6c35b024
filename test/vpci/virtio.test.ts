import { expect } from 'chai';
import { VirtioPciFunction } from '../../buses/vpci';
import { virtioBlk } from '../../drivers/virtio_blk';
import { virtioRng } from '../../drivers/virtio_rng';
import { BlockDevice, EntropyDevice } from '../../lib/hypervisor';
import { blockDisk, hwrng } from '../../lib/subsystems';
import { virtioBus, type VirtioDevice, type VirtioDriver, type Virtqueue } from '../../lib/virtio';
import { HeldDevice } from '../support/held-device';
import { rejection } from '../support/errors';
import { PciMachine } from './support';

const NAME = '0000:00:01.0';
const VIRTIO_PCI = 'bus/pci/drivers/virtio-pci';

function disk(image = new Uint8Array(1 << 16)): BlockDevice {
  return new BlockDevice({ name: 'disk0', image, serial: 'SERIAL-0' });
}

/** A driver for {@link HeldDevice} that has queues and sends nothing by itself. */
function heldDriver(queues = 1): VirtioDriver & { readonly got: Virtqueue[]; readonly changes: string[] } {
  const got: Virtqueue[] = [];
  const changes: string[] = [];
  return {
    name: 'held',
    bus: virtioBus,
    idTable: [{ device: 42 }],
    got,
    changes,
    async probe(vdev) {
      got.length = 0;
      const callback = (vq: Virtqueue): void => void changes.push(vq.name);
      const names = Array.from({ length: queues }, (_, i) => `q.${String(i)}`);
      got.push(...(await vdev.findVqs(names.map((name) => ({ name, callback })))));
    },
    configChanged: (vdev) => void changes.push(`config ${String(vdev.name)}`),
    async remove(vdev) {
      await vdev.reset();
      await vdev.delVqs();
    },
  };
}

async function rigWithDisk(image?: Uint8Array<ArrayBuffer>, isolate = false): Promise<PciMachine> {
  const rig = new PciMachine({ world: { isolate } });
  rig.plug(disk(image));
  await rig.boot();
  await rig.loadTransport();
  await rig.kernel.registerDriver(virtioBlk);
  return rig;
}

describe('vpci: virtio over PCI (VIRTIO 1.2 §4.1)', () => {
  it('shows a function as the specification numbers it (§4.1.2)', async () => {
    const rig = new PciMachine();
    rig.plug(disk());
    await rig.boot();
    const alias = 'pci:v00001AF4d00001042sv00001AF4sd00001100bc01sc00i00';
    expect(await rig.cat(`bus/pci/devices/${NAME}/modalias`)).to.equal(`${alias}\n`);
    expect(await rig.cat(`bus/pci/devices/${NAME}/irq`)).to.equal('16\n');
  });

  it('makes a virtio device that drivers find by its own id', async () => {
    const rig = await rigWithDisk();
    expect(rig.takeUevents().filter((event) => /virtio0|01\.0$/.test(event))).to.deep.equal([
      `add /devices/pci0000:00/${NAME}`,
      `add /devices/pci0000:00/${NAME}/virtio0`,
      `bind /devices/pci0000:00/${NAME}`,
      `add /devices/pci0000:00/${NAME}/virtio0/block/vda`,
      `bind /devices/pci0000:00/${NAME}/virtio0`,
    ]);
    expect(await rig.cat('bus/virtio/devices/virtio0/modalias')).to.equal('virtio:d00000002v00001AF4\n');
  });

  for (const isolate of [false, true]) {
    it(`reads and writes sectors${isolate ? ' with nothing but copies crossing the port' : ''}`, async () => {
      const image = new Uint8Array(1 << 16);
      image.fill(7, 512, 1024);
      const rig = await rigWithDisk(image, isolate);
      const vda = blockDisk(rig.kernel, 'vda');
      expect([...((await vda?.readSectors(1, 1)) ?? [])]).to.deep.equal(new Array(512).fill(7));
      await vda?.writeSectors(3, new Uint8Array(1024).fill(9));
      expect(image[3 * 512 - 1]).to.equal(0);
      expect(image[3 * 512]).to.equal(9);
      expect(image[5 * 512 - 1]).to.equal(9);
      expect(image[5 * 512]).to.equal(0);
    });
  }

  it('gives randomness from an entropy device', async () => {
    const rig = new PciMachine();
    rig.plug(new EntropyDevice({ name: 'rng0', seed: 5 }));
    await rig.boot();
    await rig.loadTransport();
    await rig.kernel.registerDriver(virtioRng);
    await rig.world.advance(1_000_000);
    expect(hwrng(rig.kernel)).to.not.equal(null);
    expect(await rig.cat('class/misc/hw_random/rng_current')).to.equal('virtio_rng.0\n');
  });

  it('interrupts with a message for each queue and one for the configuration', async () => {
    const rig = new PciMachine();
    rig.plug(new HeldDevice([8, 8]));
    await rig.boot();
    await rig.loadTransport();
    await rig.kernel.registerDriver(heldDriver(2));
    expect(rig.kernel.irq.list().map(({ vector, name }) => [vector, name])).to.deep.equal([
      [9, 'pci-hotplug'],
      [256, 'virtio0-config'],
      [257, 'virtio0-q.0'],
      [258, 'virtio0-q.1'],
    ]);
    expect(rig.kernel.sysfs.readdir(`/sys/bus/pci/devices/${NAME}/msi_irqs`)).to.deep.equal(['256', '257', '258']);
  });

  it('has one message for all queues where the function has two', async () => {
    const rig = new PciMachine();
    const fn = new VirtioPciFunction(new HeldDevice([8, 8]), rig.guest, { pin: rig.complex.allocPin(), messages: 2 });
    rig.complex.plug(fn, { devfn: 8 });
    await rig.boot();
    await rig.loadTransport();
    await rig.kernel.registerDriver(heldDriver(2));
    const used = rig.kernel.irq.list().map(({ name }) => name);
    expect(used).to.deep.equal(['pci-hotplug', 'virtio0-config', 'virtio0-virtqueues']);
  });

  it('uses the pin where there are no messages, and reads what it was for', async () => {
    const rig = new PciMachine();
    const model = new HeldDevice([8]);
    rig.complex.plug(new VirtioPciFunction(model, rig.guest, { pin: 20, messages: false }), { devfn: 8 });
    await rig.boot();
    await rig.loadTransport();
    const drv = heldDriver();
    await rig.kernel.registerDriver(drv);
    const used = rig.kernel.irq.list().map(({ vector, name }) => [vector, name]);
    expect(used).to.deep.equal([
      [9, 'pci-hotplug'],
      [20, 'virtio0'],
    ]);
    drv.got[0]?.add({ in: [4] }, 'token');
    drv.got[0]?.kick();
    model.complete(Uint8Array.of(1, 2));
    model.host?.configChanged();
    await rig.world.advance(100_000);
    expect(drv.changes).to.deep.equal(['config virtio0', 'q.0']);
    expect([...(drv.got[0]?.getBuf()?.data[0] ?? [])]).to.deep.equal([1, 2]);
    expect(rig.kernel.irq.list()[1]?.count).to.equal(1);
  });

  it('shares one message among the queues where there are too few', async () => {
    const rig = new PciMachine();
    const model = new HeldDevice([8, 8, 8]);
    const fn = new VirtioPciFunction(model, rig.guest, { pin: 0 });
    // The table says that it has two entries.
    fn.config[0x98 + 2] = 1;
    rig.complex.plug(fn, { devfn: 8 });
    await rig.boot();
    await rig.loadTransport();
    const drv = heldDriver(3);
    await rig.kernel.registerDriver(drv);
    const users = rig.kernel.irq.list().map(({ name }) => name);
    expect(users).to.deep.equal(['pci-hotplug', 'virtio0-config', 'virtio0-virtqueues']);
    drv.got[2]?.add({ in: [4] }, 'token');
    drv.got[2]?.kick();
    model.complete();
    await rig.world.advance(100_000);
    expect(drv.changes).to.deep.equal(['q.2']);
  });

  it('refuses with EINVAL a queue that the device does not have, and keeps nothing', async () => {
    const rig = new PciMachine();
    rig.plug(new HeldDevice([8]));
    await rig.boot();
    await rig.loadTransport();
    await rig.kernel.registerDriver(heldDriver(2));
    expect(rig.devices('virtio').map((dev) => dev.driver)).to.deep.equal([null]);
    expect(rig.log).to.include('held: probe of virtio0 failed with error -22');
    expect(rig.kernel.irq.list().map(({ name }) => name)).to.deep.equal(['pci-hotplug']);
    expect(rig.kernel.dma?.inUse).to.equal(0);
  });

  it('reads configuration up to its end, EINVAL behind it', async () => {
    const rig = new PciMachine();
    const model = new HeldDevice([8]);
    model.bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    rig.plug(model);
    await rig.boot();
    await rig.loadTransport();
    const [vdev] = rig.devices('virtio') as unknown as VirtioDevice[];
    const read = async (offset: number, length: number): Promise<number[]> => [
      ...((await vdev?.transport.getConfig(offset, length)) ?? []),
    ];
    expect(await read(0, 8)).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(await read(8, 2)).to.deep.equal([9, 10]);
    expect(await read(3, 5)).to.deep.equal([4, 5, 6, 7, 8]);
    expect((await rejection(() => read(8, 4))).code).to.equal('EINVAL');
  });

  it('tells the driver of a changed configuration', async () => {
    const rig = new PciMachine();
    const model = new HeldDevice([8]);
    rig.plug(model);
    await rig.boot();
    await rig.loadTransport();
    const drv = heldDriver();
    await rig.kernel.registerDriver(drv);
    model.host?.configChanged();
    await rig.world.advance(100_000);
    expect(drv.changes).to.deep.equal(['config virtio0']);
  });

  it('unbind of the transport takes the virtio device away and gives all back; bind brings one back', async () => {
    const image = new Uint8Array(1 << 16);
    const rig = await rigWithDisk(image);
    rig.takeUevents();
    expect(await rig.echo(NAME, `${VIRTIO_PCI}/unbind`)).to.equal('0');
    expect(rig.takeUevents().filter((event) => !event.includes('block'))).to.deep.equal([
      `unbind /devices/pci0000:00/${NAME}/virtio0`,
      `remove /devices/pci0000:00/${NAME}/virtio0`,
      `unbind /devices/pci0000:00/${NAME}`,
    ]);
    expect(await rig.cat(`bus/pci/devices/${NAME}/enable`)).to.equal('0\n');
    expect(rig.kernel.dma?.inUse).to.equal(0);
    expect(rig.kernel.irq.list().map(({ name }) => name)).to.deep.equal(['pci-hotplug']);
    expect(rig.exists(`bus/pci/devices/${NAME}/msi_irqs`)).to.equal(false);

    expect(await rig.echo(NAME, `${VIRTIO_PCI}/bind`)).to.equal('0');
    expect(await rig.cat(`bus/pci/devices/${NAME}/enable`)).to.equal('1\n');
    await blockDisk(rig.kernel, 'vda')?.writeSectors(0, new Uint8Array(512).fill(3));
    expect(image[0]).to.equal(3);
  });

  it('leaves a function without the structures to the legacy driver, which there is not', async () => {
    const rig = new PciMachine();
    const fn = new VirtioPciFunction(disk(), rig.guest, { pin: 0 });
    fn.config[0x34] = 0;
    rig.complex.plug(fn, { devfn: 8 });
    await rig.boot();
    await rig.loadTransport();
    expect(rig.log).to.include(`virtio-pci ${NAME}: virtio_pci: leaving for legacy driver`);
    expect(rig.driverOf(NAME)).to.equal(null);
  });

  it('refuses functions whose registers do not answer: the recorded ones have no device behind them', async () => {
    const rig = await new PciMachine({ lastBus: 255 }).plugRecorded().boot();
    await rig.loadTransport();
    expect(rig.log).to.include('virtio-pci 0000:00:02.0: virtio_pci: the registers do not answer');
    expect(rig.devices().filter((dev) => dev.driver !== null)).to.deep.equal([]);
  });

  it('gives a device up that does not reset in a second, and takes its way to memory', async () => {
    const rig = new PciMachine();
    const fn = new VirtioPciFunction(new HeldDevice([8]), rig.guest, { pin: 0 });
    rig.complex.plug(fn, { devfn: 8 });
    await rig.boot();
    Object.defineProperty(fn.backend, 'status', { get: () => 64, set: () => undefined });
    await rig.loadTransport();
    expect(rig.log).to.include(`virtio-pci ${NAME}: virtio_pci: no reset after 1000ms; giving up`);
    expect(fn.isMaster).to.equal(false);
  });

  for (const [what, at, value, line] of [
    ['structure beyond its base register', 0x40 + 8, 0x3ff0, 'map virtio 56@16368 out of range on bar 4 length 16384'],
    ['structure that is too short', 0x40 + 12, 16, 'bad capability len 16 (>=56 expected)'],
    ['structure that is not aligned', 0x40 + 8, 2, 'offset 2 not aligned to 4'],
  ] as const) {
    it(`refuses a ${what} with EINVAL and a line that names it`, async () => {
      const rig = new PciMachine();
      const fn = new VirtioPciFunction(disk(), rig.guest, { pin: 0 });
      fn.config.set(
        [0, 1, 2, 3].map((i) => (value >>> (8 * i)) & 0xff),
        at,
      );
      rig.complex.plug(fn, { devfn: 8 });
      rig.plug(new EntropyDevice({ name: 'rng0', seed: 1 }));
      await rig.boot();
      await rig.loadTransport();
      expect(rig.log).to.include(`virtio-pci ${NAME}: virtio_pci: capability at offset 0x40: ${line}`);
      expect(rig.driverOf(NAME)).to.equal(null);
      expect(rig.driverOf('0000:00:02.0')).to.equal('virtio-pci');
      expect(await rig.cat(`bus/pci/devices/${NAME}/enable`)).to.equal('0\n');
    });
  }

  it('refuses a function whose list of capabilities loops before the structures', async () => {
    const rig = new PciMachine();
    const fn = new VirtioPciFunction(disk(), rig.guest, { pin: 0 });
    fn.config[0x84 + 1] = 0x98;
    rig.complex.plug(fn, { devfn: 8 });
    await rig.boot();
    await rig.loadTransport();
    expect(rig.log).to.include(`pci ${NAME}: the capability list loops at offset 0x98; the rest is ignored`);
    expect(rig.driverOf(NAME)).to.equal(null);
  });

  it('serves nothing while bus mastering is off, and logs that', async () => {
    const rig = new PciMachine();
    const model = new HeldDevice([8]);
    rig.plug(model);
    await rig.boot();
    await rig.loadTransport();
    const drv = heldDriver();
    await rig.kernel.registerDriver(drv);
    const dev = rig.device(NAME);
    dev.writeConfig(4, 2, dev.readConfig(4, 2) & ~4);
    drv.got[0]?.add({ in: [4] }, 'token');
    drv.got[0]?.kick();
    expect(model.held.length).to.equal(0);
    const [refusal] = rig.hv.log.refusals;
    expect(refusal?.refused).to.equal('device held0: queue 0 notified without bus mastering');
  });

  it('can be reached through configuration space alone (§4.1.4.9)', async () => {
    const rig = new PciMachine();
    rig.plug(disk());
    await rig.boot();
    await rig.loadTransport();
    const dev = rig.device(NAME);
    dev.writeConfig(0x84 + 4, 1, 4);
    dev.writeConfig(0x84 + 8, 4, 20);
    dev.writeConfig(0x84 + 12, 4, 1);
    expect(dev.readConfig(0x84 + 16, 1)).to.equal(1);
    dev.writeConfig(0x84 + 16, 1, 0);
    expect(dev.readConfig(0x84 + 16, 1)).to.equal(0);
  });
});
