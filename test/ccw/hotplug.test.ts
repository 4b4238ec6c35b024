import { expect } from 'chai';
import { ccwBus, cssRescan, packSenseId, virtioCcw, type CcwDriver } from '../../buses/ccw';
import { MAX_CRWS } from '../../buses/ccw/host/css';
import { CcwMachine, IdleModel, plugRecorded, PlainUnit, recordedMachine, terminalDriver } from './support';

const EVENT = 'SUBSYSTEM=ccw CU_TYPE=3832 CU_MODEL=04 DEV_TYPE=0000 DEV_MODEL=00';

/** A driver that keeps its devices when they are gone. */
function keeper(told: string[]): CcwDriver {
  return {
    name: 'keeper',
    bus: ccwBus,
    ids: [{ cuType: 0x1234 }, { cuType: 0x4321 }],
    probe: (cdev) => void told.push(`probe ${cdev.ccwId.cuType.toString(16)}`),
    remove: () => void told.push('remove'),
    setOnline: () => void told.push('online'),
    setOffline: () => void told.push('offline'),
    notify: (_cdev, event) => {
      told.push(event);
      return true;
    },
  };
}

async function kept(): Promise<{ bench: CcwMachine; told: string[]; unplug: () => void }> {
  const bench = new CcwMachine();
  const told: string[] = [];
  const plugged = bench.host.plugUnit(new PlainUnit({}), bench.guest, { devno: 0x0500 });
  bench.host.plugUnit(new PlainUnit({ cuType: 0x3270 }), bench.guest, { devno: 0x0009 });
  await bench.boot(keeper(told));
  await bench.echo('1', '/sys/bus/ccw/devices/0.0.0500/online');
  told.length = 0;
  return { bench, told, unplug: () => plugged.unplug() };
}

