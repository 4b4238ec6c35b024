import type { Crossing } from '../hypervisor/port';

/**
 * All that a bus tells of a device that a guest has: five numbers, the same for every style of access, so that a
 * property, a capability, a channel command or the result of a hypercall can carry it. A style uses those that it
 * needs; the others are 0.
 */
export interface Place {
  /** Guest-physical window: registers (mmio), or memory that both sides have mapped (mapped). */
  readonly base: number;
  /** Bytes of the window. */
  readonly size: number;
  /** A handle (channel), a doorbell (mapped), a descriptor (fd). */
  readonly handle: number;
  readonly vector: number;
  /** The value of its interrupts; null: the vector is this device's alone. */
  readonly value: number | null;
}

/** Before a device has one. */
export const NOWHERE: Place = Object.freeze({ base: 0, size: 0, handle: 0, vector: 0, value: null });

/** Numbers in an encoded {@link Place}. */
export const PLACE_WORDS = 5;

/** How the five numbers travel: the value as itself and 1, none as 0. */
export function encodePlace({ base, size, handle, vector, value }: Place): number[] {
  return [base, size, handle, vector, value === null ? 0 : value + 1];
}

/** @returns null unless there are five whole numbers that are not negative */
export function decodePlace(words: readonly Crossing[]): Place | null {
  const numbers = words.map((word) => (word instanceof Uint8Array ? NaN : Number(word)));
  if (numbers.length !== PLACE_WORDS || !numbers.every((n) => Number.isSafeInteger(n) && n >= 0)) return null;
  const [base = 0, size = 0, handle = 0, vector = 0, value = 0] = numbers;
  return { base, size, handle, vector, value: value === 0 ? null : value - 1 };
}

/** Names of the styles of access. */
export type StyleName = 'mmio' | 'channel' | 'mapped' | 'fd';

/** Numbers of the styles, as buses tell them; sets of them are bits `1 << number`. */
export const STYLE: Readonly<Record<'MMIO' | 'CHANNEL' | 'MAPPED' | 'FD', number>> = Object.freeze({
  MMIO: 1,
  CHANNEL: 2,
  MAPPED: 3,
  FD: 4,
});

/** A set of styles as bits. */
export function styleMask(codes: Iterable<number>): number {
  let mask = 0;
  for (const code of codes) mask |= 1 << code;
  return mask;
}
