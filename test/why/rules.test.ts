import { expect } from 'chai';
import { why, type Why } from '../../lib';
import { LabDev, LabDrv } from '../../tools/replay/lab-objects';
import { runProgram } from '../../tools/replay/run';

/** Runs a program and asks about a device and a driver by their handles. */
async function ask(program: string, device = 'd', driver = 'r'): Promise<Why> {
  const { objects } = await runProgram(program);
  return why(objects.find(LabDev, device)!.device, objects.find(LabDrv, driver)!.registration);
}

const BUS = 'bus add b\n';
const DRIVER = `${BUS}drv add r bus=b ids=x\n`;
const DEVICE = 'dev add d bus=b id=x\n';

/** A program, what the kernel function is that decides, and what it says. */
const REFUSALS: readonly (readonly [string, string, string, string])[] = [
  [
    'a device that was not added',
    `${DRIVER}dev init d bus=b id=x\n`,
    '__driver_probe_device',
    'd is not registered, or its registration failed: -ENODEV',
  ],
  ['a device that was deleted', `${DRIVER}${DEVICE}dev remove d\n`, '__driver_probe_device', 'd was deleted: -ENODEV'],
  ['a device on no bus', `${DRIVER}dev add d\n`, 'bus_for_each_drv', 'd is on no bus, r on bus b'],
  [
    'a device on another bus',
    `${DRIVER}bus add a\ndev add d bus=a id=x\n`,
    'bus_for_each_drv',
    'd is on bus a, r on bus b',
  ],
  [
    'automatic probing off',
    `${DRIVER}write bus/b/drivers_autoprobe 0\n${DEVICE}`,
    'bus_probe_device',
    'drivers_autoprobe of bus b is 0: only the files bind and drivers_probe make drivers probe',
  ],
  ['ids that do not fit', `${DRIVER}dev add d bus=b id=y\n`, 'driver_match_device', 'match of bus b says no'],
  [
    'a match that fails',
    `${BUS}drv add r bus=b match=-EIO\n${DEVICE}`,
    'driver_match_device',
    'match of bus b gives -EIO: nobody behind it is asked',
  ],
  [
    'a match that defers',
    `${BUS}drv add r bus=b match=-EPROBE_DEFER\n${DEVICE}`,
    'driver_match_device',
    'match of bus b gives -EPROBE_DEFER: the device is deferred',
  ],
  [
    'a walk that another driver ends',
    `${BUS}drv add q bus=b match=-EIO\ndrv add r bus=b ids=x\n${DEVICE}`,
    '__device_attach_driver',
    'a walk over the drivers ends before it: match of q gives -EIO',
  ],
  [
    'a device that another driver has',
    `${BUS}drv add q bus=b ids=x\ndrv add r bus=b ids=x\n${DEVICE}`,
    '__driver_probe_device',
    'bound to q: -EBUSY',
  ],
  [
    'probes that are blocked',
    `${DRIVER}probing block\n${DEVICE}`,
    'really_probe',
    'all probes are deferred (device_block_probing): -EPROBE_DEFER',
  ],
  [
    'resources that are there already',
    `${DRIVER}dev init d bus=b id=x\ndevres add d n\ndev register d\n`,
    'really_probe',
    'Resources present before probing: -EBUSY',
  ],
  [
    'a probe that fails',
    `${BUS}drv add r bus=b ids=x probe=-EIO\n${DEVICE}`,
    'call_driver_probe',
    "the driver's probe refused with -EIO when it was asked last",
  ],
  [
    'a probe that does not want the device',
    `${BUS}drv add r bus=b ids=x probe=-ENODEV\n${DEVICE}`,
    'call_driver_probe',
    "the driver's probe refused with -ENODEV when it was asked last",
  ],
  [
    'a probe that fails with a number',
    `${BUS}drv add r bus=b ids=x probe=-3999\n${DEVICE}`,
    'call_driver_probe',
    "the driver's probe refused with -3999 when it was asked last",
  ],
  [
    'a probe that defers',
    `${BUS}drv add r bus=b ids=x probe=-EPROBE_DEFER\n${DEVICE}`,
    'call_driver_probe',
    "the driver's probe refused with -EPROBE_DEFER when it was asked last",
  ],
];

