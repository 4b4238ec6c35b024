import { expect } from 'chai';
import {
  GraphicsProcessor,
  LV1,
  ps3EhciDriver,
  ps3FbDriver,
  ps3OhciDriver,
  ps3SoundDriver,
  ps3VramDriver,
  UsbController,
} from '../../buses/ps3-handle/index';
import { COMMAND, field, firstField, MAX_AREAS } from '../../buses/ps3-handle/layout';
import { EINVAL, errno } from '../../lib/errno';
import { HeldDevice } from '../support/held-device';
import { boot, Caller, calls, device, devicesOf, load, Ps3Machine, write, type Booted } from './support';

const { ENOSPC, ENOENT } = errno;
const DRIVERS = '/sys/bus/ps3_system_bus/drivers';

describe('ps3-handle: the last of a range, and the first behind it', () => {
  for (const [areas, status] of [
    [MAX_AREAS - 1, 0],
    [MAX_AREAS, 0],
    [MAX_AREAS + 1, -EINVAL],
  ] as const) {
    it(`a request of ${String(areas)} areas`, () => {
      const rig = new Ps3Machine();
      const model = new HeldDevice([4096]);
      rig.plug(model);
      const g1 = new Caller(rig.guest('g1', 1 << 16));
      const handle = g1.alloc(model.deviceId);
      g1.start(handle);
      const words = Array.from({ length: areas }, () => [0x2000, 1]).flat();
      expect(g1.command(handle, COMMAND.SUBMIT, 0, 1, 0, ...words).status).to.equal(status);
      expect(model.held.length).to.equal(status === 0 ? 1 : 0);
    });
  }

  it('a device is mapped 64 times; each unmapping makes room for one', () => {
    const rig = new Ps3Machine({ strategy: 'repository' });
    rig.plug(new UsbController('usb0'));
    const g1 = new Caller(rig.guest('g1'));
    g1.open(1);
    const map = () => g1.call(LV1.MAP_DEVICE_MMIO_REGION, 1, 1, 0x3010000, 0x10000, 12);
    const addresses = Array.from({ length: 64 }, () => Number(map().values[0]));
    expect(new Set(addresses).size).to.equal(64);
    expect(map().status).to.equal(-ENOSPC);
    expect(g1.call(LV1.UNMAP_DEVICE_MMIO_REGION, 1, 1, addresses[7] ?? 0).status).to.equal(0);
    expect(map().status).to.equal(0);
    expect(map().status).to.equal(-ENOSPC);
  });

  it('nodes of the repository: an index behind the last device or window, or behind 16 bits, is no node', () => {
    const rig = new Ps3Machine({ strategy: 'repository' });
    rig.rngs(2);
    rig.plug(new UsbController('usb0'));
    const g1 = new Caller(rig.guest('g1'));
    const read = (n2: bigint, n3: bigint, n4 = 0n) =>
      g1.call(LV1.READ_REPOSITORY_NODE, 1, firstField('bus'), n2, n3, n4).status;
    for (const [index, status] of [
      [0, 0],
      [2, 0],
      [3, -ENOENT],
      [0xffff, -ENOENT],
      [0x10000, -ENOENT],
    ] as const) {
      expect(read(field('dev', index), field('id')), `dev${String(index)}`).to.equal(status);
    }
    for (const [index, status] of [
      [0, 0],
      [1, 0],
      [2, -ENOENT],
    ] as const) {
      expect(read(field('dev', 2), field('reg', index), field('type')), `reg${String(index)}`).to.equal(status);
    }
    expect(read(field('dev') - 1n, field('id'))).to.equal(-ENOENT);
    expect(read(field('dev'), field('reg'), field('type')), 'without windows').to.equal(-ENOENT);
    expect(read(field('dev', 2), field('reg'), field('id')), 'no such value').to.equal(-ENOENT);
    expect(g1.call(LV1.READ_REPOSITORY_NODE, 2, firstField('bus'), field('type'), 0n, 0n).status).to.equal(-ENOENT);
    expect(g1.call(LV1.READ_REPOSITORY_NODE, 1, firstField('bus', 1), field('type'), 0n, 0n).status).to.equal(-ENOENT);
  });
});

describe('ps3-handle: windows of registers', () => {
  it('unmapping takes away the one window, of this guest and this device', () => {
    const rig = new Ps3Machine({ strategy: 'repository' });
    rig.plug(new UsbController('usb0'));
    rig.plug(new UsbController('usb1'));
    const g1 = new Caller(rig.guest('g1'));
    const g2 = new Caller(rig.guest('g2'));
    g1.open(1);
    g2.open(2);
    const map = (who: Caller, devId: number, at: number): number =>
      Number(who.call(LV1.MAP_DEVICE_MMIO_REGION, 1, devId, at, 0x10000, 12).values[0]);
    const [ohci, ehci, other] = [map(g1, 1, 0x3010000), map(g1, 1, 0x3810000), map(g2, 2, 0x3010000)];
    expect(ehci - ohci).to.equal(0x10000);
    expect(other - ehci).to.equal(0x10000);
    const unmap = (who: Caller, devId: number, at: number): number =>
      who.call(LV1.UNMAP_DEVICE_MMIO_REGION, 1, devId, at).status;
    expect(unmap(g1, 1, other)).to.equal(-EINVAL);
    expect(unmap(g1, 1, ohci)).to.equal(0);
    expect(unmap(g1, 1, ohci), 'twice').to.equal(-EINVAL);
    expect(g1.guest.port.read(ehci, 4)).to.equal(0x01000010);
    expect(g1.guest.port.read(ohci, 4)).to.equal(0xffff_ffff);
    expect(g2.guest.port.read(other, 4)).to.equal(0x10);
    expect(g1.guest.mmio.mapped).to.equal(0x10000);
    g1.call(LV1.CLOSE_DEVICE, 1, 1);
    expect(g1.guest.mmio.mapped).to.equal(0);
    expect(g2.guest.port.read(other, 4)).to.equal(0x10);
    expect(unmap(g2, 2, other)).to.equal(0);
    expect(g2.guest.mmio.mapped).to.equal(0);
  });
});

