import type { Device } from '../../../lib/base/device';
import { acpiBus, AcpiDevice } from './acpi-device';
import type { PciBus, PciDevice, PciHostBridge } from './device';
import type { AcpiNode } from './firmware';

/** Nodes of a kernel's tables: that of the host bridge, and how many have no name of their own. */
interface AcpiState {
  root: AcpiDevice | null;
  unnamed: number;
}

const acpiState = (): AcpiState => ({ root: null, unnamed: 0 });

/** Makes the nodes that the tables have, and the host bridge. @see drivers/acpi/pci_root.c acpi_pci_root_add */
export async function addHostBridge(bridge: PciHostBridge): Promise<void> {
  const { firmware } = bridge;
  if (firmware === null) return void (await bridge.add());
  const kernel = bridge.kernel;
  await kernel.registerBus(acpiBus);
  const add = async (
    name: string,
    path: string,
    adr: number | null,
    parent: AcpiDevice | null,
  ): Promise<AcpiDevice> => {
    const dev = new AcpiDevice(kernel, name, path, parent?.node ?? null, adr, parent);
    await dev.add();
    parent?.nodes.push(dev);
    return dev;
  };
  const state = kernel.stateOf(acpiState);
  const system = await add('LNXSYSTM:00', '\\', null, null);
  const below = await add('LNXSYBUS:00', '\\_SB_', null, system);
  state.root = await add('PNP0A08:00', '\\_SB_.PCI0', null, below);
  const addAll = async (parent: AcpiDevice, nodes: readonly AcpiNode[]): Promise<void> => {
    for (const { devfn, children } of nodes) {
      const name = `device:${(state.unnamed++).toString(16).padStart(2, '0')}`;
      const path = `${parent.path}.S${devfn.toString(16).toUpperCase().padStart(2, '0')}_`;
      await addAll(await add(name, path, ((devfn >> 3) << 16) | (devfn & 7), parent), children);
    }
  };
  await addAll(state.root, firmware.nodes);
  bridge.acpi = state.root;
  await bridge.add();
  linkCompanion(bridge);
}

/** A device with a node. */
type Companion = Device & { readonly acpi: AcpiDevice | null };

function nodesOf(bus: PciBus): readonly AcpiDevice[] {
  return (bus.self ?? bus.root).acpi?.nodes ?? [];
}

/** @see drivers/pci/pci-acpi.c pci_acpi_find_companion */
export function bindCompanion(dev: PciDevice): void {
  const adr = ((dev.devfn >> 3) << 16) | (dev.devfn & 7);
  dev.acpi = nodesOf(dev.pciBus).find((node) => node.adr === adr) ?? null;
}

/** @see drivers/acpi/glue.c acpi_bind_one */
export function linkCompanion(dev: Companion): void {
  if (dev.acpi === null) return;
  dev.sd?.addLink('firmware_node', dev.acpi.sd);
  dev.acpi.sd?.addLink('physical_node', dev.sd);
}

/** @see drivers/acpi/glue.c acpi_unbind_one */
export function unlinkCompanion(dev: Companion): void {
  void dev.acpi?.sd?.removeName('physical_node');
}