describe('ccw hot-plug: channel reports', () => {
  it('a device that is plugged is found by its report, with the events of a real kernel', async () => {
    const bench = await recordedMachine();
    bench.host.plug(new IdleModel(4, 'hot0'), bench.guest, { devno: 0x0abc });
    await bench.settle();
    expect(bench.takeEvents('css')).to.deep.equal([
      'ACTION=add DEVPATH=/devices/css0/0.0.0007 SUBSYSTEM=css ST=0 MODALIAS=css:t0',
      'ACTION=bind DEVPATH=/devices/css0/0.0.0007 SUBSYSTEM=css DRIVER=io_subchannel ST=0 MODALIAS=css:t0',
    ]);
    expect(bench.takeEvents('ccw')).to.deep.equal([
      `ACTION=add DEVPATH=/devices/css0/0.0.0007/0.0.0abc ${EVENT} MODALIAS=ccw:t3832m04dtdm`,
      `ACTION=bind DEVPATH=/devices/css0/0.0.0007/0.0.0abc ${EVENT.replace('ccw ', 'ccw DRIVER=virtio_ccw ')} MODALIAS=ccw:t3832m04dtdm`,
    ]);
    expect(bench.takeEvents('virtio')).to.deep.equal([
      'ACTION=add DEVPATH=/devices/css0/0.0.0007/0.0.0abc/virtio6 SUBSYSTEM=virtio MODALIAS=virtio:d00000004v00003832',
    ]);
    expect(await bench.read('/sys/bus/ccw/devices/0.0.0abc/online')).to.equal('1\n');
    expect(await bench.read('/sys/bus/css/devices/0.0.0007/dev_busid')).to.equal('0.0.0abc\n');
    const looks = bench.hv.log.calls().filter(({ name, values }) => name === 'stsch' && values?.[0] === 3).length;
    expect(looks).to.equal(4);
  });

  it('the last subchannel goes together with its device, innermost first', async () => {
    const bench = await recordedMachine();
    const plugged = bench.host.plug(new IdleModel(4, 'hot0'), bench.guest, { devno: 0x0abc });
    await bench.settle();
    bench.events.length = 0;
    plugged.unplug();
    await bench.settle();
    expect(bench.events.map(({ action, devpath }) => `${action} ${devpath.split('/').at(-1) ?? ''}`)).to.deep.equal([
      'remove virtio6',
      'unbind 0.0.0abc',
      'remove 0.0.0abc',
      'unbind 0.0.0007',
      'remove 0.0.0007',
    ]);
    expect(bench.takeEvents('ccw')).to.deep.equal([
      `ACTION=unbind DEVPATH=/devices/css0/0.0.0007/0.0.0abc ${EVENT}`,
      `ACTION=remove DEVPATH=/devices/css0/0.0.0007/0.0.0abc ${EVENT} MODALIAS=ccw:t3832m04dtdm`,
    ]);
    expect(bench.names('css')).to.have.length(7);
    expect(bench.kernel.dma?.list().filter(({ owner }) => owner.includes('0abc'))).to.deep.equal([]);
  });

  it('a subchannel in the middle stays without a device, and the next device takes it', async () => {
    const bench = new CcwMachine();
    plugRecorded(bench);
    const [, , rng] = bench.host.css(bench.guest).all();
    await bench.boot(terminalDriver, virtioCcw);
    bench.events.length = 0;
    if (rng !== undefined) bench.host.css(bench.guest).unplug(rng);
    await bench.settle();
    expect(bench.names('css')).to.have.length(7);
    expect(bench.names('ccw')).to.not.include('0.0.0f00');
    expect(await bench.read('/sys/bus/css/devices/0.0.0002/dev_busid')).to.equal('none\n');
    expect(await bench.kernel.fs.readlink('/sys/bus/css/devices/0.0.0002/driver')).to.equal(
      '../../../bus/css/drivers/io_subchannel',
    );
    expect(bench.takeEvents('css')).to.deep.equal([]);
    expect(bench.takeEvents('ccw')).to.deep.equal([
      `ACTION=unbind DEVPATH=/devices/css0/0.0.0002/0.0.0f00 ${EVENT}`,
      `ACTION=remove DEVPATH=/devices/css0/0.0.0002/0.0.0f00 ${EVENT} MODALIAS=ccw:t3832m04dtdm`,
    ]);
    bench.host.plug(new IdleModel(4, 'hot0'), bench.guest, { devno: 0x0abc });
    await bench.settle();
    expect(await bench.kernel.fs.readlink('/sys/bus/ccw/devices/0.0.0abc')).to.equal(
      '../../../devices/css0/0.0.0002/0.0.0abc',
    );
    expect(await bench.kernel.fs.readlink('/sys/bus/virtio/devices/virtio2')).to.equal(
      '../../../devices/css0/0.0.0002/0.0.0abc/virtio2',
    );
    expect(bench.names('css')).to.have.length(7);
  });

  it('another device behind the same subchannel, before anybody looked, replaces the first', async () => {
    const bench = new CcwMachine();
    const first = bench.host.plug(new IdleModel(4, 'a'), bench.guest, { devno: 0x10 });
    await bench.boot(virtioCcw);
    first.unplug();
    bench.host.plug(new IdleModel(2, 'b'), bench.guest, { devno: 0x20 });
    await bench.settle();
    expect(bench.names('css')).to.deep.equal(['0.0.0000']);
    expect(bench.names('ccw')).to.deep.equal(['0.0.0020']);
    expect(await bench.read('/sys/bus/ccw/devices/0.0.0020/cutype')).to.equal('3832/02\n');
    expect(await bench.read('/sys/bus/ccw/devices/0.0.0020/online')).to.equal('1\n');
  });

  it('reports of other sets come in two words', async () => {
    const bench = await new CcwMachine().boot(virtioCcw);
    bench.host.plug(new IdleModel(4, 'a'), bench.guest, { ssid: 3, devno: 0x77 });
    await bench.settle();
    expect(bench.names('ccw')).to.deep.equal(['0.3.0077']);
  });

  it('when reports are lost everything is looked at', async () => {
    const bench = await new CcwMachine().boot();
    for (let i = 0; i < MAX_CRWS; i += 1) bench.host.plug(new IdleModel(4, `d${String(i)}`), bench.guest, { devno: i });
    await bench.settle(100e6);
    expect(bench.names('ccw')).to.have.length(MAX_CRWS);
  });

  it('what is plugged before boot needs no report', async () => {
    const bench = new CcwMachine();
    bench.host.plug(new IdleModel(4, 'a'), bench.guest);
    await bench.boot();
    expect(bench.hv.log.calls().filter(({ name }) => name === 'stcrw')).to.deep.equal([]);
  });

  it('a device that leaves while it is recognised is forgotten', async () => {
    const bench = await new CcwMachine().boot();
    const plugged = bench.host.plug(new IdleModel(4, 'a'), bench.guest);
    for (let i = 0; i < 40 && bench.css.recognising === 0; i += 1) await bench.world.advance(500);
    expect(bench.css.recognising).to.equal(1);
    plugged.unplug();
    await bench.settle();
    expect(bench.names('css')).to.deep.equal([]);
    expect(bench.css.recognising).to.equal(0);
    expect(bench.kernel.dma?.list().map(({ owner }) => owner)).to.deep.equal(['css0']);
  });

  it('whenever a device leaves while it is found and opened, nothing hangs and nothing is left', async () => {
    for (let ns = 0; ns < 140_000; ns += 3500) {
      const bench = await new CcwMachine().boot(virtioCcw);
      const plugged = bench.host.plug(new IdleModel(4, 'a'), bench.guest);
      await bench.world.advance(ns);
      plugged.unplug();
      await bench.settle();
      expect(bench.names('css')).to.deep.equal([]);
      expect(bench.names('ccw')).to.deep.equal([]);
      expect(bench.names('virtio')).to.deep.equal([]);
      expect(bench.kernel.dma?.list().map(({ owner }) => owner)).to.deep.equal(['css0'], `after ${String(ns)} ns`);
      expect(bench.world.oopses).to.deep.equal([]);
      await bench.world.run(() => cssRescan(bench.css));
    }
  });
});

