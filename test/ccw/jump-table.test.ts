import { expect } from 'chai';
import {
  ccwBus,
  DEV_JUMPTABLE,
  ENDED,
  type CcwDevice,
  type CcwDriver,
  type CioEvent,
  type CommandData,
  type Irb,
} from '../../buses/ccw';
import { CDEV_TODO, EMPTY_IRB, type DevEvent, type DevState } from '../../buses/ccw/guest/device';
import { devFsmEvent } from '../../buses/ccw/guest/fsm';
import { ccwDeviceOffline, verifyDone } from '../../buses/ccw/guest/fsm-done';
import type { Scsw } from '../../buses/ccw/layout/scsw';
import { EACCES, EIO, ENODEV, errno, ETIMEDOUT } from '../../lib/errno';
import { CcwMachine, PlainUnit } from './support';

const DEVICE = '/sys/bus/ccw/devices/0.0.0002';

/** A device whose driver answers every event with `keeps`, or does not listen to any. */
class JumpTableMachine extends CcwMachine {
  readonly told: string[] = [];
  readonly unit: PlainUnit;
  readonly plugged;
  serve: (code: number, data: CommandData) => number | null = () => ENDED;
  keeps: boolean | null = null;

  constructor() {
    super();
    this.unit = new PlainUnit({}, (code, data) => this.serve(code, data));
    this.plugged = this.host.plugUnit(this.unit, this.guest, { devno: 2 });
  }

  get dev(): CcwDevice {
    return this.cdev('0.0.0002');
  }

  async up(): Promise<this> {
    const notify = (_cdev: CcwDevice, event: CioEvent): boolean => {
      this.told.push(event);
      return this.keeps ?? false;
    };
    const driver: CcwDriver = {
      name: 'test',
      bus: ccwBus,
      ids: [{ cuType: 0x1234 }],
      probe: (cdev) => {
        cdev.handler = (_cdev, intparm, irb) =>
          void this.told.push(`${String(intparm)}:${typeof irb === 'number' ? String(irb) : 'irb'}`);
      },
      setOnline: () => undefined,
      setOffline: () => undefined,
      ...(this.keeps === null ? {} : { notify }),
    };
    await this.boot(driver);
    expect(await this.echo('1', `${DEVICE}/online`)).to.equal('');
    return this;
  }

  /** What `act` does: instructions, what the driver is told, the state that follows, work and flags; '' for nothing. */
  during(act: () => void): string {
    const { dev } = this;
    const before = { calls: this.hv.log.calls().length, state: dev.state, flags: this.#flags() };
    this.told.length = 0;
    act();
    const calls = this.hv.log
      .calls()
      .slice(before.calls)
      .map(({ name }) => name ?? '');
    const todo = Object.entries(CDEV_TODO).find(([, value]) => value === dev.cdevTodo)?.[0] ?? '';
    return [
      calls.join(' '),
      this.told.map((text) => `told ${text}`).join(', '),
      dev.state === before.state ? '' : dev.state,
      dev.cdevTodo === 0 ? '' : todo,
      this.#flags() === before.flags ? '' : this.#flags() || 'no flags',
    ]
      .filter((text) => text !== '')
      .join('; ');
  }

  #flags(): string {
    const { doverify, donotify, dosense, fakeIrb } = this.dev.flags;
    return Object.entries({ doverify, donotify, dosense, fakeIrb })
      .flatMap(([name, on]) => (on ? [name] : []))
      .join(' ');
  }
}

const STATES = Object.keys(DEV_JUMPTABLE) as DevState[];
const EVENTS: readonly DevEvent[] = ['notoper', 'interrupt', 'timeout', 'verify'];
const NEVER_ONLINE: readonly DevState[] = ['not-oper', 'sense-id', 'offline', 'steal-lock'];

/** A device in a state, whose program is under way with the parameter 7. */
async function inState(
  state: DevState,
  keeps: boolean | null,
  online = !NEVER_ONLINE.includes(state),
): Promise<JumpTableMachine> {
  const rig = new JumpTableMachine();
  rig.keeps = keeps;
  await rig.up();
  Object.assign(rig.dev, { state, online, ioPending: true, intparm: 7, killResult: -ETIMEDOUT });
  return rig;
}

