import type { Device } from '../../base/device';
import { decliningDriver } from '../evidence/declining-driver';
import type { MachineGuest } from '../../machine';
import { counted } from '../evidence/words';
import type { Scenario } from './scenario';
import type { Stage } from './stage';
import { listed } from './operations';

type Facts = {
  readonly shown: number;
  readonly different: number;
  readonly found: boolean | null;
  readonly allocations: number;
  readonly later: number;
};

const DRIVER = 'picky';
/** Retries by hand after the driver was registered. */
const RETRIES = 8;
const SECOND_NS = 1_000_000_000;

/** @see drivers/base/dd.c __driver_attach, call_driver_probe */
export const enodevGetsTheSameDeviceAgain: Scenario<Facts> = {
  name: 'enodev-gets-the-same-device-again',
  title: 'a driver says ENODEV to a device, and is shown the same one for ever',
  about:
    'A driver looks at its device in its probe and wants any but the one that it saw first. It is registered, so ' +
    'that it is offered every device; then a user binds names by hand, eight times, and waits a second.',
  strategy: 'at-probe',
  policy: 'recent',
  measures: {
    shown: 'devices that the driver was shown in its probes',
    different: 'different ones among them',
    found: 'did it find one that it wants?',
    allocations: 'claims that were made for it',
    later: 'claims that were made in the second after the last try',
  },
  why: [
    {
      kernel: 'drivers/base/base.h driver_match_device',
      file: 'buses/ps3-handle/guest/bus.ts',
      name: 'match',
      rule:
        'match has to answer before there is a handle, when only the class is known; who looks closer can only ' +
        'refuse in probe',
    },
    {
      kernel: 'drivers/base/dd.c device_unbind_cleanup',
      file: 'lib/base/release-driver.ts',
      name: 'deviceUnbindCleanup',
      rule:
        'the refusal gives the handle back, so that the pool offers the same device to the next try; the request ' +
        'cannot say "but not that one"',
    },
    {
      kernel: 'drivers/base/dd.c driver_probe_device',
      file: 'lib/base/dd.ts',
      name: 'probeEnded',
      rule:
        'ENODEV is final, only EPROBE_DEFER is tried again: the loop is that of who binds by hand, not of the ' +
        'kernel',
    },
  ],
  async run(stage) {
    const machine = stage.machine();
    const guest = machine.guest();
    await guest.boot();
    await guest.loadDriver(stage.testbed.workload.driver);
    const before = machine.allocations;
    const seen: (string | null)[] = [];
    const told = (shown: number): string =>
      `is shown ${listed(seen.slice(shown))}; ${counted(guest.boundNames().length, 'device')} bound`;
    const driver = decliningDriver(guest.bus.transport, DRIVER, async (dev) => wants(stage, guest, dev, seen));
    await stage.step(
      'the driver is registered',
      () => guest.loadDriver(driver),
      () => told(0),
    );
    const shown = seen.length;
    await stage.step(
      `a user binds the names by hand, ${String(RETRIES)} times`,
      () => retry(guest),
      () => told(shown),
    );
    const allocations = machine.allocations - before;
    const count = (): number => machine.allocations - before - allocations;
    await stage.step(
      'a second goes by',
      () => machine.world.advance(SECOND_NS),
      () => counted(count(), 'claim'),
    );
    return { shown: seen.length, different: new Set(seen).size, found: isFound(seen), allocations, later: count() };
  },
  happens: ({ shown, found }) => shown > 1 && found === false,
};

/** null: the driver could not look. */
function isFound(seen: readonly (string | null)[]): boolean | null {
  return seen.length === 0 || seen.includes(null) ? null : seen.some((one) => one !== seen[0]);
}

async function wants(stage: Stage, guest: MachineGuest, dev: Device, seen: (string | null)[]): Promise<boolean> {
  const backingDevice = await stage.identify(guest, dev);
  seen.push(backingDevice);
  return backingDevice === null || backingDevice !== seen[0];
}

async function retry(guest: MachineGuest): Promise<void> {
  for (let i = 0; i < RETRIES; i++) {
    const free = guest.devices().filter(({ isBound }) => !isBound);
    const name = free[i % Math.max(free.length, 1)]?.name;
    if (name != null) await guest.write(`${guest.busPath}/drivers/${DRIVER}/bind`, name);
  }
}
