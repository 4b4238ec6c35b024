import { NO_RUNTIME_PM, type RuntimePm } from '../../../lib/base/power/runtime-pm';
import type { Driver } from '../../../lib/base/driver';
import { Device } from '../../../lib/base/device';
import type { Kernel } from '../../../lib/base/kernel';
import { ENODEV } from '../../../lib/errno';
import type { BusType, DeviceDriver } from '../../../lib/base/types';
import { kobjectUevent } from '../../../lib/kobject/uevent';
import { andThen, each, type MaySleep } from '../../../lib/may-sleep';
import { pciBus } from './bus';
import { findExtCapability } from './capability';
import type { PciDevice, PciDriver } from './device';
import { disableDevice, enableDevice, setMaster } from './enable';
import { allocIrqVectors, freeIrqVectors, PCI_IRQ } from './irq';
import { pcieType, readPcie } from './pcie';
import { EXPRESS, EXT_CAP, PORT_TYPE } from '../layout';

/** Services of a port. @see drivers/pci/pcie/portdrv.h PCIE_PORT_SERVICE_PME and following */
const SERVICE = Object.freeze({ PME: 1, AER: 2, HP: 4, DPC: 8, BWNOTIF: 0x10 });
/** A port that tells of changes of its link. @see include/uapi/linux/pci_regs.h PCI_EXP_LNKCAP_LBNC */
const LNKCAP_LBNC = 0x0020_0000;
const NORMAL_BRIDGE = 0x0604_00;
const SUBTRACTIVE_BRIDGE = 0x0604_01;

/** A service of a port: a device of its own. @see include/linux/pcieport_if.h struct pcie_device */
class PcieDevice extends Device {
  constructor(
    readonly port: PciDevice,
    readonly service: number,
  ) {
    const id = ((pcieType(port) - PORT_TYPE.ROOT_PORT) << 8) | service;
    const name = `${String(port.name)}:pcie${id.toString(16).padStart(3, '0')}`;
    super(port.kernel, { name, bus: pcieportBus, parent: port, release: () => undefined });
  }

  override get runtimePm(): RuntimePm {
    return { ...NO_RUNTIME_PM, isAsync: true, hasCallbacks: false };
  }
}

/** A driver of services. @see include/linux/pcieport_if.h struct pcie_port_service_driver */
interface PcieServiceDriver extends DeviceDriver<PcieDevice> {
  readonly service: number;
}

function defOf(dev: PcieDevice): PcieServiceDriver {
  return (dev.driver as unknown as Driver<PcieServiceDriver>).def;
}

/** @see drivers/pci/pcie/portdrv_pci.c pcie_port_bus_type */
const pcieportBus: BusType<PcieDevice, PcieServiceDriver> = {
  name: 'pci_express',
  callsDriver: true,
  match: (dev, drv) => drv.def.service === dev.service,
  probe: (dev) => defOf(dev).probe?.(dev),
  remove: (dev) => defOf(dev).remove?.(dev),
};

/** Devices whose power users may be told about. @see drivers/base/power/wakeup.c device_set_wakeup_capable */
const wakeupCapable = (): WeakSet<Device> => new WeakSet();

/** @see drivers/pci/pcie/pme.c pcie_pme_probe */
function pmeProbe({ port }: PcieDevice): number {
  const known = port.kernel.stateOf(wakeupCapable);
  if (!known.has(port)) {
    known.add(port);
    kobjectUevent(port, 'change');
  }
  port.info(`PME: Signaling with IRQ ${String(irqOf(port))}`);
  return 0;
}

/** @see drivers/pci/pcie/aer.c aer_probe */
function aerProbe({ port }: PcieDevice): number {
  port.info(`AER: enabled with IRQ ${String(irqOf(port))}`);
  return 0;
}

function irqOf(port: PciDevice): number {
  const [vector] = port.msix?.vectors ?? [];
  return vector === undefined ? port.irq : port.pciBus.root.messageNumber(vector);
}

function serviceDriver(name: string, service: number, probe: (dev: PcieDevice) => number): PcieServiceDriver {
  return { name, bus: pcieportBus, service, probe };
}

const SERVICE_DRIVERS: readonly PcieServiceDriver[] = [
  serviceDriver('aer', SERVICE.AER, aerProbe),
  serviceDriver('pcie_pme', SERVICE.PME, pmeProbe),
  serviceDriver('dpc', SERVICE.DPC, () => 0),
  serviceDriver('pciehp', SERVICE.HP, () => 0),
];

/** What the port has and the firmware leaves to the kernel: not hot-plug. @see get_port_device_capability */
function servicesOf(dev: PciDevice): readonly number[] {
  const isRoot = pcieType(dev) === PORT_TYPE.ROOT_PORT;
  const hasAer = isRoot && findExtCapability(dev, EXT_CAP.AER) !== 0;
  const tellsBandwidth = (readPcie(dev, EXPRESS.LNKCAP, 4) & LNKCAP_LBNC) !== 0;
  return [
    ...(isRoot ? [SERVICE.PME] : []),
    ...(hasAer ? [SERVICE.AER] : []),
    ...(tellsBandwidth ? [SERVICE.BWNOTIF] : []),
  ];
}

/** @see drivers/pci/pcie/portdrv_core.c pcie_port_device_register */
async function portProbe(dev: PciDevice): Promise<number> {
  const error = enableDevice(dev);
  if (error !== 0) return error;
  setMaster(dev);
  allocIrqVectors(dev, 1, 1, PCI_IRQ.ALL_TYPES & ~PCI_IRQ.MSI);
  const services: PcieDevice[] = [];
  dev.drvdata = services;
  for (const service of servicesOf(dev)) {
    const made = new PcieDevice(dev, service);
    await made.add();
    services.push(made);
  }
  return 0;
}

/** @see drivers/pci/pcie/portdrv_core.c pcie_port_device_remove */
function portRemove(dev: PciDevice): MaySleep<void> {
  const services = dev.drvdata as PcieDevice[];
  return andThen(
    each(services, (service) => service.unregister()),
    () => {
      freeIrqVectors(dev);
      disableDevice(dev);
    },
  );
}

/** The driver of ports of PCI Express. @see drivers/pci/pcie/portdrv_pci.c pcie_portdriver */
const pcieportDriver: PciDriver = {
  name: 'pcieport',
  bus: pciBus,
  idTable: [NORMAL_BRIDGE, SUBTRACTIVE_BRIDGE].map((cls) => ({ class: cls, classMask: 0xff_ffff })),
  probe: (dev) => (dev.pcie === null ? -ENODEV : portProbe(dev)),
  remove: portRemove,
};

/**
 * Registers the bus of the services of ports, the drivers of these, and that of ports. Before the devices are found.
 *
 * @throws ErrnoError EEXIST when it was done before
 * @see drivers/pci/pcie/portdrv_pci.c pcie_portdrv_init
 */
export async function pciePortInit(kernel: Kernel): Promise<void> {
  await kernel.registerBus(pcieportBus);
  for (const driver of SERVICE_DRIVERS) await kernel.registerDriver(driver);
  await kernel.registerDriver(pcieportDriver);
}
