/**
 * Numbers that the PCI and VIRTIO specifications give to both sides, and the machine's address map. Nothing here has
 * behaviour beyond arithmetic, so host and guest halves both import it.
 */

/** Where things are in the guest's address space, as firmware tables would say. Above any guest's RAM. */
export const MACHINE = Object.freeze({
  /** Configuration spaces: 1 MiB for each bus number, 4 KiB for each function. PCI Express 4.0 §7.2.2 */
  ECAM: 0xb000_0000,
  ECAM_BUS: 0x10_0000,
  /** Windows of the host bridge, first and last address. */
  MEM_FIRST: 0xc000_0000,
  MEM_LAST: 0xfebf_ffff,
  IO_LAST: 0xffff,
  /** Hot-plug controller, see {@link HOTPLUG}. */
  HOTPLUG: 0xfed4_0000,
  /** Vector of the hot-plug controller. */
  HOTPLUG_VECTOR: 9,
  /** Vectors of pins: one for each function that was plugged with a pin, never shared. */
  FIRST_PIN_VECTOR: 16,
  LAST_PIN_VECTOR: 254,
  /** Vectors from here on are the guest's to give to messages. */
  FIRST_MESSAGE_VECTOR: 256,
  /** Where messages are written to; only the data, which is the vector, counts. */
  MESSAGE_ADDRESS: 0xfee0_0000,
});

/**
 * Registers of the hot-plug controller, 32 bits each. The host sets bits in EVENTS and raises HOTPLUG_VECTOR if ENABLE
 * is 1; the guest writes ones to clear them and looks at its slots.
 */
export const HOTPLUG = Object.freeze({ EVENTS: 0, ENABLE: 4, BYTES: 8, EVENT_PLUGGED: 1, EVENT_UNPLUGGED: 2 });

/** Offset of a register in the configuration window. */
export function ecamOffset(bus: number, devfn: number, offset: number): number {
  return bus * MACHINE.ECAM_BUS + devfn * 4096 + offset;
}

/** @see include/uapi/linux/pci.h PCI_DEVFN */
export function devfnOf(slot: number, fn: number): number {
  return slot * 8 + fn;
}

/** Registers of every header. PCI Local Bus 3.0 §6.1 @see include/uapi/linux/pci_regs.h */
export const PCI = Object.freeze({
  VENDOR_ID: 0x00,
  DEVICE_ID: 0x02,
  COMMAND: 0x04,
  STATUS: 0x06,
  REVISION: 0x08,
  HEADER_TYPE: 0x0e,
  BAR0: 0x10,
  SUBSYSTEM_VENDOR_ID: 0x2c,
  SUBSYSTEM_ID: 0x2e,
  ROM_ADDRESS: 0x30,
  ROM_ADDRESS_MASK: 0xffff_f800,
  ROM_ENABLE: 1,
  CAPABILITY_LIST: 0x34,
  INTERRUPT_LINE: 0x3c,
  INTERRUPT_PIN: 0x3d,
  HEADER_END: 0x40,
  CFG_SIZE: 256,
  CFG_EXP_SIZE: 4096,
});

/** Registers of a bridge's header, type 1. */
export const BRIDGE = Object.freeze({
  PRIMARY_BUS: 0x18,
  SECONDARY_BUS: 0x19,
  SUBORDINATE_BUS: 0x1a,
  IO_BASE: 0x1c,
  IO_LIMIT: 0x1d,
  MEMORY_BASE: 0x20,
  MEMORY_LIMIT: 0x22,
  PREF_BASE: 0x24,
  PREF_LIMIT: 0x26,
  PREF_BASE_UPPER32: 0x28,
  PREF_LIMIT_UPPER32: 0x2c,
  IO_BASE_UPPER16: 0x30,
  IO_LIMIT_UPPER16: 0x32,
  ROM_ADDRESS: 0x38,
  CONTROL: 0x3e,
  CONTROL_SERR: 0x02,
  CONTROL_VGA: 0x08,
  CONTROL_MASTER_ABORT: 0x20,
  CONTROL_BUS_RESET: 0x40,
});

/** Registers of a CardBus bridge's header, type 2; its bus numbers are where other bridges have theirs. */
export const CARDBUS = Object.freeze({
  CAPABILITY_LIST: 0x14,
  MEMORY_BASE: 0x1c,
  IO_BASE: 0x2c,
  WINDOWS_END: 0x3c,
  SUBSYSTEM_VENDOR_ID: 0x40,
  SUBSYSTEM_ID: 0x42,
});

export const HEADER = Object.freeze({ NORMAL: 0, BRIDGE: 1, CARDBUS: 2, MULTIFUNCTION: 0x80 });

/** Bits of the command and the status register. */
export const COMMAND = Object.freeze({ IO: 1, MEMORY: 2, MASTER: 4, SERR: 0x100, INTX_DISABLE: 0x400 });
export const STATUS_CAP_LIST = 0x10;

/** Low bits of a base address register. */
export const BAR = Object.freeze({ IO: 1, TYPE_64: 4, TYPE_MASK: 6, PREFETCH: 8, IO_FLAGS: 3, MEM_FLAGS: 0xf });

