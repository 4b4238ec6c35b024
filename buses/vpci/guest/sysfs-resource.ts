import { attrRo, type Attribute, type AttributeGroup, type BinAttribute } from '../../../lib/sysfs';
import type { PciDevice } from './device';
import { hexDigits } from '../layout';
import { IORESOURCE, RESOURCE, resourceSize } from './resource';
import { romFile } from './rom';

/** A line for each resource: first and last address, flags. @see drivers/pci/pci-sysfs.c resource_show */
function resourceShow(dev: PciDevice): string {
  const count = dev.subordinate === null ? RESOURCE.BRIDGE : RESOURCE.COUNT;
  const x = (value: bigint | number): string => `0x${hexDigits(value, 16)}`;
  return dev.resource
    .slice(0, count)
    .map((res) => `${x(res.start)} ${x(res.end)} ${x(res.flags)}\n`)
    .join('');
}

/** The file `resource`. */
export const resourceAttr: Attribute<PciDevice> = attrRo<PciDevice>('resource', resourceShow);

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

/** @see drivers/pci/pci-sysfs.c pci_dev_rom_attr_group */
export const romGroup: AttributeGroup<PciDevice> = {
  binAttrs: [romFile],
  isBinVisible: (dev, attr) => (resourceSize(dev.resource[RESOURCE.ROM]) === 0n ? 0 : attr.mode),
};