describe('why', () => {
  for (const [what, program, fn, text] of REFUSALS) {
    it(`${what}: ${fn} refuses`, async () => {
      const { outcome, decidedBy } = await ask(program);
      expect({ outcome, fn: decidedBy?.fn, text: decidedBy?.text }).to.deep.equal({ outcome: 'refused', fn, text });
    });
  }

  it('a bound device: driver_bound, and what matched', async () => {
    const { outcome, decidedBy, rules } = await ask(`${DRIVER}${DEVICE}`);
    expect({ outcome, fn: decidedBy?.fn, text: decidedBy?.text }).to.deep.equal({
      outcome: 'bound',
      fn: 'driver_bound',
      text: 'bound to r',
    });
    expect(rules.find(({ fn }) => fn === 'driver_match_device')?.details).to.deep.equal([
      'cb_match: yes, ids: the device has x, the driver lists x',
    ]);
  });

  it('bound by force, though match says no: bound all the same', async () => {
    expect((await ask(`${DRIVER}dev add d bus=b\ndev drvattach d r\n`)).outcome).to.equal('bound');
  });

  it('a driver that left, and that nothing keeps away: no rule refuses', async () => {
    const { outcome, decidedBy } = await ask(`${DRIVER}${DEVICE}dev release d\n`);
    expect({ outcome, decidedBy }).to.deep.equal({ outcome: 'ready', decidedBy: null });
  });

  it('names the clause of match that refuses: override, driver, bus, ids', async () => {
    const clause = async (program: string): Promise<readonly string[] | undefined> =>
      (await ask(program)).decidedBy?.details;
    expect(
      await clause(`bus add b override=1\ndrv add r bus=b ids=x\ndev add d bus=b\nwrite devices/d/driver_override q\n`),
    ).to.deep.equal(['cb_match: no, driver_override is q, the driver is r']);
    expect(await clause(`${BUS}drv add r bus=b match=0\n${DEVICE}`)).to.deep.equal([
      'cb_match: no, driver r has match=0',
    ]);
    expect(await clause(`bus add b match=0\ndrv add r bus=b\n${DEVICE}`)).to.deep.equal([
      'cb_match: no, bus b has match=0',
    ]);
    expect(await clause(`${DRIVER}dev add d bus=b\n`)).to.deep.equal([
      'cb_match: no, ids: the device has none, the driver lists x',
    ]);
  });

  it('a bus without match takes every driver', async () => {
    const { rules } = await ask(`bus add b match=none-cb\ndrv add r bus=b\ndev add d bus=b\n`);
    expect(rules.find(({ fn }) => fn === 'driver_match_device')?.details).to.deep.equal([
      'driver_match_device: yes, bus b has no match: every driver may',
    ]);
  });

  it('tells of drivers that are asked first, of workers and of resources', async () => {
    const { rules } = await ask(
      `${BUS}drv add q bus=b ids=x probe=-ENODEV\ndrv add r bus=b ids=x async=1 probe=-ENODEV\n${DEVICE}devres add d n\n`,
    );
    expect(rules.find(({ fn }) => fn === '__device_attach_driver')?.text).to.equal('asked after q');
    expect(rules.find(({ fn }) => fn === 'driver_allows_async_probing')?.text).to.equal(
      'probed by a worker, after the drivers that are not',
    );
    expect(rules.find(({ text }) => text.startsWith('Resources'))?.details).to.deep.equal(['resource n']);
  });

  describe('suppliers', () => {
    it('which one is missing, its link, and that no driver matches it', async () => {
      const { decidedBy, rules } = await ask(
        `${DRIVER}dev add s bus=b\ndev init d bus=b id=x\nlink add d s\ndev register d\n`,
      );
      expect(decidedBy).to.deep.equal({
        fn: 'device_links_check_suppliers',
        allows: false,
        text: 'supplier s not ready: -EPROBE_DEFER',
        details: ['link to s: dormant (managed); no driver has it', '  no driver on bus b matches s'],
      });
      expect(rules.at(-1)?.text).to.equal(
        'on the list of deferred probes (b: supplier s not ready): tried again when any ' +
          'device of the machine has been bound',
      );
    });

    it('what a missing one is waiting for in its turn', async () => {
      const { decidedBy } = await ask(
        `${DRIVER}dev add t\ndev init s bus=b id=x\nlink add s t flags=autoremove_consumer\ndev register s\ndev init d bus=b id=x\nlink add d s\ndev register d\n`,
      );
      expect(decidedBy?.details).to.deep.equal([
        'link to s: dormant (managed); no driver has it',
        '  matched by r',
        '  s is deferred: b: supplier t not ready',
        '  link to t: dormant (autoremove_consumer, managed); no driver has it',
        '    t has no bus, so no driver will take it',
      ]);
    });

    it('one that is bound is ready; a stateless link and one for sync_state only do not count', async () => {
      const ready = await ask(
        `${DRIVER}dev add s bus=b id=x\ndev init d bus=b\nlink add d s\ndev register d\ndrv set r ids=x,y\ndev set d id=y\n`,
      );
      expect(ready.outcome).to.equal('ready');
      expect(ready.rules.find(({ fn }) => fn === 'device_links_check_suppliers')?.details).to.deep.equal([
        'link to s: available (managed); bound to r',
      ]);
      for (const flag of ['stateless', 'sync_state_only']) {
        const { rules } = await ask(
          `${DRIVER}dev add s\ndev init d bus=b\nlink add d s flags=${flag}\ndev register d\n`,
        );
        expect(rules.find(({ fn }) => fn === 'device_links_check_suppliers')?.allows).to.equal(true);
      }
    });
  });
});
