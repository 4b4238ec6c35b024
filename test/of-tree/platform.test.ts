import { expect } from 'chai';
import {
  ambaBus,
  ambaDriverAliases,
  devmPlatformIoremapResource,
  formatResource,
  insertResource,
  iomemResource,
  ioportResource,
  IORESOURCE,
  makeResource,
  PLATFORM_DEVID_AUTO,
  platformBus,
  PlatformDevice,
  platformDeviceRegister,
  platformDeviceUnregister,
  platformDriverAliases,
  platformDriverProbe,
  platformGetIrq,
  platformGetIrqByname,
  platformGetResource,
  platformIrqCount,
  platformRegisterDrivers,
  platformRoot,
  registerPlatformBus,
  releaseResource,
  requestRegion,
  requestResource,
  resourceLines,
  virtioMmioDriver,
  type PlatformDeviceInit,
  type PlatformDriver,
  type Resource,
} from '../../buses/of-tree';
import { Kernel } from '../../lib/base/kernel';
import { World } from '../../lib/world';
import { rejection } from '../support/errors';

const mem = (start: bigint, end: bigint, name?: string): Resource =>
  makeResource({ start, end, flags: IORESOURCE.MEM, ...(name === undefined ? {} : { name }) });
const irq = (n: bigint, name?: string): Resource =>
  makeResource({ start: n, end: n, flags: IORESOURCE.IRQ, ...(name === undefined ? {} : { name }) });

let kernel: Kernel;
let notes: string[];

function driver(name: string, more: Partial<PlatformDriver> = {}): PlatformDriver {
  return {
    name,
    bus: platformBus,
    probe: (dev) => void notes.push(`${name} probe ${String(dev.name)}`),
    remove: (dev) => void notes.push(`${name} remove ${String(dev.name)}`),
    ...more,
  };
}

const add = async (init: PlatformDeviceInit): Promise<PlatformDevice> => platformDeviceRegister(kernel, init);
const lines = (): string[] => resourceLines(iomemResource(kernel));
const log = (): string[] => kernel.log.entries.map(({ text }) => text);

beforeEach(async () => {
  kernel = new Kernel(new World());
  notes = [];
  await registerPlatformBus(kernel);
});

describe('platform: names (PL-01)', () => {
  it('the only one, an instance, any free number', async () => {
    const names = [];
    for (const id of [undefined, 3, PLATFORM_DEVID_AUTO, PLATFORM_DEVID_AUTO])
      names.push((await add({ name: 'led', ...(id === undefined ? {} : { id }) })).name);
    expect(names).to.deep.equal(['led', 'led.3', 'led.0.auto', 'led.1.auto']);
  });

  it('a number is free again with its device, and the lowest is given', async () => {
    const first = await add({ name: 'led', id: PLATFORM_DEVID_AUTO });
    await add({ name: 'led', id: PLATFORM_DEVID_AUTO });
    await platformDeviceUnregister(first);
    expect((await add({ name: 'fan', id: PLATFORM_DEVID_AUTO })).name).to.equal('fan.0.auto');
  });

  it('a number that was given is free after an add that failed, and another add gives one again', async () => {
    await add({ name: 'one', resources: [mem(0x1000n, 0x1fffn)] });
    const auto = { name: 'led', id: PLATFORM_DEVID_AUTO };
    for (let i = 0; i < 2; i += 1) {
      const error = await rejection(() => add({ ...auto, resources: [mem(0x1800n, 0x27ffn)] }));
      expect(error.code).to.equal('EBUSY');
    }
    const dev = await add(auto);
    expect(dev.name).to.equal('led.0.auto');
    expect((await add({ name: 'fan', id: PLATFORM_DEVID_AUTO })).name).to.equal('fan.1.auto');
    await platformDeviceUnregister(dev);
    expect((await add(auto)).name).to.equal('led.0.auto');
  });

  it('a name that is taken is EEXIST and leaves nothing behind', async () => {
    await add({ name: 'led' });
    const error = await rejection(() => add({ name: 'led', resources: [mem(0x1000n, 0x1fffn)] }));
    expect(error.code).to.equal('EEXIST');
    expect(lines()).to.deep.equal([]);
  });

  it('devices without parent live in /sys/devices/platform', async () => {
    const dev = await add({ name: 'led' });
    expect(dev.parent).to.equal(platformRoot(kernel));
    expect(kernel.sysfs.readlink('/sys/bus/platform/devices/led')).to.equal('../../../devices/platform/led');
  });
});

