import type { Device } from '../../../lib/base/device';
import type { Driver } from '../../../lib/base/driver';
import { why } from '../../../lib/base/why';
import { errnoName, strerror } from '../../../lib/errno';

/** Maximum number of devices in a message. */
const SHOWN = 3;

/** Drivers that a test has loaded, and what is known of them. */
export interface Loaded {
  /** The last one first. */
  readonly drivers: readonly Driver[];
  /** The result of a driver's last probe, as a negative errno or 0; undefined when it was not called. */
  probed(drv: Driver, dev: Device): number | undefined;
  /** Is this a place where the driver finds nothing, as in an empty slot? It need not be reported. */
  isEmptyPlace(drv: Driver, dev: Device): boolean;
}

/**
 * What the rules of the core say of devices that no driver has, of each driver on their bus that a test has loaded: one
 * paragraph for each pair. Empty when every device has a driver.
 */
export function whyUnbound(loaded: Loaded): string[] {
  const buses = [...new Set(loaded.drivers.map(({ bus }) => bus))];
  const unbound = buses.flatMap((bus) => [...bus.devices()].filter(({ isBound }) => !isBound));
  return unbound
    .map((dev) => answers(dev, loaded))
    .filter(({ length }) => length > 0)
    .slice(0, SHOWN)
    .flat();
}

/** Of the drivers that match it; of all where none does. */
function answers(dev: Device, loaded: Loaded): string[] {
  const drivers = loaded.drivers.filter((drv) => drv.bus === dev.bus);
  if (drivers.some((drv) => loaded.isEmptyPlace(drv, dev))) return [];
  const matching = drivers.filter((drv) => matches(dev, drv));
  return (matching.length > 0 ? matching : drivers).map((drv) => paragraph(dev, drv, loaded.probed(drv, dev)));
}

function matches(dev: Device, drv: Driver): boolean {
  return why(dev, drv).rules.some(({ allows, fn }) => fn === 'driver_match_device' && allows === true);
}

function paragraph(dev: Device, drv: Driver, probed: number | undefined): string {
  const { device, driver, outcome, decidedBy } = why(dev, drv);
  const about = `${device} has no driver. Why not ${driver}:`;
  if (outcome === 'refused') {
    return [`${about} ${decidedBy?.fn ?? ''}: ${decidedBy?.text ?? ''}`, ...(decidedBy?.details ?? [])].join('\n    ');
  }
  if (probed === undefined || probed >= 0) return `${about} no rule refuses; asked again, it would probe the device`;
  return `${about} call_driver_probe: the driver's probe gave -${errnoName(probed)} (${strerror(probed)})`;
}
