import { ioOr } from '../../../lib/access';
import type { Work } from '../../../lib/world';
import type { DeviceType } from '../../../lib/base/types';
import type { PciBus, PciHostBridge } from './device';
import { lockedRescanRemove } from './rescan-remove';
import { HOTPLUG, MACHINE } from '../layout';
import { rescanBus, trimStaleDevices } from './remove';

/**
 * Listens to the hot-plug controller: at its interrupt the slots are scanned, functions that do not respond are
 * removed, new ones are added.
 *
 * @see drivers/pci/hotplug/acpiphp_glue.c hotplug_event
 */
export function listenToHotplug(bus: PciBus): void {
  const { kernel, root } = bus;
  const { port } = kernel;
  if (port === null) return;
  const work: Work = { name: 'acpi_hotplug_work_fn', run: () => lockedRescanRemove(root, () => checkBridge(bus)) };
  const error = kernel.irq.request(
    MACHINE.HOTPLUG_VECTOR,
    () => {
      const events = ioOr(0, () => port.read(MACHINE.HOTPLUG + HOTPLUG.EVENTS, 4));
      ioOr(undefined, () => port.write(MACHINE.HOTPLUG + HOTPLUG.EVENTS, 4, events));
      if (events !== 0) root.hotplugWq.queue(work);
    },
    'pci-hotplug',
  );
  if (error !== 0) kernel.log.err('pci_hotplug: the vector of the controller is in use; plugged devices need a rescan');
  else enableHotplug(root);
}

function enableHotplug({ kernel }: PciHostBridge): void {
  kernel.port?.write(MACHINE.HOTPLUG + HOTPLUG.ENABLE, 4, 1);
}

/**
 * The controller loses its enable bit at power-off.
 *
 * @see drivers/acpi/sleep.c acpi_hibernation_leave
 */
export const hostBridgeType: DeviceType<PciHostBridge> = { name: 'pci_host_bridge', pm: { restore: enableHotplug } };

/** @see drivers/pci/hotplug/acpiphp_glue.c acpiphp_check_bridge */
async function checkBridge(bus: PciBus): Promise<void> {
  await trimStaleDevices(bus);
  await rescanBus(bus);
}
