import { expect } from 'chai';
import {
  ccwBus,
  ccwDeviceClear,
  ccwDeviceHalt,
  ccwDeviceResume,
  ccwDeviceStart,
  DEV_JUMPTABLE,
  DSTAT,
  ENDED,
  packCcw1,
  SENSE0,
  type CcwDevice,
  type CcwDriver,
  type CommandData,
  type Irb,
} from '../../buses/ccw';
import { EACCES, EBUSY, EINVAL, EIO, ENODEV, ETIMEDOUT } from '../../lib/errno';
import { CcwMachine, PlainUnit } from './support';

/** One device, its driver's record of interrupts, and memory for programs. */
class StartIoMachine extends CcwMachine {
  readonly got: { intparm: number; irb: Irb | number }[] = [];
  readonly unit: PlainUnit;
  readonly plugged;
  serve: (code: number, data: CommandData) => number | null = () => ENDED;

  constructor() {
    super();
    this.unit = new PlainUnit({}, (code, data) => this.serve(code, data));
    this.plugged = this.host.plugUnit(this.unit, this.guest, { devno: 2 });
  }

  get driver(): CcwDriver {
    return {
      name: 'test',
      bus: ccwBus,
      ids: [{ cuType: 0x1234 }],
      probe: (cdev) => {
        cdev.handler = (_cdev, intparm, irb) => void this.got.push({ intparm, irb });
      },
      setOnline: () => undefined,
      setOffline: () => undefined,
    };
  }

  get dev(): CcwDevice {
    return this.cdev('0.0.0002');
  }

  async online(): Promise<this> {
    await this.boot(this.driver);
    expect(await this.echo('1', '/sys/bus/ccw/devices/0.0.0002/online')).to.equal('');
    return this;
  }

  /** A program of one command. */
  program(command: number, flags = 0, count = 0): number {
    const buffer = this.kernel.dma?.alloc(64, 8, 'test');
    const address = buffer?.address ?? 0;
    this.guest.memory.write(address, packCcw1({ command, flags, count, address: address + 8 }));
    return address;
  }

  dstat(index = 0): number {
    const irb = this.got[index]?.irb;
    return typeof irb === 'object' ? irb.scsw.dstat : -1;
  }
}

