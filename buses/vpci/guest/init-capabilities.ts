import { findCapability, findExtCapability } from './capability';
import type { PciDevice } from './device';
import { initEnhancedAllocation } from './enhanced-allocation';
import { CAP, MSIX, EXPRESS, EXPRESS_BIT, EXT_CAP, MSI, PM } from '../layout';
import { changePcie, readPcie } from './pcie';
import { reportDowntraining } from './pcie-link';
import { initResetMethods } from './reset-methods';
import { initVpd } from './vpd';

/**
 * Finds the capabilities that the kernel itself uses, and has each in a known state.
 *
 * @see drivers/pci/probe.c pci_init_capabilities
 */
export function initCapabilities(dev: PciDevice): void {
  initEnhancedAllocation(dev);
  turnOff(dev, CAP.MSI, MSI.FLAGS, MSI.ENABLE);
  turnOff(dev, CAP.MSIX, MSIX.CONTROL, MSIX.ENABLE);
  initPowerManagement(dev);
  initVpd(dev);
  configureAri(dev);
  dev.hasAer = findExtCapability(dev, EXT_CAP.AER) !== 0;
  reportDowntraining(dev);
  initResetMethods(dev);
}

/** Messages that firmware left on. @see drivers/pci/msi/msi.c pci_msi_init, pci_msix_init */
function turnOff(dev: PciDevice, id: number, register: number, enable: number): void {
  const cap = findCapability(dev, id);
  if (cap === 0) return;
  const control = dev.readConfig(cap + register, 2);
  if ((control & enable) !== 0) dev.writeConfig(cap + register, 2, control & ~enable);
}

const D_STATES = ['D0', 'D1', 'D2', 'D3hot', 'D3cold'] as const;

/** @see drivers/pci/pci.c pci_pm_init */
function initPowerManagement(dev: PciDevice): void {
  const cap = findCapability(dev, CAP.PM);
  if (cap === 0) return;
  const pmc = dev.readConfig(cap + PM.PMC, 2);
  if ((pmc & PM.VERSION) > 3) {
    dev.err(`unsupported PM cap regs version (${String(pmc & PM.VERSION)})`);
    return;
  }
  dev.pmCap = cap;
  dev.d3coldAllowed = true;
  const states = `${(pmc & PM.D1) === 0 ? '' : ' D1'}${(pmc & PM.D2) === 0 ? '' : ' D2'}`;
  if (states !== '') dev.info(`supports${states}`);
  if ((pmc & PM.PME) === 0) return;
  const from = D_STATES.filter((_, bit) => ((pmc >> PM.PME_SHIFT) & (1 << bit)) !== 0);
  dev.info(`PME# supported from ${from.join(' ')}`);
  const ctrl = dev.readConfig(cap + PM.CTRL, 2);
  dev.writeConfig(cap + PM.CTRL, 2, (ctrl | PM.PME_STATUS) & ~PM.PME_ENABLE);
}

/** A bridge passes on function numbers beyond 7 if the device behind it has them. @see pci_configure_ari */
function configureAri(dev: PciDevice): void {
  const bridge = dev.pciBus.self;
  if (dev.pcie === null || dev.devfn !== 0 || bridge === null) return;
  if ((readPcie(bridge, EXPRESS.DEVCAP2, 4) & EXPRESS_BIT.DEVCAP2_ARI) === 0) return;
  bridge.ariEnabled = findExtCapability(dev, EXT_CAP.ARI) !== 0;
  const bit = EXPRESS_BIT.DEVCTL2_ARI;
  changePcie(bridge, EXPRESS.DEVCTL2, bit, bridge.ariEnabled ? bit : 0);
}
