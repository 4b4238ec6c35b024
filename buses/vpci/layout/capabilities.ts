/**
 * Registers of capabilities, counted from where each capability begins. Numbers of the specifications, for both sides.
 *
 * @see include/uapi/linux/pci_regs.h
 */

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