/** What each event does in each state; what does nothing is left out. */
async function table(
  keeps: boolean | null,
  prepare: (rig: JumpTableMachine) => void = () => undefined,
): Promise<Table> {
  const rows: Record<string, string> = {};
  for (const state of STATES) {
    for (const event of EVENTS) {
      const rig = await inState(state, keeps);
      prepare(rig);
      const line = rig.during(() => rig.dev.event(event));
      if (line !== '') rows[`${state}, ${event}`] = line;
    }
  }
  return rows;
}

type Table = Readonly<Record<string, string>>;

/** Status that an interrupt can bring. */
const STATUS: Readonly<Record<string, Partial<Omit<Irb, 'scsw'>> & { readonly scsw: Partial<Scsw> }>> = {
  end: { scsw: { fctl: 4, stctl: 7, dstat: 0x0c } },
  primary: { scsw: { fctl: 4, stctl: 5, dstat: 0x08 } },
  secondary: { scsw: { fctl: 4, stctl: 3, dstat: 0x04 } },
  intermediate: { scsw: { fctl: 4, stctl: 9, actl: 6, cstat: 0x80 } },
  suspended: { scsw: { fctl: 4, stctl: 9, actl: 1 } },
  attention: { scsw: { stctl: 0x11, dstat: 0x80 } },
  'attention, unit check': { scsw: { stctl: 0x11, dstat: 0x82 } },
  'attention, unit check, sense data': { cons: true, scnt: 32, scsw: { stctl: 0x11, dstat: 0x82 } },
  'deferred condition code 1': { scsw: { fctl: 4, cc: 1, stctl: 0x11 } },
  'unit check': { scsw: { fctl: 4, stctl: 7, dstat: 0x0e } },
  'unit check, sense data': { cons: true, scnt: 32, scsw: { fctl: 4, stctl: 7, dstat: 0x0e } },
  'unit check, device active': { scsw: { fctl: 4, stctl: 7, actl: 2, dstat: 0x0e } },
  'unit check, subchannel active': { scsw: { fctl: 4, stctl: 7, actl: 4, dstat: 0x0e } },
  'path not operational': { scsw: { fctl: 4, stctl: 7, dstat: 0x0c, pno: true } },
  halted: { scsw: { fctl: 2, stctl: 1 } },
  cleared: { scsw: { fctl: 1, stctl: 1 } },
  nothing: { scsw: {} },
};

async function interrupts(state: DevState, dosense: boolean): Promise<Table> {
  const rows: Record<string, string> = {};
  for (const [name, irb] of Object.entries(STATUS)) {
    const rig = await inState(state, null);
    rig.dev.flags.dosense = dosense;
    const scsw = { ...EMPTY_IRB.scsw, ...irb.scsw };
    rows[name] = rig.during(() => devFsmEvent(rig.dev, 'interrupt', { ...EMPTY_IRB, ...irb, scsw }));
  }
  return rows;
}

const RESULTS = { 0: 0, EIO: -EIO, EACCES: -EACCES, ENODEV: -ENODEV, ETIME: -errno.ETIME, EUSERS: -errno.EUSERS };

async function verified(
  keeps: boolean | null,
  online: boolean,
  flag?: 'doverify' | 'fakeIrb' | 'donotify',
): Promise<Table> {
  const rows: Record<string, string> = {};
  for (const [name, result] of Object.entries(RESULTS)) {
    const rig = await inState('verify', keeps, online);
    if (flag !== undefined) rig.dev.flags[flag] = true;
    rig.dev.sch.vpm = 0x80;
    rows[name] = rig.during(() => verifyDone(rig.dev, result));
  }
  return rows;
}

