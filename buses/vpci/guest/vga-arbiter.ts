import type { PciDevice, VgaDevice } from './device';
import { BRIDGE, CLASS, COMMAND, PCI } from '../layout';
import { upstreamBridge } from './pcie';

export function isVga(dev: PciDevice): boolean {
  return dev.classCode >> 8 === CLASS.DISPLAY_VGA;
}

function command(dev: PciDevice): number {
  return dev.readConfig(PCI.COMMAND, 2) & (COMMAND.IO | COMMAND.MEMORY);
}

/** All bridges above must pass on what is for displays. */
function ownsLegacy(dev: PciDevice): boolean {
  for (let at = upstreamBridge(dev); at !== null; at = upstreamBridge(at)) {
    if ((at.readConfig(BRIDGE.CONTROL, 2) & BRIDGE.CONTROL_VGA) === 0) return false;
  }
  return command(dev) === (COMMAND.IO | COMMAND.MEMORY);
}

/** The first that owns them, else the first that decodes anything, else the first. @see vga_is_boot_device */
function isBootDevice(vga: VgaDevice, boot: VgaDevice | null): boolean {
  if (boot?.ownsLegacy === true) return false;
  if (vga.ownsLegacy) return true;
  return command(vga.dev) === 0 ? boot === null : boot === null || command(boot.dev) === 0;
}

/** A display is found. @see drivers/pci/vgaarb.c vga_arbiter_add_pci_device */
export function addVgaDevice(dev: PciDevice): void {
  if (!isVga(dev)) return;
  const { root } = dev.pciBus;
  const vga = { dev, ownsLegacy: ownsLegacy(dev) };
  if (!isBootDevice(vga, root.bootVga)) return;
  dev.info(`vgaarb: setting as boot VGA device${root.bootVga === null ? '' : ' (overriding previous)'}`);
  root.bootVga = vga;
}

/** @see drivers/pci/vgaarb.c vga_arbiter_del_pci_device */
export function removeVgaDevice(dev: PciDevice): void {
  const { root } = dev.pciBus;
  if (root.bootVga?.dev === dev) root.bootVga = null;
}
