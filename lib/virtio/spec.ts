/**
 * What VIRTIO 1.2 gives to both sides, driver and device: bits, numbers and layouts. Nothing here has behaviour beyond
 * arithmetic, so host and guest halves may both import it.
 */

/** Device status field. VIRTIO 1.2 §2.1 */
export const STATUS = Object.freeze({
  ACKNOWLEDGE: 1,
  DRIVER: 2,
  DRIVER_OK: 4,
  FEATURES_OK: 8,
  DEVICE_NEEDS_RESET: 64,
  FAILED: 128,
});

/** A read of the status if the device is gone; no device has this value, since some of its bits are reserved. */
export const NO_STATUS = 0xff;

/** Feature bits that do not belong to a device type, as bit numbers. VIRTIO 1.2 §6 */
export const FEATURE = Object.freeze({
  RING_INDIRECT_DESC: 28,
  RING_EVENT_IDX: 29,
  VERSION_1: 32,
  ACCESS_PLATFORM: 33,
  RING_PACKED: 34,
  IN_ORDER: 35,
  ORDER_PLATFORM: 36,
  SR_IOV: 37,
  NOTIFICATION_DATA: 38,
  NOTIF_CONFIG_DATA: 39,
  RING_RESET: 40,
});

/** The feature word with only this bit set. */
export function featureBit(bit: number): bigint {
  return 1n << BigInt(bit);
}

/** Is this bit set in the feature word? */
export function hasFeature(features: bigint, bit: number): boolean {
  return (features & featureBit(bit)) !== 0n;
}

/** Device ids. VIRTIO 1.2 §5 */
export const DEVICE_ID = Object.freeze({
  NET: 1,
  BLOCK: 2,
  CONSOLE: 3,
  ENTROPY: 4,
  BALLOON: 5,
  SCSI: 8,
  RPROC_SERIAL: 11,
});

/** The vendor that Linux and QEMU use for virtio devices. VIRTIO 1.2 §4.1.2 */
export const VIRTIO_PCI_VENDOR = 0x1af4;

/** Largest size of a split virtqueue; sizes are powers of two. VIRTIO 1.2 §2.7 */
export const MAX_QUEUE_SIZE = 32768;

/** Descriptor table: 16 bytes each; offsets within one. VIRTIO 1.2 §2.7.5 */
export const DESC = Object.freeze({ SIZE: 16, ADDR: 0, LEN: 8, FLAGS: 12, NEXT: 14, ALIGN: 16 });

/** Flags of a descriptor. VIRTIO 1.2 §2.7.5 */
export const DESC_F = Object.freeze({ NEXT: 1, WRITE: 2, INDIRECT: 4 });

/** Driver area (available ring): flags, idx, ring[], used_event. VIRTIO 1.2 §2.7.6 */
export const AVAIL = Object.freeze({ FLAGS: 0, IDX: 2, RING: 4, ENTRY: 2, ALIGN: 2, F_NO_INTERRUPT: 1 });

/** Device area (used ring): flags, idx, ring of { id, len }, avail_event. VIRTIO 1.2 §2.7.8 */
export const USED = Object.freeze({ FLAGS: 0, IDX: 2, RING: 4, ENTRY: 8, ALIGN: 4, F_NO_NOTIFY: 1 });

/** Bytes of the descriptor table of a queue. */
export function descTableBytes(size: number): number {
  return DESC.SIZE * size;
}

/** Bytes of the driver area of a queue, used_event included. */
export function availRingBytes(size: number): number {
  return AVAIL.RING + AVAIL.ENTRY * size + 2;
}

/** Bytes of the device area of a queue, avail_event included. */
export function usedRingBytes(size: number): number {
  return USED.RING + USED.ENTRY * size + 2;
}

/** Offset in the driver area of the used entry after which the driver requests an interrupt. */
export function usedEventOffset(size: number): number {
  return AVAIL.RING + AVAIL.ENTRY * size;
}

/** Offset in the device area of the available entry after which the device requests a notification. */
export function availEventOffset(size: number): number {
  return USED.RING + USED.ENTRY * size;
}

/**
 * Did the index move past the other side's event index since it was `old`? All three are 16 bits and wrap.
 * VIRTIO 1.2 §2.7.7.1, §2.7.10.1
 */
export function needEvent(event: number, current: number, old: number): boolean {
  return ((current - event - 1) & 0xffff) < ((current - old) & 0xffff);
}

