import { expect } from 'chai';
import { rejection } from './errors';
import type { VirtioMachine } from './virtio';

/** ns that are longer than any message, frame and text takes. */
export const SOON = 1_000_000;

export interface MachineOptions {
  readonly seed?: number;
  readonly isolate?: boolean;
  /** Has each call of the transport sleep so many ns. */
  readonly sleepNs?: number;
}

/** The name of the error that a call ends with. */
export const code = (body: () => unknown): Promise<string> => rejection(body).then((error) => error.code);

/** Nothing of a device is left in the guest, and nothing went wrong on the way. */
export function expectClean(machine: VirtioMachine): void {
  expect(machine.held).to.deep.equal({ bytes: 0, interrupts: [] });
  expect(machine.kernel.warnings).to.equal(0);
  expect(machine.world.oopses).to.deep.equal([]);
}