async function closed(keeps: boolean | null): Promise<Table> {
  const rows: Record<string, string> = {};
  for (const state of STATES) {
    const rig = await inState(state, keeps, true);
    const returned: number[] = [];
    const line = rig.during(() => void returned.push(ccwDeviceOffline(rig.dev)));
    rows[state] = `${String(returned[0])}: ${line}`;
  }
  return rows;
}

/** The rows of `a` that are not those of `b`. */
function unlike(a: Table, b: Table): Table {
  return Object.fromEntries(Object.entries(a).filter(([name, row]) => row !== b[name]));
}

function leave({ plugged: { subchannel } }: JumpTableMachine): void {
  subchannel.pmcw = { ...subchannel.pmcw, dnv: false };
}

describe('ccw: what each event does in each state (dev_jumptable)', () => {
  it('for a driver that listens to nothing', async () => {
    expect(await table(null)).to.deep.equal({
      'not-oper, interrupt': 'stsch stsch msch stsch',
      'sense-id, timeout': 'stsch csch',
      'offline, notoper': 'told 7:-5; UNREG',
      'offline, interrupt': 'stsch stsch msch stsch',
      'verify, timeout': 'stsch csch',
      'verify, verify': 'doverify',
      'online, notoper': 'told 7:-5; UNREG',
      'online, timeout': 'stsch xsch hsch; timeout-kill',
      'online, verify': 'stsch ssch; verify',
      'w4sense, notoper': 'told 7:-5; UNREG',
      'w4sense, interrupt': 'online',
      'w4sense, verify': 'doverify',
      'boxed, notoper': 'told 7:-5; UNREG',
      'boxed, verify': 'stsch stsch msch stsch stsch ssch; verify',
      'timeout-kill, notoper': 'told 7:-5; UNREG',
      'timeout-kill, interrupt': 'stsch ssch; told 7:-110; verify',
      'timeout-kill, timeout': 'stsch xsch hsch',
      'quiesce, notoper': 'not-oper',
      'quiesce, interrupt': 'not-oper',
      'quiesce, timeout': 'stsch xsch hsch',
      'disconnected, interrupt': 'stsch stsch msch stsch ssch; disconnected-sense-id',
      'disconnected, verify': 'stsch stsch msch stsch ssch; disconnected-sense-id',
      'disconnected-sense-id, timeout': 'stsch csch',
      'steal-lock, timeout': 'stsch csch',
    });
  });
  it('for a driver that keeps its device: what differs', async () => {
    expect(unlike(await table(true), await table(null))).to.deep.equal({
      'online, notoper': 'told gone, told 7:-5; disconnected',
      'w4sense, notoper': 'told gone, told 7:-5; disconnected',
      'boxed, notoper': 'told gone, told 7:-5; disconnected',
      'timeout-kill, notoper': 'told gone, told 7:-5; disconnected',
    });
  });
  it('regression: when there is no device any more: what differs; a program ends once, with the device', async () => {
    expect(unlike(await table(null, leave), await table(null))).to.deep.equal({
      'not-oper, interrupt': 'stsch',
      'sense-id, timeout': 'stsch',
      'offline, interrupt': 'stsch',
      'verify, timeout': 'stsch',
      'online, timeout': 'stsch; told 7:-5; UNREG',
      'online, verify': 'stsch stsch stsch; told 7:-5; not-oper; UNREG',
      'boxed, verify': 'stsch stsch; told 7:-5; not-oper; UNREG',
      'timeout-kill, interrupt': 'stsch stsch stsch; told 7:-5; not-oper; UNREG',
      'timeout-kill, timeout': 'stsch stsch stsch stsch; told 7:-5; not-oper; UNREG',
      'quiesce, timeout': 'stsch; not-oper',
      'disconnected, interrupt': 'stsch',
      'disconnected, verify': 'stsch',
      'disconnected-sense-id, timeout': 'stsch',
      'steal-lock, timeout': 'stsch',
    });
  });
});

