import { EINVAL } from '../../../lib/errno';
import { cString, kstrtoul, strim, sysfsStreq } from '../../../lib/kstrtox';
import { attrRw, attrWo, type AttributeGroup } from '../../../lib/sysfs';
import type { PciDevice, ResetMethod } from './device';
import { resetFunction } from './reset';
import { initResetMethods, RESET_METHODS } from './reset-methods';

/** @see drivers/pci/pci-sysfs.c reset_store */
async function resetStore(dev: PciDevice, text: string): Promise<number | void> {
  if (kstrtoul(text, 0) !== 1n) return -EINVAL;
  const error = await resetFunction(dev);
  return error < 0 ? error : undefined;
}

/** @see drivers/pci/pci.c reset_method_show */
function resetMethodShow({ resetMethods }: PciDevice): string {
  return resetMethods.length === 0 ? '' : `${resetMethods.map(({ name }) => name).join(' ')}\n`;
}

/** More ways than there are cannot be named. @see drivers/pci/pci.h PCI_NUM_RESET_METHODS */
const MOST_METHODS = 6;

/**
 * Which ways may be tried, and in which order. A list that names something else changes nothing.
 *
 * @see drivers/pci/pci.c reset_method_store
 */
function resetMethodStore(dev: PciDevice, text: string): number | void {
  if (sysfsStreq(text, 'default')) return initResetMethods(dev);
  if (sysfsStreq(text, '')) {
    dev.resetMethods = [];
    dev.warn('All device reset methods disabled by user');
    return undefined;
  }
  const methods: ResetMethod[] = [];
  for (const word of cString(text).split(' ')) {
    if (sysfsStreq(word, '')) continue;
    const method = lookUp(dev, strim(word));
    if (method === undefined) return -EINVAL;
    if (methods.length === MOST_METHODS) {
      dev.err('Too many reset methods');
      return -EINVAL;
    }
    methods.push(method);
  }
  dev.resetMethods = methods;
  return undefined;
}

/** A way that there is, and that the device has; otherwise the log says what was wrong. */
function lookUp(dev: PciDevice, name: string): ResetMethod | undefined {
  const method = RESET_METHODS.find((known) => sysfsStreq(name, known.name));
  if (method?.probe(dev) === true) return method;
  dev.err(`${method === undefined ? 'Invalid' : 'Unsupported'} reset method '${name}'`);
  return undefined;
}

/** @see drivers/pci/pci-sysfs.c pci_dev_reset_attr_group, pci.c pci_dev_reset_method_attr_group */
export const resetGroup: AttributeGroup<PciDevice> = {
  attrs: [attrWo<PciDevice>('reset', resetStore), attrRw<PciDevice>('reset_method', resetMethodShow, resetMethodStore)],
  isVisible: (dev, attr) => (dev.resetMethods.length === 0 ? 0 : attr.mode),
};