/** Classes, without the programming interface. */
export const CLASS = Object.freeze({
  STORAGE_IDE: 0x0101,
  DISPLAY_VGA: 0x0300,
  BRIDGE_HOST: 0x0600,
  BRIDGE_PCI: 0x0604,
  BRIDGE_CARDBUS: 0x0607,
});

/** Capability ids. */
export const CAP = Object.freeze({
  PM: 0x01,
  VPD: 0x03,
  MSI: 0x05,
  PCIX: 0x07,
  VENDOR: 0x09,
  SSVID: 0x0d,
  EXPRESS: 0x10,
  MSIX: 0x11,
  AF: 0x13,
  EA: 0x14,
});

/** The MSI-X capability and one entry of its table. PCI Local Bus 3.0 §6.8.2 */
export const MSIX = Object.freeze({
  CONTROL: 2,
  TABLE: 4,
  PBA: 8,
  CAP_BYTES: 12,
  ENABLE: 0x8000,
  MASK_ALL: 0x4000,
  SIZE_MASK: 0x7ff,
  BIR_MASK: 7,
  ENTRY_BYTES: 16,
  ENTRY_ADDR: 0,
  ENTRY_UPPER: 4,
  ENTRY_DATA: 8,
  ENTRY_CONTROL: 12,
  ENTRY_MASKED: 1,
});

/** Ids of virtio functions. VIRTIO 1.2 §4.1.2 */
export const VIRTIO_PCI = Object.freeze({
  VENDOR: 0x1af4,
  FIRST: 0x1000,
  MODERN: 0x1040,
  LAST: 0x107f,
  SUBSYSTEM: 0x1100,
});

/**
 * A function whose device is accessed in one of several styles: its vendor capability tells the place, and SELECT opens
 * it. Messages (MSI-X) are its interrupt.
 */
export const ACCESS = Object.freeze({
  /** An id that no vendor has. */
  VENDOR: 0x0acc,
  /** Device ids: this and the VIRTIO device id. */
  FIRST_DEVICE: 0x1000,
  /** The highest VIRTIO device id. */
  LAST_ID: 0xef_ff,
  /** Where the capabilities are. */
  CAP: 0x40,
  MSIX_CAP: 0x60,
  MSIX_BAR: 1,
  /** The window, where a style needs one. */
  WINDOW_BAR: 4,
  /** Fields of the capability: its length, the styles that are offered, as bits. */
  LENGTH: 2,
  OFFERED: 3,
  /** The style in which it is open; written: opens in this one, 0 closes. Reads 0 when that was refused. */
  SELECT: 4,
  HANDLE: 8,
  BYTES: 12,
});

/** Structures that vendor capabilities point at, and the layout of one. VIRTIO 1.2 §4.1.4 */
export const VIRTIO_CAP = Object.freeze({
  COMMON: 1,
  NOTIFY: 2,
  ISR: 3,
  DEVICE: 4,
  PCI: 5,
  CFG_TYPE: 3,
  BAR: 4,
  OFFSET: 8,
  LENGTH: 12,
  BYTES: 16,
  /** Behind a notify capability: the multiplier. Behind a PCI capability: the data. */
  EXTRA: 16,
});

/** The common configuration structure. VIRTIO 1.2 §4.1.4.3 */
export const COMMON = Object.freeze({
  DEVICE_FEATURE_SELECT: 0,
  DEVICE_FEATURE: 4,
  DRIVER_FEATURE_SELECT: 8,
  DRIVER_FEATURE: 12,
  CONFIG_MSIX_VECTOR: 16,
  NUM_QUEUES: 18,
  DEVICE_STATUS: 20,
  CONFIG_GENERATION: 21,
  QUEUE_SELECT: 22,
  QUEUE_SIZE: 24,
  QUEUE_MSIX_VECTOR: 26,
  QUEUE_ENABLE: 28,
  QUEUE_NOTIFY_OFF: 30,
  QUEUE_DESC: 32,
  QUEUE_DRIVER: 40,
  QUEUE_DEVICE: 48,
  BYTES: 56,
  /** Behind what every device has. */
  QUEUE_RESET: 58,
});

/** No vector: for config_msix_vector and queue_msix_vector. VIRTIO 1.2 §4.1.5.1.2 */
export const NO_VECTOR = 0xffff;

/** Bits of the ISR status. VIRTIO 1.2 §4.1.4.5 */
export const ISR = Object.freeze({ QUEUE: 1, CONFIG: 2 });