describe('ccw devices that are gone and come back (CC-03, CC-09, CC-10, CC-12)', () => {
  const DIR = '/sys/bus/ccw/devices/0.0.0500';

  it('a driver that keeps its device: it waits in the orphanage, with name, driver and online', async () => {
    const { bench, told, unplug } = await kept();
    bench.events.length = 0;
    unplug();
    await bench.settle();
    // Once from the report itself, once when the work that follows may sleep.
    expect(told).to.deep.equal(['gone', 'gone']);
    expect(await bench.kernel.fs.readlink(DIR)).to.equal('../../../devices/css0/defunct/0.0.0500');
    expect(await bench.read(`${DIR}/availability`)).to.equal('no device\n');
    expect(await bench.read(`${DIR}/online`)).to.equal('1\n');
    expect(bench.cdev('0.0.0500').state).to.equal('disconnected');
    expect(bench.takeEvents('ccw')).to.deep.equal([
      'ACTION=move DEVPATH=/devices/css0/defunct/0.0.0500 SUBSYSTEM=ccw ' +
        'DEVPATH_OLD=/devices/css0/0.0.0000/0.0.0500 DRIVER=keeper CU_TYPE=1234 CU_MODEL=01 ' +
        'DEV_TYPE=0000 DEV_MODEL=00 MODALIAS=ccw:t1234m01dtdm',
    ]);
  });

  it('it comes back on another subchannel: the same device, online again', async () => {
    const { bench, told, unplug } = await kept();
    const before = bench.cdev('0.0.0500');
    unplug();
    await bench.settle();
    bench.host.plugUnit(new PlainUnit({ cuType: 0x3270 }), bench.guest, { devno: 0x0600 });
    bench.host.plugUnit(new PlainUnit({}), bench.guest, { devno: 0x0500 });
    await bench.settle();
    expect(told).to.deep.equal(['gone', 'gone', 'oper']);
    expect(bench.cdev('0.0.0500')).to.equal(before);
    expect(await bench.kernel.fs.readlink(DIR)).to.equal('../../../devices/css0/0.0.0002/0.0.0500');
    expect(await bench.read(`${DIR}/availability`)).to.equal('good\n');
    expect(before).to.include({ state: 'online', online: true });
    expect(before.sch.schib?.pmcw.ena).to.equal(true);
  });

  it('another device of that number comes: the driver leaves and is asked again', async () => {
    const { bench, told, unplug } = await kept();
    unplug();
    await bench.settle();
    bench.host.plugUnit(
      new PlainUnit(packSenseId({ cuType: 0x4321, cuModel: 0, devType: 0, devModel: 0 })),
      bench.guest,
      { devno: 0x0500 },
    );
    await bench.settle();
    expect(told).to.deep.equal(['gone', 'gone', 'remove', 'probe 4321']);
    expect(await bench.read(`${DIR}/cutype`)).to.equal('4321/00\n');
    expect(await bench.read(`${DIR}/online`)).to.equal('0\n');
  });

  it('offline lets a disconnected device go', async () => {
    const { bench, told, unplug } = await kept();
    unplug();
    await bench.settle();
    expect(await bench.echo('0', `${DIR}/online`)).to.equal('');
    expect(bench.names('ccw')).to.deep.equal(['0.0.0009']);
    expect(told).to.deep.equal(['gone', 'gone', 'remove']);
  });

  it('a device that is not online is not kept', async () => {
    const { bench, told, unplug } = await kept();
    await bench.echo('0', `${DIR}/online`);
    unplug();
    await bench.settle();
    expect(told).to.deep.equal(['offline', 'remove']);
    expect(bench.names('ccw')).to.deep.equal(['0.0.0009']);
  });

  it('a device without a path is tried again after 3 s, then 30 s, then every 300 s', async () => {
    const bench = new CcwMachine();
    const told: string[] = [];
    const { subchannel } = bench.host.plugUnit(new PlainUnit({}), bench.guest, { devno: 0x0500 });
    await bench.boot(keeper(told));
    await bench.echo('1', `${DIR}/online`);
    told.length = 0;
    subchannel.pmcw = { ...subchannel.pmcw, pam: 0 };
    bench.host.css(bench.guest).report(subchannel);
    await bench.settle();
    expect(told).to.deep.equal(['no-path']);
    expect(await bench.read(`${DIR}/availability`)).to.equal('no device\n');
    const tries = (): number => bench.hv.log.calls().filter(({ name }) => name === 'msch').length;
    const counts: number[] = [];
    let before = tries();
    for (const seconds of [4, 20, 11, 280, 21]) {
      await bench.world.advance(seconds * 1e9);
      counts.push(tries() - before);
      before = tries();
    }
    expect(counts.map((count) => count > 0)).to.deep.equal([true, false, true, false, true]);
    expect(await bench.read(`${DIR}/availability`)).to.equal('no path\n');
    subchannel.pmcw = { ...subchannel.pmcw, pam: 0x80 };
    await bench.world.advance(301e9);
    expect(told).to.deep.equal(['no-path', 'oper']);
    expect(await bench.read(`${DIR}/availability`)).to.equal('good\n');
  });
});

