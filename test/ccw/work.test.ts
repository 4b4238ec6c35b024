import { expect } from 'chai';
import {
  ccwBus,
  ccwDeviceStart,
  cdevOf,
  packCcw1,
  virtioCcw,
  VIRTIO_CMD,
  type CcwDevice,
  type CcwDriver,
  type CcwHost,
} from '../../buses/ccw';
import { CDEV_TODO } from '../../buses/ccw/guest/device';
import { SCH_TODO, type Subchannel } from '../../buses/ccw/guest/subchannel';
import { EBUSY, ETIMEDOUT } from '../../lib/errno';
import { virtioBus, type VirtioDevice } from '../../lib/virtio';
import { CcwMachine, IdleModel, PlainUnit } from './support';

const DIR = '/sys/bus/ccw/devices/0.0.0500';
const SECOND = 1e9;

/** A driver that keeps what leaves, and what it was told. */
function keeper(told: string[]): CcwDriver {
  return {
    name: 'keeper',
    bus: ccwBus,
    ids: [{ cuType: 0x1234 }],
    probe: () => void told.push('probe'),
    remove: () => void told.push('remove'),
    setOnline: () => void told.push('online'),
    setOffline: () => void told.push('offline'),
    notify: (_cdev, event) => {
      told.push(event);
      return true;
    },
  };
}

interface OnlineDevice {
  readonly bench: CcwMachine;
  readonly told: string[];
  readonly plugged: ReturnType<CcwHost['plugUnit']>;
}

/** One device of a keeper, online; with another device behind it. */
async function online(withOther = false): Promise<OnlineDevice> {
  const bench = new CcwMachine();
  const told: string[] = [];
  const plugged = bench.host.plugUnit(new PlainUnit({}), bench.guest, { devno: 0x0500 });
  if (withOther) bench.host.plugUnit(new PlainUnit({ cuType: 0x3270 }), bench.guest, { devno: 0x0009 });
  await bench.boot(keeper(told));
  await bench.echo('1', `${DIR}/online`);
  told.length = 0;
  return { bench, told, plugged };
}

function subchannel(bench: CcwMachine, schNo: number): Subchannel {
  const found = bench.css.subchannel({ ssid: 0, schNo });
  if (found === null) throw new Error('no subchannel');
  return found;
}

