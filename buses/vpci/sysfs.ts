import type { Bus } from '../../lib/base/bus';
import type { DeviceClass, DeviceType } from '../../lib/base/types';
import { EBUSY, EINVAL, EIO } from '../../lib/errno';
import { kstrtoul } from '../../lib/kstrtox';
import type { MaySleep } from '../../lib/may-sleep';
import { attrRo, attrRw, attrWo, type Attribute, type AttributeGroup, type BinAttribute } from '../../lib/sysfs';
import { PciBus, type PciDevice } from './device';
import { disableDevice, enableDevice } from './enable';
import { lockedRescanRemove } from './root-bridge';
import { modalias } from './ids';
import { BRIDGE, hexDigits } from './layout';
import { IORESOURCE, RESOURCE, resourceSize } from './resource';

/** Runs `act` if the text is a number that is not 0. */
function onNonZero(text: string, act: () => MaySleep<void>): MaySleep<number | void> {
  const value = kstrtoul(text, 0);
  if (typeof value === 'number') return -EINVAL;
  return value === 0n ? undefined : act();
}

function hexAttr(name: string, digits: number, value: (dev: PciDevice) => number): Attribute<PciDevice> {
  return attrRo<PciDevice>(name, (dev) => `0x${hexDigits(value(dev), digits)}\n`);
}

function textAttr(name: string, value: (dev: PciDevice) => string | number): Attribute<PciDevice> {
  return attrRo<PciDevice>(name, (dev) => `${String(value(dev))}\n`);
}

type SetFlag = (dev: PciDevice, on: boolean) => void;

function flagAttr(name: string, get: (dev: PciDevice) => boolean, set: SetFlag): Attribute<PciDevice> {
  return attrRw<PciDevice>(
    name,
    (dev) => `${get(dev) ? '1' : '0'}\n`,
    (dev, text) => {
      const value = kstrtoul(text, 0);
      if (typeof value === 'number') return -EINVAL;
      set(dev, value !== 0n);
      return undefined;
    },
  );
}

/** A line for each resource: first and last address, flags. @see drivers/pci/pci-sysfs.c resource_show */
function resourceShow(dev: PciDevice): string {
  const count = dev.subordinate === null ? RESOURCE.BRIDGE : RESOURCE.COUNT;
  const x = (value: bigint | number): string => `0x${hexDigits(value, 16)}`;
  return dev.resource.slice(0, count).map((res) => `${x(res.start)} ${x(res.end)} ${x(res.flags)}\n`).join('');
}

/** By hand only for a device without driver. @see drivers/pci/pci-sysfs.c enable_store */
async function enableStore(dev: PciDevice, text: string): Promise<number | undefined> {
  const value = kstrtoul(text, 0);
  if (typeof value === 'number') return -EINVAL;
  await dev.lock();
  const result = dev.driver === null ? enableByHand(dev, value !== 0n) : -EBUSY;
  dev.unlock();
  return result < 0 ? result : undefined;
}

function enableByHand(dev: PciDevice, on: boolean): number {
  if (on) return enableDevice(dev);
  if (dev.enableCount === 0) return -EIO;
  disableDevice(dev);
  return 0;
}

/** The file goes first, so that the call which runs is not waited for. @see drivers/pci/pci-sysfs.c remove_store */
function removeStore(dev: PciDevice, text: string): MaySleep<number | void> {
  return onNonZero(text, () => {
    if (dev.sd?.removeSelf('remove') !== true) return undefined;
    const { root } = dev.pciBus;
    return lockedRescanRemove(root, () => root.verbs.stopAndRemoveBusDevice(dev));
  });
}

function rescan(bus: PciBus): MaySleep<void> {
  return lockedRescanRemove(bus.root, () => bus.root.verbs.rescanBus(bus));
}

const devAttrs: readonly Attribute<PciDevice>[] = [
  textAttr('power_state', (dev) => dev.powerState),
  attrRo<PciDevice>('resource', resourceShow),
  hexAttr('vendor', 4, (dev) => dev.vendor),
  hexAttr('device', 4, (dev) => dev.device),
  hexAttr('subsystem_vendor', 4, (dev) => dev.subsystemVendor),
  hexAttr('subsystem_device', 4, (dev) => dev.subsystemDevice),
  hexAttr('revision', 2, (dev) => dev.revision),
  hexAttr('class', 6, (dev) => dev.classCode),
  textAttr('irq', (dev) => dev.irq),
  textAttr('local_cpus', () => 1),
  textAttr('local_cpulist', () => 0),
  textAttr('modalias', modalias),
  textAttr('numa_node', () => -1),
  textAttr('dma_mask_bits', (dev) => dev.dmaMaskBits),
  textAttr('consistent_dma_mask_bits', (dev) => dev.dmaMaskBits),
  attrRw<PciDevice>('enable', (dev) => `${String(dev.enableCount)}\n`, enableStore),
  flagAttr('broken_parity_status', (dev) => dev.brokenParity, (dev, on) => void (dev.brokenParity = on)),
  flagAttr('msi_bus', (dev) => !dev.noMsi, (dev, on) => void (dev.noMsi = !on)),
  flagAttr('d3cold_allowed', (dev) => dev.d3coldAllowed, (dev, on) => void (dev.d3coldAllowed = on)),
  attrRw<PciDevice>(
    'driver_override',
    (dev) => `${dev.driverOverride ?? '(null)'}\n`,
    (dev, text) => dev.setDriverOverride(text),
  ),
  textAttr('ari_enabled', () => 0),
];

