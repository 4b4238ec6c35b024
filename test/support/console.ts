import { virtioConsole } from '../../drivers/virtio_console';
import { ConsoleDevice, type ConsoleOptions } from '../../lib/hypervisor';
import { openChrdev, type CharFile } from '../../lib/subsystems';
import { utf8Decode } from '../../lib/utf8';
import { SOON, type MachineOptions } from './driver';
import { VirtioMachine } from './virtio';

export const PORTS = [{ console: true }, { name: 'org.machines.port.1' }];

export const text = (bytes: Uint8Array): string => utf8Decode(bytes);

/** A machine with the driver and a device of two ports. */
export async function machineWithConsole(over: Partial<ConsoleOptions> = {}, options: MachineOptions = {}) {
  const { sleepNs = 0, ...world } = options;
  const machine = new VirtioMachine(world);
  await machine.kernel.registerDriver(virtioConsole);
  const model = new ConsoleDevice({ name: 'console0', ports: PORTS, ...over });
  const plugged = await machine.plug(model, (transport) => (transport.sleepNs = sleepNs));
  await machine.world.advance(SOON);
  const open = (name: string, nonblock = false): Promise<CharFile> =>
    Promise.resolve(openChrdev(machine.kernel, name, { nonblock }));
  const soon = (): Promise<void> => machine.world.advance(SOON);
  return { machine, model, open, soon, ...plugged };
}

export const unbindConsole = (machine: VirtioMachine): Promise<void> =>
  machine.write('/sys/bus/virtio/drivers/virtio_console/unbind', 'virtio0');
