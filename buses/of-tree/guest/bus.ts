import { Device, devMessage } from '../../../lib/base/device';
import type { Bus } from '../../../lib/base/bus';
import type { Kernel } from '../../../lib/base/kernel';
import type { BusType } from '../../../lib/base/types';
import {
  lastHolds,
  misfit,
  overrideClause,
  tableClauses,
  type MatchClause,
  type MatchExplanation,
} from '../../../lib/base/why';
import { guard } from '../../../lib/base/guard';
import { ENODEV, ENOMEM, ENXIO, EPROBE_DEFER } from '../../../lib/errno';
import { andThen, type MaySleep } from '../../../lib/may-sleep';
import { attrRo, attrRw } from '../../../lib/sysfs';
import { platformDriverAliases } from './aliases';
import { type PlatformDevice, platformRoot, type PlatformDeviceId, type PlatformDriver } from './device';
import { explainNode } from './explain-node';
import { ofMatchNode } from './of';
import { fitsPage, ofDeviceUeventModalias, ofModalias } from './uevent';

/** The text that finds a driver's module. @see drivers/base/platform.c modalias_show */
export function platformModalias({ ofNode, platformName }: PlatformDevice): string {
  return ofNode === null ? `platform:${platformName}` : ofModalias(ofNode);
}

const platformDevGroups = [
  {
    attrs: [
      attrRo<PlatformDevice>('modalias', (dev) => {
        const modalias = platformModalias(dev);
        return fitsPage(modalias) ? `${modalias}\n` : -ENOMEM;
      }),
      attrRw<PlatformDevice>(
        'driver_override',
        (dev) =>
          andThen(dev.lock(), () => {
            dev.unlock();
            return `${dev.driverOverride ?? '(null)'}\n`;
          }),
        (dev, text) => dev.setDriverOverride(text),
      ),
    ],
  },
];

/** The override excludes all others; then the node, the id table, the name. @see platform_match */
function platformMatch(dev: PlatformDevice, def: PlatformDriver): boolean {
  if (dev.driverOverride !== null) return dev.driverOverride === def.name;
  if (dev.ofNode !== null && ofMatchNode(def.ofMatchTable, dev.ofNode) !== null) return true;
  if (def.idTable !== undefined) return platformIds(def.idTable).some(({ name }) => name === dev.platformName);
  return dev.platformName === def.name;
}

/** The lines of a table: one without a name ends it. @see drivers/base/platform.c platform_match_id */
function platformIds(table: readonly PlatformDeviceId[]): readonly PlatformDeviceId[] {
  const end = table.findIndex(({ name }) => name === '');
  return end < 0 ? table : table.slice(0, end);
}

/** The conditions of {@link platformMatch}, up to the one that decides. */
function explainMatch(dev: PlatformDevice, def: PlatformDriver): MatchExplanation {
  return { result: platformMatch(dev, def), clauses: clausesOf(dev, def) };
}

function clausesOf(
  { driverOverride, ofNode, platformName }: PlatformDevice,
  def: PlatformDriver,
): readonly MatchClause[] {
  const fn = 'platform_match';
  if (driverOverride !== null) return [overrideClause(fn, driverOverride, def.name)];
  const byNode =
    ofNode === null
      ? [{ fn: 'of_driver_match_device', holds: false, text: 'the device has no node' }]
      : explainNode(def.ofMatchTable ?? [], ofNode);
  if (lastHolds(byNode)) return byNode;
  if (def.idTable !== undefined) {
    const text = (name: string): string => `'${name}'`;
    return [
      ...byNode,
      ...tableClauses('platform_match_id', 'id table', platformIds(def.idTable), ({ name }) => [
        misfit('name', name, platformName, text),
      ]),
    ];
  }
  const holds = platformName === def.name;
  return [...byNode, { fn, holds, text: `the device is called '${platformName}', the driver '${def.name}'` }];
}

function driverOf(dev: Device): PlatformDriver | undefined {
  return dev.driver?.def;
}

/** @see drivers/base/platform.c platform_probe */
function platformProbe(dev: PlatformDevice): MaySleep<number> {
  const drv = driverOf(dev);
  const where = (): string => `platform_probe: driver ${drv?.name ?? ''}, device ${dev.name ?? ''}`;
  return andThen(
    guard(dev.kernel.world, where, () => drv?.probe?.(dev)),
    (result) => {
      if (drv?.preventDeferredProbe !== true || result !== -EPROBE_DEFER) return result;
      dev.kernel.log.warn(devMessage(dev, 'probe deferral not supported'));
      return -ENXIO;
    },
  );
}

/** @see drivers/base/platform.c platform_remove */
function platformRemove(dev: PlatformDevice): MaySleep<void> {
  const drv = driverOf(dev);
  if (drv?.remove !== undefined) return drv.remove(dev);
  if (drv?.removeOld === undefined) return undefined;
  return andThen(drv.removeOld(dev), (result) => {
    if (result === 0) return;
    dev.kernel.log.warn(devMessage(dev, 'remove callback returned a non-zero value. This will be ignored.'));
  });
}

/**
 * The bus of devices that cannot be discovered: here the device tree describes them.
 *
 * @see drivers/base/platform.c platform_bus_type
 */
export const platformBus: BusType<PlatformDevice, PlatformDriver> = {
  name: 'platform',
  callsDriver: true,
  devGroups: platformDevGroups,
  match: (dev, { def }) => platformMatch(dev, def),
  explainMatch: (dev, { def }) => explainMatch(dev, def),
  aliases: platformDriverAliases,
  uevent: (dev, env) => {
    const result = ofDeviceUeventModalias(dev.ofNode, env);
    if (result !== -ENODEV) return result;
    env.add('MODALIAS', platformModalias(dev));
    return 0;
  },
  probe: platformProbe,
  remove: platformRemove,
  shutdown: (dev) => driverOf(dev)?.shutdown?.(dev),
};

/**
 * Registers the platform bus in this kernel; a second call returns the same registration.
 *
 * @throws ErrnoError as registerBus; /sys/devices/platform is removed again
 * @see drivers/base/platform.c platform_bus_init
 */
export async function registerPlatformBus(kernel: Kernel): Promise<Bus> {
  const known = kernel.busOf(platformBus);
  if (known !== null) return known;
  const root = platformRoot(kernel);
  await root.register();
  try {
    return await kernel.registerBus(platformBus);
  } catch (error) {
    await root.unregister();
    throw error;
  }
}
