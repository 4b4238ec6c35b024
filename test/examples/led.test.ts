import { expect } from 'chai';
import { Device, ErrnoError, Kernel, kstrtou8, World, type BusType, type DeviceDriver } from '../../lib';

const lab: BusType = { name: 'lab', match: (dev, drv) => dev.name?.startsWith(drv.def.name) ?? false };

const led: DeviceDriver = {
  name: 'led',
  bus: lab,
  devGroups: [{ attrs: [{ name: 'brightness', mode: 0o644, show, store }] }],
  probe(dev) {
    if (dev.name === 'led-broken') throw new ErrnoError('ENODEV');
    dev.drvdata = { brightness: 0 };
  },
};

function show(dev: Device): string {
  return `${String((dev.drvdata as { brightness: number }).brightness)}\n`;
}

function store(dev: Device, text: string): number | void {
  const brightness = kstrtou8(text, 10);
  if (typeof brightness === 'number') return brightness; // -EINVAL or -ERANGE
  dev.drvdata = { brightness: Number(brightness) };
}

describe('the led driver', () => {
  it('has a brightness while it is bound', async () => {
    const kernel = new Kernel(new World());
    await kernel.registerBus(lab);
    await kernel.registerDriver(led);
    await new Device(kernel, { name: 'led0', bus: lab, release: () => undefined }).add();
    await kernel.fs.writeFile('/sys/bus/lab/devices/led0/brightness', '7');
    expect(await kernel.fs.readFile('/sys/devices/led0/brightness', 'utf8')).to.equal('7\n');
    await kernel.fs.writeFile('/sys/bus/lab/drivers/led/unbind', 'led0');
    expect(await kernel.fs.readdir('/sys/devices/led0')).to.deep.equal(['subsystem', 'uevent']);
  });
});
