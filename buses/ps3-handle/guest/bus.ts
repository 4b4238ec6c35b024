import { guardVoid } from '../../../lib/base/guard';
import { callDriverPm, type DevPmOps, type PmPhase } from '../../../lib/base/power/pm-ops';
import type { BusType } from '../../../lib/base/types';
import { lastHolds, misfit, tableClauses, type MatchExplanation } from '../../../lib/base/why';
import type { UeventEnv } from '../../../lib/kobject';
import type { MaySleep } from '../../../lib/may-sleep';
import { attrRo } from '../../../lib/sysfs';
import type { Ps3Device, Ps3Driver } from './device';

/** The text that finds a driver's module. @see arch/powerpc/platforms/ps3/system-bus.c modalias_show */
export function ps3Modalias({ matchId, matchSubId }: Pick<Ps3Device, 'matchId' | 'matchSubId'>): string {
  return `ps3:${String(matchId)}:${String(matchSubId)}`;
}

/** The sub id counts only if the device has one. @see system-bus.c ps3_system_bus_match */
function match(dev: Ps3Device, { matchId, matchSubId = 0 }: Ps3Driver): boolean {
  return dev.matchId === matchId && (dev.matchSubId === 0 || dev.matchSubId === matchSubId);
}

/** The conditions of {@link match}. */
function explainMatch(dev: Ps3Device, { matchId, matchSubId = 0 }: Ps3Driver): MatchExplanation {
  const clauses = tableClauses('ps3_system_bus_match', 'ids', [{ matchId, matchSubId }], (wanted) => [
    misfit('match_id', wanted.matchId, dev.matchId, String),
    dev.matchSubId === 0 ? null : misfit('match_sub_id', wanted.matchSubId, dev.matchSubId, String),
  ]);
  return { result: lastHolds(clauses), clauses };
}

function driverOf(dev: Ps3Device): Ps3Driver | null {
  return (dev.driver?.def as Ps3Driver | undefined) ?? null;
}

function callProbe(dev: Ps3Device): MaySleep<number | void> {
  const { strategy } = dev.system;
  const next = (): MaySleep<number | void> => driverOf(dev)?.probe?.(dev);
  return strategy.probe === undefined ? next() : strategy.probe(dev, next);
}

/** Has the driver leave; what it refuses with is not looked at. @see system-bus.c ps3_system_bus_remove */
export function callDriverRemove(dev: Ps3Device): MaySleep<void> {
  const where = (): string => `ps3_system_bus_remove: device ${String(dev.name)}`;
  const leave = (): MaySleep<void> => driverOf(dev)?.remove?.(dev);
  return guardVoid(dev.kernel.world, where, leave);
}

function callRemove(dev: Ps3Device): MaySleep<void> {
  const { strategy } = dev.system;
  return strategy.remove === undefined ? callDriverRemove(dev) : strategy.remove(dev, () => callDriverRemove(dev));
}

/**
 * Without a shutdown of its own a driver's remove is called, although it is still bound for the core.
 *
 * @throws Error (an oops) when the driver has neither
 * @see system-bus.c ps3_system_bus_shutdown
 */
function shutdown(dev: Ps3Device): MaySleep<void> {
  const driver = driverOf(dev);
  if (driver === null) return undefined;
  if (driver.shutdown !== undefined) return driver.shutdown(dev);
  if (driver.remove !== undefined) return callRemove(dev);
  throw new Error(`BUG: driver ${driver.name} has neither shutdown nor remove`);
}

function callPm(phase: PmPhase): (dev: Ps3Device) => MaySleep<number | void> {
  return (dev) => {
    const { strategy } = dev.system;
    const next = (): MaySleep<number | void> => callDriverPm(dev, phase);
    return strategy.pm === undefined ? next() : strategy.pm(dev, phase, next);
  };
}

/** Linux on the PS3 could not sleep: its drivers' callbacks are commented out. */
const ps3PmOps: DevPmOps<Ps3Device> = {
  suspend: callPm('suspend'),
  resume: callPm('resume'),
  freeze: callPm('freeze'),
  thaw: callPm('thaw'),
  poweroff: callPm('poweroff'),
  restore: callPm('restore'),
};

/**
 * The system bus of the PS3. How a device gets its handle is the strategy's matter: it stands around the driver's probe
 * and remove.
 *
 * @see arch/powerpc/platforms/ps3/system-bus.c ps3_system_bus_type
 */
export const ps3SystemBus: BusType<Ps3Device, Ps3Driver> = {
  name: 'ps3_system_bus',
  callsDriver: true,
  devGroups: [{ attrs: [attrRo<Ps3Device>('modalias', (dev) => `${ps3Modalias(dev)}\n`)] }],
  match: (dev, { def }) => match(dev, def),
  explainMatch: (dev, { def }) => explainMatch(dev, def),
  aliases: ({ matchId, matchSubId = 0 }) => [ps3Modalias({ matchId, matchSubId })],
  uevent: (dev: Ps3Device, env: UeventEnv) => env.add('MODALIAS', ps3Modalias(dev)),
  probe: callProbe,
  remove: callRemove,
  shutdown,
  pm: ps3PmOps,
};