/** Block device. VIRTIO 1.2 §5.2 */
export const BLK = Object.freeze({
  F_SIZE_MAX: 1,
  F_SEG_MAX: 2,
  F_GEOMETRY: 4,
  F_RO: 5,
  F_BLK_SIZE: 6,
  F_FLUSH: 9,
  F_TOPOLOGY: 10,
  F_CONFIG_WCE: 11,
  F_MQ: 12,
  F_DISCARD: 13,
  F_WRITE_ZEROES: 14,
  /** Request types. §5.2.6 */
  T_IN: 0,
  T_OUT: 1,
  T_FLUSH: 4,
  T_GET_ID: 8,
  T_DISCARD: 11,
  T_WRITE_ZEROES: 13,
  /** Results, the last byte that the device writes. §5.2.6 */
  S_OK: 0,
  S_IOERR: 1,
  S_UNSUPP: 2,
  /** type u32, reserved u32, sector u64 */
  HEADER_BYTES: 16,
  SECTOR: 512,
  ID_BYTES: 20,
  /** Offsets in the configuration. §5.2.4 */
  CONFIG_CAPACITY: 0,
  CONFIG_SIZE_MAX: 8,
  CONFIG_SEG_MAX: 12,
  CONFIG_GEOMETRY: 16,
  CONFIG_BLK_SIZE: 20,
  /** Blocks of a physical one as a power of two, offset, least and best length in blocks: u8, u8, u16, u32. */
  CONFIG_TOPOLOGY: 24,
  /** A byte: 1 is a cache that is written back, 0 one that is written through. */
  CONFIG_WCE: 32,
  CONFIG_NUM_QUEUES: 34,
  CONFIG_BYTES: 36,
  /** Behind what every device has. */
  CONFIG_MAX_DISCARD_SECTORS: 36,
  CONFIG_MAX_DISCARD_SEG: 40,
  CONFIG_DISCARD_ALIGNMENT: 44,
  CONFIG_MAX_WRITE_ZEROES_SECTORS: 48,
  CONFIG_MAX_WRITE_ZEROES_SEG: 52,
  CONFIG_DISCARD_BYTES: 60,
});

/** Network device. VIRTIO 1.2 §5.1 */
export const NET = Object.freeze({
  F_CTRL_GUEST_OFFLOADS: 2,
  F_MTU: 3,
  F_MAC: 5,
  F_MRG_RXBUF: 15,
  F_STATUS: 16,
  F_CTRL_VQ: 17,
  F_CTRL_RX: 18,
  F_CTRL_VLAN: 19,
  F_GUEST_ANNOUNCE: 21,
  F_CTRL_MAC_ADDR: 23,
  /** Bits of the status: there is a link, the guest is to tell where it is. §5.1.4 */
  S_LINK_UP: 1,
  S_ANNOUNCE: 2,
  /** Queues of the first pair. §5.1.2 */
  RECEIVEQ: 0,
  TRANSMITQ: 1,
  /** Behind the one pair. */
  CONTROLQ: 2,
  /** Classes and commands of the control queue, and its answers. §5.1.6.5 */
  CTRL_RX: 0,
  CTRL_RX_PROMISC: 0,
  CTRL_RX_ALLMULTI: 1,
  CTRL_MAC: 1,
  CTRL_MAC_TABLE_SET: 0,
  CTRL_MAC_ADDR_SET: 1,
  CTRL_VLAN: 2,
  CTRL_ANNOUNCE: 3,
  CTRL_ANNOUNCE_ACK: 0,
  CTRL_GUEST_OFFLOADS: 5,
  CTRL_OK: 0,
  CTRL_ERR: 1,
  /** flags u8, gso_type u8, hdr_len, gso_size, csum_start, csum_offset, num_buffers u16. §5.1.6 */
  HEADER_BYTES: 12,
  HEADER_FLAGS: 0,
  HEADER_GSO_TYPE: 1,
  HEADER_NUM_BUFFERS: 10,
  /** Offsets in the configuration. §5.1.4 */
  CONFIG_MAC: 0,
  CONFIG_STATUS: 6,
  CONFIG_MAX_PAIRS: 8,
  CONFIG_MTU: 10,
  CONFIG_BYTES: 12,
});

