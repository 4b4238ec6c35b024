import { EINVAL } from '../../../lib/errno';
import { kstrtobool } from '../../../lib/kstrtox';
import { attrRo, attrRw, attrWo, type Attribute, type AttributeGroup } from '../../../lib/sysfs';
import type { PciDevice } from './device';
import { BRIDGE, EXPRESS, EXPRESS_BIT } from '../layout';
import { readPcie, upstreamBridge } from './pcie';
import { currentLink, speedCap, speedString, widthCap } from './pcie-link';
import { resetBus } from './reset';
import { onNonZero } from './sysfs-bus';

/** Shown from the registers; those of a device that has gone cannot be read. */
function registerAttr(name: string, show: (dev: PciDevice) => string | number): Attribute<PciDevice> {
  return attrRo<PciDevice>(name, (dev) => (dev.disconnected ? -EINVAL : `${String(show(dev))}\n`));
}

/** @see drivers/pci/pci-sysfs.c pci_bridge_attr_group */
export const bridgeGroup: AttributeGroup<PciDevice> = {
  attrs: [
    registerAttr('subordinate_bus_number', (dev) => dev.readConfig(BRIDGE.SUBORDINATE_BUS, 1)),
    registerAttr('secondary_bus_number', (dev) => dev.readConfig(BRIDGE.SECONDARY_BUS, 1)),
    attrWo<PciDevice>('reset_subordinate', (dev, text) => onNonZero(text, () => resetSubordinate(dev))),
  ],
  isVisible: (dev, attr) => (dev.isBridge ? attr.mode : 0),
};

/** @see drivers/pci/pci-sysfs.c reset_subordinate_store */
async function resetSubordinate({ subordinate }: PciDevice): Promise<number | void> {
  const error = subordinate === null ? -EINVAL : await resetBus(subordinate);
  return error === 0 ? undefined : error;
}

/** @see drivers/pci/pci-sysfs.c pcie_dev_attr_group */
export const linkGroup: AttributeGroup<PciDevice> = {
  attrs: [
    registerAttr('current_link_speed', (dev) => speedString(currentLink(dev).speed)),
    registerAttr('current_link_width', (dev) => currentLink(dev).width),
    attrRo<PciDevice>('max_link_width', (dev) => `${String(widthCap(dev))}\n`),
    attrRo<PciDevice>('max_link_speed', (dev) => `${speedString(speedCap(dev))}\n`),
  ],
  isVisible: (dev, attr) => (dev.pcie === null ? 0 : attr.mode),
};

/** Can both ends of the link above a device rest in state L0s? @see drivers/pci/pcie/aspm.c pcie_aspm_cap_init */
function canRest(dev: PciDevice): boolean {
  const bridge = upstreamBridge(dev);
  const ends = bridge === null ? [] : [dev, bridge];
  return (
    ends.length > 0 &&
    ends.every((end) => end.pcie !== null && (readPcie(end, EXPRESS.LNKCAP, 4) & EXPRESS_BIT.LNKCAP_L0S) !== 0)
  );
}

/** What is written is kept and has no effect. @see drivers/pci/pcie/aspm.c aspm_ctrl_attr_group */
export const aspmGroup: AttributeGroup<PciDevice> = {
  name: 'link',
  attrs: [
    attrRw<PciDevice>(
      'l0s_aspm',
      (dev) => `${String(Number(dev.aspmL0s))}\n`,
      (dev, text) => {
        const on = kstrtobool(text);
        if (typeof on === 'number') return on;
        dev.aspmL0s = on;
        return undefined;
      },
    ),
  ],
  isVisible: (dev, attr) => (canRest(dev) ? attr.mode : 0),
};
