/**
 * The port: everything that host and guest share. Only numbers, bigints and bytes cross it, plus one interrupt entry.
 */
import { EPROTO } from '../errno';
import type { MayNotSleep } from '../may-sleep';
import type { GuestMemory } from './memory';

export { littleEndian } from './memory';

/** Memory that both sides read and write, as code of queues uses it. */
export type SharedMemory = Pick<
  GuestMemory,
  'size' | 'clear' | 'read' | 'readInto' | 'write' | 'getU16' | 'getU32' | 'getU64' | 'setU16' | 'setU32' | 'setU64'
>;

/** What may cross the port. */
export type Crossing = number | bigint | Uint8Array;

/** The result of a hypercall. */
export interface HypercallResult {
  /** 0, or a negative errno-like number. */
  readonly status: number;
  readonly values: readonly Crossing[];
}

/** The guest side of the interrupt entry: a vector number and a value of the OS's choice. It may not sleep. */
export type InterruptEntry = (vector: number, value: bigint) => MayNotSleep;

/** Bytes that one MMIO access moves. */
export type Width = 1 | 2 | 4;

/** What a guest cost so far. Times are simulated. */
export interface CostCounters {
  readonly hypercalls: number;
  /** Accesses that the host emulated, hypercalls included. */
  readonly exits: number;
  /** Those that talked to a device; the others looked for one, or claimed or released it. */
  readonly accessExits: number;
  /** The hypercalls among them. */
  readonly accessCalls: number;
  /** ns spent in {@link accessExits}. */
  readonly accessNs: number;
  /** Interrupts that were delivered. */
  readonly interrupts: number;
  /** Bytes that the host copied from or to guest memory for requests. */
  readonly bytesCopiedHost: number;
  /** Bytes that the guest's own queue code copied, as reported by countCopy. */
  readonly bytesCopiedGuest: number;
  /** Bytes of device memory that are mapped into the guest now. */
  readonly memoryMapped: number;
  /** ns spent in exits, hypercalls and interrupts. */
  readonly latencyNs: number;
}

/** All that a guest kernel gets of its host. */
export interface Port {
  /** The guest's RAM as its CPU sees it: no exit. */
  readonly memory: GuestMemory;
  /** False after the host has unplugged this port or destroyed the guest. */
  readonly plugged: boolean;
  /**
   * Reads device memory: one exit. All ones for an unmapped address (and a refusal in the host's log).
   *
   * @throws ErrnoError ENXIO when the port is unplugged
   */
  read(address: number, width: Width): number;
  /**
   * Writes device memory: one exit. For an unmapped address the value is dropped (and a refusal logged by the host).
   *
   * @throws ErrnoError ENXIO when the port is unplugged
   */
  write(address: number, width: Width, value: number): void;
  /**
   * Pages of a device that the host has mapped, as its CPU sees them: no exit. Addresses count from the base, and so
   * are the same for all who have the pages. Where nothing is mapped, also later, all ones are read, and what is
   * written is lost.
   */
  pages(base: number, size: number): SharedMemory;
  /** Calls the host: one exit, one hypercall. Throws no refusal: status -ENOSYS (unknown), -ENXIO (unplugged). */
  hypercall(nr: number, args: readonly Crossing[]): HypercallResult;
  /** Sets the interrupt entry, replacing an earlier one. A world event calls it, never a guest's own call. */
  connect(entry: InterruptEntry): void;
  /** The guest's own account of bytes that its queue code copied; no exit. */
  countCopy(bytes: number): void;
  /** A copy of the counters; no exit. */
  counters(): CostCounters;
}

/** Result of a hypercall that worked. */
export function done(...values: readonly Crossing[]): HypercallResult {
  return { status: 0, values };
}

/** Result of a hypercall that did not: a number with either sign becomes a negative status. */
export function failed(status: number): HypercallResult {
  return { status: -Math.abs(status), values: [] };
}

/** The highest error number that the kernel can return. @see include/linux/err.h MAX_ERRNO */
const MAX_ERRNO = 4095;

/** A result as a guest may believe it: its status is 0 or a negative error number; any other violates the protocol. */
export function checkedResult({ status, values }: HypercallResult): HypercallResult {
  const isStatus = Number.isInteger(status) && status <= 0 && status >= -MAX_ERRNO;
  return isStatus ? { status, values } : { status: -EPROTO, values: [] };
}

/** The only value of a call, or its error; anything else violates the protocol. */
export function oneNumber({ status, values }: HypercallResult): number {
  if (status !== 0) return status < 0 ? status : -EPROTO;
  const [value] = values;
  const number = typeof value === 'bigint' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : -EPROTO;
}