describe('platform: match (PL-02)', () => {
  it('the name, but not when the driver has a table', async () => {
    const dev = await add({ name: 'led' });
    const table = await kernel.registerDriver(driver('led', { idTable: [{ name: 'lamp' }] }));
    expect(dev.driver).to.equal(null);
    await table.unregister();
    await kernel.registerDriver(driver('led'));
    expect(dev.driver?.def.name).to.equal('led');
  });

  it('the table', async () => {
    const dev = await add({ name: 'lamp', id: 2 });
    await kernel.registerDriver(driver('led', { idTable: [{ name: 'x' }, { name: 'lamp' }] }));
    expect(dev.driver?.def.name).to.equal('led');
  });

  it('a table without a line that fits lets nobody in, a line without a name ends it', async () => {
    const dev = await add({ name: 'led' });
    await kernel.registerDriver(driver('led', { idTable: [{ name: '' }, { name: 'led' }] }));
    expect(dev.driver).to.equal(null);
  });

  it('the override counts before the table, also where the table would fit', async () => {
    const dev = await add({ name: 'led' });
    await dev.setDriverOverride('other');
    await kernel.registerDriver(driver('lamp', { idTable: [{ name: 'led' }] }));
    expect(dev.driver).to.equal(null);
    expect(await kernel.fs.readFile('/sys/devices/platform/led/driver_override')).to.equal('other\n');
    await dev.setDriverOverride('');
    expect(await kernel.fs.readFile('/sys/devices/platform/led/driver_override')).to.equal('(null)\n');
    await dev.attach();
    expect(dev.driver?.def.name).to.equal('lamp');
  });

  it('the override excludes the name, and lets a driver in that nothing else would', async () => {
    const dev = await add({ name: 'led' });
    await dev.setDriverOverride('other');
    await kernel.registerDriver(driver('led'));
    expect(dev.driver).to.equal(null);
    await kernel.registerDriver(driver('other', { idTable: [] }));
    expect(dev.driver?.def.name).to.equal('other');
  });
});

describe('platform: resources (PL-03)', () => {
  it('have their place while the device is there', async () => {
    const dev = await add({ name: 'led', resources: [mem(0x1000n, 0x1fffn), irq(5n)] });
    expect(lines()).to.deep.equal(['00001000-00001fff : led']);
    await platformDeviceUnregister(dev);
    expect(lines()).to.deep.equal([]);
  });

  it('ports have a tree of their own, and are released with the device', async () => {
    const ports = makeResource({ start: 0x1000n, end: 0x1fffn, flags: IORESOURCE.IO });
    await add({ name: 'one', resources: [mem(0x1000n, 0x1fffn)] });
    const dev = await add({ name: 'two', resources: [ports] });
    expect(lines()).to.deep.equal(['00001000-00001fff : one']);
    expect(resourceLines(ioportResource(kernel))).to.deep.equal(['1000-1fff : two']);
    const again = makeResource({ start: 0x1800n, end: 0x27ffn, flags: IORESOURCE.IO });
    expect((await rejection(() => add({ name: 'three', resources: [again] }))).code).to.equal('EBUSY');
    await platformDeviceUnregister(dev);
    expect(resourceLines(ioportResource(kernel))).to.deep.equal([]);
  });

  it('windows that touch are two, windows that share a byte are not', async () => {
    await add({ name: 'one', resources: [mem(0x2000n, 0x2fffn)] });
    for (const [at, window, code] of [
      ['before', mem(0x1000n, 0x1fffn), ''],
      ['behind', mem(0x3000n, 0x3fffn), ''],
      ['first', mem(0x800n, 0x1000n), 'EBUSY'],
      ['last', mem(0x3fffn, 0x4fffn), 'EBUSY'],
    ] as const) {
      const error = await rejection(() => add({ name: at, resources: [window] })).catch(() => ({ code: '' }));
      expect(error.code, at).to.equal(code);
    }
  });

  it('one that collides: EBUSY, all released, no device, and the log says which', async () => {
    await add({ name: 'one', resources: [mem(0x2000n, 0x2fffn)] });
    const error = await rejection(() =>
      add({
        name: 'two',
        resources: [mem(0x1000n, 0x1fffn), mem(0x2800n, 0x37ffn)],
      }),
    );
    expect(error.code).to.equal('EBUSY');
    expect(lines()).to.deep.equal(['00002000-00002fff : one']);
    expect(log()).to.include('platform two: failed to claim resource 1: [mem 0x00002800-0x000037ff]');
    expect([...(kernel.busOf(platformBus)?.devices() ?? [])].map(({ name }) => name)).to.deep.equal(['one']);
  });

  it('a window can be used by one driver only, until it leaves', async () => {
    const window = [mem(0x1000n, 0x1fffn, 'regs')];
    const dev = await add({ name: 'led', resources: window });
    const results: number[] = [];
    const registered = await kernel.registerDriver(
      driver('led', {
        probe: (pdev) =>
          void results.push(
            devmPlatformIoremapResource(pdev, 0),
            devmPlatformIoremapResource(pdev, 0),
            devmPlatformIoremapResource(pdev, 1),
          ),
      }),
    );
    expect(results).to.deep.equal([0x1000, -16, -22]);
    expect(lines()).to.deep.equal(['00001000-00001fff : regs', '  00001000-00001fff : led regs']);
    expect(log()).to.include.members([
      "led led: can't request region for resource [mem 0x00001000-0x00001fff]",
      'led led: invalid resource',
    ]);
    await registered.unregister();
    expect(lines()).to.deep.equal(['00001000-00001fff : regs']);
    expect(platformGetResource(dev, IORESOURCE.MEM, 0)).to.equal(window[0]);
  });

  it('interrupts by number and name; ENXIO without (PL-08)', async () => {
    const dev = await add({ name: 'led', resources: [irq(7n, 'tx'), irq(9n, 'rx')] });
    expect(platformGetIrq(dev, 0)).to.equal(7);
    expect(platformGetIrq(dev, 1)).to.equal(9);
    expect(platformGetIrq(dev, 2)).to.equal(-6);
    expect(platformGetIrqByname(dev, 'rx')).to.equal(9);
    expect(platformGetIrqByname(dev, 'zx')).to.equal(-6);
    expect(platformIrqCount(dev)).to.equal(2);
    expect(log()).to.deep.equal([
      'platform led: error -ENXIO: IRQ index 2 not found',
      'platform led: error -ENXIO: IRQ zx not found',
    ]);
  });
});

