import type { Device } from '../base/device';
import { ConsoleDevice, NetworkDevice, NetworkHub, type ConsolePort, type DeviceModel } from '../hypervisor';
import { openChrdev, type CharFile, type OpenOptions } from '../subsystems/chrdev';
import { netDevices, type NetDevice } from '../subsystems/net';
import { ErrnoError } from '../errno';
import { utf8Encode } from '../utf8';
import type { VirtioDriver } from '../virtio';
import type { MachineGuest } from './guest';
import { deviceTree, type Workload } from './workload';

/** Lines that have a terminal. @see drivers/tty/hvc/hvc_console.h HVC_ALLOC_TTY_ADAPTERS */
const HVC_LINES = 8;
const NONBLOCK: OpenOptions = { nonblock: true };

/** A console as port 0, and a port of its own name as port 1. */
class StudyConsole extends ConsoleDevice {
  readonly portName: string;

  constructor(index: number) {
    const portName = `org.study.port.${String(index)}`;
    super({ name: `console${String(index)}`, ports: [{ console: true }, { name: portName }] });
    this.portName = portName;
  }
}

/** A line goes each way, through the named port and through the console. */
export function consoleWorkload(driver: VirtioDriver): Workload {
  return {
    driver,
    limit: { devices: HVC_LINES, reason: 'Linux has terminals for the first eight consoles, hvc0 to hvc7.' },
    makeModel: (index) => new StudyConsole(index),
    verify: verifyConsole,
    touch: touchConsole,
  };
}

async function verifyConsole(guest: MachineGuest, below: Device, models: readonly DeviceModel[]): Promise<boolean> {
  const port = await namedPort(guest, below);
  const model = models.find((known) => known instanceof StudyConsole && known.portName === port?.name);
  if (port === null || !(model instanceof StudyConsole)) return false;
  const node = await tryOpen(guest, port.node);
  if (node === null) return false;
  const portWorks = await bothWays(guest, node, model.port(1), port.name);
  await node.close();
  return portWorks && (await consoleWorks(guest, model.port(0), model.name));
}

async function touchConsole(guest: MachineGuest, below: Device): Promise<boolean> {
  const port = await namedPort(guest, below);
  const node = port === null ? null : await tryOpen(guest, port.node);
  if (node === null) return false;
  await node.write(utf8Encode('touch\n'));
  await guest.settle();
  await node.close();
  return true;
}

interface NamedPort {
  /** Of its device. */
  readonly node: string;
  readonly name: string;
}

/** The port with a name, from /sys. */
async function namedPort(guest: MachineGuest, below: Device): Promise<NamedPort | null> {
  const { kernel } = guest;
  for (const dev of deviceTree(below)) {
    if (dev.class?.type.name !== 'virtio-ports') continue;
    const dir = `/sys/class/virtio-ports/${String(dev.name)}`;
    if (!kernel.sysfs.readdir(dir).includes('name')) continue;
    const text = await kernel.world.run(() => kernel.sysfs.open(`${dir}/name`, 'r').read(), 'read(name)', kernel);
    if (typeof text === 'string') return { node: String(dev.name), name: text.trim() };
  }
  return null;
}

/** Null where nothing can be opened. */
async function tryOpen({ kernel }: MachineGuest, node: string, options?: OpenOptions): Promise<CharFile | null> {
  try {
    return await openChrdev(kernel, node, options);
  } catch (error) {
    if (error instanceof ErrnoError) return null;
    throw error;
  }
}

async function bothWays(guest: MachineGuest, file: CharFile, port: ConsolePort, text: string): Promise<boolean> {
  const [up, down] = [utf8Encode(`${text} says hello\n`), utf8Encode(`hello ${text}\n`)];
  port.take();
  await file.write(up);
  await guest.settle();
  port.send(down);
  await guest.settle();
  return sameBytes(port.take(), up) && sameBytes(await readNow(file), down);
}

async function readNow(file: CharFile): Promise<Uint8Array> {
  try {
    return await file.read();
  } catch (error) {
    if (error instanceof ErrnoError) return new Uint8Array(0);
    throw error;
  }
}

/** /sys does not show which terminal belongs to which device: it is the one that receives the text. */
async function consoleWorks(guest: MachineGuest, port: ConsolePort, text: string): Promise<boolean> {
  const greeting = utf8Encode(`this is ${text}\n`);
  port.send(greeting);
  await guest.settle();
  for (let line = 0; line < HVC_LINES; line++) {
    const file = await tryOpen(guest, `hvc${String(line)}`, NONBLOCK);
    if (file === null) continue;
    const heard = sameBytes(await readNow(file), greeting);
    const works = heard && (await bothWays(guest, file, port, text));
    await file.close();
    if (heard) return works;
  }
  return false;
}

