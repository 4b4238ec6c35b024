import type { Allowance } from '../findings';
import type { TransportBench } from './bench';

/**
 * What a transport may be without, as the specification or Linux has it: a generation of the configuration
 * (virtio-ccw), an end to the wait for a host that says nothing (virtio-ccw, too).
 */
export type Lack = 'generation' | 'timeout';

/** One point of the contract of a transport. */
export interface TransportCheck {
  /** As it is reported: what a transport does that keeps the contract. */
  readonly name: string;
  /** What the check itself causes. */
  readonly allow?: readonly Allowance[];
  /** Left out where there is no such thing. */
  readonly needs?: Lack | 'sleep';
  run(bench: TransportBench): Promise<void>;
}

/** Checks of one subject. */
export interface CheckSection {
  readonly name: string;
  /** Each has a world of its own, since it does not leave the device as it was. */
  readonly apart?: boolean;
  readonly checks: readonly TransportCheck[];
}