describe('ccw: work that waits: what is more important replaces the rest, and is done once', () => {
  it('of a device: REBIND, REGISTER, UNREG, UNREG_EVAL', async () => {
    const { REBIND, REGISTER, UNREG, UNREG_EVAL } = CDEV_TODO;
    expect(REBIND).to.equal(2);
    expect(REGISTER).to.equal(3);
    expect(UNREG).to.equal(4);
    expect(UNREG_EVAL).to.equal(5);
    for (const [first, second, wins] of [
      [REBIND, UNREG, UNREG],
      [UNREG, REBIND, UNREG],
      [UNREG, UNREG, UNREG],
      [UNREG, UNREG_EVAL, UNREG_EVAL],
      [UNREG_EVAL, UNREG, UNREG_EVAL],
      [REGISTER, UNREG, UNREG],
    ] as const) {
      const { bench, told } = await online();
      const dev = bench.cdev('0.0.0500');
      dev.schedTodo(first);
      const held = dev.refcount;
      dev.schedTodo(second);
      expect(dev.cdevTodo).to.equal(wins);
      expect(dev.refcount, 'one reference for the work').to.equal(held);
      await bench.settle();
      expect(told.filter((what) => what === 'remove')).to.have.length(1);
      expect(dev.cdevTodo).to.equal(CDEV_TODO.NOTHING);
      expect(dev.refcount).to.equal(0);
      // UNREG_EVAL looks again, and finds the same device anew.
      expect(bench.names('ccw').includes('0.0.0500')).to.equal(wins === UNREG_EVAL);
    }
  });

  it('REBIND keeps the device and asks its driver anew; the reference goes with the work', async () => {
    const { bench, told } = await online();
    const dev = bench.cdev('0.0.0500');
    await bench.echo('0', `${DIR}/online`);
    told.length = 0;
    const before = dev.refcount;
    dev.schedTodo(CDEV_TODO.REBIND);
    expect(dev.refcount).to.equal(before + 1);
    await bench.settle();
    expect(told).to.deep.equal(['remove', 'probe']);
    expect(dev.refcount).to.equal(before);
  });

  it('online is EAGAIN while work of the device waits', async () => {
    const { bench } = await online();
    const dev = bench.cdev('0.0.0500');
    dev.schedTodo(CDEV_TODO.UNREG);
    const code = await bench.kernel.fs.writeFile(`${DIR}/online`, '0\n').then(
      () => '',
      (error: unknown) => (error as { code: string }).code,
    );
    expect(code).to.equal('EAGAIN');
  });

  it('of a subchannel: EVAL, then UNREG', async () => {
    for (const [first, second, wins] of [
      [SCH_TODO.EVAL, SCH_TODO.UNREG, SCH_TODO.UNREG],
      [SCH_TODO.UNREG, SCH_TODO.EVAL, SCH_TODO.UNREG],
      [SCH_TODO.EVAL, SCH_TODO.EVAL, SCH_TODO.EVAL],
    ] as const) {
      const { bench, told } = await online();
      const sch = subchannel(bench, 0);
      const before = sch.refcount;
      bench.css.schedSchTodo(sch, first);
      expect(sch.refcount).to.equal(before + 1);
      bench.css.schedSchTodo(sch, second);
      expect(sch.todo).to.equal(wins);
      expect(sch.refcount).to.equal(before + 1);
      await bench.settle();
      expect(sch.todo).to.equal(SCH_TODO.NOTHING);
      expect(sch.refcount).to.equal(wins === SCH_TODO.UNREG ? 0 : before);
      expect(bench.names('css')).to.have.length(wins === SCH_TODO.UNREG ? 0 : 1);
      expect(told.includes('remove')).to.equal(wins === SCH_TODO.UNREG);
    }
  });

  it('a look that finds the subchannel busy is repeated until it is not', async () => {
    const { bench, plugged } = await online();
    const sch = subchannel(bench, 0);
    plugged.unplug();
    // As long as work of the device waits, nothing is decided.
    bench.css.schedSchTodo(sch, SCH_TODO.EVAL);
    await bench.settle();
    expect(sch.todo).to.equal(SCH_TODO.NOTHING);
    expect(bench.cdev('0.0.0500').isOrphan).to.equal(true);
    expect(sch.refcount).to.equal(0);
  });
});

describe('ccw: a device that moves holds the subchannel that it is on, and no other', () => {
  it('a subchannel whose device went to the orphanage is released when it goes, too', async () => {
    const { bench, plugged } = await online();
    const sch = subchannel(bench, 0);
    const orphans = bench.css.pseudoSubchannel.refcount;
    plugged.unplug();
    await bench.settle();
    expect(sch.refcount).to.equal(0);
    expect(cdevOf(sch)).to.equal(null);
    // The device as its child, and the device itself.
    expect(bench.css.pseudoSubchannel.refcount).to.be.greaterThan(orphans);
    await bench.echo('0', `${DIR}/online`);
    expect(bench.css.pseudoSubchannel.refcount).to.equal(orphans);
  });

  it('back again: the orphanage is left, and the new subchannel is held', async () => {
    const { bench, plugged } = await online();
    const orphans = bench.css.pseudoSubchannel.refcount;
    const held = subchannel(bench, 0).refcount;
    plugged.unplug();
    await bench.settle();
    bench.host.plugUnit(new PlainUnit({}), bench.guest, { devno: 0x0500 });
    await bench.settle();
    expect(bench.css.pseudoSubchannel.refcount).to.equal(orphans);
    const { sch } = bench.cdev('0.0.0500');
    expect(sch.refcount).to.equal(held);
    expect(cdevOf(sch)).to.equal(bench.cdev('0.0.0500'));
  });

  it('to another subchannel at once: the old one is looked at again without a report of its own', async () => {
    const { bench, plugged } = await online(true);
    const other = bench.host.css(bench.guest).all()[1];
    const moved = bench.cdev('0.0.0500');
    const { subchannel: first } = plugged;
    if (other === undefined) throw new Error('no second subchannel');
    // The channel subsystem swaps what is behind the two, and reports one.
    first.pmcw = { ...first.pmcw, dev: 0x0600 };
    other.pmcw = { ...other.pmcw, dev: 0x0500 };
    bench.host.css(bench.guest).report(other);
    await bench.settle(50e6);
    expect(moved.sch.schid.schNo).to.equal(1);
    expect(bench.names('ccw')).to.include('0.0.0600');
    expect(subchannel(bench, 0).isRegistered).to.equal(true);
  });
});