describe('ccw start I/O', () => {
  it('CC-06: the interrupt gives back the parameter of the request', async () => {
    const rig = await new StartIoMachine().online();
    expect(ccwDeviceStart(rig.dev, rig.program(0x01), 0xcafe)).to.equal(0);
    expect(rig.got).to.deep.equal([]);
    await rig.settle();
    expect(rig.got.map(({ intparm }) => intparm)).to.deep.equal([0xcafe]);
    expect(rig.dstat()).to.equal(ENDED);
    ccwDeviceStart(rig.dev, rig.program(0x01), 0xbeef);
    await rig.settle();
    expect(rig.got.map(({ intparm }) => intparm)).to.deep.equal([0xcafe, 0xbeef]);
  });

  describe('CC-05, CC-07: what a start is refused with', () => {
    it('EINVAL: not enabled', async () => {
      const rig = new StartIoMachine();
      await rig.boot(rig.driver);
      expect(ccwDeviceStart(rig.dev, rig.program(0x01), 1)).to.equal(-EINVAL);
    });

    it('EBUSY: condition code 2, a program runs', async () => {
      const rig = await new StartIoMachine().online();
      expect(ccwDeviceStart(rig.dev, rig.program(0x01), 1)).to.equal(0);
      expect(ccwDeviceStart(rig.dev, rig.program(0x01), 2)).to.equal(-EBUSY);
      await rig.settle();
      expect(rig.got.map(({ intparm }) => intparm)).to.deep.equal([1]);
    });

    it('EBUSY: condition code 1, status is pending', async () => {
      const rig = await new StartIoMachine().online();
      ccwDeviceStart(rig.dev, rig.program(0x01), 1);
      await rig.world.advance(1500);
      expect(ccwDeviceStart(rig.dev, rig.program(0x01), 2)).to.equal(-EBUSY);
      expect(rig.hv.log.calls().at(-1))
        .to.include({ name: 'ssch' })
        .and.deep.include({ values: [1] });
      await rig.settle();
      expect(rig.got.map(({ intparm }) => intparm)).to.deep.equal([1]);
    });

    it('EACCES: none of the paths that were asked for', async () => {
      const rig = await new StartIoMachine().online();
      expect(ccwDeviceStart(rig.dev, rig.program(0x01), 1, { lpm: 0x40 })).to.equal(-EACCES);
      expect(ccwDeviceStart(rig.dev, rig.program(0x01), 1, { lpm: 0xc0 })).to.equal(0);
    });

    it('ENODEV: condition code 3 without a path that is left; the device is verified and goes', async () => {
      const rig = await new StartIoMachine().online();
      rig.plugged.subchannel.pmcw = { ...rig.plugged.subchannel.pmcw, pam: 0 };
      const { dev } = rig;
      expect(ccwDeviceStart(dev, rig.program(0x01), 1)).to.equal(-ENODEV);
      await rig.settle();
      expect(rig.names('ccw')).to.deep.equal([]);
    });
  });

  it('a program that the machine cannot execute comes back with its check', async () => {
    const rig = await new StartIoMachine().online();
    expect(ccwDeviceStart(rig.dev, 0x7ffffff8, 1)).to.equal(0);
    await rig.settle();
    const [{ irb } = { irb: 0 }] = rig.got;
    expect(typeof irb === 'object' && irb.scsw.cstat).to.equal(0x20);
    expect(rig.refusals.at(-1)).to.match(
      /^subchannel 0\.0\.0000: channel program at 0x7ffffff8: .* is outside memory$/,
    );
  });

  it('sense data come along', async () => {
    const rig = await new StartIoMachine().online();
    rig.serve = () => {
      rig.unit.sense[0] = SENSE0.INTERVENTION_REQUIRED;
      return ENDED | DSTAT.UNIT_CHECK;
    };
    ccwDeviceStart(rig.dev, rig.program(0x01), 1);
    await rig.settle();
    const [{ irb } = { irb: 0 }] = rig.got;
    expect(typeof irb === 'object' && irb.ecw[0]).to.equal(SENSE0.INTERVENTION_REQUIRED);
  });

  it('sense data are asked for where the machine does not bring them: state w4sense meanwhile', async () => {
    const rig = new StartIoMachine();
    Object.assign(rig.unit, { concurrentSense: false });
    await rig.online();
    rig.serve = () => {
      rig.unit.sense[0] = SENSE0.INTERVENTION_REQUIRED;
      return ENDED | DSTAT.UNIT_CHECK;
    };
    ccwDeviceStart(rig.dev, rig.program(0x01), 7);
    const states = new Set<string>();
    for (let i = 0; i < 30; i += 1) {
      await rig.world.advance(500);
      states.add(rig.dev.state);
    }
    expect([...states]).to.deep.equal(['online', 'w4sense']);
    expect(rig.got.map(({ intparm }) => intparm)).to.deep.equal([7]);
    const [{ irb } = { irb: 0 }] = rig.got;
    expect(typeof irb === 'object' && irb.ecw[0]).to.equal(SENSE0.INTERVENTION_REQUIRED);
    expect(rig.dev.state).to.equal('online');
  });

  it('a start during path verification is answered when that is over', async () => {
    const rig = await new StartIoMachine().online();
    rig.dev.event('verify');
    expect(rig.dev.state).to.equal('verify');
    expect(ccwDeviceStart(rig.dev, rig.program(0x01), 5)).to.equal(0);
    expect(ccwDeviceStart(rig.dev, rig.program(0x01), 6)).to.equal(-EBUSY);
    await rig.settle();
    const [{ intparm, irb } = { intparm: 0, irb: 0 }] = rig.got;
    expect(intparm).to.equal(5);
    expect(typeof irb === 'object' && irb.scsw.cc).to.equal(1);
    expect(rig.dev.state).to.equal('online');
  });

  it('a timeout kills the program: ETIMEDOUT once, and the device works on', async () => {
    const rig = await new StartIoMachine().online();
    rig.serve = () => null;
    expect(ccwDeviceStart(rig.dev, rig.program(0x01), 9, { expires: 1e9 })).to.equal(0);
    await rig.settle(2e9);
    expect(rig.got).to.deep.equal([{ intparm: 9, irb: -ETIMEDOUT }]);
    rig.serve = () => ENDED;
    await rig.settle();
    expect(ccwDeviceStart(rig.dev, rig.program(0x01), 10)).to.equal(0);
    await rig.settle();
    expect(rig.got.map(({ intparm }) => intparm)).to.deep.equal([9, 10]);
  });

  it('halt and clear end a program; without an open device they are refused', async () => {
    const rig = new StartIoMachine();
    await rig.boot(rig.driver);
    expect(ccwDeviceHalt(rig.dev, 1)).to.equal(-EINVAL);
    expect(ccwDeviceClear(rig.dev, 1)).to.equal(-EINVAL);
    expect(ccwDeviceResume(rig.dev)).to.equal(-EINVAL);
    await rig.echo('1', '/sys/bus/ccw/devices/0.0.0002/online');
    rig.serve = () => null;
    ccwDeviceStart(rig.dev, rig.program(0x01), 1);
    await rig.settle();
    expect(ccwDeviceHalt(rig.dev, 2)).to.equal(0);
    await rig.settle();
    ccwDeviceStart(rig.dev, rig.program(0x01), 3);
    await rig.settle();
    expect(ccwDeviceClear(rig.dev, 4)).to.equal(0);
    await rig.settle();
    expect(rig.got.map(({ intparm }) => intparm)).to.deep.equal([2, 4]);
    expect(ccwDeviceResume(rig.dev)).to.equal(-EINVAL);
  });

  it('a program suspends and is resumed by its driver', async () => {
    const rig = await new StartIoMachine().online();
    const cpa = rig.program(0x01, 0x02);
    expect(ccwDeviceStart(rig.dev, cpa, 1, { allowSuspend: true })).to.equal(0);
    await rig.settle();
    expect(rig.got).to.have.length(1);
    rig.guest.memory.write(cpa, packCcw1({ command: 0x01, flags: 0, count: 0, address: 0 }));
    expect(ccwDeviceResume(rig.dev)).to.equal(0);
    await rig.settle();
    expect(rig.dstat(1)).to.equal(ENDED);
  });

  it('offline while a program runs: it ends with EIO and the device is closed', async () => {
    const rig = await new StartIoMachine().online();
    rig.serve = () => null;
    ccwDeviceStart(rig.dev, rig.program(0x01), 1);
    await rig.settle();
    expect(await rig.echo('0', '/sys/bus/ccw/devices/0.0.0002/online')).to.equal('');
    expect(rig.got).to.deep.equal([{ intparm: 1, irb: -EIO }]);
    expect(rig.dev).to.include({ online: false, state: 'offline' });
    expect(await rig.echo('1', '/sys/bus/ccw/devices/0.0.0002/online')).to.equal('');
  });

  it('a device that leaves while a program runs: it ends with EIO', async () => {
    const rig = await new StartIoMachine().online();
    rig.serve = () => null;
    ccwDeviceStart(rig.dev, rig.program(0x01), 1);
    await rig.settle();
    rig.plugged.unplug();
    await rig.settle();
    expect(rig.got).to.deep.equal([{ intparm: 1, irb: -EIO }]);
    expect(rig.names('css')).to.deep.equal([]);
  });

  it('CC-08: the table has four events in each state', () => {
    const states = Object.keys(DEV_JUMPTABLE);
    expect(states).to.deep.equal([
      'not-oper',
      'sense-id',
      'offline',
      'verify',
      'online',
      'w4sense',
      'boxed',
      'timeout-kill',
      'quiesce',
      'disconnected',
      'disconnected-sense-id',
      'steal-lock',
    ]);
    for (const row of Object.values(DEV_JUMPTABLE))
      expect(Object.keys(row).sort()).to.deep.equal(['interrupt', 'notoper', 'timeout', 'verify']);
  });
});
