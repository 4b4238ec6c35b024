import { expect } from 'chai';
import fc from 'fast-check';
import {
  ccwBus,
  ccwDeviceClear,
  ccwDeviceHalt,
  ccwDeviceResume,
  ccwDeviceStart,
  DSTAT,
  ENDED,
  packCcw1,
  SENSE0,
  type CcwDevice,
  type CcwDriver,
  type CommandData,
} from '../../buses/ccw';
import { SchidSet } from '../../buses/ccw/guest/schid-set';
import { EBUSY, EINVAL, ETIMEDOUT } from '../../lib/errno';
import { rejection } from '../support/errors';
import { BareMachine, CcwMachine, PlainUnit } from './support';

const LAST = 0xffff;
const HOUR = 3600e9;

/** A device that is online, and what its driver was told. */
class Online extends CcwMachine {
  readonly told: string[] = [];
  readonly unit: PlainUnit;
  readonly plugged;
  serve: (code: number, data: CommandData) => number | null = () => ENDED;

  constructor(concurrentSense = true) {
    super();
    this.unit = new PlainUnit({}, (code, data) => this.serve(code, data));
    Object.assign(this.unit, { concurrentSense });
    this.plugged = this.host.plugUnit(this.unit, this.guest, { devno: LAST });
  }

  get dev(): CcwDevice {
    return this.cdev('0.0.ffff');
  }

  async up(): Promise<this> {
    const driver: CcwDriver = {
      name: 'test',
      bus: ccwBus,
      ids: [{ cuType: 0x1234 }],
      probe: (cdev) => {
        cdev.handler = (_cdev, intparm, irb) =>
          void this.told.push(`${String(intparm)} ${typeof irb === 'number' ? String(irb) : 'irb'}`);
      },
      setOnline: () => undefined,
      setOffline: () => undefined,
    };
    await this.boot(driver);
    expect(await this.echo('1', '/sys/bus/ccw/devices/0.0.ffff/online')).to.equal('');
    return this;
  }

  program(command = 0x01): number {
    const address = this.kernel.dma?.alloc(64, 8, 'test').address ?? 0;
    this.guest.memory.write(address, packCcw1({ command, flags: 0, count: 0, address: address + 8 }));
    return address;
  }
}

describe('ccw: timers that end with what they are for', () => {
  it('the time of a program that ended does not kill the next one', async () => {
    const rig = await new Online().up();
    expect(ccwDeviceStart(rig.dev, rig.program(), 1, { expires: 1e9 })).to.equal(0);
    await rig.settle();
    rig.serve = () => null;
    expect(ccwDeviceStart(rig.dev, rig.program(), 2)).to.equal(0);
    await rig.world.advance(HOUR);
    expect(rig.told).to.deep.equal(['1 irb']);
  });

  it('a program is killed when its time is over, not before', async () => {
    const rig = await new Online().up();
    rig.serve = () => null;
    ccwDeviceStart(rig.dev, rig.program(), 1, { expires: 1e9 });
    await rig.world.advance(999e6);
    expect(rig.told).to.deep.equal([]);
    await rig.world.advance(10e6);
    expect(rig.told).to.deep.equal([`1 ${String(-ETIMEDOUT)}`]);
    rig.plugged.unplug();
    await rig.world.advance(HOUR);
    expect(rig.told.length).to.equal(1);
  });

  it('offline and the loss of the device end the time of what ran: its driver is told once', async () => {
    for (const end of [
      (rig: Online) => rig.echo('0', '/sys/bus/ccw/devices/0.0.ffff/online'),
      async (rig: Online) => {
        rig.plugged.unplug();
        await rig.settle();
      },
      (rig: Online) => rig.echo('0.0.ffff', '/sys/bus/ccw/drivers/test/unbind'),
    ]) {
      const rig = await new Online().up();
      rig.serve = () => null;
      ccwDeviceStart(rig.dev, rig.program(), 1, { expires: 1e9 });
      await rig.settle();
      await end(rig);
      await rig.world.advance(HOUR);
      expect(rig.told).to.deep.equal(['1 -5']);
      expect(rig.world.oopses).to.deep.equal([]);
      expect(rig.kernel.warnings).to.equal(0);
    }
  });

  it('a program that has ended does not end once more when the device leaves', async () => {
    const rig = await new Online().up();
    ccwDeviceStart(rig.dev, rig.program(), 3);
    await rig.settle();
    rig.plugged.unplug();
    await rig.world.advance(HOUR);
    expect(rig.told).to.deep.equal(['3 irb']);
  });

  it('an answer that was made up after verification is the last one of its start', async () => {
    const rig = await new Online().up();
    rig.dev.event('verify');
    expect(ccwDeviceStart(rig.dev, rig.program(), 5)).to.equal(0);
    await rig.settle();
    rig.plugged.unplug();
    await rig.world.advance(HOUR);
    expect(rig.told).to.deep.equal(['5 irb']);
  });

  it('a device without a path is looked at every 300 s for as long as it takes', async () => {
    const bench = new CcwMachine();
    const { subchannel } = bench.host.plugUnit(new PlainUnit({}), bench.guest, { devno: 0x0500 });
    const driver: CcwDriver = {
      name: 'keeper',
      bus: ccwBus,
      ids: [{ cuType: 0x1234 }],
      probe: () => undefined,
      setOnline: () => undefined,
      setOffline: () => undefined,
      notify: () => true,
    };
    await bench.boot(driver);
    await bench.echo('1', '/sys/bus/ccw/devices/0.0.0500/online');
    subchannel.pmcw = { ...subchannel.pmcw, pam: 0 };
    bench.host.css(bench.guest).report(subchannel);
    await bench.settle();
    const looks: number[] = [];
    for (let second = 1; second <= 1000; second += 1) {
      const before = bench.hv.log.calls().length;
      await bench.world.advance(1e9);
      if (bench.hv.log.calls().length > before) looks.push(second);
    }
    const gaps = looks.map((at, i) => at - (looks[i - 1] ?? 0));
    expect(gaps).to.deep.equal([3, 30, 300, 300, 300]);
  });
});

