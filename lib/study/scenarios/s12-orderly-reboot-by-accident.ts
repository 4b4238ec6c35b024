import type { Device } from '../../base/device';
import type { DeviceDriver } from '../../base/types';
import { counted } from '../evidence/words';
import type { Scenario } from './scenario';
import type { Stage } from './stage';

type Facts = {
  readonly used: number;
  readonly withoutOwn: number;
  readonly withOwn: number;
  readonly stillBound: number;
};

/** @see drivers/base/core.c device_shutdown */
export const orderlyRebootByAccident: Scenario<Facts> = {
  name: 'orderly-reboot-by-accident',
  title: 'whether an orderly shutdown gives devices back depends on what each driver calls its callback',
  about:
    'A guest uses its devices and shuts down in good order: once with a driver that has no shutdown callback, once ' +
    'with the same driver and a shutdown callback that stops the device and does no more, as drivers of other buses ' +
    'have it.',
  strategy: 'repository',
  measures: {
    used: 'devices that were bound before the shutdown',
    withoutOwn: 'devices that are held after the shutdown, without a shutdown callback in the driver',
    withOwn: 'devices that are held after the shutdown, with one',
    stillBound: 'devices that the driver core takes for bound after the shutdown, without one',
  },
  why: [
    {
      kernel: 'drivers/base/core.c device_shutdown',
      file: 'lib/base/shutdown.ts',
      name: 'shutdownDevice',
      rule:
        'the core calls shutdown and not remove, releases no devres and unbinds nothing: nobody but the callback ' +
        'gives anything back',
    },
    {
      kernel: 'arch/powerpc/platforms/ps3/system-bus.c ps3_system_bus_shutdown',
      file: 'buses/ps3-handle/guest/bus.ts',
      name: 'shutdown',
      rule: 'the bus calls remove for a driver without shutdown, and only then the device is closed',
    },
  ],
  async run(stage) {
    const none = await shutDown(stage, 'no callback', (transport) => transport);
    const own = await shutDown(stage, 'own callback', (transport) => ({ ...transport, shutdown: () => undefined }));
    return { used: none.used, withoutOwn: none.held, withOwn: own.held, stillBound: none.stillBound };
  },
  happens: ({ withoutOwn, withOwn }) => withOwn > withoutOwn,
};

type Driver = DeviceDriver<never>;
type Ended = { readonly used: number; readonly held: number; readonly stillBound: number };

async function shutDown(stage: Stage, variant: string, change: (transport: Driver) => Driver): Promise<Ended> {
  const machine = stage.machine();
  const guest = machine.guest();
  const boot = async (): Promise<readonly Device[]> => {
    await guest.boot();
    await guest.loadDriver(stage.testbed.workload.driver);
    await guest.loadDriver(change(guest.bus.transport));
    return guest.devices();
  };
  const told = (devices: readonly Device[], how: string): string =>
    `${counted(countBound(devices), 'device')} ${how}, ${String(machine.held)} held`;
  const booting = `${variant}: the guest boots and loads its drivers`;
  const devices = await stage.step(booting, boot, (found) => told(found, 'bound'));
  const used = countBound(devices);
  await stage.step(
    `${variant}: it shuts down`,
    () => guest.shutDown(),
    () => told(devices, 'still bound'),
  );
  return { used, held: machine.held, stillBound: countBound(devices) };
}

function countBound(devices: readonly Device[]): number {
  return devices.filter(({ isBound }) => isBound).length;
}
