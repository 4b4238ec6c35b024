import { EPROBE_DEFER, errnoText } from '../../errno';
import type { Device } from '../device';
import type { Driver } from '../driver';
import { lastProbe } from './last-probe';
import { matchAnswer, type MatchAnswer } from './match';
import { allows, called, notes, refuses, type Pair, type WhyRule } from './rule';
import { suppliersReady } from './suppliers';

/** Why a device has a driver, or has it not. */
export interface Why {
  readonly device: string;
  readonly driver: string;
  /** `ready`: no rule refuses; only the driver's probe can fail. */
  readonly outcome: 'bound' | 'ready' | 'refused';
  /** What was looked at, in the kernel's order. */
  readonly rules: readonly WhyRule[];
  /** The first rule that refuses; for a bound device the one that found that; null when none refuses. */
  readonly decidedBy: WhyRule | null;
}

/**
 * Checks the rules of a bind in the kernel's order, without calling the driver's probe and without changing anything.
 *
 * @throws what a match callback throws, if it is not an errno
 * @see drivers/base/dd.c __driver_attach, driver_probe_device, really_probe
 */
export function why(dev: Device, drv: Driver): Why {
  const pair: Pair = { dev, drv };
  const names = { device: called(dev), driver: drv.def.name };
  if (dev.isBound && dev.driver === drv) return { ...names, ...explainBound(pair) };
  const rules = (dev.bus === drv.bus ? [...REACH, ...LADDER] : REACH).map((rule) => rule(pair));
  const decidedBy = rules.find((rule) => rule.allows === false) ?? null;
  return { ...names, outcome: decidedBy === null ? 'ready' : 'refused', rules, decidedBy };
}

function explainBound(pair: Pair): Pick<Why, 'outcome' | 'rules' | 'decidedBy'> {
  const bound = allows('driver_bound', `bound to ${pair.drv.def.name}`);
  return { outcome: 'bound', rules: [registered(pair), sameBus(pair), asked(pair), bound], decidedBy: bound };
}

type Rule = (pair: Pair) => WhyRule;

/** May the two meet at all? */
const REACH: readonly Rule[] = [registered, driverRegistered, sameBus];

/** The checks of the kernel after a match. */
const LADDER: readonly Rule[] = [
  autoprobe,
  asked,
  turn,
  where,
  free,
  ready,
  probing,
  suppliersReady,
  resources,
  lastProbe,
  deferred,
];

/** @see drivers/base/dd.c __driver_probe_device */
function registered({ dev }: Pair): WhyRule {
  const fn = '__driver_probe_device';
  if (dev.dead) return refuses(fn, `${called(dev)} was deleted: -ENODEV`);
  if (!dev.isRegistered) return refuses(fn, `${called(dev)} is not registered, or its registration failed: -ENODEV`);
  return allows(fn, `${called(dev)} is registered`);
}

/** @see drivers/base/bus.c bus_add_driver, bus_remove_driver */
function driverRegistered({ drv }: Pair): WhyRule {
  const fn = 'bus_add_driver';
  if (drv.knodeBus === null) return refuses(fn, `${drv.def.name} is not on its bus's list of drivers`);
  return allows(fn, `${drv.def.name} is registered`);
}

/** @see drivers/base/bus.c bus_for_each_drv */
function sameBus({ dev, drv }: Pair): WhyRule {
  const fn = 'bus_for_each_drv';
  const on = drv.bus.type.name;
  if (dev.bus === null) return refuses(fn, `${called(dev)} is on no bus, ${drv.def.name} on bus ${on}`);
  if (dev.bus !== drv.bus)
    return refuses(fn, `${called(dev)} is on bus ${dev.bus.type.name}, ${drv.def.name} on bus ${on}`);
  return allows(fn, `both are on bus ${on}`);
}

/** @see drivers/base/bus.c bus_probe_device, bus_add_driver */
function autoprobe({ dev, drv }: Pair): WhyRule {
  const fn = 'bus_probe_device';
  const { driversAutoprobe, type } = drv.bus;
  if (driversAutoprobe) return allows(fn, `drivers_autoprobe of bus ${type.name} is 1`);
  const text = `drivers_autoprobe of bus ${type.name} is 0: only the files bind and drivers_probe make drivers probe`;
  return dev.driver === null ? refuses(fn, text) : notes(fn, text);
}