describe('ccw: devices without a path are looked at again (recovery_delay)', () => {
  it('another one that loses its path starts the delays from the beginning', async () => {
    const bench = new CcwMachine();
    const plug = (devno: number) => bench.host.plugUnit(new PlainUnit({}), bench.guest, { devno }).subchannel;
    const subs = [plug(0x0500), plug(0x0501)];
    await bench.boot(keeper([]));
    const lose = async (at: number): Promise<void> => {
      const sub = subs[at];
      if (sub === undefined) throw new Error('no such device');
      sub.pmcw = { ...sub.pmcw, pam: 0 };
      bench.host.css(bench.guest).report(sub);
      await bench.settle();
    };
    for (const name of ['0500', '0501']) await bench.echo('1', `/sys/bus/ccw/devices/0.0.${name}/online`);
    await lose(0);
    const looks: number[] = [];
    const watch = async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second += 1) {
        const before = bench.hv.log.calls().length;
        await bench.world.advance(SECOND);
        if (bench.hv.log.calls().length > before) looks.push(Math.round(bench.world.now / SECOND));
      }
    };
    const zero = Math.round(bench.world.now / SECOND);
    await watch(40);
    await lose(1);
    await watch(40);
    expect(looks.map((at) => at - zero)).to.deep.equal([3, 33, 43, 73]);
  });

  it('no more looks once all paths are back', async () => {
    const { bench, plugged, told } = await online();
    const { subchannel: sub } = plugged;
    sub.pmcw = { ...sub.pmcw, pam: 0 };
    bench.host.css(bench.guest).report(sub);
    await bench.settle();
    sub.pmcw = { ...sub.pmcw, pam: 0x80 };
    await bench.world.advance(10 * SECOND);
    expect(told).to.deep.equal(['no-path', 'oper']);
    await bench.world.advance(40 * SECOND);
    const before = bench.hv.log.calls().length;
    await bench.world.advance(1000 * SECOND);
    expect(bench.hv.log.calls().length).to.equal(before);
    expect(bench.css.recoveryTimer).to.equal(null);
  });
});

describe('ccw: how long things are waited for', () => {
  /** A device that answers nothing any more, and a program of its that has 1 s. */
  async function overdue(): Promise<{ bench: CcwMachine; dev: CcwDevice; told: string[] }> {
    const bench = new CcwMachine();
    const told: string[] = [];
    bench.host.plugUnit(new PlainUnit({}, () => null), bench.guest, { devno: 0x0500 });
    await bench.boot({
      ...keeper([]),
      probe: (cdev) => {
        cdev.handler = (_cdev, intparm, irb) =>
          void told.push(`${String(intparm)} ${typeof irb === 'number' ? String(irb) : 'irb'}`);
      },
    });
    await bench.echo('1', `${DIR}/online`);
    const dev = bench.cdev('0.0.0500');
    const address = bench.kernel.dma?.alloc(64, 8, 'test').address ?? 0;
    bench.guest.memory.write(address, packCcw1({ command: 1, flags: 0, count: 0, address: 0 }));
    expect(ccwDeviceStart(dev, address, 1, { expires: SECOND })).to.equal(0);
    return { bench, dev, told };
  }

  it('a halt that is not answered: a clear after 3 s, and again, then it is given up', async () => {
    const { bench, dev, told } = await overdue();
    // Interruptions are lost from now on.
    bench.guest.interrupt = () => undefined;
    await bench.world.advance(0.99 * SECOND);
    expect(dev.state).to.equal('online');
    const calls = (): string[] =>
      bench.hv.log
        .calls()
        .map(({ name }) => name ?? '')
        .filter((name) => ['xsch', 'hsch', 'csch'].includes(name));
    const times: string[] = [];
    let seen = calls().length;
    for (let tenth = 0; tenth < 200; tenth += 1) {
      await bench.world.advance(0.1 * SECOND);
      const now = calls();
      if (now.length > seen)
        times.push(`${String(Math.round(bench.world.now / 1e8) / 10)} ${now.slice(seen).join(' ')}`);
      seen = now.length;
    }
    expect(times).to.deep.equal(['1.1 xsch hsch', '4.1 xsch csch', '7.1 xsch csch', '10.1 xsch']);
    expect(told).to.deep.equal([`1 ${String(-ETIMEDOUT)}`]);
  });
});

