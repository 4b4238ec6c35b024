import type { Device } from '../device';
import type { Driver } from '../driver';

/** The device and the driver. */
export interface Pair {
  readonly dev: Device;
  readonly drv: Driver;
}

/** What one rule of the driver core says about a device and a driver. */
export interface WhyRule {
  /** Kernel function that applies the rule. */
  readonly fn: string;
  /** Does the rule let the driver have the device? null: it decides nothing, but says how things stand. */
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
