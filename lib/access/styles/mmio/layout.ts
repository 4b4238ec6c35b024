/** What both ends of a window of registers know: access style (a) of the mail. */

/** Registers of a virtio-mmio transport. VIRTIO 1.2 §4.2.2 */
export const MMIO = Object.freeze({
  MAGIC_VALUE: 0x000,
  VERSION: 0x004,
  DEVICE_ID: 0x008,
  VENDOR_ID: 0x00c,
  DEVICE_FEATURES: 0x010,
  DEVICE_FEATURES_SEL: 0x014,
  DRIVER_FEATURES: 0x020,
  DRIVER_FEATURES_SEL: 0x024,
  QUEUE_SEL: 0x030,
  QUEUE_NUM_MAX: 0x034,
  QUEUE_NUM: 0x038,
  QUEUE_READY: 0x044,
  QUEUE_NOTIFY: 0x050,
  INTERRUPT_STATUS: 0x060,
  INTERRUPT_ACK: 0x064,
  STATUS: 0x070,
  QUEUE_DESC_LOW: 0x080,
  QUEUE_DESC_HIGH: 0x084,
  QUEUE_DRIVER_LOW: 0x090,
  QUEUE_DRIVER_HIGH: 0x094,
  QUEUE_DEVICE_LOW: 0x0a0,
  QUEUE_DEVICE_HIGH: 0x0a4,
  CONFIG_GENERATION: 0x0fc,
  CONFIG: 0x100,
  /** Bytes of one transport in QEMU's machines. */
  BYTES: 0x200,
  /** "virt", little endian. */
  MAGIC: 0x74726976,
  /** Of the register layout: 1 was the legacy one. */
  VERSION_MODERN: 2,
  /** The vendor that QEMU gives: "QEMU". */
  VENDOR_QEMU: 0x554d4551,
});

/** Bits of INTERRUPT_STATUS. VIRTIO 1.2 §4.2.2 */
export const INTERRUPT = Object.freeze({ QUEUE: 1, CONFIG: 2 });