describe('ccw: a virtio command while the device is busy', () => {
  async function virtio(): Promise<{ bench: CcwMachine; cdev: CcwDevice; vdev: VirtioDevice }> {
    const bench = new CcwMachine();
    bench.host.plug(new IdleModel(42, 'idle0'), bench.guest, { devno: 0x0500 });
    await bench.boot(virtioCcw);
    const [vdev] = bench.kernel.busOf(virtioBus)?.devices() ?? [];
    return { bench, cdev: bench.cdev('0.0.0500'), vdev: vdev as VirtioDevice };
  }

  it('is tried again until the device is not', async () => {
    const { bench, cdev, vdev } = await virtio();
    cdev.state = 'boxed';
    const reading = bench.world.spawn(() => vdev.transport.getConfig(0, 4));
    await bench.world.advance(5 * SECOND);
    cdev.state = 'online';
    const from = bench.world.now;
    expect([...(await reading)]).to.deep.equal([0, 0, 0, 0]);
    expect(bench.world.now - from, 'at most the longest pause').to.be.lessThan(11e6);
  });

  it('at once when it is busy for a moment only', async () => {
    const { bench, cdev, vdev } = await virtio();
    cdev.state = 'boxed';
    const reading = bench.world.spawn(() => vdev.transport.getConfig(0, 4));
    await bench.world.advance(500);
    cdev.state = 'online';
    const from = bench.world.now;
    await reading;
    expect(bench.world.now - from).to.be.lessThan(20_000);
  });

  it('is given up after 10 s', async () => {
    const { bench, cdev, vdev } = await virtio();
    cdev.state = 'boxed';
    const ends: number[] = [];
    const from = bench.world.now;
    const reading = bench.world.spawn(async () => {
      try {
        await vdev.transport.getConfig(0, 4);
      } catch (error) {
        ends.push((error as { errno: number }).errno, Math.round((bench.world.now - from) / 1e8) / 10);
      }
    });
    await bench.world.advance(30 * SECOND);
    await reading;
    expect(ends).to.deep.equal([-EBUSY, 10]);
  });

  it('one that is never answered ends after 10 s, and so does the next', async () => {
    const { bench, vdev } = await virtio();
    const unit = bench.host.css(bench.guest).all()[0]?.unit;
    if (unit === null || unit === undefined) throw new Error('no unit');
    const command = unit.command.bind(unit);
    unit.command = (code, data) => (code === VIRTIO_CMD.READ_CONF ? null : command(code, data));
    for (let i = 0; i < 2; i += 1) {
      const from = bench.world.now;
      const ends: number[] = [];
      const reading = bench.world.spawn(async () => {
        try {
          await vdev.transport.getConfig(0, 4);
        } catch (error) {
          ends.push((error as { errno: number }).errno, Math.round((bench.world.now - from) / 1e8) / 10);
        }
      });
      await bench.world.advance(15 * SECOND);
      await reading;
      expect(ends).to.deep.equal([-ETIMEDOUT, 10]);
    }
  });
});