/** What is shared, the drivers of its parts, and how often it was opened and closed. */
const SHARED = {
  'a USB controller': {
    plug: (rig: Ps3Machine) => rig.plug(new UsbController('usb0')),
    drivers: [ps3EhciDriver, ps3OhciDriver],
    open: LV1.OPEN_DEVICE,
    close: LV1.CLOSE_DEVICE,
  },
  'the graphics processor': {
    plug: (rig: Ps3Machine) => rig.plug(new GraphicsProcessor('gpu0')),
    drivers: [ps3FbDriver, ps3SoundDriver, ps3VramDriver],
    open: LV1.GPU_OPEN,
    close: LV1.GPU_CLOSE,
  },
};

describe(
  'ps3-handle: a device that several devices of the bus stand for is opened by the ' + 'first user, closed by the last',
  () => {
    for (const [what, { plug, drivers, open, close }] of Object.entries(SHARED)) {
      it(`${what}, in any order of binding and unbinding`, async () => {
        const rig = new Ps3Machine({ strategy: 'repository' });
        plug(rig);
        const g1: Booted = await boot(rig, 'g1', { transport: false });
        for (const driver of drivers) await load(g1, driver);
        const parts = drivers.map(({ name }) => {
          const bound = [...devicesOf(g1).values()].find((dev) => dev.driver?.name === name);
          return { name, dev: device(g1, bound?.name ?? '') };
        });
        let opened = 1;
        let closed = 0;
        const users = new Set(parts);
        // Every part leaves and comes, in a sequence that visits each number of users.
        for (let step = 0; step < 24; step += 1) {
          const part = parts[(step * 5 + (step >> 2)) % parts.length];
          if (part === undefined) throw new Error('no part');
          const leaves = users.has(part);
          if (leaves) users.delete(part);
          else users.add(part);
          if (leaves && users.size === 0) closed += 1;
          if (!leaves && users.size === 1) opened += 1;
          const file = `${DRIVERS}/${part.name}/${leaves ? 'unbind' : 'bind'}`;
          expect(await write(g1, file, part.dev.name ?? '')).to.equal('');
          expect(calls(rig, open), `opened, step ${String(step)}`).to.equal(opened);
          expect(calls(rig, close), `closed, step ${String(step)}`).to.equal(closed);
          expect(part.dev.handle === null).to.equal(leaves);
          const handles = new Set([...users].map(({ dev }) => dev.handle));
          expect(handles.size).to.equal(users.size === 0 ? 0 : 1);
          expect(rig.claims).to.have.length(users.size === 0 ? 0 : 1);
        }
        expect(g1.kernel.warnings).to.equal(0);
      });
    }

    it('what the graphics processor refuses is in the log', async () => {
      const rig = new Ps3Machine({ strategy: 'repository' });
      rig.plug(new GraphicsProcessor('gpu0'));
      const other = new Caller(rig.guest('g2'));
      other.call(LV1.GPU_OPEN, 0);
      const g1 = await boot(rig, 'g1', { transport: false });
      await load(g1, ps3FbDriver);
      await load(g1, ps3VramDriver);
      const lines = g1.kernel.log.lines();
      expect(lines.filter((line) => line.includes('lv1_gpu_open'))).to.have.length(1);
      // The second open was counted only (PS-05), so its driver asks in vain.
      expect(lines.filter((line) => line.includes('lv1_gpu_attribute failed: EPERM'))).to.have.length(1);
    });
  },
);

describe('ps3-handle, named: what the boot script does', () => {
  const NAMES = '/sys/devices/ps3_system';

  for (const [what, existing, made] of [
    ['as many as are configured', 4, ['rng_00', 'rng_01', 'rng_02']],
    ['no more than there are', 2, ['rng_00', 'rng_01']],
    ['none of a class without devices', 0, []],
  ] as const) {
    it(what, async () => {
      const rig = new Ps3Machine({ strategy: 'named', placeholders: 3 });
      rig.rngs(existing);
      const g1 = await boot(rig, 'g1', { transport: false });
      const there = async (): Promise<string[]> =>
        (await g1.kernel.fs.readdir(NAMES)).filter((name) => name.startsWith('rng_'));
      expect(await there()).to.deep.equal(made);
      // Again: what is there is left alone, what is missing is made.
      if (existing === 4) {
        expect(await write(g1, `${NAMES}/rng_01/remove`, '0')).to.equal('');
        expect((await there()).includes('rng_01')).to.equal(true);
        expect(await write(g1, `${NAMES}/rng_01/remove`, '1')).to.equal('');
        expect((await there()).includes('rng_01')).to.equal(false);
        await g1.bus.configure?.();
        expect((await there()).includes('rng_01')).to.equal(true);
      }
      expect(rig.claims).to.have.length(made.length);
    });
  }
});

describe('ps3-handle, at-online: going online by itself', () => {
  for (const [placeholders, warnings] of [
    [1, 0],
    [2, 1],
  ] as const) {
    it(`with one device and ${String(placeholders)} placeholders there are ${String(warnings)} warnings`, async () => {
      const rig = new Ps3Machine({ strategy: 'at-online', placeholders });
      rig.rngs(1);
      const g1 = await boot(rig, 'g1');
      const lines = g1.kernel.log.lines().filter((line) => line.includes('cannot go online'));
      expect(lines).to.have.length(warnings);
      expect(rig.claims).to.have.length(1);
    });
  }
});
