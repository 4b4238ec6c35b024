/**
 * The state of a device as bytes, little endian: at the start of its memory (mapped), or what reads and writes at an
 * offset of its descriptor see (fd).
 */
export const HEADER = Object.freeze({
  MAGIC: 0,
  DEVICE_ID: 4,
  /** Of the driver, and of the device when it needs a reset. VIRTIO 1.2 §2.1 */
  STATUS: 8,
  GENERATION: 12,
  DEVICE_FEATURES: 16,
  DRIVER_FEATURES: 24,
  /** How many queues there are. */
  QUEUES: 32,
  /** Counts configuration changes; {@link GONE}: the device is gone. */
  EVENTS: 36,
  CONFIG_BYTES: 40,
  /** Which end of a pair this is, 1 or 2; 0: the host is the other end. */
  PEER: 44,
  /** One of {@link QUEUE} for each queue. */
  FIRST_QUEUE: 64,
  CONFIG: 2048,
  BYTES: 4096,
  MAGIC_VALUE: 0x63634176,
  GONE: 0x8000_0000,
});

/** Fields of a queue. Addresses count from the start of the device's memory. */
export const QUEUE = Object.freeze({
  MAX: 0,
  SIZE: 2,
  READY: 4,
  DESC: 8,
  DRIVER: 12,
  DEVICE: 16,
  /** Of a queue that the peer serves: where its ring is. 0: the host serves the queue. */
  RING: 20,
  /** Bytes of data in that ring. */
  RING_BYTES: 24,
  /** Bytes that may be put in at a time. */
  PIECE: 28,
  BYTES: 32,
});

/** Queues for which there is room. */
export const MAX_QUEUES = Math.floor((HEADER.CONFIG - HEADER.FIRST_QUEUE) / QUEUE.BYTES);

/** Bytes of configuration for which there is room. */
export const MAX_CONFIG = HEADER.BYTES - HEADER.CONFIG;

/** Where the fields of a queue are. */
export function queueAt(index: number): number {
  return HEADER.FIRST_QUEUE + QUEUE.BYTES * index;
}
