import { expect } from 'chai';
import {
  ambaBus,
  ambaDeviceRegister,
  iomemResource,
  makeResource,
  IORESOURCE,
  ofState,
  platformRoot,
  registerAmbaBus,
  registerPlatformBus,
  releaseResource,
  resourceLines,
  unflattenDeviceTree,
  writeFdt,
  type AmbaDevice,
  type AmbaDriver,
  type AmbaId,
  type DeviceNode,
  type FdtNode,
} from '../../buses/of-tree';
import { Kernel, type KernelOptions } from '../../lib/base/kernel';
import { ENOMEM } from '../../lib/errno';
import { Hypervisor } from '../../lib/hypervisor';
import type { MaySleep } from '../../lib/may-sleep';
import { World } from '../../lib/world';
import { rejection } from '../support/errors';
import { node } from './support';

const BASE = 0x4000_0000;
const SIZE = 0x1000;
const PRIMECELL_CID = 0xb105f00d;
const CORESIGHT_CID = 0xb105900d;

/** A component whose registers read 0 while it is off. */
class Component {
  on = true;
  pid = 0x0004_1011;
  cid = PRIMECELL_CID;
  devarch = 0;
  devtype = 0;

  read(offset: number): number {
    if (!this.on) return 0;
    if (offset === 0xfbc) return this.devarch;
    if (offset === 0xfcc) return this.devtype;
    if (offset < 0xfe0) return 0;
    const [value, at] = offset >= 0xff0 ? [this.cid, offset - 0xff0] : [this.pid, offset - 0xfe0];
    return (value >>> (2 * at)) & 0xff;
  }
}

async function machine(component: Component, options: KernelOptions = {}) {
  const world = new World();
  const hv = new Hypervisor(world);
  const guest = hv.createGuest({ name: 'g1' });
  hv.mapMmio(guest, BASE, SIZE, { read: (offset) => component.read(offset), write: () => undefined });
  const kernel = new Kernel(world, { ...options, port: guest.port });
  const events: string[] = [];
  kernel.uevents.subscribe(({ env }) => void events.push(env.slice(0, 2).join(' ')));
  await registerPlatformBus(kernel);
  await registerAmbaBus(kernel);
  return { kernel, events, add: (ofNode: DeviceNode | null = null) => addDevice(kernel, ofNode) };
}

function addDevice(kernel: Kernel, ofNode: DeviceNode | null): MaySleep<AmbaDevice> {
  const res = makeResource({ start: BigInt(BASE), end: BigInt(BASE + SIZE - 1), flags: IORESOURCE.MEM });
  return ambaDeviceRegister(kernel, { name: 'cell', parent: platformRoot(kernel), res, ofNode });
}

const driver = (idTable: readonly AmbaId[], more: Partial<AmbaDriver> = {}): AmbaDriver => ({
  name: 'pl',
  bus: ambaBus,
  idTable,
  probe: () => 0,
  ...more,
});
const ALL: readonly AmbaId[] = [{ id: 0x11, mask: 0xff }];

describe('amba: devices that are off at first', () => {
  it('regression: amba-proxy is registered at the end of boot', async () => {
    const { kernel } = await machine(new Component(), { booting: true });
    expect(await kernel.fs.readdir('/sys/bus/amba/drivers')).to.deep.equal([]);
    await kernel.lateInitcall();
    expect(await kernel.fs.readdir('/sys/bus/amba/drivers')).to.deep.equal(['amba-proxy']);
  });

  it('regression: a device that was off is asked and announced at the end of boot, without any driver', async () => {
    const component = new Component();
    component.on = false;
    const { kernel, events, add } = await machine(component, { booting: true });
    const dev = await add();
    const ADDED = 'ACTION=add DEVPATH=/devices/platform/cell';
    expect(dev.periphid).to.equal(0);
    expect(events.includes(ADDED)).to.equal(false);
    component.on = true;
    await kernel.lateInitcall();
    expect(dev.periphid).to.equal(component.pid);
    expect(events.includes(ADDED)).to.equal(true);
    expect(dev.driver).to.equal(null);
  });

  it('one whose name is taken is refused and gives its window back', async () => {
    const { kernel, add } = await machine(new Component());
    const first = await add();
    await first.unregister();
    releaseResource(first.res);
    kernel.faults = (fn, step) => (fn === 'device_add' && step === 'bus_add_device' ? -ENOMEM : 0);
    expect((await rejection(() => add())).code).to.equal('ENOMEM');
    kernel.faults = null;
    expect(resourceLines(iomemResource(kernel))).to.deep.equal([]);
    expect((await add()).isRegistered).to.equal(true);
  });

  it('amba-proxy is registered once, however often it is asked for', async () => {
    const { kernel } = await machine(new Component());
    await registerAmbaBus(kernel);
    expect(await kernel.fs.readdir('/sys/bus/amba/drivers')).to.deep.equal(['amba-proxy']);
    expect(kernel.log.entries.filter(({ text }) => text.includes('already'))).to.deep.equal([]);
  });

  it('the file of the override tells it, and (null) without', async () => {
    const { kernel, add } = await machine(new Component());
    await add();
    const file = '/sys/devices/platform/cell/driver_override';
    expect(await kernel.fs.readFile(file)).to.equal('(null)\n');
    await kernel.fs.writeFile(file, 'other');
    expect(await kernel.fs.readFile(file)).to.equal('other\n');
  });

  it('one that stays off waits for another try', async () => {
    const component = new Component();
    component.on = false;
    const { kernel, add } = await machine(component);
    const dev = await add();
    component.on = true;
    await kernel.triggerDeferredProbe();
    await kernel.world.settle();
    expect(dev.periphid).to.equal(component.pid);
  });
});

