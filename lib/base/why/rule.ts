import type { Device } from '../device';
import type { Driver } from '../driver';

/** The device and the driver. */
export interface Pair {
  readonly dev: Device;
  readonly drv: Driver;
}

/** The result of one rule of the driver core for a device and a driver. */
export interface WhyRule {
  /** Kernel function that applies the rule. */
  readonly fn: string;
  /** Does the rule allow the driver to bind? null: it is only information. */
  readonly allows: boolean | null;
  readonly text: string;
  /** Details of the result. */
  readonly details: readonly string[];
}

export function allows(fn: string, text: string, details: readonly string[] = []): WhyRule {
  return { fn, allows: true, text, details };
}

export function refuses(fn: string, text: string, details: readonly string[] = []): WhyRule {
  return { fn, allows: false, text, details };
}

export function notes(fn: string, text: string, details: readonly string[] = []): WhyRule {
  return { fn, allows: null, text, details };
}

/** Name of a device for people. */
export function called(dev: Device): string {
  return dev.name ?? '(null)';
}
