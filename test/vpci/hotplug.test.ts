import { expect } from 'chai';
import { virtioBlk } from '../../drivers/virtio_blk';
import { BlockDevice, EntropyDevice, formatEntry } from '../../lib/hypervisor';
import { blockDisk } from '../../lib/subsystems';
import { rejection } from '../support/errors';
import { bridgeConfig, PciMachine, plainConfig } from './support';
import { notingDriver } from './drivers';

const NAME = '0000:00:01.0';
const SOON = 1_000_000;

function disk(name = 'disk0'): BlockDevice {
  return new BlockDevice({ name, image: new Uint8Array(1 << 16), serial: name });
}

async function booted(): Promise<PciMachine> {
  const rig = await new PciMachine().boot();
  await rig.loadTransport();
  await rig.kernel.registerDriver(virtioBlk);
  rig.takeUevents();
  return rig;
}

describe('vpci: hot-plug', () => {
  it('a device that comes is found at an interrupt, added and bound', async () => {
    const rig = await booted();
    rig.plug(disk());
    expect(rig.names()).to.deep.equal([]);
    await rig.world.advance(SOON);
    expect(rig.driverOf(NAME)).to.equal('virtio-pci');
    await blockDisk(rig.kernel, 'vda')?.writeSectors(0, new Uint8Array(512).fill(1));
    const added = [`add /devices/pci0000:00/${NAME}`, `add /devices/pci0000:00/${NAME}/virtio0`];
    expect(rig.takeUevents().slice(0, 2)).to.deep.equal(added);
  });

  it('a device that goes is unbound and removed, and leaves nothing', async () => {
    const rig = await booted();
    const plugged = rig.plug(disk());
    await rig.world.advance(SOON);
    rig.takeUevents();
    plugged.unplug();
    await rig.world.advance(SOON);
    expect(rig.names()).to.deep.equal([]);
    expect(rig.takeUevents().filter((event) => !event.includes('block'))).to.deep.equal([
      `unbind /devices/pci0000:00/${NAME}/virtio0`,
      `remove /devices/pci0000:00/${NAME}/virtio0`,
      `unbind /devices/pci0000:00/${NAME}`,
      `remove /devices/pci0000:00/${NAME}`,
    ]);
    expect(rig.kernel.dma?.inUse).to.equal(0);
    expect(rig.kernel.irq.list().map(({ name }) => name)).to.deep.equal(['pci-hotplug']);
    expect(rig.kernel.warnings).to.equal(0);
  });

  it('what is in flight when a device goes fails, and nothing hangs', async () => {
    const rig = await booted();
    const plugged = rig.plug(disk());
    await rig.world.advance(SOON);
    const vda = blockDisk(rig.kernel, 'vda');
    const bytes = new Uint8Array(512);
    const write = (sector: number): PromiseLike<void> => rig.world.spawn(() => vda?.writeSectors(sector, bytes));
    const writes = [0, 1, 2].map((sector) => rejection(() => write(sector)));
    await rig.world.settle();
    plugged.unplug();
    expect((await Promise.all(writes)).map((error) => error.code)).to.deep.equal(['EIO', 'EIO', 'EIO']);
    await rig.world.advance(SOON);
    expect(rig.names()).to.deep.equal([]);
    expect(rig.kernel.dma?.inUse).to.equal(0);
  });

  it('a device that goes while nobody uses it goes as well', async () => {
    const rig = await new PciMachine().boot();
    const plugged = rig.plug(new EntropyDevice({ name: 'rng0', seed: 1 }));
    await rig.world.advance(SOON);
    expect(rig.names()).to.deep.equal([NAME]);
    plugged.unplug();
    await rig.world.advance(SOON);
    expect(rig.names()).to.deep.equal([]);
  });

  it('all ones is what its registers read as, from the moment it goes', async () => {
    const rig = await booted();
    const plugged = rig.plug(disk());
    await rig.world.advance(SOON);
    plugged.unplug();
    expect(rig.device(NAME).readConfig(0, 4)).to.equal(0xffff_ffff);
    const config = rig.kernel.sysfs.open(`/sys/bus/pci/devices/${NAME}/config`, 'r');
    const bytes = await rig.world.run(() => config.readBytes(0, 256));
    expect([...new Set(bytes as Uint8Array)]).to.deep.equal([0xff]);
  });

  it('unbinding with requests in flight ends them all, and the device is used again afterwards', async () => {
    const rig = await booted();
    rig.plug(disk());
    await rig.world.advance(SOON);
    const vda = blockDisk(rig.kernel, 'vda');
    const ends = [0, 1].map((sector) =>
      rig.world
        .spawn(() => vda?.writeSectors(sector, new Uint8Array(512)))
        .then(
          () => 'written',
          (error: unknown) => String(error),
        ),
    );
    await rig.world.settle();
    expect(await rig.echo(NAME, 'bus/pci/drivers/virtio-pci/unbind')).to.equal('0');
    expect((await Promise.all(ends)).length).to.equal(2);
    expect(rig.kernel.dma?.inUse).to.equal(0);
    expect(await rig.echo(NAME, 'bus/pci/drivers/virtio-pci/bind')).to.equal('0');
    await blockDisk(rig.kernel, 'vda')?.writeSectors(0, new Uint8Array(512).fill(1));
    expect(rig.kernel.warnings).to.equal(0);
  });

  it('another kernel in the same guest finds the same devices in the same places, and they work', async () => {
    const rig = await booted();
    rig.plug(disk());
    await rig.world.advance(SOON);
    const before = await rig.cat(`bus/pci/devices/${NAME}/resource`);
    rig.kernel.kill();
    await rig.reboot();
    await rig.loadTransport();
    await rig.kernel.registerDriver(virtioBlk);
    expect(await rig.cat(`bus/pci/devices/${NAME}/resource`)).to.equal(before);
    await blockDisk(rig.kernel, 'vda')?.writeSectors(0, new Uint8Array(512).fill(1));
  });

  it('a user can unbind it before the kernel has heard', async () => {
    const rig = await booted();
    const plugged = rig.plug(disk());
    await rig.world.advance(SOON);
    plugged.unplug();
    expect(await rig.echo(NAME, 'bus/pci/drivers/virtio-pci/unbind')).to.equal('0');
    await rig.world.advance(SOON);
    expect(rig.names()).to.deep.equal([]);
  });

  it('another device in the same slot at the same moment is a new device', async () => {
    const rig = await booted();
    const plugged = rig.plug(disk('old'));
    await rig.world.advance(SOON);
    const old = rig.device(NAME);
    plugged.unplug();
    await rig.world.advance(SOON);
    rig.plug(disk('new'));
    await rig.world.advance(SOON);
    expect(rig.device(NAME)).to.not.equal(old);
    expect(await rig.cat('class/block/vda/serial')).to.equal('new');
  });

  it('regression: a device that goes while the slots are first looked at is missed by no later interrupt', async () => {
    const rig = new PciMachine();
    const plugged = rig.plug(disk());
    rig.kernel.uevents.subscribe(({ action, devpath }) => {
      if (action === 'add' && devpath.endsWith(NAME)) plugged.unplug();
    });
    await rig.boot();
    expect(rig.names()).to.deep.equal([NAME]);
    await rig.world.advance(SOON);
    expect(rig.names()).to.deep.equal([]);
  });

  it('unplugging twice changes nothing', async () => {
    const rig = await booted();
    const plugged = rig.plug(disk());
    await rig.world.advance(SOON);
    plugged.unplug();
    plugged.unplug();
    await rig.world.advance(SOON);
    expect(rig.names()).to.deep.equal([]);
  });

  it('a bridge goes with all behind it', async () => {
    const rig = new PciMachine({ lastBus: 8 });
    const bridge = rig.plugBytes({ config: bridgeConfig() }, 8);
    rig.plugBytes({ config: plainConfig() }, 0, bridge);
    await rig.boot();
    const drv = notingDriver('any', { idTable: [{ vendor: 0x1234 }] });
    await rig.kernel.registerDriver(drv);
    rig.complex.unplug(bridge, { devfn: 8 });
    await rig.world.advance(SOON);
    expect(rig.names()).to.deep.equal([]);
    expect(drv.notes).to.deep.equal(['probe 0000:01:00.0', 'remove 0000:01:00.0']);
  });

  it('a device that comes behind a bridge gets a place in its window', async () => {
    const rig = await new PciMachine({ lastBus: 8 }).plugRecorded().boot();
    const [port] = rig.complex.functions().filter((fn) => fn.isBridge);
    rig.plugBytes({ config: plainConfig(), bars: [{ index: 0, size: 0x4000, kind: 'mem32' }] }, 0, port);
    await rig.world.advance(SOON);
    expect(rig.device('0000:01:00.0').resource[0]?.start).to.equal(0xfe20_0000n);
    expect(rig.exists('devices/pci0000:00/0000:00:1c.0/0000:01:00.0')).to.equal(true);
  });

  it('finds at boot what was plugged before, and two guests have slots of their own', async () => {
    const rig = new PciMachine();
    rig.plug(disk());
    const other = rig.hv.createGuest({ name: 'g2' });
    rig.host.plug(disk('disk1'), other);
    await rig.boot();
    expect(rig.names()).to.deep.equal([NAME]);
  });

  it('refuses a 32nd device on the root bus with ENOSPC, and says in one line of the log what there is', async () => {
    const rig = new PciMachine();
    for (let i = 1; i < 32; i++) rig.plug(new EntropyDevice({ name: `rng${String(i)}`, seed: i }));
    const { code, message } = await rejection(() => rig.plug(disk()));
    expect(code).to.equal('ENOSPC');
    expect(message).to.match(/, plug_device 'disk0 of guest g1': all 31 slots of bus 0 are taken$/);
    expect(rig.hv.log.entries.map(formatEntry).filter((line) => line.includes(message))).to.have.length(1);
  });

  it('takes the place that is free again, also of a function that was put there by itself', async () => {
    const rig = new PciMachine();
    const [first] = [1, 2, 3].map((i) => rig.plug(new EntropyDevice({ name: `rng${String(i)}`, seed: i })));
    const fn = rig.plugBytes({ config: new Uint8Array(256).fill(1, 0, 4) }, 4 * 8 + 1);
    rig.plug(disk());
    first?.unplug();
    rig.complex.unplug(fn, { devfn: 4 * 8 + 1 });
    rig.plug(disk('disk1'));
    rig.plug(disk('disk2'));
    await rig.boot();
    expect(rig.names().sort()).to.deep.equal([1, 2, 3, 4, 5].map((slot) => `0000:00:0${String(slot)}.0`));
  });
});
