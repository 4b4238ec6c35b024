import { expect } from 'chai';
import {
  GraphicsProcessor,
  LV1,
  ps3FbDriver,
  ps3SoundDriver,
  ps3VramDriver,
  touchGpu,
} from '../../buses/ps3-handle/index';
import { boot, Caller, calls, device, devicesOf, load, read, Ps3Machine, write, type Booted } from './support';

const DRIVERS = [ps3FbDriver, ps3SoundDriver, ps3VramDriver];

async function withGpu() {
  const rig = new Ps3Machine({ strategy: 'repository' });
  rig.plug(new GraphicsProcessor('gpu'));
  rig.rngs(1);
  const g1 = await boot(rig, 'g1', { transport: false });
  return { rig, g1 };
}

async function loadAll(booted: Booted): Promise<void> {
  for (const driver of DRIVERS) await load(booted, driver);
}

const unbind = (booted: Booted, driver: string, name: string): Promise<string> =>
  write(booted, `/sys/bus/ps3_system_bus/drivers/${driver}/unbind`, name);

const openCalls = (rig: Ps3Machine): number[] => [calls(rig, LV1.GPU_OPEN), calls(rig, LV1.GPU_CLOSE)];

describe('ps3-handle, the graphics processor', () => {
  it('is in no repository, and three devices on the bus', async () => {
    const { rig, g1 } = await withGpu();
    expect([...devicesOf(g1).values()].map(({ name, address }) => [name, address?.devId])).to.deep.equal([
      ['ioc0_01', undefined],
      ['ioc0_02', undefined],
      ['ioc0_03', undefined],
      ['sb_01', 2],
    ]);
    expect(await read(g1, '/sys/bus/ps3_system_bus/devices/ioc0_01/modalias')).to.equal('ps3:10:1\n');
    await g1.bus.rescan();
    expect(devicesOf(g1).size).to.equal(4);
    expect(new Caller(g1.guest).open(1)).to.equal(-2);
    expect(rig.claims).to.deep.equal([]);
  });

  it('is not there where the machine has none', async () => {
    const rig = new Ps3Machine({ strategy: 'repository' });
    const g1 = await boot(rig, 'g1', { transport: false });
    expect(devicesOf(g1).size).to.equal(0);
    expect(new Caller(g1.guest).call(LV1.GPU_OPEN, 0).status).to.equal(-19);
  });

  it('is opened by the first of three drivers and closed by the last (PS-04)', async () => {
    const { rig, g1 } = await withGpu();
    await loadAll(g1);
    expect(DRIVERS.map((_, i) => device(g1, `ioc0_0${String(i + 1)}`).driver?.def.name)).to.deep.equal([
      'ps3fb',
      'snd_ps3',
      'ps3vram',
    ]);
    expect(openCalls(rig)).to.deep.equal([1, 0]);
    await unbind(g1, 'ps3fb', 'ioc0_01');
    await unbind(g1, 'ps3vram', 'ioc0_03');
    expect(openCalls(rig)).to.deep.equal([1, 0]);
    expect(touchGpu(device(g1, 'ioc0_02'))).to.equal(0);
    await unbind(g1, 'snd_ps3', 'ioc0_02');
    expect(openCalls(rig)).to.deep.equal([1, 1]);
    expect(touchGpu(device(g1, 'ioc0_02'))).to.equal(-22);
  });

  it('lies after a failed open, in all its devices (PS-05)', async () => {
    const { rig, g1 } = await withGpu();
    const other = new Caller(rig.guest('g2'));
    other.call(LV1.GPU_OPEN, 0);
    expect(other.call(LV1.GPU_OPEN, 0).status).to.equal(-16);
    await load(g1, ps3FbDriver);
    other.call(LV1.GPU_CLOSE);
    await load(g1, ps3SoundDriver);
    await load(g1, ps3VramDriver);
    expect([...devicesOf(g1).values()].filter((dev) => dev.isBound)).to.deep.equal([]);
    expect(
      rig.hv.log
        .calls('g1')
        .slice(-3)
        .map(({ name, status }) => [name, status]),
    ).to.deep.equal([
      ['lv1_gpu_open', -16],
      ['lv1_gpu_attribute', -22],
      ['lv1_gpu_attribute', -22],
    ]);
  });

  it('can be given back only by who has it', async () => {
    const { rig } = await withGpu();
    const [g2, g3] = [new Caller(rig.guest('g2')), new Caller(rig.guest('g3'))];
    expect(g2.call(LV1.GPU_CLOSE).status).to.equal(-22);
    g2.call(LV1.GPU_OPEN, 0);
    expect(g3.call(LV1.GPU_CLOSE).status).to.equal(-1);
    expect(g2.call(LV1.GPU_CLOSE).status).to.equal(0);
  });
});