describe('amba: drivers', () => {
  it('regression: one without probe is refused', async () => {
    const { kernel } = await machine(new Component());
    const without: AmbaDriver = { name: 'pl', bus: ambaBus, idTable: ALL };
    const error = await rejection(() => kernel.registerDriver(without));
    expect(error.code).to.equal('EINVAL');
    expect(error.message).to.equal("EINVAL: Invalid argument, driver_register 'pl'");
    expect(await kernel.fs.readdir('/sys/bus/amba/drivers')).to.deep.equal(['amba-proxy']);
  });

  it('a line whose mask is 0 ends the table', async () => {
    const { kernel, add } = await machine(new Component());
    const dev = await add();
    await kernel.registerDriver(driver([{ id: 0, mask: 0 }, ...ALL]));
    expect(dev.driver).to.equal(null);
  });

  it('probe gets the line that fits, and none where the device was told to use the driver', async () => {
    const { kernel, add } = await machine(new Component());
    const dev = await add();
    const got: unknown[] = [];
    await kernel.registerDriver(driver(ALL, { probe: (_dev, id) => void got.push(id) }));
    await kernel.fs.writeFile('/sys/devices/platform/cell/driver_override', 'other');
    await kernel.registerDriver(driver([], { name: 'other', probe: (_dev, id) => void got.push(id) }));
    await kernel.fs.writeFile('/sys/bus/amba/drivers/pl/unbind', 'cell');
    await kernel.fs.writeFile('/sys/bus/amba/drivers/other/bind', 'cell');
    expect(got).to.deep.equal([ALL[0], null]);
    expect(dev.driver?.def.name).to.equal('other');
  });

  it('the device has its interrupts, and waits while nobody drives their controller', async () => {
    const { kernel, add } = await machine(new Component(), { fwDevlink: 'off' });
    const tree: FdtNode = node('', {}, [
      node('pic', { 'interrupt-controller': [], '#interrupt-cells': [1], phandle: [1] }),
      node('cell', { 'interrupt-parent': [1], interrupts: [7, 9] }),
    ]);
    unflattenDeviceTree(kernel, writeFdt({ root: tree }));
    const [pic, cell] = ofState(kernel).root?.children ?? [];
    const dev = await add(cell);
    await kernel.registerDriver(driver(ALL));
    expect(dev.driver).to.equal(null);
    if (pic !== undefined) ofState(kernel).irqDomains.set(pic, ([line = 0]) => 32 + line);
    await kernel.triggerDeferredProbe();
    await kernel.world.settle();
    expect(dev.driver?.def.name).to.equal('pl');
    expect(dev.irq).to.deep.equal([39, 41, 0, 0, 0, 0, 0, 0, 0]);
  });
});

describe('amba: CoreSight components', () => {
  const DEVARCH = 0x4770_0a41;

  async function etm(table: readonly AmbaId[], cid = CORESIGHT_CID): Promise<AmbaDevice> {
    const component = Object.assign(new Component(), { cid, devarch: DEVARCH, devtype: 0x13 });
    const { kernel, add } = await machine(component);
    const dev = await add();
    await kernel.registerDriver(driver(table));
    return dev;
  }

  it('regression: one is known by its number and signs in its own way', async () => {
    const dev = await etm(ALL);
    expect(dev.periphid).to.equal(0x0004_1011);
    expect(dev.cid).to.equal(CORESIGHT_CID);
    expect(dev.driver?.def.name).to.equal('pl');
  });

  const told: readonly (readonly [string, AmbaId['data'], boolean])[] = [
    ['fits', { devarch: DEVARCH, devarchMask: 0xffff_ffff, devtype: 0x13 }, true],
    ['fits under its mask', { devarch: 0x4770_0000, devarchMask: 0xfff0_0000, devtype: 0x13 }, true],
    ['is of another architecture', { devarch: 1, devarchMask: 0xffff_ffff, devtype: 0x13 }, false],
    ['is of another type', { devarch: DEVARCH, devarchMask: 0xffff_ffff, devtype: 0x14 }, false],
    ['is not looked at with a mask of 0', { devarch: 1, devarchMask: 0, devtype: 0x14 }, true],
  ];
  for (const [title, data, bound] of told) {
    it(`what it tells of itself ${title}`, async () => {
      const dev = await etm([{ id: 0x11, mask: 0xff, ...(data === undefined ? {} : { data }) }]);
      expect(dev.driver !== null).to.equal(bound);
    });
  }

  it('a PrimeCell is not asked for it', async () => {
    const data = { devarch: 1, devarchMask: 0xffff_ffff, devtype: 1 };
    expect((await etm([{ id: 0x11, mask: 0xff, data }], PRIMECELL_CID)).driver).to.not.equal(null);
  });

  it('what signs in no known way stays unknown', async () => {
    expect((await etm(ALL, 0xb105_0000)).periphid).to.equal(0);
  });
});