/** The configuration space: accesses go to the device. @see drivers/pci/pci-sysfs.c pci_read_config */
const config: BinAttribute<PciDevice> = {
  name: 'config',
  mode: 0o644,
  size: (dev) => dev.cfgSize,
  read: (dev, offset, count) => {
    const bytes = new Uint8Array(count);
    eachAccess(offset, count, (at, width) => {
      const value = dev.readConfig(at, width);
      for (let i = 0; i < width; i++) bytes[at - offset + i] = value >>> (8 * i);
    });
    return bytes;
  },
  write: (dev, offset, data) => {
    eachAccess(offset, data.length, (at, width) => {
      let value = 0;
      for (let i = width - 1; i >= 0; i--) value = value * 256 + (data[at - offset + i] ?? 0);
      dev.writeConfig(at, width, value);
    });
    return data.length;
  },
};

/** The widest aligned accesses that cover a range. */
function eachAccess(offset: number, count: number, access: (at: number, width: 1 | 2 | 4) => void): void {
  const end = offset + count;
  for (let at = offset; at < end; ) {
    const width = at % 4 === 0 && end - at >= 4 ? 4 : at % 2 === 0 && end - at >= 2 ? 2 : 1;
    access(at, width);
    at += width;
  }
}

/** Files of every PCI device. @see drivers/pci/pci-sysfs.c pci_dev_groups */
export const pciDevGroups: readonly AttributeGroup<PciDevice>[] = [{ attrs: devAttrs }, { binAttrs: [config] }];

const bridgeAttrs: readonly Attribute<PciDevice>[] = [
  textAttr('subordinate_bus_number', (dev) => dev.readConfig(BRIDGE.SUBORDINATE_BUS, 1)),
  textAttr('secondary_bus_number', (dev) => dev.readConfig(BRIDGE.SECONDARY_BUS, 1)),
];

const hotplugAttrs: readonly Attribute<PciDevice>[] = [
  { name: 'remove', mode: 0o220, store: removeStore },
  attrWo<PciDevice>('rescan', (dev, text) => onNonZero(text, () => rescan(dev.pciBus))),
];

/** @see drivers/pci/pci-sysfs.c pci_dev_type */
export const pciDevType: DeviceType<PciDevice> = {
  groups: [
    { attrs: hotplugAttrs },
    { attrs: bridgeAttrs, isVisible: (dev, attr) => (dev.isBridge ? attr.mode : 0) },
  ],
};

/** Files that stand for the memory of a base register; reading them would need mmap. */
const resourceFiles: readonly BinAttribute<PciDevice>[] = Array.from({ length: RESOURCE.BARS }, (_, index) =>
  ['', '_wc'].map((suffix) => ({
    name: `resource${String(index)}${suffix}`,
    mode: 0o600,
    size: (dev: PciDevice): number => Number(resourceSize(dev.resource[index])),
  })),
).flat();

/** Makes the files of the base registers that are there. @see drivers/pci/pci-sysfs.c pci_create_resource_files */
export function createResourceFiles(dev: PciDevice): void {
  for (const [at, file] of resourceFiles.entries()) {
    const res = dev.resource[at >> 1];
    if (res === undefined || resourceSize(res) === 0n) continue;
    if (at % 2 === 1 && (res.flags & IORESOURCE.PREFETCH) === 0) continue;
    dev.sd?.addBinFile(file);
  }
}

/** @see drivers/pci/pci-sysfs.c pci_remove_resource_files */
export function removeResourceFiles(dev: PciDevice): void {
  for (const file of resourceFiles) void dev.sd?.removeName(file.name);
}

/** @see drivers/pci/probe.c pcibus_class */
export const pcibusClass: DeviceClass<PciBus> = {
  name: 'pci_bus',
  devGroups: [
    {
      attrs: [
        attrWo<PciBus>('rescan', (bus, text) => onNonZero(text, () => rescan(bus))),
        attrRo<PciBus>('cpuaffinity', () => '1\n'),
        attrRo<PciBus>('cpulistaffinity', () => '0\n'),
      ],
    },
  ],
  devRelease: () => undefined,
};

/** Looks at all root buses again. @see drivers/pci/pci-sysfs.c rescan_store */
async function rescanAll(bus: Bus): Promise<void> {
  const roots = [...(bus.kernel.classOf(pcibusClass)?.devices() ?? [])].filter(isRootBus);
  for (const root of roots) await rescan(root);
}

function isRootBus(dev: unknown): dev is PciBus {
  return dev instanceof PciBus && dev.self === null;
}

/** @see drivers/pci/pci-sysfs.c pci_bus_groups */
export const pciBusGroups: readonly AttributeGroup<Bus>[] = [
  { attrs: [attrWo<Bus>('rescan', (bus, text) => onNonZero(text, () => rescanAll(bus)))] },
];
