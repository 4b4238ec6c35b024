import { NO_RUNTIME_PM, type RuntimePm } from '../../../lib/base/power/runtime-pm';
import type { Fwnode } from '../../../lib/base/links/fwnode';
import type { DmaPool } from '../../../lib/access';
import { Device, devMessage, type DeviceInit } from '../../../lib/base/device';
import type { Kernel } from '../../../lib/base/kernel';
import type { BusType, DeviceClass, DeviceDriver, DeviceType } from '../../../lib/base/types';
import type { Width } from '../../../lib/hypervisor/port';
import { Ida } from '../../../lib/ida';
import type { MaySleep } from '../../../lib/may-sleep';
import { bdfName, HEADER, hexDigits, MACHINE } from '../layout';
import { emptyResource, RESOURCE, type PciResource } from './resource';
import { Mutex, Workqueue } from '../../../lib/world';
import type { AcpiDevice } from './acpi-device';
import type { PciFirmware } from './firmware';
import type { ConfigAccess } from './config-access';

/**
 * A row of a driver's table: which devices it takes. A field that is absent takes any value, a class without a mask
 * is not looked at.
 *
 * @see include/linux/mod_devicetable.h struct pci_device_id
 */
export interface PciDeviceId {
  readonly vendor?: number;
  readonly device?: number;
  readonly subvendor?: number;
  readonly subdevice?: number;
  /** Class, subclass and programming interface. */
  readonly class?: number;
  readonly classMask?: number;
  /** The driver's own. */
  readonly driverData?: number;
  /** Only for a device whose driver_override names the driver. */
  readonly overrideOnly?: boolean;
}

/**
 * A driver of PCI functions. A value without state.
 *
 * @see include/linux/pci.h struct pci_driver
 */
export interface PciDriver extends DeviceDriver<PciDevice> {
  /** Which devices it takes; absent: only those that new_id or driver_override give it. */
  readonly idTable?: readonly PciDeviceId[];
  /**
   * Takes the device. A positive number is warned of and means bound.
   *
   * @param id the row that matched at this moment; a row without fields for an override
   */
  probe?(dev: PciDevice, id?: PciDeviceId): MaySleep<number | void>;
}

/** One way of resetting a function. @see drivers/pci/pci.c pci_reset_fn_methods */
export interface ResetMethod {
  readonly name: string;
  /** May the device be reset so? */
  probe(dev: PciDevice): boolean;
  /** @returns 0; -ENOTTY when it does not respond afterwards; -EINVAL in a state that forbids it */
  reset(dev: PciDevice): Promise<number>;
}

/** Vital product data of a card, read word by word through two registers. @see include/linux/pci.h struct pci_vpd */
export interface PciVpd {
  /** Where the capability begins. */
  readonly cap: number;
  readonly mutex: Mutex;
  /** Bytes; 0 before the first access, undefined when there is none after all. */
  length: number | undefined;
}

const NO_METHODS: readonly ResetMethod[] = Object.freeze([]);

/** What a device keeps of its PCI Express capability. @see include/linux/pci.h struct pci_dev pcie_cap */
export interface PcieCapability {
  /** Where it begins. */
  readonly cap: number;
  /** Version, type of port, slot. */
  readonly flags: number;
  readonly devcap: number;
}

/** What a device had in its registers. */
export interface SavedState {
  readonly header: readonly number[];
  readonly pcie: readonly number[];
}

/** Vectors that a device was given for messages. @see include/linux/msi.h */
export interface MsixState {
  /** Offset of the capability. */
  readonly cap: number;
  /** Interrupt numbers by index of the table. */
  readonly vectors: readonly number[];
}

/**
 * One function of the PCI bus.
 *
 * @see include/linux/pci.h struct pci_dev
 */
export class PciDevice extends Device {
  hdrType = 0;
  multifunction = false;
  /** Class, subclass and programming interface. */
  classCode = 0;
  revision = 0;
  subsystemVendor = 0;
  subsystemDevice = 0;
  cfgSize = 256;
  /** Its PCI Express capability, if it has one. */
  pcie: PcieCapability | null = null;
  /** Offset of its power management capability; 0 for none. */
  pmCap = 0;
  /** Its vital product data; null for none. */
  vpd: PciVpd | null = null;
  /** It counts errors. @see struct pci_dev aer_stats */
  hasAer = false;
  /** Devices may be plugged in behind it. */
  isHotplugBridge = false;
  /** The one device behind it numbers its functions beyond 7. */
  ariEnabled = false;
  /** Memory that is near it; -1 for none. @see include/linux/device.h dev_to_node */
  numaNode = -1;
  /** Ways of resetting it, the first to be tried first. */
  resetMethods: readonly ResetMethod[] = NO_METHODS;
  /** Offset of the base register of its ROM; 0 for none. */
  romBaseReg = 0;
  /** The file `rom` may be read. */
  romAttrEnabled = false;
  /** Vector of its pin; 0 for none. */
  irq = 0;
  /** Which of the pins it has, from 1; 0 for none. */
  pin = 0;
  /** Its node in the tables of the firmware. */
  acpi: AcpiDevice | null = null;
  readonly resource: readonly PciResource[] = Array.from({ length: RESOURCE.COUNT }, emptyResource);
  /** No driver may match before the second phase of adding. */
  matchDriver = false;
  /** The second phase is done. */
  isAdded = false;
  /** Its slot was found empty; its registers are not accessed any more. */
  disconnected = false;
  /** How often it was enabled. */
  enableCount = 0;
  dmaMaskBits = 32;
  d3coldAllowed = false;
  /** What a user wants of the link above it. */
  aspmL0s = false;
  brokenParity = false;
  noMsi = false;
  /** The bus behind a bridge. */
  subordinate: PciBus | null = null;
  msix: MsixState | null = null;
  isBusMaster = false;
  powerState: 'unknown' | 'D0' = 'unknown';
  /** Its registers from before a sleep or a reset; null otherwise. */
  savedState: SavedState | null = null;
  /** A bad capability list is reported once. */
  badCapabilityList = false;

