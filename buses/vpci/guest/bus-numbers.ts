import type { PciBus } from './device';
import { hexDigits } from '../layout';

/** A range of bus numbers as the log prints it: `[bus 01-ff]`. @see lib/vsprintf.c resource_string */
function formatBusn(start: number, end: number): string {
  const first = hexDigits(start, 2);
  return start === end ? `[bus ${first}]` : `[bus ${first}-${hexDigits(end, 2)}]`;
}

/** {@link formatBusn} of a bus. */
export function busRange(bus: PciBus): string {
  return formatBusn(bus.number, bus.busnEnd);
}

/** Buses directly below one that have their place among its numbers. */
function inserted(bus: PciBus): PciBus[] {
  return bus.devices.flatMap((dev) => (dev.subordinate?.busnInserted === true ? [dev.subordinate] : []));
}

/** The bus that conflicts with a bus's numbers: the parent when they lie outside, or a sibling. */
function busnConflict(bus: PciBus, upper: PciBus): PciBus | undefined {
  if (bus.busnEnd < bus.number || bus.number < upper.number || bus.busnEnd > upper.busnEnd) return upper;
  return inserted(upper).find((other) => other !== bus && other.number <= bus.busnEnd && bus.number <= other.busnEnd);
}

/**
 * Gives a bus the numbers up to `end`, within those of the bus above, if they are free.
 *
 * @see drivers/pci/probe.c pci_bus_insert_busn_res
 */
export function insertBusnRes(bus: PciBus, end: number): void {
  bus.busnEnd = end;
  const { upper } = bus;
  const conflict = upper === null ? undefined : busnConflict(bus, upper);
  bus.busnInserted = conflict === undefined;
  if (upper === null || conflict === undefined) return;
  const why = `(conflicts with (null) ${busRange(conflict)})`;
  bus.info(`busn_res: can not insert ${busRange(bus)} under ${busRange(upper)} ${why}`);
}

/** May the bus's numbers end there? @see kernel/resource.c adjust_resource */
function mayEndAt(bus: PciBus, end: number): boolean {
  if (inserted(bus).some((child) => child.number < bus.number || child.busnEnd > end)) return false;
  const { upper } = bus;
  if (!bus.busnInserted || upper === null) return true;
  const next = inserted(upper).filter((other) => other.number > bus.number);
  return end <= upper.busnEnd && next.every((other) => other.number > end);
}

/** Has a bus end with the highest number that was met below it. @see pci_bus_update_busn_res_end */
export function updateBusnResEnd(bus: PciBus, end: number): void {
  if (bus.number > end) return;
  const old = busRange(bus);
  const fits = mayEndAt(bus, end);
  if (fits) bus.busnEnd = end;
  bus.info(`busn_res: ${old} end ${fits ? 'is' : 'can not be'} updated to ${hexDigits(end, 2)}`);
  if (fits && !bus.busnInserted) insertBusnRes(bus, end);
}

/** The bus goes. @see drivers/pci/probe.c pci_bus_release_busn_res */
export function releaseBusnRes(bus: PciBus): void {
  if (!bus.busnInserted || bus.upper === null) return;
  bus.busnInserted = false;
  bus.info(`busn_res: ${busRange(bus)} is released`);
}