describe('platform: probe and remove (PL-04)', () => {
  it('the old remove gives a number, which is ignored with a warning', async () => {
    const dev = await add({ name: 'led' });
    const old: PlatformDriver = { name: 'led', bus: platformBus, removeOld: () => -5 };
    await kernel.registerDriver(old);
    await dev.releaseDriver();
    expect(dev.driver).to.equal(null);
    expect(log()).to.deep.equal(['led led: remove callback returned a non-zero value. This will be ignored.']);
  });

  it('a refusal of probe passes through', async () => {
    const dev = await add({ name: 'led' });
    await kernel.registerDriver(driver('led', { probe: () => -5 }));
    expect(dev.driver).to.equal(null);
    expect(log()).to.include('led: probe of led failed with error -5');
  });

  it('platform_driver_probe: a driver for what is there, once (PL-06)', async () => {
    await add({ name: 'led' });
    const registered = await platformDriverProbe(
      kernel,
      driver('led'),
      (dev) => void notes.push(`once ${String(dev.name)}`),
    );
    expect(notes).to.deep.equal(['once led']);
    expect(registered.def.probeType).to.equal('force-synchronous');
    expect(kernel.sysfs.readdir('/sys/bus/platform/drivers/led')).to.deep.equal(['led', 'uevent']);
    const later = await add({ name: 'led', id: 1 });
    expect(later.driver).to.equal(null);
    expect(log()).to.deep.equal([]);
    expect([...registered.devices()]).to.have.length(1);
  });

  it('platform_driver_probe: no device is ENODEV, a deferral is none', async () => {
    expect((await rejection(() => platformDriverProbe(kernel, driver('led'), () => 0))).code).to.equal('ENODEV');
    await add({ name: 'led' });
    const error = await rejection(() => platformDriverProbe(kernel, driver('led'), () => -517));
    expect(error.code).to.equal('ENODEV');
    expect(log()).to.deep.equal(['led led: probe deferral not supported']);
    expect(kernel.busOf(platformBus)?.findDriver('led')).to.equal(null);
  });

  it('regression: platform_driver_probe refuses a driver that wants asynchronous probes with EINVAL', async () => {
    await add({ name: 'led' });
    const def = driver('led', { probeType: 'prefer-asynchronous' });
    expect((await rejection(() => platformDriverProbe(kernel, def, () => void notes.push('probed')))).code).to.equal(
      'EINVAL',
    );
    await kernel.world.settle();
    expect(notes).to.deep.equal([]);
    expect(kernel.busOf(platformBus)?.findDriver('led')).to.equal(null);
    expect(log()).to.deep.equal([
      'led: drivers registered with __platform_driver_probe can not be probed asynchronously',
    ]);
  });

  it('several drivers: an error takes the earlier ones back (PL-09)', async () => {
    await kernel.registerDriver(driver('c'));
    expect(
      (await rejection(() => platformRegisterDrivers(kernel, [driver('a'), driver('b'), driver('c')]))).code,
    ).to.equal('EBUSY');
    expect([...(kernel.busOf(platformBus)?.drivers() ?? [])].map(({ name }) => name)).to.deep.equal(['c']);
    expect(await platformRegisterDrivers(kernel, [driver('a'), driver('b')])).to.have.length(2);
  });
});

