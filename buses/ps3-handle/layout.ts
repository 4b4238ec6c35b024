/**
 * What host and guest of the ps3-handle bus agree on: hypercall numbers, command codes, repository names. Nothing here
 * has behaviour beyond arithmetic, so both halves import it.
 *
 * Statuses are 0 or negative error numbers, not the codes of enum lv1_result: the port's own refusals are error numbers
 * too, and one number must not mean two things.
 */
import { DEVICE_ID } from '../../lib/virtio/spec';

export { COMMAND, EVENT, MAX_AREAS, MAX_COMPLETIONS } from '../../lib/access/styles/channel/layout';

/**
 * Hypercalls by number. Those below 300 are the PS3's, with its numbers; it has no call that allocates, and its
 * devices are reached by calls of their own. @see arch/powerpc/include/asm/lv1call.h
 */
export const LV1 = Object.freeze({
  /** () -> [lpar id] */
  GET_LOGICAL_PARTITION_ID: 74,
  /** (lpar id, n1, n2, n3, n4) -> [v1, v2]; ENOENT */
  READ_REPOSITORY_NODE: 91,
  /**
   * (bus id, dev id, 0, styles...) -> [handle], with styles also [style, place...]; EBUSY when it is open, ENOENT when
   * it is not listed
   */
  OPEN_DEVICE: 170,
  /** (bus id, dev id) -> []; EINVAL when this guest has it not open */
  CLOSE_DEVICE: 171,
  /** (bus id, dev id, bus address, length, page size) -> [address]; EINVAL when this guest has it not open */
  MAP_DEVICE_MMIO_REGION: 172,
  /** (bus id, dev id, address) -> []; EINVAL when nothing is mapped there */
  UNMAP_DEVICE_MMIO_REGION: 173,
  /** (0) -> [handle] of the one graphics processor; EBUSY when it is open, ENODEV without one */
  GPU_OPEN: 210,
  /** () -> []; EINVAL when this guest has it not open */
  GPU_CLOSE: 211,
  /** (operation, four arguments) -> []; EINVAL when this guest has it not open */
  GPU_ATTRIBUTE: 228,
  /** (class, styles...) -> as OPEN_DEVICE, of an unused device; EBUSY when all are used, ENODEV when there is none */
  ALLOC_DEVICE: 300,
  /** (handle) -> []; EBADF, EPERM as every call with a handle */
  FREE_DEVICE: 301,
  /** (class) -> [number of unused devices] */
  COUNT_DEVICES: 303,
  /** (handle, command, ...): see {@link COMMAND}; ENODEV when the device is gone */
  DEVICE_COMMAND: 302,
});

/** Names for the log. */
export const LV1_NAMES: Readonly<Record<number, string>> = Object.freeze({
  [LV1.GET_LOGICAL_PARTITION_ID]: 'lv1_get_logical_partition_id',
  [LV1.READ_REPOSITORY_NODE]: 'lv1_read_repository_node',
  [LV1.OPEN_DEVICE]: 'lv1_open_device',
  [LV1.CLOSE_DEVICE]: 'lv1_close_device',
  [LV1.MAP_DEVICE_MMIO_REGION]: 'lv1_map_device_mmio_region',
  [LV1.UNMAP_DEVICE_MMIO_REGION]: 'lv1_unmap_device_mmio_region',
  [LV1.GPU_OPEN]: 'lv1_gpu_open',
  [LV1.GPU_CLOSE]: 'lv1_gpu_close',
  [LV1.GPU_ATTRIBUTE]: 'lv1_gpu_attribute',
  [LV1.ALLOC_DEVICE]: 'lv1_alloc_device',
  [LV1.FREE_DEVICE]: 'lv1_free_device',
  [LV1.COUNT_DEVICES]: 'lv1_count_devices',
  [LV1.DEVICE_COMMAND]: 'lv1_device_command',
});

/** Maximum number of devices of a scan, in case the hypervisor always has one more. */
export const MAX_DEVICES = 65536;

/** The interrupt of all devices of this bus; its value is the handle. */
export const HANDLE_VECTOR = 5;

/** The logical partition that holds the bus nodes. @see arch/powerpc/platforms/ps3/repository.c PS3_LPAR_ID_PME */
export const LPAR_ID_PME = 1;

/** Type of the system bus in the repository. @see arch/powerpc/platforms/ps3/platform.h PS3_BUS_TYPE_SB */
export const BUS_TYPE_SB = 4;

/** Id of the one bus that the repository lists. */
export const BUS_ID_SB = 1;

/** Type of a USB controller in the repository. @see arch/powerpc/platforms/ps3/platform.h PS3_DEV_TYPE_SB_USB */
export const DEV_TYPE_SB_USB = 4;

/** Types of register windows in the repository. @see platform.h enum ps3_reg_type */
export const REG_TYPE = Object.freeze({ SB_OHCI: 3, SB_EHCI: 4 });

/** A window of registers in the repository: `bus0.devN.regM.type`, `bus0.devN.regM.data`. */
export interface RegisterWindow {
  readonly type: number;
  readonly busAddress: number;
  readonly length: number;
}

/** The first register of each half of a USB controller, at offset 0 of its window. */
export const USB_REVISION = Object.freeze({
  /** HCIVERSION above CAPLENGTH. EHCI 1.0 §2.2 */
  EHCI: 0x01000010,
  /** HcRevision. OHCI 1.0a §7.1.1 */
  OHCI: 0x10,
});

/** Device types of virtio devices in the repository: this and the VIRTIO device id, behind all that a PS3 has. */
export const DEV_TYPE_VIRTIO = 0x100;

/** What a driver is for. @see arch/powerpc/include/asm/ps3.h enum ps3_match_id */
export const MATCH_ID = Object.freeze({ EHCI: 1, OHCI: 2, SOUND: 9, GPU: 10 });

/** What of the graphics processor. @see arch/powerpc/include/asm/ps3.h enum ps3_match_sub_id */
export const MATCH_SUB_ID = Object.freeze({ GPU_FB: 1, GPU_RAMDISK: 2 });

/** Match id of virtio devices: the first one that Linux does not use. */
export const MATCH_ID_VIRTIO = 12;

const SHORT_NAMES: Readonly<Record<number, string>> = Object.freeze({
  [DEVICE_ID.NET]: 'net',
  [DEVICE_ID.BLOCK]: 'blk',
  [DEVICE_ID.CONSOLE]: 'console',
  [DEVICE_ID.ENTROPY]: 'rng',
  [DEVICE_ID.BALLOON]: 'balloon',
  [DEVICE_ID.SCSI]: 'scsi',
});

/** Short name of a class of devices, e.g. `blk`; `classN` for a VIRTIO device id without one. */
export function className(deviceId: number): string {
  return SHORT_NAMES[deviceId] ?? `class${String(deviceId)}`;
}

/** The first field of a node's name: four characters, and a number. @see repository.c make_first_field */
export function firstField(text: string, index = 0): bigint {
  return (packed(text) >> 32n) + BigInt(index);
}

/** A later field of a node's name: eight characters, and a number. @see repository.c make_field */
export function field(text: string, index = 0): bigint {
  return packed(text) + BigInt(index);
}

function packed(text: string): bigint {
  let value = 0n;
  for (let i = 0; i < 8; i += 1) value = (value << 8n) | BigInt(i < text.length ? text.charCodeAt(i) : 0);
  return value;
}
