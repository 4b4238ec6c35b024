/**
 * Numbers that specifications give to both sides, and where this machine has its things. Nothing here has behaviour
 * beyond arithmetic, so host and guest halves both import it.
 */

export { INTERRUPT, MMIO } from '../../lib/access/styles/mmio/layout';

/**
 * Calls of the IEEE 1275 client interface (§6.3.2.2) as hypercalls. The numbers are this machine's own: the real
 * interface passes names. Strings end with a NUL. An unknown handle gives EINVAL.
 */
export const CLIENT = Object.freeze({
  /** (phandle) -> [next sibling or 0]; of 0: the root */
  PEER: 0x4f00,
  /** (phandle) -> [first child or 0] */
  CHILD: 0x4f01,
  /** (phandle) -> [parent or 0] */
  PARENT: 0x4f02,
  /** (phandle, name) -> [length or PROM_ERROR] */
  GETPROPLEN: 0x4f03,
  /** (phandle, name, most bytes) -> [length or PROM_ERROR, bytes] */
  GETPROP: 0x4f04,
  /** (phandle, name before or "") -> [1, name]; [0] after the last one; [PROM_ERROR] for a name that is not there */
  NEXTPROP: 0x4f05,
  /** (phandle) -> [length, path without NUL] */
  PACKAGE_TO_PATH: 0x4f06,
  /** (path) -> [phandle or PROM_ERROR] */
  FINDDEVICE: 0x4f07,
  /**
   * (path:style) -> [instance]; ENODEV when there is no device, EBUSY when it is open, EINVAL for a style that it does
   * not have. IEEE 1275 §6.3.2.3
   */
  OPEN: 0x4f08,
  /** (instance) -> []; EINVAL when it is not open */
  CLOSE: 0x4f09,
});

/** A place whose device is accessed in one of several styles; a guest opens it by its path. */
export const ACCESS = Object.freeze({
  COMPATIBLE: 'linux-driver-model,virtio-access',
  STYLES: 'linux-driver-model,access-styles',
  HANDLE: 'linux-driver-model,handle',
  FIRST_HANDLE: 0x4_0000,
  /** Windows: above all memory. */
  BASE: 2 ** 42,
  STRIDE: 2 ** 24,
});

/** Names for the log. */
export const CLIENT_NAMES: Readonly<Record<number, string>> = Object.freeze({
  [CLIENT.PEER]: 'of_peer',
  [CLIENT.CHILD]: 'of_child',
  [CLIENT.PARENT]: 'of_parent',
  [CLIENT.GETPROPLEN]: 'of_getproplen',
  [CLIENT.GETPROP]: 'of_getprop',
  [CLIENT.NEXTPROP]: 'of_nextprop',
  [CLIENT.PACKAGE_TO_PATH]: 'of_package_to_path',
  [CLIENT.FINDDEVICE]: 'of_finddevice',
  [CLIENT.OPEN]: 'of_open',
  [CLIENT.CLOSE]: 'of_close',
});

/** What a client call gives for "no". @see arch/powerpc/kernel/prom_init.c PROM_ERROR */
export const PROM_ERROR = -1;

/** Where the hypervisor's own tree has its things. */
export const MACHINE = Object.freeze({
  SLOTS: 16,
  SLOT_BASE: 0x0a00_0000,
  INTC: 0x0800_0000,
  INTC_PHANDLE: 0x8002,
  /** Shared peripheral interrupts: of the first slot, and of the hot-plug events. */
  FIRST_SLOT_SPI: 16,
  HOTPLUG_SPI: 8,
});

/**
 * The interrupt of /event-sources/hot-plug-events carries what happened to which node, as the event log of a logical
 * partition names a connector: phandle in the low half, kind above.
 */
export const HOTPLUG = Object.freeze({
  PATH: '/event-sources/hot-plug-events',
  PLUGGED: 0n,
  UNPLUGGED: 1n,
  KIND_SHIFT: 32n,
});

/** Interrupts of a GIC: the first cell says which kind. @see include/dt-bindings/interrupt-controller/arm-gic.h */
export const GIC = Object.freeze({ SPI: 0, PPI: 1, FIRST_PPI: 16, FIRST_SPI: 32, EDGE_RISING: 1, LEVEL_HIGH: 4 });

/** The number of a shared peripheral interrupt at its controller; it is the port's vector. */
export function spiVector(spi: number): number {
  return GIC.FIRST_SPI + spi;
}

/**
 * Registers at the end of a PrimeCell's window: part numbers and a signature, one byte in each word. A CoreSight
 * component has a different signature and more registers.
 *
 * @see include/linux/amba/bus.h
 */
export const PRIMECELL = Object.freeze({
  PID_FROM_END: 0x20,
  CID_FROM_END: 0x10,
  CID: 0xb105f00d,
  CORESIGHT_CID: 0xb105900d,
  /** 0xfbc and 0xfcc of the last 4096 bytes. */
  DEVARCH_FROM_END: 0x44,
  DEVTYPE_FROM_END: 0x34,
});

/** Bytes as text, one character for each. */
export function latin1(bytes: Uint8Array): string {
  // So many arguments every engine takes.
  let text = '';
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return text;
}

/** A text with its NUL. Characters above 0xff lose their upper bits. */
export function cString(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length + 1);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** The text before the first NUL. */
export function textOf(bytes: Uint8Array): string {
  const nul = bytes.indexOf(0);
  return latin1(nul < 0 ? bytes : bytes.subarray(0, nul));
}

/** Numbers as cells: 32 bits each, big endian. */
export function cells(...numbers: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * numbers.length);
  const view = new DataView(bytes.buffer);
  numbers.forEach((n, i) => view.setUint32(4 * i, n));
  return bytes;
}

/** The whole cells of a property. */
export function cellsOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length >> 2 }, (_, i) => view.getUint32(4 * i));
}
