import type { Device } from '../device';
import type { DeviceLink } from '../links/device-link';
import { DL_FLAG } from '../links/flags';
import { FWNODE_FLAG } from '../links/fwnode';
import { matchAnswer } from './match';
import { allows, called, refuses, type Pair, type WhyRule } from './rule';

/** Must the link be available before its consumer is probed, and is it not? */
function isMissing(link: DeviceLink): boolean {
  return link.has(DL_FLAG.MANAGED) && !link.has(DL_FLAG.SYNC_STATE_ONLY) && link.status !== 'available';
}

/** @see drivers/base/core.c device_links_check_suppliers */
export function suppliersReady({ dev }: Pair): WhyRule {
  const fn = 'device_links_check_suppliers';
  const node = dev.kernel.fwDevlink.missingSupplier(dev.fwnode);
  if (node !== null && dev.fwnode?.has(FWNODE_FLAG.BEST_EFFORT) !== true) {
    const details = [`the firmware names ${node.ops.path} as a supplier, of which no device was made`];
    return refuses(fn, `wait for supplier ${node.ops.name}: -EPROBE_DEFER`, details);
  }
  const missing = dev.suppliers.filter(isMissing);
  const [first] = missing;
  if (first !== undefined) {
    return refuses(
      fn,
      `supplier ${called(first.supplier)} not ready: -EPROBE_DEFER`,
      describe(missing, new Set([dev]), ''),
    );
  }
  if (dev.suppliers.length === 0) return allows(fn, 'no suppliers');
  return allows(fn, 'every supplier is ready', dev.suppliers.map(linkText));
}

/** What is missing, and what each of these is waiting for in its turn. */
function describe(missing: readonly DeviceLink[], seen: ReadonlySet<Device>, indent: string): string[] {
  return missing.flatMap((link) => [`${indent}${linkText(link)}`, ...causes(link.supplier, seen, `${indent}  `)]);
}

function linkText(link: DeviceLink): string {
  const names = Object.entries(DL_FLAG)
    .filter(([, bit]) => link.has(bit))
    .map(([name]) => name.toLowerCase());
  return `link to ${called(link.supplier)}: ${link.status} (${names.join(', ')}); ${holder(link.supplier)}`;
}

/** The driver of the supplier. */
function holder(supplier: Device): string {
  const { driver } = supplier;
  if (driver === null) return 'no driver has it';
  const state = {
    'driver-bound': 'bound to',
    unbinding: 'being left by',
    probing: 'being probed by',
    'no-driver': 'preset to',
  };
  return `${state[supplier.linksStatus]} ${driver.def.name}`;
}

/** Why the supplier has no driver. */
function causes(supplier: Device, seen: ReadonlySet<Device>, indent: string): string[] {
  if (supplier.driver !== null || seen.has(supplier)) return [];
  const { deferredProbeReason, knodeDeferred } = supplier;
  const waits =
    knodeDeferred === null
      ? []
      : [`${indent}${called(supplier)} is deferred${deferredProbeReason === null ? '' : `: ${deferredProbeReason}`}`];
  const deeper = describe(supplier.suppliers.filter(isMissing), new Set([...seen, supplier]), indent);
  return [`${indent}${candidates(supplier)}`, ...waits, ...deeper];
}

function candidates(dev: Device): string {
  const { bus } = dev;
  if (bus === null) return `${called(dev)} has no bus, so no driver will take it`;
  const names = [...bus.drivers()].filter((drv) => matchAnswer(dev, drv).result > 0).map((drv) => drv.def.name);
  return names.length === 0
    ? `no driver on bus ${bus.type.name} matches ${called(dev)}`
    : `matched by ${names.join(', ')}`;
}
