import { expect } from 'chai';
import { miscDeregister, miscRegister, openChrdev } from '../../../lib';
import { eachBus, fault, type KitWorld } from '../../support/kit';
import { Thermometer } from './thermometer';
import { virtioThermometer } from './virtio_thermometer';

const DIR = '/sys/bus/virtio/devices/virtio0';
const DRIVER = '/sys/bus/virtio/drivers/virtio_thermometer';
const NODE = 'thermometer-virtio0';
const MS = 1_000_000;

async function booted(world: KitWorld): Promise<Thermometer> {
  const device = new Thermometer('thermometer0');
  world.plug(device);
  await world.boot();
  device.become(20);
  await world.load(virtioThermometer);
  return device;
}

/** Waits for interrupts and the work that they queue. */
async function pass(world: KitWorld): Promise<void> {
  await world.world.advance(MS);
}

function changes(world: KitWorld): string[] {
  return world.trace.lines.filter((line) => line.startsWith('uevent change@'));
}

const code = (error: unknown): unknown => (error as { code?: unknown }).code;

describe('the thermometer driver', () => {
  eachBus('reads the temperature again when the device says that it has changed', async (world) => {
    const device = await booted(world);
    expect(await world.fs.readFile(`${DIR}/temperature`)).to.equal('20\n');
    device.become(21);
    await pass(world);
    expect(await world.fs.readFile(`${DIR}/temperature`)).to.equal('21\n');
    expect(changes(world).length).to.equal(1);
  });

  eachBus('wakes who reads the node when it is too warm', async (world) => {
    const device = await booted(world);
    await world.fs.writeFile(`${DIR}/limit`, '30');
    const file = await openChrdev(world.kernel, NODE);
    for (const [degrees, alarms] of [
      [31, '1\n'],
      [32, '2\n'],
      [33, '3\n'],
    ] as const) {
      device.become(29);
      device.become(degrees);
      expect(new TextDecoder().decode(await file.read())).to.equal(alarms);
    }
    await file.close();
  });

  eachBus('drops a change that is on its way while it is unbound', async (world) => {
    const device = await booted(world);
    const before = world.kernel.dma?.inUse;
    device.become(21);
    await world.fs.writeFile(`${DRIVER}/unbind`, 'virtio0');
    const told = changes(world).length;
    await pass(world);
    expect(changes(world).length).to.equal(told);
    expect(world.kernel.dma?.inUse).to.be.lessThan(before ?? 0);
    device.become(22);
    await pass(world);
    expect(world.log.entries.filter(({ level }) => level === 'err')).to.deep.equal([]);
  });

  eachBus('does no work after it has left, even if it was queued before', async (world) => {
    await booted(world);
    const [vdev] = world.bound(virtioThermometer);
    await world.world.run(async () => {
      virtioThermometer.configChanged?.(vdev as never);
      await vdev?.releaseDriver();
    });
    const told = changes(world).length;
    await pass(world);
    expect(changes(world).length).to.equal(told);
  });

  eachBus('sends a reader away when it is unbound, and lets the file be closed later', async (world) => {
    await booted(world);
    const file = await openChrdev(world.kernel, NODE);
    const reading = file.read() as Promise<unknown>;
    await world.fs.writeFile(`${DRIVER}/unbind`, 'virtio0');
    expect(await reading.catch(code)).to.equal('ENODEV');
    const open = async (): Promise<unknown> => openChrdev(world.kernel, NODE);
    expect(await open().catch(code)).to.equal('ENOENT');
    await world.fs.writeFile(`${DRIVER}/bind`, 'virtio0');
    const again = async (): Promise<unknown> => file.read();
    expect(await again().catch(code)).to.equal('ENODEV');
    await file.close();
  });

  eachBus('sends a reader away when the device is taken out', async (world) => {
    const plugged = world.plug(new Thermometer('thermometer0'));
    await world.boot();
    await world.load(virtioThermometer);
    const file = await openChrdev(world.kernel, NODE);
    const reading = file.read() as Promise<unknown>;
    plugged.unplug();
    await world.settle();
    expect(await reading.catch(code)).to.equal('ENODEV');
    await file.close();
    await world.bus.rescan();
    await world.settle();
    expect(world.bound(virtioThermometer)).to.deep.equal([]);
  });

  eachBus('has its limit, its temperature and its readers after the machine has slept', async (world) => {
    const device = await booted(world);
    await world.fs.writeFile(`${DIR}/limit`, '30');
    const file = await openChrdev(world.kernel, NODE);
    if (world.bus.cannotSleep !== true) {
      expect(await world.guest().suspend()).to.equal(0);
      device.become(25);
      await world.guest().resume();
      expect(await world.fs.readFile(`${DIR}/temperature`)).to.equal('25\n');
    }
    device.become(31);
    expect(new TextDecoder().decode(await file.read())).to.equal('1\n');
    await file.close();
  });

  eachBus(
    'leaves nothing when its node is refused',
    async (world) => {
      world.plug(new Thermometer('thermometer0'));
      await world.boot();
      const before = world.kernel.dma?.inUse;
      const other = await miscRegister(world.kernel, { name: NODE, minor: 200 });
      await world.load(virtioThermometer);
      expect(world.bound(virtioThermometer)).to.deep.equal([]);
      expect(world.kernel.dma?.inUse).to.equal(before);
      await miscDeregister(other);
    },
    { allow: ['warnings'] },
  );

  eachBus('gives the device up when there are no queues, and binds later', async (world) => {
    world.plug(new Thermometer('thermometer0'));
    await world.boot();
    world.inject(fault('findVqs', 'ENXIO'));
    await world.load(virtioThermometer);
    expect(world.bound(virtioThermometer)).to.deep.equal([]);
    await world.fs.writeFile(`${DRIVER}/bind`, 'virtio0');
    expect(world.bound(virtioThermometer).length).to.equal(1);
  });
});
