import { vbus } from '../../buses/vbus';
import { virtioConsole } from '../../drivers/virtio_console';
import { virtioNet } from '../../drivers/virtio_net';
import type { StyleName } from '../../lib/access/place';
import { consolePair, networkPair, type ConsolePairOptions } from '../../lib/hypervisor';
import { Machine, type BusFixture, type MachineGuest } from '../../lib/machine';
import { netDevices, openChrdev, type CharFile, type NetDevice } from '../../lib/subsystems';
import { utf8Encode } from '../../lib/utf8';
import type { DeviceModel } from '../../lib/hypervisor';
import type { VirtioDriver } from '../../lib/virtio';

const MAPPED: readonly StyleName[] = ['mapped'];

/**
 * Two guests with one end of a pair each, and the driver loaded in both.
 *
 * @param beside devices for one guest and the other in turn
 */
async function machineWithPair(
  models: readonly [DeviceModel, DeviceModel],
  driver: VirtioDriver,
  bus: BusFixture = vbus,
  beside: readonly DeviceModel[] = [],
) {
  const conditions = { seed: 1, devices: 2, policy: 'lowest', access: MAPPED, ownership: 'private' } as const;
  const machine = new Machine(bus, conditions, [...models, ...beside], 2);
  for (const guest of machine.guests) await ready(guest, driver);
  await machine.settle();
  return { machine, models, guests: [machine.guest(0), machine.guest(1)] as const };
}

/** Boots a guest and loads what it needs. */
export async function ready(guest: MachineGuest, driver: VirtioDriver): Promise<void> {
  await guest.boot();
  await guest.loadTransport();
  await guest.loadDriver(driver);
}

/** The card of a guest, which is up, and the frames that it receives. */
export interface Card {
  readonly net: NetDevice;
  readonly heard: Uint8Array[];
}

export async function cardOf(guest: MachineGuest): Promise<Card> {
  const [net] = netDevices(guest.kernel);
  if (net === undefined) throw new Error(`guest ${guest.name} has no network card`);
  const heard: Uint8Array[] = [];
  net.addPack((frame) => void heard.push(frame));
  await net.open();
  await guest.settle();
  return { net, heard };
}

export async function cable(bus?: BusFixture, mtu?: number, beside?: readonly DeviceModel[]) {
  const models = networkPair({ name: 'cable', ...(mtu === undefined ? {} : { mtu }) });
  const made = await machineWithPair(models, virtioNet, bus, beside);
  const [one, two] = made.guests;
  return { ...made, a: await cardOf(one), b: await cardOf(two), cards: models };
}

const PORTS = [{ console: true }, { name: 'org.machines.link' }];

export async function line(options: Partial<ConsolePairOptions> = {}, bus?: BusFixture) {
  const models = consolePair({ name: 'line', ports: PORTS, ...options });
  return { ...(await machineWithPair(models, virtioConsole, bus)), consoles: models };
}

/** A file of a guest, without waiting. */
export async function open(guest: MachineGuest, name: string): Promise<CharFile> {
  return openChrdev(guest.kernel, name, { nonblock: true });
}

/** A frame with a number in it. */
export const frame = (number: number, bytes = 46): Uint8Array =>
  Uint8Array.of(...new Uint8Array(12), 0x88, 0xb5, number, number >> 8, ...new Uint8Array(bytes).fill(number));

export const numberOf = (bytes: Uint8Array): number => (bytes[14] ?? 0) + 256 * (bytes[15] ?? 0);

export const bytes = (text: string): Uint8Array => utf8Encode(text);

/** Lines of a guest's log that say that something is wrong. */
export const complaints = (guest: MachineGuest): readonly string[] =>
  guest.kernel.log.entries.filter(({ level }) => ['err', 'warn', 'crit'].includes(level)).map(({ text }) => text);

export const hostCopied = ({ guests }: Machine): number =>
  guests.reduce((sum, guest) => sum + guest.counters().bytesCopiedHost, 0);