describe('platform: MODALIAS (PL-05)', () => {
  it('platform:NAME without instance', async () => {
    await add({ name: 'led', id: 4 });
    const read = (file: string): unknown =>
      kernel.world.run(() => kernel.sysfs.open(`/sys/devices/platform/led.4/${file}`, 'r').read());
    expect(await read('modalias')).to.equal('platform:led\n');
    expect(await read('uevent')).to.equal('MODALIAS=platform:led\n');
  });
});

describe('aliases of modules', () => {
  it('of a platform driver, as in the recorded kernel: virtio_mmio', () => {
    expect(platformDriverAliases(virtioMmioDriver)).to.deep.equal(['of:N*T*Cvirtio,mmio', 'of:N*T*Cvirtio,mmioC*']);
  });

  it('with type, name and spaces; then the table of names', () => {
    const ofMatchTable = [{ name: 'n', type: 'a b', compatible: 'c' }, { type: 't' }];
    expect(platformDriverAliases(driver('x', { ofMatchTable, idTable: [{ name: 'led' }] }))).to.deep.equal([
      'of:NnTa_b*Cc',
      'of:NnTa_b*CcC*',
      'of:N*Tt',
      'of:N*TtC*',
      'platform:led',
    ]);
  });

  it('of an amba driver: open digits, and some of a digit', () => {
    const idTable = [
      { id: 0x0004_1011, mask: 0x000f_ffff },
      { id: 0x8, mask: 0xffff_fffc },
    ];
    const aliases = ambaDriverAliases({ name: 'x', bus: ambaBus, idTable });
    expect(aliases).to.deep.equal(['amba:d???41011', 'amba:d0000000[89AB]']);
  });
});

describe('the tree of resources', () => {
  it('request refuses any overlap, insert takes in what it covers', () => {
    const root = mem(0n, 0xffffn);
    expect(requestResource(root, mem(0x100n, 0x1ffn, 'a'))).to.equal(0);
    expect(requestResource(root, mem(0x180n, 0x27fn))).to.equal(-16);
    expect(insertResource(root, mem(0x180n, 0x27fn))).to.equal(-16);
    expect(insertResource(root, mem(0x0n, 0x7ffn, 'all'))).to.equal(0);
    expect(insertResource(root, mem(0x120n, 0x12fn, 'in'))).to.equal(0);
    expect(resourceLines(root)).to.deep.equal(['0000-07ff : all', '  0100-01ff : a', '    0120-012f : in']);
  });

  it('a region goes into a description, not into what somebody uses', () => {
    const root = mem(0n, 0xffff_ffffn);
    requestResource(root, mem(0x1000n, 0x1fffn, 'bus'));
    const region = requestRegion(root, 0x1000n, 0x100n, 'driver');
    expect(region?.parent?.name).to.equal('bus');
    expect(requestRegion(root, 0x1080n, 0x10n, 'rival')).to.equal(null);
    expect(requestRegion(root, 0x1f00n, 0x200n, 'crossing')).to.equal(null);
    expect(requestRegion(root, 0x5000n, 0n, 'empty')).to.equal(null);
    if (region !== null) releaseResource(region);
    expect(requestRegion(root, 0x1080n, 0x10n, 'rival')?.parent?.name).to.equal('bus');
  });

  it('is printed as the kernel prints it', () => {
    expect(formatResource(mem(0xa00_0000n, 0xa00_01ffn))).to.equal('[mem 0x0a000000-0x0a0001ff]');
    expect(formatResource(makeResource({ start: 0x60n, end: 0x60n, flags: IORESOURCE.IO }))).to.equal('[io  0x0060]');
    expect(formatResource(irq(5n))).to.equal('[irq 5]');
  });
});
