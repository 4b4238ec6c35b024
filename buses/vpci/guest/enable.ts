import { ioOr } from '../../../lib/access';
import { EINVAL, EIO, errnoName } from '../../../lib/errno';
import type { Width } from '../../../lib/hypervisor/port';
import type { PciDevice } from './device';
import { COMMAND, PCI } from '../layout';
import { formatResource, IORESOURCE, RESOURCE, resourceName } from './resource';

/**
 * Enables decoding of the device's addresses, the bridges above it first; counted.
 *
 * @returns 0, or -EINVAL when one of its base registers has no address
 * @see drivers/pci/pci.c pci_enable_device
 */
export function enableDevice(dev: PciDevice): number {
  dev.powerState = 'D0';
  if (dev.enableCount++ > 0) return 0;
  const { self } = dev.pciBus;
  routePin(dev);
  let error = -EIO;
  try {
    if (self !== null) enableBridge(self);
    error = enableResources(dev);
  } finally {
    if (error < 0) dev.enableCount--;
  }
  return error;
}

/** The line that the firmware's tables give the pin. @see drivers/acpi/pci_irq.c acpi_pci_irq_enable */
function routePin(dev: PciDevice): void {
  const { firmware } = dev.pciBus.root;
  if (firmware === null || dev.pin === 0) return;
  let { pin } = dev;
  let at = dev;
  for (let self = at.pciBus.self; self !== null; self = at.pciBus.self) {
    pin = ((pin - 1 + (at.devfn >> 3)) % 4) + 1;
    at = self;
  }
  dev.irq = firmware.route(at.devfn >> 3, pin);
}

/** @see drivers/pci/pci.c pci_enable_bridge */
function enableBridge(bridge: PciDevice): void {
  if (bridge.enableCount === 0) {
    const error = enableDevice(bridge);
    if (error < 0) bridge.err(`Error enabling bridge (${errnoName(error)}), continuing`);
  }
  if (!bridge.isBusMaster) setMaster(bridge);
}

/** @see drivers/pci/setup-res.c pci_enable_resources */
function enableResources(dev: PciDevice): number {
  const before = dev.readConfig(PCI.COMMAND, 2);
  let command = before;
  for (const [index, res] of dev.resource.entries()) {
    if (index === RESOURCE.ROM || (res.flags & (IORESOURCE.IO | IORESOURCE.MEM)) === 0) continue;
    if (!res.claimed) {
      const why = (res.flags & IORESOURCE.UNSET) === 0 ? 'claimed' : 'assigned';
      dev.err(`${resourceName(dev, index)} ${formatResource(res)}: not ${why}; can't enable device`);
      return -EINVAL;
    }
    command |= (res.flags & IORESOURCE.IO) === 0 ? COMMAND.MEMORY : COMMAND.IO;
  }
  if (command === before) return 0;
  dev.info(`enabling device (${before.toString(16).padStart(4, '0')} -> ${command.toString(16).padStart(4, '0')})`);
  dev.writeConfig(PCI.COMMAND, 2, command);
  return 0;
}

/** Undoes one {@link enableDevice}; the last one ends bus mastering. @see drivers/pci/pci.c pci_disable_device */
export function disableDevice(dev: PciDevice): void {
  if (dev.enableCount <= 0) dev.kernel.warn(`${String(dev.name)}: disabling already-disabled device`);
  if (--dev.enableCount !== 0) return;
  clearMasterBit(dev);
  dev.isBusMaster = false;
}

/** @see drivers/pci/pci.c do_pci_disable_device */
function clearMasterBit(dev: PciDevice): void {
  ioOr(undefined, () => {
    const command = dev.readConfig(PCI.COMMAND, 2);
    if ((command & COMMAND.MASTER) !== 0) dev.writeConfig(PCI.COMMAND, 2, command & ~COMMAND.MASTER);
  });
}

/** For sleep: the counters stay. @see drivers/pci/pci.c pci_disable_enabled_device */
export function disableEnabledDevice(dev: PciDevice): void {
  if (dev.enableCount > 0) clearMasterBit(dev);
}

/** After sleep: what the counters say is so again. @returns as {@link enableDevice} @see pci_reenable_device */
export function reenableDevice(dev: PciDevice): number {
  const error = dev.enableCount > 0 ? enableResources(dev) : 0;
  if (dev.isBusMaster) setMaster(dev);
  return error;
}

/** Lets the device reach memory and send messages. @see drivers/pci/pci.c pci_set_master */
export function setMaster(dev: PciDevice): void {
  dev.writeConfig(PCI.COMMAND, 2, dev.readConfig(PCI.COMMAND, 2) | COMMAND.MASTER);
  dev.isBusMaster = true;
}

/** The device reaches nothing any more. @see drivers/pci/pci.c pci_clear_master */
export function clearMaster(dev: PciDevice): void {
  dev.writeConfig(PCI.COMMAND, 2, dev.readConfig(PCI.COMMAND, 2) & ~COMMAND.MASTER);
  dev.isBusMaster = false;
}

/** A mapped range of a device's memory. Each access is one exit; a read from a removed device returns all ones. */
export class IoMem {
  readonly #dev: PciDevice;

  constructor(
    dev: PciDevice,
    readonly address: number,
    readonly length: number,
  ) {
    this.#dev = dev;
  }

  /** @throws ErrnoError ENXIO when the guest's port is unplugged @see ioread8, ioread16, ioread32 */
  read(offset: number, width: Width): number {
    return this.#dev.kernel.port?.read(this.address + offset, width) ?? 2 ** (8 * width) - 1;
  }

  /** @throws ErrnoError ENXIO when the guest's port is unplugged @see iowrite8, iowrite16, iowrite32 */
  write(offset: number, width: Width, value: number): void {
    this.#dev.kernel.port?.write(this.address + offset, width, value);
  }
}

/**
 * A piece of a memory base register.
 *
 * @returns undefined when it does not lie inside, or the register is for ports
 * @see lib/pci_iomap.c pci_iomap_range
 */
export function iomapRange(dev: PciDevice, bar: number, offset: number, length: number): IoMem | undefined {
  const res = dev.resource[bar];
  if (res === undefined || !res.claimed || (res.flags & IORESOURCE.MEM) === 0) return undefined;
  const size = Number(res.end - res.start) + 1;
  if (offset < 0 || length < 0 || offset + length > size) return undefined;
  return new IoMem(dev, Number(res.start) + offset, length);
}
