import type { Bus } from '../../../lib/base/bus';
import type { DeviceClass } from '../../../lib/base/types';
import { EINVAL } from '../../../lib/errno';
import { kstrtoul } from '../../../lib/kstrtox';
import type { MaySleep } from '../../../lib/may-sleep';
import { attrRo, attrRw, attrWo, type AttributeGroup } from '../../../lib/sysfs';
import { PciBus } from './device';
import { resourceAlignment, setResourceAlignment } from './resource-alignment';
import { lockedRescanRemove } from './rescan-remove';

/** Runs `act` if the text is a number that is not 0. */
export function onNonZero(text: string, act: () => MaySleep<number | void>): MaySleep<number | void> {
  const value = kstrtoul(text, 0);
  if (typeof value === 'number') return -EINVAL;
  return value === 0n ? undefined : act();
}

/** @see drivers/pci/pci-sysfs.c dev_rescan_store */
export function rescan(bus: PciBus): MaySleep<void> {
  return lockedRescanRemove(bus.root, () => bus.root.ops.rescanBus(bus));
}

/** Behind a bridge that has nothing behind it, windows may change. @see drivers/pci/pci-sysfs.c bus_rescan_store */
function rescanFromBus(bus: PciBus): MaySleep<void> {
  const { self, root } = bus;
  if (self === null || bus.devices.length > 0) return rescan(bus);
  return lockedRescanRemove(root, () => root.ops.rescanBusBridgeResize(bus, self));
}

/** @see drivers/pci/probe.c pcibus_class */
export const pcibusClass: DeviceClass<PciBus> = {
  name: 'pci_bus',
  devGroups: [
    {
      attrs: [
        attrWo<PciBus>('rescan', (bus, text) => onNonZero(text, () => rescanFromBus(bus))),
        attrRo<PciBus>('cpuaffinity', () => '1\n'),
        attrRo<PciBus>('cpulistaffinity', () => '0\n'),
      ],
    },
  ],
  devRelease: () => undefined,
};

function rootBuses(bus: Bus): PciBus[] {
  return [...(bus.kernel.classOf(pcibusClass)?.devices() ?? [])].filter(isRootBus);
}

function isRootBus(dev: unknown): dev is PciBus {
  return dev instanceof PciBus && dev.self === null;
}

/** Rescans all root buses. @see drivers/pci/pci-sysfs.c rescan_store */
async function rescanAll(bus: Bus): Promise<void> {
  for (const root of rootBuses(bus)) await rescan(root);
}

/** Files of the bus. @see drivers/pci/pci-sysfs.c pci_bus_groups */
export const pciBusGroups: readonly AttributeGroup<Bus>[] = [
  {
    attrs: [
      attrWo<Bus>('rescan', (bus, text) => onNonZero(text, () => rescanAll(bus))),
      attrRw<Bus>(
        'resource_alignment',
        (bus) => resourceAlignment(rootBuses(bus)),
        (bus, text) => setResourceAlignment(rootBuses(bus), text),
      ),
    ],
  },
];
