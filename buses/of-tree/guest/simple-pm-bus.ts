import { ENODEV } from '../../../lib/errno';
import type { Kernel } from '../../../lib/base/kernel';
import { andThen, type MaySleep } from '../../../lib/may-sleep';
import { platformBus } from './bus';
import type { PlatformDevice, PlatformDriver } from './device';
import { ofMatchNode, type OfDeviceId } from './of';
import { ofPlatformPopulate } from './populate';
import { ofPropertyMatchString } from './property';

/** The device is only a bus, whose children were populated at boot. */
const ONLY_BUS = true;

const OF_MATCH: readonly OfDeviceId[] = [
  { compatible: 'simple-pm-bus' },
  { compatible: 'simple-bus', data: ONLY_BUS },
  { compatible: 'simple-mfd', data: ONLY_BUS },
  { compatible: 'isa', data: ONLY_BUS },
  { compatible: 'arm,amba-bus', data: ONLY_BUS },
];

/**
 * A plain bus is taken only if it is nothing more special: its first compatible string says so. Of the children of a
 * simple-pm-bus devices are made, not of what is below them.
 *
 * @see drivers/bus/simple-pm-bus.c simple_pm_bus_probe
 */
function simplePmBusProbe(pdev: PlatformDevice): MaySleep<number> {
  const { ofNode } = pdev;
  if (pdev.driverOverride !== null || ofNode === null) return 0;
  const match = ofMatchNode(OF_MATCH, ofNode);
  if (match?.data === ONLY_BUS) {
    return ofPropertyMatchString(ofNode, 'compatible', match.compatible ?? '') === 0 ? 0 : -ENODEV;
  }
  return andThen(ofPlatformPopulate(ofNode, pdev, null), () => 0);
}

/** @see drivers/bus/simple-pm-bus.c simple_pm_bus_driver */
export const simplePmBusDriver: PlatformDriver = {
  name: 'simple-pm-bus',
  bus: platformBus,
  ofMatchTable: OF_MATCH,
  probe: simplePmBusProbe,
};

/** Registers the driver, once. @see drivers/bus/simple-pm-bus.c simple_pm_bus_driver_init */
export function simplePmBusInit(kernel: Kernel): MaySleep<void> {
  if (kernel.busOf(platformBus)?.findDriver(simplePmBusDriver.name) != null) return undefined;
  return andThen(kernel.registerDriver(simplePmBusDriver), () => undefined);
}
