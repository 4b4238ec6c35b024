import { Device } from '../../../lib/base/device';
import type { Kernel } from '../../../lib/base/kernel';
import { Fwnode } from '../../../lib/base/links/fwnode';
import type { BusType } from '../../../lib/base/types';
import { attrRo } from '../../../lib/sysfs';

/** @see drivers/acpi/bus.c acpi_bus_type */
export const acpiBus: BusType<AcpiDevice, never> = {
  name: 'acpi',
  devGroups: [
    {
      attrs: [
        attrRo<AcpiDevice>('path', ({ path }) => `${path}\n`),
        attrRo<AcpiDevice>('adr', ({ adr }) => `0x${(adr ?? 0).toString(16).padStart(8, '0')}\n`),
      ],
      isVisible: (dev, attr) => (attr.name === 'adr' && dev.adr === null ? 0 : attr.mode),
    },
  ],
  match: () => false,
};

/** A node of the firmware's tables. @see include/acpi/acpi_bus.h struct acpi_device */
export class AcpiDevice extends Device {
  readonly node: Fwnode;
  readonly nodes: AcpiDevice[] = [];

  constructor(
    kernel: Kernel,
    name: string,
    /** Full name in the tables. */
    readonly path: string,
    readonly above: Fwnode | null,
    /** Device and function as ACPI writes them; null for what is no PCI function. */
    readonly adr: number | null,
    parent: Device | null,
  ) {
    super(kernel, { name, bus: acpiBus, parent, release: () => undefined });
    const { nodes } = this;
    this.node = new Fwnode({
      name,
      path,
      above,
      *availableChildren() {
        for (const { node } of nodes) yield node;
      },
      addLinks: () => undefined,
    });
  }
}