describe('ccw: what an interrupt does, by what it brings', () => {
  it('online', async () => {
    expect(await interrupts('online', false)).to.deep.equal({
      end: 'told 7:irb',
      primary: '',
      secondary: 'told 7:irb',
      intermediate: 'told 7:irb',
      suspended: 'told 7:irb',
      attention: 'told 0:irb',
      'attention, unit check': 'ssch; w4sense',
      'attention, unit check, sense data': 'told 0:irb',
      'deferred condition code 1': 'told 7:irb',
      'unit check': 'ssch; w4sense; dosense',
      'unit check, sense data': 'told 7:irb',
      'unit check, device active': 'dosense',
      'unit check, subchannel active': 'dosense',
      'path not operational': 'stsch stsch ssch; told 7:irb; verify',
      halted: 'told 7:irb',
      cleared: 'told 7:irb',
      nothing: '',
    });
  });
  it('while sense data of an interrupt without a program are fetched', async () => {
    expect(await interrupts('w4sense', false)).to.deep.equal({
      end: 'online',
      primary: 'online',
      secondary: 'online',
      intermediate: 'online',
      suspended: 'online',
      attention: 'told 0:irb',
      'attention, unit check': 'told 0:irb',
      'attention, unit check, sense data': 'told 0:irb',
      'deferred condition code 1': 'ssch',
      'unit check': 'online',
      'unit check, sense data': 'online',
      'unit check, device active': 'online',
      'unit check, subchannel active': 'online',
      'path not operational': 'stsch; online; doverify',
      halted: 'told 7:irb; online',
      cleared: 'told 7:irb; online',
      nothing: 'online',
    });
  });
  it('while sense data of a program are fetched', async () => {
    expect(await interrupts('w4sense', true)).to.deep.equal({
      end: 'online; no flags',
      primary: 'online; no flags',
      secondary: 'ssch',
      intermediate: '',
      suspended: 'ssch',
      attention: 'told 0:irb',
      'attention, unit check': 'told 0:irb',
      'attention, unit check, sense data': 'told 0:irb',
      'deferred condition code 1': 'ssch',
      'unit check': 'ssch',
      'unit check, sense data': 'ssch',
      'unit check, device active': '',
      'unit check, subchannel active': '',
      'path not operational': 'stsch; online; doverify',
      halted: 'told 7:irb; online; no flags',
      cleared: 'told 7:irb; online; no flags',
      nothing: 'ssch',
    });
  });
});