/** Memory balloon. VIRTIO 1.2 §5.5 */
export const BALLOON = Object.freeze({
  F_MUST_TELL_HOST: 0,
  F_STATS_VQ: 1,
  F_DEFLATE_ON_OOM: 2,
  /** Queues. §5.5.2 */
  INFLATEQ: 0,
  DEFLATEQ: 1,
  STATSQ: 2,
  /** Pages of the balloon have 4096 bytes, whatever the guest's have. §5.5.6 */
  PAGE: 4096,
  /** Number of a page in a request, u32. */
  PFN_BYTES: 4,
  /** Offsets in the configuration. §5.5.4 */
  CONFIG_NUM_PAGES: 0,
  CONFIG_ACTUAL: 4,
  CONFIG_BYTES: 8,
  /** tag u16, val u64, without padding. §5.5.6.3 */
  STAT_BYTES: 10,
  S_SWAP_IN: 0,
  S_SWAP_OUT: 1,
  S_MAJFLT: 2,
  S_MINFLT: 3,
  S_MEMFREE: 4,
  S_MEMTOT: 5,
  S_AVAIL: 6,
  S_CACHES: 7,
});

/** A list of pages for inflateq or deflateq. §5.5.6 */
export function encodeBalloonPages(pages: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(BALLOON.PFN_BYTES * pages.length);
  const view = new DataView(bytes.buffer);
  pages.forEach((page, i) => view.setUint32(BALLOON.PFN_BYTES * i, page, true));
  return bytes;
}

/** What statsq carries, by tag. §5.5.6.3 */
export function encodeBalloonStats(stats: ReadonlyMap<number, number | bigint>): Uint8Array {
  const bytes = new Uint8Array(BALLOON.STAT_BYTES * stats.size);
  const view = new DataView(bytes.buffer);
  [...stats].forEach(([tag, value], i) => {
    view.setUint16(BALLOON.STAT_BYTES * i, tag, true);
    view.setBigUint64(BALLOON.STAT_BYTES * i + 2, BigInt(value), true);
  });
  return bytes;
}

/** At most so many entries; what is left of bytes is none. */
export function decodeBalloonStats(bytes: Uint8Array, most: number): Map<number, bigint> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = Math.min(most, Math.floor(bytes.length / BALLOON.STAT_BYTES));
  const offsets = Array.from({ length: count }, (_, i) => i * BALLOON.STAT_BYTES);
  return new Map(offsets.map((at) => [view.getUint16(at, true), view.getBigUint64(at + 2, true)]));
}

/** Ethernet. */
export const ETH = Object.freeze({
  ADDRESS_BYTES: 6,
  HEADER_BYTES: 14,
  VLAN_BYTES: 4,
  DATA_BYTES: 1500,
  MIN_MTU: 68,
  MAX_MTU: 65535,
});

/** Console device. VIRTIO 1.2 §5.3 */
export const CONSOLE = Object.freeze({
  F_SIZE: 0,
  F_MULTIPORT: 1,
  /** Offsets in the configuration. §5.3.4 */
  CONFIG_COLS: 0,
  CONFIG_ROWS: 2,
  CONFIG_MAX_PORTS: 4,
  CONFIG_BYTES: 12,
  /** Queues of the control messages. §5.3.2 */
  CONTROL_IN: 2,
  CONTROL_OUT: 3,
  /** id u32, event u16, value u16. §5.3.6.2 */
  CONTROL_BYTES: 8,
  DEVICE_READY: 0,
  DEVICE_ADD: 1,
  DEVICE_REMOVE: 2,
  PORT_READY: 3,
  CONSOLE_PORT: 4,
  RESIZE: 5,
  PORT_OPEN: 6,
  PORT_NAME: 7,
  /** Port number in messages about the device itself. @see VIRTIO_CONSOLE_BAD_ID */
  BAD_ID: 0xffffffff,
});

/** Queue that carries data to (`in`) the driver for a port; the next one carries data to the device. §5.3.2 */
export function consolePortQueue(port: number): number {
  return port === 0 ? 0 : 2 + 2 * port;
}

/** A control message. §5.3.6.2 */
export interface ConsoleMessage {
  readonly id: number;
  readonly event: number;
  readonly value: number;
  /** What comes behind: a name, a size. */
  readonly rest: Uint8Array;
}

const NO_REST = new Uint8Array(0);

export function encodeConsoleMessage(id: number, event: number, value: number, rest: Uint8Array = NO_REST): Uint8Array {
  const bytes = new Uint8Array(CONSOLE.CONTROL_BYTES + rest.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, id, true);
  view.setUint16(4, event, true);
  view.setUint16(6, value, true);
  bytes.set(rest, CONSOLE.CONTROL_BYTES);
  return bytes;
}

/** Undefined for bytes that are too few. */
export function decodeConsoleMessage(bytes: Uint8Array): ConsoleMessage | undefined {
  if (bytes.length < CONSOLE.CONTROL_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    id: view.getUint32(0, true),
    event: view.getUint16(4, true),
    value: view.getUint16(6, true),
    rest: bytes.subarray(CONSOLE.CONTROL_BYTES),
  };
}
