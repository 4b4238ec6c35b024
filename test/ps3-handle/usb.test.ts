import { expect } from 'chai';
import {
  LV1,
  ps3EhciDriver,
  ps3Handle,
  ps3OhciDriver,
  readUsbRevision,
  UsbController,
} from '../../buses/ps3-handle/index';
import { boot, Caller, calls, device, devicesOf, load, read, Ps3Machine, write, type Booted } from './support';
import { codeOf } from '../support/errors';

/** A machine with one USB controller, and a guest that has found it. */
async function withController(strategy = 'repository') {
  const rig = new Ps3Machine({ strategy });
  const plugged = rig.plug(new UsbController('usb0'));
  const g1 = await boot(rig, 'g1', { transport: false });
  return { rig, g1, plugged };
}

async function loadBoth(booted: Booted): Promise<void> {
  await load(booted, ps3EhciDriver);
  await load(booted, ps3OhciDriver);
}

const openCalls = (rig: Ps3Machine): number[] => [calls(rig, LV1.OPEN_DEVICE), calls(rig, LV1.CLOSE_DEVICE)];

const bind = (booted: Booted, driver: 'ehci' | 'ohci', name: string, file = 'bind'): Promise<string> =>
  write(booted, `/sys/bus/ps3_system_bus/drivers/ps3-${driver}-driver/${file}`, name);

describe('ps3-handle, a USB controller', () => {
  it('is one device of the repository and two on the bus, with the same ids (PS-04)', async () => {
    const { g1 } = await withController();
    const found = [...devicesOf(g1).values()].map(({ name, matchId, address }) => [name, matchId, address]);
    const address = { busId: 1, devId: 1 };
    expect(found).to.deep.equal([
      ['sb_01', 1, address],
      ['sb_02', 2, address],
    ]);
    expect(await read(g1, '/sys/bus/ps3_system_bus/devices/sb_02/modalias')).to.equal('ps3:2:0\n');
    await g1.bus.rescan();
    expect(devicesOf(g1).size).to.equal(2);
  });

  it('takes numbers from the order of finding for both', async () => {
    const rig = new Ps3Machine({ strategy: 'repository' });
    rig.rngs(1);
    rig.plug(new UsbController('usb0'));
    rig.blks(1);
    const g1 = await boot(rig, 'g1', { transport: false });
    const found = [...devicesOf(g1).values()].map(({ name, classId, address }) => [name, classId, address?.devId]);
    expect(found).to.deep.equal([
      ['sb_01', 4, 1],
      ['sb_02', 0, 2],
      ['sb_03', 0, 2],
      ['sb_04', 2, 3],
    ]);
  });

  it('is opened by the first driver and closed by the last (PS-04)', async () => {
    const { rig, g1 } = await withController();
    await loadBoth(g1);
    expect(openCalls(rig)).to.deep.equal([1, 0]);
    expect(readUsbRevision(device(g1, 'sb_01'))).to.equal(0x01000010);
    expect(readUsbRevision(device(g1, 'sb_02'))).to.equal(0x10);
    expect(device(g1, 'sb_01').handle).to.equal(device(g1, 'sb_02').handle);
    expect(await bind(g1, 'ehci', 'sb_01', 'unbind')).to.equal('');
    expect(openCalls(rig)).to.deep.equal([1, 0]);
    expect(rig.claims).to.deep.equal(['usb0:g1']);
    expect(readUsbRevision(device(g1, 'sb_01'))).to.equal(null);
    expect(readUsbRevision(device(g1, 'sb_02'))).to.equal(0x10);
    expect(await bind(g1, 'ohci', 'sb_02', 'unbind')).to.equal('');
    expect(openCalls(rig)).to.deep.equal([1, 1]);
    expect(rig.claims).to.deep.equal([]);
    expect(await bind(g1, 'ohci', 'sb_02')).to.equal('');
    expect(openCalls(rig)).to.deep.equal([2, 1]);
  });

  it('is not opened again once an open has failed, though the open succeeds (PS-05)', async () => {
    const { rig, g1 } = await withController();
    const other = new Caller(rig.guest('g2'));
    other.open(1);
    await loadBoth(g1);
    expect([...devicesOf(g1).values()].filter((dev) => dev.isBound)).to.deep.equal([]);
    expect(
      rig.hv.log
        .calls('g1')
        .slice(-2)
        .map(({ name, status }) => [name, status]),
    ).to.deep.equal([
      ['lv1_open_device', -16],
      ['lv1_map_device_mmio_region', -1],
    ]);
    expect(other.call(LV1.CLOSE_DEVICE, 1, 1).status).to.equal(0);
    expect(await bind(g1, 'ohci', 'sb_02')).to.equal('EPERM');
    expect(await bind(g1, 'ehci', 'sb_01')).to.equal('EPERM');
    expect(calls(rig, LV1.OPEN_DEVICE)).to.equal(2);
    expect(rig.claims).to.deep.equal([]);
  });

  it('is closed at shutdown, when both drivers have left (PS-08)', async () => {
    const { rig, g1 } = await withController();
    await loadBoth(g1);
    await g1.kernel.shutdownDevices();
    expect(openCalls(rig)).to.deep.equal([1, 1]);
    expect(rig.claims).to.deep.equal([]);
  });

  it('answers nobody once it is gone', async () => {
    const { g1, plugged } = await withController();
    await loadBoth(g1);
    plugged.unplug();
    expect(readUsbRevision(device(g1, 'sb_01'))).to.equal(0xffffffff);
  });

  it('can be mapped only by who has it open, and where it has registers', async () => {
    const { rig } = await withController();
    const g2 = new Caller(rig.guest('g2'));
    const map = (address: number): number => g2.call(LV1.MAP_DEVICE_MMIO_REGION, 1, 1, address, 0x10000, 12).status;
    expect(map(0x3010000)).to.equal(-22);
    g2.open(1);
    expect(map(0x3020000)).to.equal(-22);
    expect(map(0x3010000)).to.equal(0);
    expect(g2.call(LV1.UNMAP_DEVICE_MMIO_REGION, 1, 1, 12).status).to.equal(-22);
    expect(g2.guest.counters.memoryMapped + g2.guest.mmio.mapped).to.equal(0x10000);
    g2.call(LV1.CLOSE_DEVICE, 1, 1);
    expect(g2.guest.mmio.mapped).to.equal(0);
  });

  for (const { strategy } of ps3Handle.filter((known) => known.strategy !== 'repository')) {
    it(`has no class, so ${strategy} finds none`, async () => {
      const { rig, g1 } = await withController(strategy);
      expect(await codeOf(() => load(g1))).to.equal('');
      expect([...devicesOf(g1).keys(), ...rig.claims]).to.deep.equal([]);
    });
  }
});