describe('ccw: the end of path verification, by its result', () => {
  it('for a driver that listens to nothing', async () => {
    expect(await verified(null, true)).to.deep.equal({
      '0': 'stsch; online',
      EIO: 'stsch stsch stsch msch stsch; told 7:-5; not-oper; UNREG',
      EACCES: 'stsch stsch stsch msch stsch; told 7:-5; not-oper; UNREG',
      ENODEV: 'stsch stsch stsch msch stsch; told 7:-5; not-oper; UNREG',
      ETIME: 'stsch stsch stsch msch stsch; boxed; UNREG',
      EUSERS: 'stsch stsch stsch msch stsch; boxed; UNREG',
    });
  });
  it('for a driver that lets its device go', async () => {
    expect(await verified(false, true)).to.deep.equal({
      '0': 'stsch; online',
      EIO: 'stsch stsch stsch msch stsch; told gone, told 7:-5; not-oper; UNREG',
      EACCES: 'stsch stsch stsch msch stsch; told no-path, told 7:-5; not-oper; UNREG',
      ENODEV: 'stsch stsch stsch msch stsch; told gone, told 7:-5; not-oper; UNREG',
      ETIME: 'stsch stsch stsch msch stsch; told boxed; boxed; UNREG',
      EUSERS: 'stsch stsch stsch msch stsch; told boxed; boxed; UNREG',
    });
  });
  it('for a driver that keeps its device', async () => {
    expect(await verified(true, true)).to.deep.equal({
      '0': 'stsch; online',
      EIO: 'stsch stsch stsch msch stsch; told gone, told 7:-5; disconnected',
      EACCES: 'stsch stsch stsch msch stsch; told no-path, told 7:-5; disconnected',
      ENODEV: 'stsch stsch stsch msch stsch; told gone, told 7:-5; disconnected',
      ETIME: 'stsch stsch stsch msch stsch; told boxed; boxed',
      EUSERS: 'stsch stsch stsch msch stsch; told boxed; boxed',
    });
  });
  it('before the device is online nobody is asked', async () => {
    expect(await verified(true, false)).to.deep.equal({
      '0': 'stsch; online',
      EIO: 'stsch stsch stsch msch stsch; told 7:-5; not-oper; UNREG',
      EACCES: 'stsch stsch stsch msch stsch; told 7:-5; not-oper; UNREG',
      ENODEV: 'stsch stsch stsch msch stsch; told 7:-5; not-oper; UNREG',
      ETIME: 'stsch stsch stsch msch stsch; boxed',
      EUSERS: 'stsch stsch stsch msch stsch; boxed',
    });
  });
  it('with a start, another verification, or news to be told waiting', async () => {
    expect(await verified(true, true, 'fakeIrb')).to.deep.equal({
      '0': 'stsch; told 7:irb; online; no flags',
      EIO: 'stsch stsch stsch msch stsch; told gone, told 7:-5; disconnected; no flags',
      EACCES: 'stsch stsch stsch msch stsch; told no-path, told 7:-5; disconnected; no flags',
      ENODEV: 'stsch stsch stsch msch stsch; told gone, told 7:-5; disconnected; no flags',
      ETIME: 'stsch stsch stsch msch stsch; told boxed; boxed',
      EUSERS: 'stsch stsch stsch msch stsch; told boxed; boxed',
    });
    expect(await verified(true, true, 'doverify')).to.deep.equal({
      '0': 'stsch ssch; no flags',
      EIO: 'stsch ssch; no flags',
      EACCES: 'stsch ssch; no flags',
      ENODEV: 'stsch stsch stsch msch stsch; told gone, told 7:-5; disconnected',
      ETIME: 'stsch ssch; no flags',
      EUSERS: 'stsch ssch; no flags',
    });
    expect(await verified(true, true, 'donotify')).to.deep.equal({
      '0': 'stsch; told oper; online; no flags',
      EIO: 'stsch stsch stsch msch stsch; told gone, told 7:-5; disconnected; no flags',
      EACCES: 'stsch stsch stsch msch stsch; told no-path, told 7:-5; disconnected; no flags',
      ENODEV: 'stsch stsch stsch msch stsch; told gone, told 7:-5; disconnected; no flags',
      ETIME: 'stsch stsch stsch msch stsch; told boxed; boxed; no flags',
      EUSERS: 'stsch stsch stsch msch stsch; told boxed; boxed; no flags',
    });
    expect((await verified(false, true, 'donotify'))[0]).to.equal(
      'stsch stsch stsch msch stsch; told oper, told 7:-5; not-oper; REBIND; no flags',
    );
  });
});

describe('ccw: closing a device, by its state', () => {
  it('for a driver that listens to nothing', async () => {
    expect(await closed(null)).to.deep.equal({
      'not-oper': '0: stsch stsch msch stsch; told 7:-5; UNREG',
      'sense-id': '-22: stsch',
      offline: '-22: stsch',
      verify: '-22: stsch',
      online: '0: stsch stsch stsch msch stsch; offline',
      w4sense: '-22: stsch',
      boxed: '0: stsch stsch msch stsch; UNREG',
      'timeout-kill': '-22: stsch',
      quiesce: '-22: stsch',
      disconnected: '0: stsch stsch msch stsch; told 7:-5; not-oper; UNREG',
      'disconnected-sense-id': '-22: stsch',
      'steal-lock': '-22: stsch',
    });
  });
  it('for a driver that keeps its device: what differs', async () => {
    expect(unlike(await closed(true), await closed(null))).to.deep.equal({
      'not-oper': '0: stsch stsch msch stsch; told gone, told 7:-5; disconnected',
      boxed: '0: stsch stsch msch stsch; told boxed',
      disconnected: '0: stsch stsch msch stsch; told gone, told 7:-5',
    });
  });
});