/** A number as `digits` hexadecimal digits. */
export function hexDigits(value: number | bigint, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

/** The name of a function, e.g. 0000:00:02.0. */
export function bdfName(bus: number, devfn: number): string {
  return `0000:${hexDigits(bus, 2)}:${hexDigits(devfn >> 3, 2)}.${String(devfn & 7)}`;
}

// Registers of capabilities, counted from where each capability begins. @see include/uapi/linux/pci_regs.h

/** PCI Express. PCI Express 4.0 §7.5.3 */
export const EXPRESS = Object.freeze({
  FLAGS: 0x02,
  DEVCAP: 0x04,
  DEVCTL: 0x08,
  DEVSTA: 0x0a,
  LNKCAP: 0x0c,
  LNKCTL: 0x10,
  LNKSTA: 0x12,
  SLTCAP: 0x14,
  SLTCTL: 0x18,
  SLTSTA: 0x1a,
  RTCTL: 0x1c,
  RTCAP: 0x1e,
  RTSTA: 0x20,
  DEVCAP2: 0x24,
  DEVCTL2: 0x28,
  LNKCAP2: 0x2c,
  LNKCTL2: 0x30,
  LNKSTA2: 0x32,
});

/** Bits of {@link EXPRESS} registers. */
export const EXPRESS_BIT = Object.freeze({
  FLAGS_VERSION: 0x000f,
  FLAGS_TYPE: 0x00f0,
  FLAGS_SLOT: 0x0100,
  DEVCAP_PAYLOAD: 0x7,
  DEVCAP_EXT_TAG: 0x20,
  DEVCAP_FLR: 0x1000_0000,
  DEVCTL_PAYLOAD: 0xe0,
  DEVCTL_EXT_TAG: 0x100,
  DEVCTL_FLR: 0x8000,
  DEVSTA_PENDING: 0x20,
  LINK_SPEED: 0x000f,
  LINK_WIDTH: 0x03f0,
  LINK_RCB: 0x0008,
  LNKCAP_L0S: 0x0400,
  LNKCAP_REPORTS_ACTIVE: 0x10_0000,
  LNKSTA_ACTIVE: 0x2000,
  SLTCAP_HOTPLUG: 0x40,
  SLTSTA_PRESENCE: 0x40,
  RTCAP_CRS: 0x1,
  RTCTL_CRS: 0x10,
  DEVCAP2_ARI: 0x20,
  DEVCTL2_ARI: 0x20,
});

/** Types of port, in bits 4 to 7 of the flags. */
export const PORT_TYPE = Object.freeze({
  ENDPOINT: 0,
  LEGACY_ENDPOINT: 1,
  ROOT_PORT: 4,
  UPSTREAM: 5,
  DOWNSTREAM: 6,
  PCI_BRIDGE: 7,
  PCIE_BRIDGE: 8,
  ROOT_COMPLEX_ENDPOINT: 9,
  ROOT_COMPLEX_EVENT_COLLECTOR: 10,
});

/** Ids of extended capabilities, behind the first 256 bytes. PCI Express 4.0 §7.6.3 */
export const EXT_CAP = Object.freeze({ AER: 0x01, ARI: 0x0e });

/** Alternative routing ids: the number of the next function is in bits 8 to 15. PCI Express 4.0 §7.8.7 */
export const ARI = Object.freeze({ CAP: 0x04 });

/** Power management. PCI Power Management 1.2 §3.2 */
export const PM = Object.freeze({
  PMC: 0x02,
  CTRL: 0x04,
  VERSION: 0x0007,
  D1: 0x0200,
  D2: 0x0400,
  PME: 0xf800,
  PME_SHIFT: 11,
  STATE: 0x0003,
  NO_SOFT_RESET: 0x0008,
  PME_ENABLE: 0x0100,
  PME_STATUS: 0x8000,
  D3HOT: 3,
});

/** Message signalled interrupts. PCI Local Bus 3.0 §6.8.1 */
export const MSI = Object.freeze({ FLAGS: 0x02, ENABLE: 0x0001 });

/** Status of PCI-X: what the function can, in bits 30 and 31. PCI-X 2.0 §7.2.4 */
export const PCIX = Object.freeze({ STATUS: 0x04, MHZ_266: 0x4000_0000, MHZ_533: 0x8000_0000 });

/** Advanced features. Advanced Capabilities for Conventional PCI, ECN of 2006 */
export const AF = Object.freeze({ CAP: 0x03, CTRL: 0x04, TP: 0x01, FLR: 0x02, CTRL_FLR: 0x01, STATUS_TP: 0x01 });

/** Vital product data: an address with a flag, and a word. PCI Local Bus 3.0 §6.4 */
export const VPD = Object.freeze({ ADDR: 0x02, DATA: 0x04, FLAG: 0x8000, ADDR_MASK: 0x7fff });

/** Enhanced allocation: places and bus numbers that are fixed. PCI Express 4.0 §7.8.5 */
export const EA = Object.freeze({
  ENTRIES: 0x02,
  ENTRIES_MASK: 0x3f,
  FIRST: 0x04,
  SIZE: 0x7,
  BEI_BAR5: 5,
  BEI_ROM: 8,
  BEI_VF_BAR0: 9,
  BEI_VF_BAR5: 14,
  P_MEM: 0,
  P_MEM_PREFETCH: 1,
  P_IO: 2,
  P_VF_MEM_PREFETCH: 3,
  P_VF_MEM: 4,
  P_BRIDGE_IO: 7,
  P_MEM_RESERVED: 0xfd,
  ENABLE: 0x8000_0000,
  FIELD: 0xffff_fffc,
  IS_64: 0x2,
});
