import { expect } from 'chai';
import { virtioConsole } from '../../drivers/virtio_console';
import { ConsoleDevice, type ConsoleOptions } from '../../lib/hypervisor';
import { openChrdev, type CharFile } from '../../lib/subsystems';
import { utf8Decode } from '../../lib/utf8';
import { rejection } from './rejection';
import { VirtioMachine } from './virtio';

export const PORTS = [{ console: true }, { name: 'org.machines.port.1' }];
/** ns that are longer than any message and any text takes. */
export const SOON = 1_000_000;

export const text = (bytes: Uint8Array): string => utf8Decode(bytes);

export interface MachineOptions {
  readonly seed?: number;
  readonly isolate?: boolean;
  /** Has each call of the transport sleep so many ns. */
  readonly sleepNs?: number;
}

/** A machine with the driver and a device of two ports. */
export async function machineWithConsole(over: Partial<ConsoleOptions> = {}, options: MachineOptions = {}) {
  const { sleepNs = 0, ...world } = options;
  const machine = new VirtioMachine(world);
  await machine.kernel.registerDriver(virtioConsole);
  const model = new ConsoleDevice({ name: 'console0', ports: PORTS, ...over });
  const plugged = await machine.plug(model, (transport) => (transport.sleepNs = sleepNs));
  await machine.world.advance(SOON);
  const open = (name: string, nonblock = false): Promise<CharFile> => Promise.resolve(openChrdev(machine.kernel, name, { nonblock }));
  const soon = (): Promise<void> => machine.world.advance(SOON);
  return { machine, model, open, soon, ...plugged };
}

export const unbindConsole = (machine: VirtioMachine): Promise<void> => machine.write('/sys/bus/virtio/drivers/virtio_console/unbind', 'virtio0');
export const code = (body: () => unknown): Promise<string> => rejection(body).then((error) => error.code);

/** Nothing of a device is left in the guest, and nothing went wrong on the way. */
export function expectClean(machine: VirtioMachine): void {
  expect(machine.held).to.deep.equal({ bytes: 0, interrupts: [] });
  expect(machine.kernel.warnings).to.equal(0);
  expect(machine.world.oopses).to.deep.equal([]);
}