describe('ccw devices that another system holds (CC-11)', () => {
  const DIR = '/sys/bus/ccw/devices/0.0.0500';

  /** A device that was recognised once and then answers nothing until its lock is stolen. */
  async function boxed(force: boolean): Promise<CcwMachine> {
    const bench = new CcwMachine();
    const state = { held: false };
    const unit = new PlainUnit({}, (code, data) => {
      if (code === 0x14) state.held = false;
      data.give(new Uint8Array(32));
      return 0x0c;
    });
    unit.command = (code, data) =>
      state.held && code !== 0x14 ? null : PlainUnit.prototype.command.call(unit, code, data);
    bench.host.plugUnit(unit, bench.guest, { devno: 0x0500 });
    const driver: CcwDriver = {
      name: 'test',
      bus: ccwBus,
      ids: [{ cuType: 0x1234 }],
      probe: (cdev) => {
        cdev.options.force = force;
      },
      setOnline: () => undefined,
      setOffline: () => undefined,
    };
    await bench.boot(driver);
    state.held = true;
    bench.cdev('0.0.0500').state = 'boxed';
    return bench;
  }

  it('online asks again who it is, in vain: EAGAIN, and it stays boxed', async () => {
    const bench = await boxed(false);
    expect(await bench.echo('1', `${DIR}/online`)).to.equal('EAGAIN');
    expect(await bench.read(`${DIR}/availability`)).to.equal('boxed\n');
  });

  it('force is refused by a driver that does not allow it', async () => {
    const bench = await boxed(false);
    expect(await bench.echo('force', `${DIR}/online`)).to.equal('EINVAL');
  });

  it('force steals the lock and goes on', async () => {
    const bench = await boxed(true);
    expect(await bench.echo('force', `${DIR}/online`)).to.equal('');
    expect(await bench.read(`${DIR}/online`)).to.equal('1\n');
    expect(await bench.read(`${DIR}/availability`)).to.equal('good\n');
  });
});