/** @see drivers/base/base.h driver_match_device */
function asked({ dev, drv }: Pair): WhyRule {
  const answer = matchAnswer(dev, drv);
  const details = answer.clauses.map(({ fn, holds, text }) => `${fn}: ${holds ? 'yes' : 'no'}, ${text}`);
  const fn = 'driver_match_device';
  if (answer.result > 0) return allows(fn, `match of bus ${drv.bus.type.name} says yes`, details);
  return refuses(fn, matchRefusal(answer, drv.bus.type.name), details);
}

function matchRefusal({ result }: MatchAnswer, bus: string): string {
  if (result === 0) return `match of bus ${bus} says no`;
  const what = result === -EPROBE_DEFER ? 'the device is deferred' : 'nobody behind it is asked';
  return `match of bus ${bus} gives ${errnoText(result)}: ${what}`;
}

/** Drivers are tried in the order of registration. @see drivers/base/dd.c __device_attach_driver */
function turn({ dev, drv }: Pair): WhyRule {
  const fn = '__device_attach_driver';
  const drivers = [...drv.bus.drivers()];
  const before = drivers.slice(0, Math.max(drivers.indexOf(drv), 0));
  const answers = before.map((other) => ({ name: other.def.name, ret: matchAnswer(dev, other).result }));
  const stop = answers.find(({ ret }) => ret < 0);
  if (stop !== undefined && dev.driver === null) {
    return refuses(fn, `a walk over the drivers ends before it: match of ${stop.name} gives ${errnoText(stop.ret)}`);
  }
  const rivals = answers.filter(({ ret }) => ret > 0).map(({ name }) => name);
  return notes(fn, rivals.length === 0 ? 'no driver before it matches' : `asked after ${rivals.join(', ')}`);
}

/** @see drivers/base/dd.c driver_allows_async_probing */
function where({ dev, drv }: Pair): WhyRule {
  const fn = 'driver_allows_async_probing';
  if (drv.def.probeType !== 'prefer-asynchronous') return notes(fn, 'probed where the device or the driver is added');
  const text = 'probed by a worker, after the drivers that are not';
  return notes(fn, dev.asyncDriver === drv ? `${text}; the worker has not run yet` : text);
}

/** @see drivers/base/dd.c __driver_probe_device */
function free({ dev }: Pair): WhyRule {
  const fn = '__driver_probe_device';
  const { driver } = dev;
  if (driver === null) return allows(fn, 'no driver has it');
  if (dev.isBound) return refuses(fn, `bound to ${driver.def.name}: -EBUSY`);
  return refuses(fn, `dev->driver is ${driver.def.name}, which is just probing or was preset: -EBUSY`);
}

/** @see drivers/base/dd.c __driver_probe_device */
function ready({ dev }: Pair): WhyRule {
  const fn = '__driver_probe_device';
  if (dev.readyToProbe) return allows(fn, 'ready to probe');
  return refuses(fn, 'Device not ready to probe: -EPROBE_DEFER');
}

/** @see drivers/base/dd.c really_probe, device_block_probing */
function probing({ dev }: Pair): WhyRule {
  if (!dev.kernel.deferred.deferAll) return allows('really_probe', 'probes are allowed');
  return refuses('really_probe', 'all probes are deferred (device_block_probing): -EPROBE_DEFER');
}

/** @see drivers/base/dd.c really_probe */
function resources({ dev }: Pair): WhyRule {
  if (dev.devres === null || dev.devres.isEmpty) return allows('really_probe', 'it holds no managed resources');
  return refuses(
    'really_probe',
    'Resources present before probing: -EBUSY',
    dev.devres.names().map((name) => `resource ${name}`),
  );
}

/** @see drivers/base/dd.c driver_deferred_probe_add */
function deferred({ dev }: Pair): WhyRule {
  const fn = 'driver_deferred_probe_add';
  if (dev.knodeDeferred === null) return notes(fn, 'not on the list of deferred probes');
  const reason = dev.deferredProbeReason;
  const text = `on the list of deferred probes${reason === null ? '' : ` (${reason})`}`;
  return notes(fn, `${text}: tried again when any device of the machine has been bound`);
}