describe('ccw: what is refused while the device is busy with itself', () => {
  it('a start while sense data are fetched: EBUSY, and the machine is not asked', async () => {
    const rig = await new Online(false).up();
    rig.serve = () => {
      rig.unit.sense[0] = SENSE0.INTERVENTION_REQUIRED;
      return ENDED | DSTAT.UNIT_CHECK;
    };
    ccwDeviceStart(rig.dev, rig.program(), 7);
    while (rig.dev.state !== 'w4sense') await rig.world.advance(500);
    const calls = rig.hv.log.calls().length;
    expect(ccwDeviceStart(rig.dev, rig.program(), 8)).to.equal(-EBUSY);
    expect(ccwDeviceResume(rig.dev)).to.equal(-EINVAL);
    expect(rig.hv.log.calls().length).to.equal(calls);
    await rig.settle();
    expect(rig.told).to.deep.equal(['7 irb']);
    expect(rig.dev.state).to.equal('online');
  });

  it('halt and clear during verification: EINVAL', async () => {
    const rig = await new Online().up();
    rig.dev.event('verify');
    expect(ccwDeviceHalt(rig.dev, 1)).to.equal(-EINVAL);
    expect(ccwDeviceClear(rig.dev, 1)).to.equal(-EINVAL);
  });
});

describe('ccw: sense data', () => {
  it('are those of the last command: read once, and gone with the next one', async () => {
    const m = new BareMachine();
    let bad = true;
    const unit = new PlainUnit({}, () => {
      if (!bad) return ENDED;
      unit.sense[0] = SENSE0.INTERVENTION_REQUIRED;
      return ENDED | DSTAT.UNIT_CHECK;
    });
    m.host.plugUnit(unit, m.guest, { devno: 1 });
    m.msch({ ena: true });
    const sense = async (): Promise<number> => {
      await m.write({ command: 0x04, count: 32 }).start();
      return m.bytes(m.data, 1)[0] ?? -1;
    };
    await m.write({ command: 0x03, count: 0 }).start();
    await m.write({ command: 0x63, count: 0 }).start();
    expect(await sense()).to.equal(SENSE0.INTERVENTION_REQUIRED);
    expect(await sense()).to.equal(0);
    await m.write({ command: 0x63, count: 0 }).start();
    bad = false;
    await m.write({ command: 0x63, count: 0 }).start();
    expect(await sense()).to.equal(0);
  });
});

describe('ccw: the ends of device numbers and subchannel sets', () => {
  const plug = (bench: CcwMachine, place: { devno: number; ssid?: number }): unknown =>
    bench.host.plugUnit(new PlainUnit({}), bench.guest, place);

  it('the last device number of the last set is one, the next ones are EINVAL', async () => {
    const bench = new CcwMachine();
    plug(bench, { devno: LAST, ssid: 3 });
    plug(bench, { devno: LAST, ssid: 0 });
    for (const place of [{ devno: LAST + 1 }, { devno: -1 }, { devno: 0, ssid: 4 }, { devno: 0, ssid: -1 }]) {
      expect((await rejection(() => plug(bench, place))).code).to.equal('EINVAL');
    }
    expect((await rejection(() => plug(bench, { devno: LAST, ssid: 3 }))).code).to.equal('EEXIST');
    await bench.boot();
    expect(bench.names('ccw')).to.have.members(['0.0.ffff', '0.3.ffff']);
    expect(bench.names('css')).to.have.members(['0.0.0000', '0.3.0000']);
  });

  it('sets of ids are as sets of numbers, to the last', () => {
    const id = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.integer({ min: LAST - 2, max: LAST }));
    const act = fc.record({ what: fc.constantFrom('add', 'delete', 'deleteFrom', 'fill'), id });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 12 }), (acts) => {
        const set = new SchidSet();
        const watched = [0, 1, 2, 3, 4, 5, 6, 7, LAST - 2, LAST - 1, LAST];
        const model = new Set<number>();
        for (const { what, id: schNo } of acts) {
          const at = { ssid: 1, schNo };
          if (what === 'fill') {
            set.fill();
            watched.forEach((n) => model.add(n));
          } else if (what === 'add') {
            set.add(at);
            model.add(schNo);
          } else if (what === 'delete') {
            set.delete(at);
            model.delete(schNo);
          } else {
            set.deleteFrom({ ssid: 1, schNo: schNo & 7 });
            for (const n of [...model]) if (n >= (schNo & 7)) model.delete(n);
          }
          expect(watched.filter((n) => set.has({ ssid: 1, schNo: n }))).to.deep.equal([...model].sort((a, b) => a - b));
          const low = [0, 1, 2, 3, 4, 5, 6].map(
            (from) => [...model].filter((n) => n >= from && n <= 7).sort((a, b) => a - b)[0],
          );
          low.forEach((first, from) => first === undefined || expect(set.next(1, from)).to.equal(first));
          expect(set.next(1, LAST)).to.equal(model.has(LAST) ? LAST : null);
        }
        expect(set.has({ ssid: 1, schNo: LAST + 1 })).to.equal(false);
      }),
      { numRuns: 200 },
    );
  });
});