  constructor(
    kernel: Kernel,
    readonly pciBus: PciBus,
    readonly devfn: number,
    readonly vendor: number,
    readonly device: number,
    init: DeviceInit,
  ) {
    super(kernel, { ...init, name: bdfName(pciBus.number, devfn), parent: pciBus.bridge, release: () => pciBus.put() });
    pciBus.get();
  }

  override get fwnode(): Fwnode | null {
    return this.acpi?.node ?? super.fwnode;
  }

  /** @see drivers/pci/pci.c pci_pm_init, drivers/pci/pci-driver.c local_pci_probe */
  override get runtimePm(): RuntimePm {
    const isPort = this.isBridge && this.pcie !== null;
    const usage = this.driver === null ? 0 : 1;
    const common = { isAsync: true, isEnabled: true, isForbidden: true, hasCallbacks: true, usage };
    return isPort ? { ...common, wakeup: false } : common;
  }

  /** True for the header of a bridge between two buses, CardBus included. @see include/linux/pci.h pci_is_bridge */
  get isBridge(): boolean {
    return this.hdrType === HEADER.BRIDGE || this.hdrType === HEADER.CARDBUS;
  }

  /** Subtractive decode. @see struct pci_dev transparent */
  get isTransparent(): boolean {
    return this.hdrType === HEADER.BRIDGE && (this.classCode & 0xff) === 1;
  }

  /** Reads a register; all ones when the device has gone. @see drivers/pci/access.c pci_read_config_dword */
  readConfig(offset: number, width: Width): number {
    if (this.disconnected) return 2 ** (8 * width) - 1;
    return this.pciBus.root.config.read(this.pciBus.number, this.devfn, offset, width);
  }

  /** @see drivers/pci/access.c pci_write_config_dword */
  writeConfig(offset: number, width: Width, value: number): void {
    if (!this.disconnected) this.pciBus.root.config.write(this.pciBus.number, this.devfn, offset, width, value);
  }

  /** Guest memory that the device can reach. @throws Error in a kernel without memory */
  get dma(): DmaPool {
    const { dma } = this.kernel;
    if (dma === null) throw new Error(`${String(this.name)}: this kernel has no port and so no memory for devices`);
    return dma;
  }

  /** Text of a line of the log. Before the device is on its bus the kernel says `pci` all the same. @see pci_info */
  message(text: string): string {
    return devMessage(this, text);
  }

  info(text: string): void {
    this.kernel.log.info(this.message(text));
  }

  warn(text: string): void {
    this.kernel.log.warn(this.message(text));
  }

  err(text: string): void {
    this.kernel.log.err(this.message(text));
  }
}

/** A display, and whether the ports and the memory of the first PCs lead to it. @see drivers/pci/vgaarb.c */
export interface VgaDevice {
  readonly dev: PciDevice;
  readonly ownsLegacy: boolean;
}

/**
 * Operations of the files of devices and buses; passed by the creator of the bridge, so that files need not import
 * them.
 */
export interface PciHostOps {
  rescanBus(bus: PciBus): MaySleep<void>;
  rescanBusBridgeResize(bus: PciBus, bridge: PciDevice): MaySleep<void>;
  stopAndRemoveBusDevice(dev: PciDevice): MaySleep<void>;
}

/**
 * The root of one PCI domain in one kernel, /sys/devices/pci0000:00.
 *
 * @see include/linux/pci.h struct pci_host_bridge
 */
export class PciHostBridge extends Device {
  /** Held by everything that adds or removes functions. @see drivers/pci/probe.c pci_rescan_remove_lock */
  readonly rescanRemove = new Mutex();
  /** Where hot-plug events are worked on. */
  readonly hotplugWq: Workqueue;
  /** The user's alignment for devices that are found later; empty for none. */
  resourceAlignment = '';
  /** How many buses the scan that runs has looked at. */
  busScans = 0;
  /** Its node in the tables of the firmware. */
  acpi: AcpiDevice | null = null;
  /** The display that firmware used. */
  bootVga: VgaDevice | null = null;
  readonly #vectors = new Ida();

