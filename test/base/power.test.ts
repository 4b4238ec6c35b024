import { expect } from 'chai';
import {
  Device,
  enterSleep,
  leaveSleep,
  PM_FREEZE,
  PM_HIBERNATE,
  PM_RESTORE,
  PM_RESUME,
  PM_SUSPEND,
  PM_THAW,
  systemSleepPmOps,
} from '../../lib';
import type { DevPmOps, PmEvent, PmPhase, PmSleepEvent } from '../../lib/base/power/pm-ops';
import { rejection } from '../support/errors';
import { CoreMachine, TestDevice } from './support';

const PHASES: readonly PmPhase[] = [
  'prepare',
  'suspend',
  'suspendLate',
  'suspendNoirq',
  'resumeNoirq',
  'resumeEarly',
  'resume',
  'freeze',
  'freezeLate',
  'freezeNoirq',
  'thawNoirq',
  'thawEarly',
  'thaw',
  'poweroff',
  'poweroffLate',
  'poweroffNoirq',
  'restoreNoirq',
  'restoreEarly',
  'restore',
  'complete',
];

/** A bench with a parent and a child that write down each callback; one of them may refuse. */
async function sleepers(refuse: Partial<Record<PmPhase, string>> = {}) {
  const bench = await CoreMachine.make();
  const pm: DevPmOps<TestDevice> = Object.fromEntries(
    PHASES.map((phase) => [
      phase,
      (dev: TestDevice) => {
        bench.note(`${phase} ${String(dev.name)}`);
        return refuse[phase] === dev.name ? -16 : 0;
      },
    ]),
  );
  await bench.kernel.registerDriver(bench.driver('r', { probe: () => 0, pm }));
  const parent = new TestDevice(bench.kernel, { name: 'above', bus: bench.bus, release: () => undefined }, 'x');
  await parent.add();
  await new TestDevice(bench.kernel, { name: 'below', bus: bench.bus, parent, release: () => undefined }, 'x').add();
  bench.taken();
  return bench;
}

const both = (first: string, second: string, ...phases: readonly PmPhase[]): string[] =>
  phases.flatMap((phase) => [`${phase} ${first}`, `${phase} ${second}`]);
const down = (...phases: readonly PmPhase[]): string[] => both('below', 'above', ...phases);
const up = (...phases: readonly PmPhase[]): string[] => both('above', 'below', ...phases);

describe('system sleep', () => {
  const transitions: readonly (readonly [PmSleepEvent, PmEvent, readonly string[]])[] = [
    [
      PM_SUSPEND,
      PM_RESUME,
      [
        ...up('prepare'),
        ...down('suspend', 'suspendLate', 'suspendNoirq'),
        ...up('resumeNoirq', 'resumeEarly', 'resume'),
        ...down('complete'),
      ],
    ],
    [
      PM_FREEZE,
      PM_THAW,
      [
        ...up('prepare'),
        ...down('freeze', 'freezeLate', 'freezeNoirq'),
        ...up('thawNoirq', 'thawEarly', 'thaw'),
        ...down('complete'),
      ],
    ],
    [
      PM_FREEZE,
      PM_RESTORE,
      [
        ...up('prepare'),
        ...down('freeze', 'freezeLate', 'freezeNoirq'),
        ...up('restoreNoirq', 'restoreEarly', 'restore'),
        ...down('complete'),
      ],
    ],
    [
      PM_HIBERNATE,
      PM_RESTORE,
      [
        ...up('prepare'),
        ...down('poweroff', 'poweroffLate', 'poweroffNoirq'),
        ...up('restoreNoirq', 'restoreEarly', 'restore'),
        ...down('complete'),
      ],
    ],
  ];
  for (const [sleep, wake, expected] of transitions) {
    it(`PM-01 ${sleep.verb} and ${wake.verb}: which callbacks, in which order`, async () => {
      const { kernel, log } = await sleepers();
      await enterSleep(kernel, sleep);
      await leaveSleep(kernel, wake);
      expect(log).to.deep.equal(expected);
    });
  }

  it('PM-03 a refusal of the first phase wakes what slept, by the callbacks for that', async () => {
    const bench = await sleepers({ freeze: 'above' });
    expect((await rejection(() => enterSleep(bench.kernel, PM_FREEZE))).code).to.equal('EBUSY');
    expect(bench.taken()).to.deep.equal([...up('prepare'), ...down('freeze'), 'thaw below', ...down('complete')]);
    const errors = bench.kernel.log.entries.filter(({ level }) => level === 'err').map(({ text }) => text);
    expect(errors).to.deep.equal(['r above: PM: failed to freeze: error -16']);
  });

  it('PM-03 a refusal of the late or the noirq phase goes back through all phases', async () => {
    const late = await sleepers({ freezeLate: 'above' });
    await rejection(() => enterSleep(late.kernel, PM_FREEZE));
    expect(late.log.slice(2)).to.deep.equal([
      ...down('freeze', 'freezeLate'),
      ...up('thawEarly', 'thaw'),
      ...down('complete'),
    ]);
    const noirq = await sleepers({ poweroffNoirq: 'above' });
    await rejection(() => enterSleep(noirq.kernel, PM_HIBERNATE));
    expect(noirq.log.slice(2)).to.deep.equal([
      ...down('poweroff', 'poweroffLate', 'poweroffNoirq'),
      'restoreNoirq below',
      ...up('restoreEarly', 'restore'),
      ...down('complete'),
    ]);
  });

  it('what fails on the way back is told, and keeps nobody else asleep', async () => {
    const { kernel, log } = await sleepers({ restore: 'above', restoreEarly: 'below' });
    await enterSleep(kernel, PM_FREEZE);
    await leaveSleep(kernel, PM_RESTORE);
    expect(log.slice(-6)).to.deep.equal([...up('restoreEarly', 'restore'), ...down('complete')]);
    const errors = kernel.log.entries.filter(({ level }) => level === 'err').map(({ text }) => text);
    expect(errors).to.deep.equal([
      'r below: PM: failed to restore early: error -16',
      'r above: PM: failed to restore: error -16',
    ]);
  });

  it('PM-16 only a suspend leaves a device alone that sleeps already', async () => {
    const bench = await CoreMachine.make();
    const seen: string[] = [];
    const pm: DevPmOps<TestDevice> = {
      prepare: () => 1,
      suspend: () => void seen.push('suspend'),
      freeze: () => void seen.push('freeze'),
    };
    await bench.kernel.registerDriver(bench.driver('r', { probe: () => 0, pm }));
    await new TestDevice(bench.kernel, { name: 'd', bus: bench.bus, release: () => undefined }, 'x').add();
    for (const event of [PM_SUSPEND, PM_FREEZE]) {
      await enterSleep(bench.kernel, event);
      await leaveSleep(bench.kernel, event.resumeEvent);
    }
    expect(seen).to.deep.equal(['freeze']);
  });

  it('one pair of callbacks serves all transitions', () => {
    const seen: string[] = [];
    const ops = systemSleepPmOps<Device>(
      () => void seen.push('down'),
      () => void seen.push('up'),
    );
    const { kernel } = new CoreMachine();
    const dev = new Device(kernel, { name: 'd', release: () => undefined });
    for (const phase of PHASES) void ops[phase]?.(dev);
    expect(seen).to.deep.equal(['down', 'up', 'down', 'up', 'down', 'up']);
    expect(Object.keys(ops)).to.have.members(['suspend', 'resume', 'freeze', 'thaw', 'poweroff', 'restore']);
  });
});
