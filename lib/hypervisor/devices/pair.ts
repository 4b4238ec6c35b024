import { EINVAL, ErrnoError } from '../../errno';
import { CONSOLE, consolePortQueue, DEVICE_ID, ETH, featureBit, NET } from '../../virtio/spec';
import { DeviceModel, type DeviceHost } from '../device-model';
import { pairOfEnds, type PairEnd } from '../pair-end';
import { ConsoleDevice, type ConsolePort, type ConsolePortOptions } from './console';

/** How a cable between two network cards is set up. */
export interface NetworkPairOptions {
  /** Of the cable; its ends are `name.1` and `name.2`. */
  readonly name: string;
  /** The cards' addresses, six bytes each. Default: 02:00:00:00:00:01 and 02. */
  readonly macs?: readonly [Uint8Array, Uint8Array];
  /** Largest frame without its header; absent: 1500, and no VIRTIO_NET_F_MTU. */
  readonly mtu?: number;
}

const NET_QUEUE_SIZE = 64;
/** As many of the largest frames as a queue has places. */
const NET_RING = NET_QUEUE_SIZE * 2048;

/**
 * A network card whose cable leads to another guest's: there is a link while a driver works at the other end. Frames
 * pass through pages that both ends have, and the model sees none. VIRTIO 1.2 §5.1
 */
export class PairedNetwork extends DeviceModel {
  readonly deviceId = DEVICE_ID.NET;
  readonly #mtu: number | null;
  #host: DeviceHost | null = null;

  /** Only for {@link networkPair}. */
  constructor(
    readonly name: string,
    override readonly pair: PairEnd,
    readonly mac: Uint8Array,
    mtu: number | null,
  ) {
    super();
    this.#mtu = mtu;
    pair.changed = () => this.#host?.configChanged();
  }

  override features(): bigint {
    const always = featureBit(NET.F_STATUS) | featureBit(NET.F_MAC);
    return always | (this.#mtu === null ? 0n : featureBit(NET.F_MTU));
  }

  override queueSizes(): readonly number[] {
    return [NET_QUEUE_SIZE, NET_QUEUE_SIZE];
  }

  override config(): Uint8Array {
    const bytes = new Uint8Array(NET.CONFIG_BYTES);
    const view = new DataView(bytes.buffer);
    bytes.set(this.mac, NET.CONFIG_MAC);
    view.setUint16(NET.CONFIG_STATUS, this.pair.isConnected ? NET.S_LINK_UP : 0, true);
    view.setUint16(NET.CONFIG_MAX_PAIRS, 1, true);
    view.setUint16(NET.CONFIG_MTU, this.#mtu ?? 0, true);
    return bytes;
  }

  override attach(host: DeviceHost): void {
    this.#host = host;
  }

  override handle(queue: number): never {
    throw notTheHosts(this.name, queue);
  }
}

/**
 * Two network cards with one cable.
 *
 * @throws ErrnoError EINVAL for an address that is not six bytes, an MTU outside 68 to 9000
 */
export function networkPair(options: NetworkPairOptions): readonly [PairedNetwork, PairedNetwork] {
  const { name, mtu = null } = options;
  const macs = options.macs ?? [Uint8Array.of(2, 0, 0, 0, 0, 1), Uint8Array.of(2, 0, 0, 0, 0, 2)];
  if (macs.some(({ length }) => length !== ETH.ADDRESS_BYTES)) throw invalid(name, 'an address has six bytes');
  if (mtu !== null && !(mtu >= ETH.MIN_MTU && mtu <= MAX_MTU)) throw invalid(name, `MTU ${String(mtu)}`);
  const piece = NET.HEADER_BYTES + ETH.HEADER_BYTES + ETH.VLAN_BYTES + Math.max(mtu ?? 0, ETH.DATA_BYTES);
  const ends = pairOfEnds({ name, inputs: [NET.RECEIVEQ], bytes: NET_RING, piece });
  return [
    new PairedNetwork(`${name}.1`, ends[0], macs[0].slice(), mtu),
    new PairedNetwork(`${name}.2`, ends[1], macs[1].slice(), mtu),
  ];
}

/** Of jumbo frames. */
const MAX_MTU = 9000;

/** How two consoles that talk to each other are set up. */
export interface ConsolePairOptions {
  /** Their names are `name.1` and `name.2`. */
  readonly name: string;
  /** Ports of either, at most 5. Default: a console. A port is open for its guest while the other guest has it open. */
  readonly ports?: readonly Pick<ConsolePortOptions, 'name' | 'console'>[];
}

const CONSOLE_RING = 64 * 1024;
/** @see drivers/char/virtio_console.c port_fops_write */
const CONSOLE_PIECE = 32 * 1024;
const MAX_PORTS = 5;

/**
 * A console whose ports lead to another guest's. Text passes through pages that both ends have; control messages are
 * the host's. VIRTIO 1.2 §5.3
 */
export class PairedConsole extends ConsoleDevice {
  /** Ports that the guest has open, as told last. */
  readonly #open = new Set<number>();
  #other: PairedConsole = this;

  /** Only for {@link consolePair}. */
  constructor(
    name: string,
    override readonly pair: PairEnd,
    ports: readonly ConsolePortOptions[],
  ) {
    super({
      name,
      maxPorts: ports.length,
      ports: ports.map((port, id) => ({ ...port, open: false, guestOpened: (open) => this.#opened(id, open) })),
    });
    pair.changed = () => this.#follow();
  }

  /** Only for {@link consolePair}. */
  connect(other: PairedConsole): void {
    this.#other = other;
  }

  /** @throws ErrnoError EINVAL: both ends have the ports that they were made with */
  override addPort(id: number): never {
    throw invalid(this.name, `port ${String(id)} cannot be added to one end of a pair`);
  }

  override handle(...[queue, request, host]: Parameters<ConsoleDevice['handle']>): void {
    if (queue !== CONSOLE.CONTROL_IN && queue !== CONSOLE.CONTROL_OUT) throw notTheHosts(this.name, queue);
    super.handle(queue, request, host);
  }

  #opened(id: number, open: boolean): void {
    if (open) this.#open.add(id);
    else this.#open.delete(id);
    this.#other.#follow();
  }

  /** What the other guest has open is open. */
  #follow(): void {
    for (const port of this.ports) setOpen(port, this.pair.isConnected && this.#other.#open.has(port.id));
  }
}

function setOpen(port: ConsolePort, open: boolean): void {
  if (open) port.open();
  else port.close();
}

/**
 * Two consoles that talk to each other.
 *
 * @throws ErrnoError EINVAL for no port, or more than 5
 */
export function consolePair(options: ConsolePairOptions): readonly [PairedConsole, PairedConsole] {
  const { name, ports = [{ console: true }] } = options;
  if (ports.length < 1 || ports.length > MAX_PORTS) throw invalid(name, `${String(ports.length)} ports`);
  const inputs = ports.map((_, id) => consolePortQueue(id));
  const ends = pairOfEnds({ name, inputs, bytes: CONSOLE_RING, piece: CONSOLE_PIECE });
  const pair = [
    new PairedConsole(`${name}.1`, ends[0], ports),
    new PairedConsole(`${name}.2`, ends[1], ports),
  ] as const;
  pair[0].connect(pair[1]);
  pair[1].connect(pair[0]);
  return pair;
}

function notTheHosts(name: string, queue: number): Error {
  return new Error(`queue ${String(queue)} of ${name} is not the host's`);
}

function invalid(name: string, what: string): ErrnoError {
  return new ErrnoError(EINVAL, { syscall: 'device_pair', path: `${name}: ${what}` });
}
