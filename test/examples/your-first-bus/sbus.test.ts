import { expect } from 'chai';
import { Kernel, World } from '../../../lib';
import { sbus, SbusDevice, SbusRoot, type SbusDriver } from './sbus';

const sculld: SbusDriver = { name: 'sculld', bus: sbus, version: '1.1' };

describe('sbus', () => {
  it('brings a device and a driver together, and tells of it', async () => {
    const kernel = new Kernel(new World());
    const events: string[] = [];
    kernel.uevents.subscribe(({ action, devpath, env }) => {
      if (env.includes('MODALIAS=sbus:sculld0')) events.push(`${action}@${devpath}`);
    });
    await kernel.registerBus(sbus);
    await kernel.registerDriver(sculld);
    const root = new SbusRoot(kernel);
    await root.add();
    await new SbusDevice(root, 'sculld0', 4, new Set()).add();
    expect(await kernel.fs.readFile('/sys/bus/sbus/version')).to.equal('1.0\n');
    expect(await kernel.fs.readFile('/sys/bus/sbus/devices/sculld0/slot')).to.equal('4\n');
    expect(await kernel.fs.readlink('/sys/devices/sbus0/sculld0/driver')).to.equal('../../../bus/sbus/drivers/sculld');
    expect(events).to.deep.equal(['add@/devices/sbus0/sculld0', 'bind@/devices/sbus0/sculld0']);
  });

  it('releases a device when its last user is gone, not before', async () => {
    const kernel = new Kernel(new World());
    const slots = new Set<number>();
    await kernel.registerBus(sbus);
    const root = new SbusRoot(kernel);
    await root.add();
    const dev = new SbusDevice(root, 'sculld0', 4, slots);
    await dev.add();
    dev.get();
    await dev.unregister();
    expect(dev.isRegistered).to.equal(false);
    expect(slots.has(4)).to.equal(true);
    dev.put();
    expect(slots.has(4)).to.equal(false);
    expect(kernel.warnings).to.equal(0);
  });

  it('goes after its drivers and devices', async () => {
    const kernel = new Kernel(new World());
    const bus = await kernel.registerBus(sbus);
    const driver = await kernel.registerDriver(sculld);
    await driver.unregister();
    await bus.unregister();
    expect(await kernel.fs.readdir('/sys/bus')).to.not.include('sbus');
  });
});
