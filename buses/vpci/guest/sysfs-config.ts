import type { AttributeGroup, BinAttribute } from '../../../lib/sysfs';
import type { PciDevice } from './device';

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
  for (let at = offset; at < end;) {
    const width = at % 4 === 0 && end - at >= 4 ? 4 : at % 2 === 0 && end - at >= 2 ? 2 : 1;
    access(at, width);
    at += width;
  }
}

/** @see drivers/pci/pci-sysfs.c pci_dev_config_attr_group */
export const configGroup: AttributeGroup<PciDevice> = { binAttrs: [config] };