/** A port of the machine's hub. */
class StudyNetwork extends NetworkDevice {
  constructor(
    readonly index: number,
    readonly hub: NetworkHub,
  ) {
    super({ name: `net${String(index)}`, hub, mac: studyMac(index) });
  }
}

function studyMac(index: number): Uint8Array {
  return Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, index & 0xff);
}

/** An unused one. */
const NOBODY = Uint8Array.of(0x52, 0x54, 0xff, 0xff, 0xff, 0xff);
const HOST = Uint8Array.of(0x52, 0x54, 0xff, 0, 0, 1);
/** For experiments. @see include/uapi/linux/if_ether.h ETH_P_802_EX1 */
const ETHERTYPE = Uint8Array.of(0x88, 0xb5);

/** Frames go from each port to the host and to the guest's other ports, and come out there and nowhere else. */
export function netWorkload(driver: VirtioDriver): Workload {
  let hub = new NetworkHub();
  return {
    driver,
    makeModel(index) {
      // The first device of a machine begins a new hub.
      if (index === 0) hub = new NetworkHub();
      return new StudyNetwork(index, hub);
    },
    verify: verifyNet,
    touch: touchNet,
  };
}

async function verifyNet(guest: MachineGuest, below: Device, models: readonly DeviceModel[]): Promise<boolean> {
  const dev = netBelow(guest, below);
  const isIts = (known: DeviceModel): boolean =>
    known instanceof StudyNetwork && sameBytes(studyMac(known.index), dev?.address);
  const model = models.find(isIts);
  if (dev === null || !(model instanceof StudyNetwork)) return false;
  await dev.open();
  await guest.settle();
  const others = netDevices(guest.kernel).filter((other) => other !== dev && other.isUp);
  return (await reachesHost(guest, dev, model.hub)) && (await reachesOthers(guest, dev, others));
}

async function touchNet(guest: MachineGuest, below: Device): Promise<boolean> {
  const dev = netBelow(guest, below);
  if (dev === null) return false;
  await dev.open();
  await guest.settle();
  dev.transmit(frameOf(NOBODY, dev.address, 'touch'));
  await guest.settle();
  return true;
}

function netBelow(guest: MachineGuest, below: Device): NetDevice | null {
  const inTree = new Set(deviceTree(below));
  return netDevices(guest.kernel).find((dev) => inTree.has(dev)) ?? null;
}

function frameOf(to: Uint8Array, from: Uint8Array, text: string): Uint8Array {
  return Uint8Array.of(...to, ...from, ...ETHERTYPE, ...utf8Encode(text));
}

/** To a port that only the host has, and back. */
async function reachesHost(guest: MachineGuest, dev: NetDevice, hub: NetworkHub): Promise<boolean> {
  const heard: Uint8Array[] = [];
  const place = hub.plug({ receive: (frame) => void heard.push(frame) });
  const out = frameOf(HOST, dev.address, `${String(dev.name)} to host`);
  const back = frameOf(dev.address, HOST, `host to ${String(dev.name)}`);
  dev.transmit(out);
  await guest.settle();
  const received = await receivedBy(guest, dev, () => place.send(back));
  place.unplug();
  return isOnly(heard, out) && isOnly(received, back);
}

/** To each of them alone. */
async function reachesOthers(guest: MachineGuest, dev: NetDevice, others: readonly NetDevice[]): Promise<boolean> {
  for (const other of others) {
    const frame = frameOf(other.address, dev.address, `${String(dev.name)} to ${String(other.name)}`);
    if (!isOnly(await receivedBy(guest, other, () => dev.transmit(frame)), frame)) return false;
  }
  return true;
}

/** What a device receives while something is done. */
async function receivedBy(guest: MachineGuest, dev: NetDevice, act: () => void): Promise<Uint8Array[]> {
  const received: Uint8Array[] = [];
  const stop = dev.addPack((frame) => void received.push(frame));
  act();
  await guest.settle();
  stop();
  return received;
}

function isOnly(frames: readonly Uint8Array[], wanted: Uint8Array): boolean {
  return frames.length === 1 && sameBytes(wanted, frames[0]);
}

function sameBytes(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && a.length === b.length && a.every((byte, i) => byte === b[i]);
}