  constructor(
    kernel: Kernel,
    readonly config: ConfigAccess,
    readonly ops: PciHostOps,
    type: DeviceType<PciHostBridge>,
    /** Null: registers say all there is to know. */
    readonly firmware: PciFirmware | null = null,
  ) {
    super(kernel, { name: 'pci0000:00', type, release: () => undefined });
    this.hotplugWq = new Workqueue(kernel.world, 'kacpi_hotplug', kernel);
  }

  override get fwnode(): Fwnode | null {
    return this.acpi?.node ?? super.fwnode;
  }

  override get runtimePm(): RuntimePm {
    return { ...NO_RUNTIME_PM, isAsync: true };
  }

  /** The number by which users know the interrupt of a message. */
  messageNumber(vector: number): number {
    return this.firmware === null ? vector : vector - MACHINE.FIRST_MESSAGE_VECTOR + this.firmware.firstMessage;
  }

  /** Interrupt numbers that are unused in this kernel. */
  allocVectors(count: number): number[] {
    const vectors: number[] = [];
    const refused: number[] = [];
    while (vectors.length < count) {
      const vector = MACHINE.FIRST_MESSAGE_VECTOR + this.#vectors.alloc();
      (this.kernel.irq.isRequested(vector) ? refused : vectors).push(vector);
    }
    this.freeVectors(refused);
    return vectors;
  }

  freeVectors(vectors: readonly number[]): void {
    for (const vector of vectors) this.#vectors.free(vector - MACHINE.FIRST_MESSAGE_VECTOR);
  }
}

/** A window of a bus: what its bridge passes on, and what has its place in it. */
export interface BusWindow {
  readonly res: PciResource;
  /** In order of address; they do not overlap. */
  readonly claims: { readonly res: PciResource; readonly name: string }[];
  /** Below these addresses there is no room of a size and an alignment: a search goes on there. */
  readonly searched: Map<string, bigint>;
}

/**
 * One bus with its slots, a device of class pci_bus.
 *
 * @see include/linux/pci.h struct pci_bus
 */
export class PciBus extends Device {
  readonly #devices: PciDevice[] = [];
  readonly #byDevfn = new Map<number, PciDevice>();
  /** What may be given to its devices; bridges read their own. */
  readonly windows: BusWindow[] = [];
  /** Windows of the bus above, behind a bridge with subtractive decode. */
  subtractive: readonly BusWindow[] = [];
  /** The windows were read. */
  isScanned = false;
  /** Its numbers have their place below those of the bus above. */
  busnInserted = false;
  /** No messages for devices on it. @see include/linux/pci.h PCI_BUS_FLAGS_NO_MSI */
  noMsi = false;
  /** Only 256 bytes of its functions can be reached. @see include/linux/pci.h PCI_BUS_FLAGS_NO_EXTCFG */
  noExtCfg = false;

  /**
   * @param self the bridge in front of it; null for a root bus
   * @param busnEnd highest bus number below it
   */
  constructor(
    kernel: Kernel,
    readonly root: PciHostBridge,
    readonly upper: PciBus | null,
    readonly self: PciDevice | null,
    readonly number: number,
    public busnEnd: number,
    cls: DeviceClass<never>,
  ) {
    super(kernel, { name: `0000:${hexDigits(number, 2)}`, parent: self ?? root, class: cls });
    this.noMsi = upper?.noMsi ?? false;
    this.noExtCfg = upper?.noExtCfg ?? false;
  }

  /** The device that its functions are children of. */
  get bridge(): Device {
    return this.self ?? this.root;
  }

  /** Its own windows first. @see include/linux/pci.h pci_bus_for_each_resource */
  get allWindows(): readonly BusWindow[] {
    return [...this.windows, ...this.subtractive];
  }

  /** Functions in the order of finding. */
  get devices(): readonly PciDevice[] {
    return this.#devices;
  }

  /** A function by its place. @see drivers/pci/search.c pci_get_slot */
  slot(devfn: number): PciDevice | undefined {
    return this.#byDevfn.get(devfn);
  }

  /** A function was found where there was none. */
  addDevice(dev: PciDevice): void {
    this.#byDevfn.set(dev.devfn, dev);
    this.#devices.push(dev);
  }

  removeDevice(dev: PciDevice): void {
    if (this.#byDevfn.get(dev.devfn) !== dev) return;
    this.#byDevfn.delete(dev.devfn);
    this.#devices.splice(this.#devices.indexOf(dev), 1);
  }

  /** A line of the log. */
  info(text: string): void {
    this.kernel.log.info(devMessage(this, text));
  }

  /** This bus and all below it, from the top. */
  *below(): Generator<PciBus> {
    yield this;
    for (const dev of this.devices) if (dev.subordinate !== null) yield* dev.subordinate.below();
  }
}

/** What the type of the bus is to a driver. */
export type PciBusType = BusType<PciDevice, PciDriver>;
