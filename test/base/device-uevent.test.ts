import { expect } from 'chai';
import { Device, type DeviceClass, type DeviceType, type Uevent } from '../../lib';
import { errorOf } from '../support/errors';
import { CoreMachine, type TestBus } from './support';

const UUID = 'fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed';

async function setUp(extra: Partial<TestBus> = {}) {
  const bench = await CoreMachine.make(extra);
  const events: Uevent[] = [];
  bench.kernel.uevents.subscribe((event) => events.push(event));
  return { bench, events, actions: () => events.map(({ action }) => action) };
}

describe('events of devices', () => {
  it('UE-08 number, node, type, driver, then the callbacks of bus and type', async () => {
    const { bench, events } = await setUp({ uevent: (_, env) => env.add('BUS', 1) });
    const type: DeviceType = {
      name: 't',
      uevent: (_, env) => env.add('TYPE', 3),
      devnode: () => ({ name: 'dir/node', mode: 0o660 }),
    };
    await bench.register(bench.driver('r'));
    events.length = 0;
    await bench.add('d', { type: type, devt: { major: 8, minor: 1 } });
    expect(events.map(({ env }) => env.slice(3, -1))).to.deep.equal([
      ['MAJOR=8', 'MINOR=1', 'DEVNAME=dir/node', 'DEVMODE=0660', 'DEVTYPE=t', 'BUS=1', 'TYPE=3'],
      ['MAJOR=8', 'MINOR=1', 'DEVNAME=dir/node', 'DEVMODE=0660', 'DEVTYPE=t', 'DRIVER=r', 'BUS=1', 'TYPE=3'],
    ]);
  });

  it(
    'UE-08 the callback of the class comes before that of the type; both are called, ' + 'the last result counts',
    async () => {
      const { bench, events } = await setUp();
      const called: string[] = [];
      const cls: DeviceClass = {
        name: 'c',
        devRelease: () => undefined,
        devUevent: () => {
          called.push('class');
          return -5;
        },
      };
      const type: DeviceType = {
        name: 't',
        uevent: (dev) => {
          called.push('type');
          return dev.name === 'bad' ? -5 : 0;
        },
      };
      await bench.kernel.registerClass(cls);
      events.length = 0;
      for (const name of ['good', 'bad']) await new Device(bench.kernel, { name, class: cls, type }).add();
      expect(called).to.deep.equal(['class', 'type', 'class', 'type']);
      expect(events.map(({ devpath }) => devpath)).to.deep.equal(['/devices/virtual/c/good']);
    },
  );

  it('UE-09 SUBSYSTEM is the bus, else the class; without both nothing is sent', async () => {
    const { bench, events } = await setUp();
    const cls: DeviceClass = { name: 'c', devRelease: () => undefined };
    await bench.kernel.registerClass(cls);
    events.length = 0;
    await bench.add('on-bus');
    await new Device(bench.kernel, { name: 'classy', class: cls }).add();
    await new Device(bench.kernel, { name: 'none' }).add();
    expect(events.map(({ env }) => env[2])).to.deep.equal(['SUBSYSTEM=b', 'SUBSYSTEM=c']);
  });

  it('UE-10 a life is add, bind, unbind, remove; a failed probe sends nothing', async () => {
    const { bench, actions, events } = await setUp();
    await bench.register(bench.probing('bad', -5));
    const drv = await bench.register(bench.driver('r'));
    events.length = 0;
    const dev = await bench.add('d');
    await dev.del();
    expect(actions()).to.deep.equal(['add', 'bind', 'unbind', 'remove']);
    expect(events[2]?.env.some((variable) => variable.startsWith('DRIVER='))).to.equal(false);
    expect([...drv.devices()]).to.deep.equal([]);
  });

  it('UE-11 drivers, buses and classes send theirs', async () => {
    const { bench, events } = await setUp();
    await bench.register(bench.driver('r'));
    await bench.kernel.registerClass({ name: 'c' });
    expect(events.map(({ env }) => env.slice(0, 3))).to.deep.equal([
      ['ACTION=add', 'DEVPATH=/bus/b/drivers/r', 'SUBSYSTEM=drivers'],
      ['ACTION=add', 'DEVPATH=/class/c', 'SUBSYSTEM=class'],
    ]);
  });

  it('UE-11 the directory of a class below a parent sends none', async () => {
    const { bench, events } = await setUp();
    const cls: DeviceClass = { name: 'c', devRelease: () => undefined };
    await bench.kernel.registerClass(cls);
    const parent = new Device(bench.kernel, { name: 'p' });
    await parent.add();
    events.length = 0;
    const dev = new Device(bench.kernel, { name: 'd', class: cls, parent });
    await dev.add();
    await dev.del();
    expect(events.map(({ devpath }) => devpath)).to.deep.equal(['/devices/p/c/d', '/devices/p/c/d']);
  });

  it('UE-13 coldplug: add written to every uevent file below /sys/devices is sent again', async () => {
    const { bench, events } = await setUp();
    await bench.register(bench.driver('r'));
    await bench.add('d1');
    await bench.add('d2');
    events.length = 0;
    for (const path of ['devices/d1', 'devices/d2', 'bus/b', 'bus/b/drivers/r'])
      await bench.write(`${path}/uevent`, 'add\n');
    expect(
      events.map(({ devpath, env }) => `${devpath} ${String(env.find((v) => v.startsWith('SYNTH_')))}`),
    ).to.deep.equal([
      '/devices/d1 SYNTH_UUID=0',
      '/devices/d2 SYNTH_UUID=0',
      '/bus/b SYNTH_UUID=0',
      '/bus/b/drivers/r SYNTH_UUID=0',
    ]);
  });

  it('UE-12 a uevent file refuses nonsense, and the log says for which device', async () => {
    const { bench, events } = await setUp();
    await bench.add('d');
    events.length = 0;
    expect(await errorOf(() => bench.write('devices/d/uevent', 'nonsense'))).to.include({ code: 'EINVAL' });
    expect(await errorOf(() => bench.write('bus/b/uevent', `add ${UUID} =`))).to.include({ code: 'EINVAL' });
    expect(events).to.deep.equal([]);
    expect(bench.dmesg('err')).to.deep.equal(['b d: uevent: failed to send synthetic uevent: -22']);
  });

  it("UE-14 reading uevent gives what the callbacks add, without the event's own", async () => {
    const { bench } = await setUp({ uevent: (dev, env) => env.add('MODALIAS', dev.compatible) });
    await bench.register(bench.driver('r'));
    await bench.add('d', { devt: { major: 4, minor: 2 } });
    expect(await bench.read('devices/d/uevent')).to.equal('MAJOR=4\nMINOR=2\nDEVNAME=d\nDRIVER=r\nMODALIAS=x\n');
  });

  it('UE-14 it waits for a probe that runs', async () => {
    const { bench } = await setUp();
    await bench.register(bench.driver('r', { probe: () => bench.world.sleep(100) }));
    const adding = bench.add('d');
    const text = await bench.read('devices/d/uevent');
    expect(text).to.equal('DRIVER=r\n');
    expect(bench.world.now).to.equal(100);
    await adding;
  });

  it('a suppressed device sends nothing, but its remove is marked', async () => {
    const { bench, events } = await setUp();
    const dev = bench.device('d');
    dev.ueventSuppress = true;
    await dev.add();
    dev.uevent('change');
    dev.ueventSuppress = false;
    await dev.del();
    expect(events.map(({ action }) => action)).to.deep.equal(['remove']);
  });

  it('one can be sent by hand, with variables; a refusal is thrown', async () => {
    const { bench, events } = await setUp({ uevent: (dev) => (dev.name === 'bad' ? -12 : 0) });
    const dev = await bench.add('d');
    const bad = await bench.add('bad');
    events.length = 0;
    dev.uevent('offline', ['A=1']);
    expect(events[0]?.env.slice(0, -1)).to.deep.equal(['ACTION=offline', 'DEVPATH=/devices/d', 'SUBSYSTEM=b', 'A=1']);
    expect(await errorOf(() => bad.uevent('change'))).to.include({ code: 'ENOMEM', path: 'bad' });
  });
});
