import type { PciDevice } from './device';
import { BRIDGE, HEADER, EXPRESS, EXPRESS_BIT, PORT_TYPE } from '../layout';
import { changePcie, findRootPort, isDownstreamPort, pcieType, readPcie, upstreamBridge } from './pcie';

/**
 * Sets up what a link's two ends must agree on.
 *
 * @see drivers/pci/probe.c pci_configure_device
 */
export function configureDevice(dev: PciDevice): void {
  configureMps(dev);
  configureExtendedTags(dev);
  configureSerr(dev);
  configureRcb(dev);
}

/** Most bytes in one packet, as set. @see drivers/pci/pci.c pcie_get_mps */
function getMps(dev: PciDevice): number {
  return 128 << ((readPcie(dev, EXPRESS.DEVCTL, 2) & EXPRESS_BIT.DEVCTL_PAYLOAD) >> 5);
}

/** Most bytes in one packet that the device can take. @see struct pci_dev pcie_mpss */
function mostMps({ pcie }: PciDevice): number {
  return 128 << ((pcie?.devcap ?? 0) & EXPRESS_BIT.DEVCAP_PAYLOAD);
}

/** @returns false for a size that the device cannot take @see drivers/pci/pci.c pcie_set_mps */
function setMps(dev: PciDevice, mps: number): boolean {
  if (mps < 128 || mps > 4096 || mps > mostMps(dev)) return false;
  const value = (31 - Math.clz32(mps) - 7) << 5;
  changePcie(dev, EXPRESS.DEVCTL, EXPRESS_BIT.DEVCTL_PAYLOAD, value);
  return true;
}

/** A device takes packets as big as its bridge sends them. @see drivers/pci/probe.c pci_configure_mps */
function configureMps(dev: PciDevice): void {
  if (dev.pcie === null) return;
  if (pcieType(dev) === PORT_TYPE.ROOT_COMPLEX_ENDPOINT) {
    if (!setMps(dev, mostMps(dev))) warnOfMps(dev, mostMps(dev));
    return;
  }
  const bridge = upstreamBridge(dev);
  if (bridge !== null && bridge.pcie !== null && getMps(dev) !== getMps(bridge)) matchMps(dev, bridge);
}

function matchMps(dev: PciDevice, bridge: PciDevice): void {
  const was = getMps(dev);
  const most = mostMps(dev);
  const above = getMps(bridge);
  if (most < above && pcieType(bridge) === PORT_TYPE.ROOT_PORT) {
    setMps(bridge, most);
    const sizes = `${String(most)} (was ${String(above)}, max ${String(mostMps(bridge))})`;
    dev.info(`Upstream bridge's Max Payload Size set to ${sizes}`);
  }
  const mps = getMps(bridge);
  if (!setMps(dev, mps)) warnOfMps(dev, mps);
  else dev.info(`Max Payload Size set to ${String(mps)} (was ${String(was)}, max ${String(most)})`);
}

function warnOfMps(dev: PciDevice, mps: number): void {
  const advice = 'if necessary, use "pci=pcie_bus_safe" and report a bug';
  dev.warn(`can't set Max Payload Size to ${String(mps)}; ${advice}`);
}

/** @see drivers/pci/probe.c pci_configure_extended_tags */
function configureExtendedTags(dev: PciDevice): void {
  if (((dev.pcie?.devcap ?? 0) & EXPRESS_BIT.DEVCAP_EXT_TAG) === 0) return;
  if ((readPcie(dev, EXPRESS.DEVCTL, 2) & EXPRESS_BIT.DEVCTL_EXT_TAG) !== 0) return;
  dev.info('enabling Extended Tags');
  changePcie(dev, EXPRESS.DEVCTL, 0, EXPRESS_BIT.DEVCTL_EXT_TAG);
}

/** A bridge passes errors on. @see drivers/pci/probe.c pci_configure_serr */
function configureSerr(dev: PciDevice): void {
  if (dev.hdrType !== HEADER.BRIDGE) return;
  const control = dev.readConfig(BRIDGE.CONTROL, 2);
  if ((control & BRIDGE.CONTROL_SERR) === 0) dev.writeConfig(BRIDGE.CONTROL, 2, control | BRIDGE.CONTROL_SERR);
}

/** Where completions of a read may be cut is the root port's to say. @see drivers/pci/probe.c pci_configure_rcb */
function configureRcb(dev: PciDevice): void {
  const type = pcieType(dev);
  const decides = isDownstreamPort(dev) && type !== PORT_TYPE.PCIE_BRIDGE;
  const hasNone = type === PORT_TYPE.UPSTREAM || type === PORT_TYPE.ROOT_COMPLEX_EVENT_COLLECTOR;
  const root = dev.pcie === null || decides || hasNone ? null : findRootPort(dev);
  if (root === null) return;
  const rcb = readPcie(root, EXPRESS.LNKCTL, 2) & EXPRESS_BIT.LINK_RCB;
  changePcie(dev, EXPRESS.LNKCTL, EXPRESS_BIT.LINK_RCB, rcb);
}
