import { EINVAL, ErrnoError } from '../../errno';
import { DEVICE_ID, ETH, featureBit, NET } from '../../virtio/spec';
import { COSTS } from '../costs';
import { DeviceModel, type DeviceHost, type DeviceRequest } from '../device-model';
import type { HubPlace, NetworkHub } from './hub';

/** How a network device is set up. VIRTIO 1.2 §5.1 */
export interface NetworkOptions {
  readonly name: string;
  readonly hub: NetworkHub;
  /** Six bytes; a guest without it (`null`) makes up its own. */
  readonly mac: Uint8Array | null;
  /** Largest frame without its header, in the configuration; absent: no VIRTIO_NET_F_MTU. */
  readonly mtu?: number;
  /** Receive every frame. Default: those for `mac`, and multicast ones. */
  readonly promiscuous?: boolean;
  /** It has a queue for commands about what it receives, and may merge buffers. Default: no. */
  readonly control?: boolean;
  /** Places in the queues for frames, a power of two; default: 64. */
  readonly queueSize?: number;
  /** Service time of a frame in ns, for each direction. */
  readonly latency?: number;
}

const QUEUE_SIZE = 64;
const CONTROL_QUEUE_SIZE = 64;
const CONTROL_FEATURES = [
  NET.F_CTRL_GUEST_OFFLOADS,
  NET.F_MRG_RXBUF,
  NET.F_CTRL_VQ,
  NET.F_CTRL_RX,
  NET.F_CTRL_VLAN,
  NET.F_GUEST_ANNOUNCE,
  NET.F_CTRL_MAC_ADDR,
];
/** Frames that wait for their service time, at most. */
const BACKLOG = 1024;
/** The largest frame that a guest may send. */
const MAX_FRAME = ETH.HEADER_BYTES + ETH.VLAN_BYTES + ETH.MAX_MTU;

/**
 * Network device: a port of a hub with one pair of queues. What cannot be sent or received is dropped and counted, as
 * on a wire. VIRTIO 1.2 §5.1
 */
export class NetworkDevice extends DeviceModel {
  readonly deviceId = DEVICE_ID.NET;
  readonly name: string;
  readonly mac: Uint8Array | null;
  /** Frames that a guest sent and that were no frames, or came without a link. */
  sendDropped = 0;
  /** Frames that came and found no buffer, or one too small, or no link. */
  receiveDropped = 0;
  readonly #mtu: number | null;
  readonly #promiscuous: boolean;
  readonly #control: boolean;
  readonly #queueSize: number;
  /** What the guest has asked for by the control queue. */
  #guest: { promiscuous: boolean; address: Uint8Array | null } = { promiscuous: false, address: null };
  readonly #latency: number;
  readonly #place: HubPlace;
  /** Where frames go, oldest first. */
  readonly #buffers: DeviceRequest[] = [];
  #host: DeviceHost | null = null;
  #linkUp = true;
  #underWay = 0;

  /** @throws ErrnoError EINVAL for an address that is not six bytes, an MTU outside 68 to 65535 */
  constructor(options: NetworkOptions) {
    super();
    const { mac, mtu = null } = options;
    if (mac !== null && mac.length !== ETH.ADDRESS_BYTES) throw invalid(options.name, 'an address has six bytes');
    if (mtu !== null && !(mtu >= ETH.MIN_MTU && mtu <= ETH.MAX_MTU)) throw invalid(options.name, `MTU ${String(mtu)}`);
    this.name = options.name;
    this.mac = mac?.slice() ?? null;
    this.#mtu = mtu;
    this.#promiscuous = options.promiscuous ?? mac === null;
    this.#control = options.control ?? false;
    this.#queueSize = options.queueSize ?? QUEUE_SIZE;
    this.#latency = options.latency ?? COSTS.network;
    this.#place = options.hub.plug({ receive: (frame) => this.#arrive(frame) });
  }

  /** Is the cable in? */
  get linkUp(): boolean {
    return this.#linkUp;
  }

  /** Unplugs or plugs the cable; the driver is notified. VIRTIO 1.2 §5.1.4.2 */
  setLink(up: boolean): void {
    if (up === this.#linkUp) return;
    this.#linkUp = up;
    this.#host?.configChanged();
  }

  /** Buffers that the guest has given and that wait for frames. */
  get buffers(): number {
    return this.#buffers.length;
  }

  /** Leaves the hub for good. */
  leaveHub(): void {
    this.#place.unplug();
  }

  override features(): bigint {
    const always = featureBit(NET.F_STATUS);
    const mac = this.mac === null ? 0n : featureBit(NET.F_MAC);
    const control = this.#control ? CONTROL_FEATURES.reduce((all, bit) => all | featureBit(bit), 0n) : 0n;
    return always | mac | control | (this.#mtu === null ? 0n : featureBit(NET.F_MTU));
  }

  override queueSizes(): readonly number[] {
    return [this.#queueSize, this.#queueSize, ...(this.#control ? [CONTROL_QUEUE_SIZE] : [])];
  }

  override config(): Uint8Array {
    const bytes = new Uint8Array(NET.CONFIG_BYTES);
    const view = new DataView(bytes.buffer);
    if (this.mac !== null) bytes.set(this.mac, NET.CONFIG_MAC);
    view.setUint16(NET.CONFIG_STATUS, this.#linkUp ? NET.S_LINK_UP : 0, true);
    view.setUint16(NET.CONFIG_MAX_PAIRS, 1, true);
    view.setUint16(NET.CONFIG_MTU, this.#mtu ?? 0, true);
    return bytes;
  }

  override attach(host: DeviceHost): void {
    this.#host = host;
  }

  override reset(): void {
    this.#buffers.length = 0;
    this.#underWay = 0;
    this.#guest = { promiscuous: false, address: null };
  }

  override handle(queue: number, request: DeviceRequest, host: DeviceHost): void {
    if (queue === NET.RECEIVEQ) {
      this.#buffers.push(request);
      return;
    }
    if (queue === NET.CONTROLQ) {
      request.complete(
        Uint8Array.of(this.#command(request.readable) ? NET.CTRL_OK : NET.CTRL_ERR).subarray(0, request.writable),
      );
      return;
    }
    host.after(this.#latency, () => {
      this.#transmit(request.readable);
      request.complete();
    });
  }

  /** @returns false for what is not understood. VIRTIO 1.2 §5.1.6.5 */
  #command([cls, command, ...data]: Uint8Array): boolean {
    switch (cls) {
      case NET.CTRL_RX:
        if (command === NET.CTRL_RX_PROMISC) this.#guest.promiscuous = data[0] === 1;
        return data.length === 1;
      case NET.CTRL_MAC:
        if (command === NET.CTRL_MAC_TABLE_SET) return data.length >= 8;
        if (command !== NET.CTRL_MAC_ADDR_SET || data.length !== ETH.ADDRESS_BYTES) return false;
        this.#guest.address = Uint8Array.from(data);
        return true;
      case NET.CTRL_VLAN:
        return data.length === 2;
      case NET.CTRL_ANNOUNCE:
        return command === NET.CTRL_ANNOUNCE_ACK;
      case NET.CTRL_GUEST_OFFLOADS:
        return data.every((byte) => byte === 0);
      default:
        return false;
    }
  }

  /** Header and frame. Nothing that needs the device's help was agreed on. VIRTIO 1.2 §5.1.6.2 */
  #transmit(readable: Uint8Array): void {
    const frame = readable.subarray(NET.HEADER_BYTES);
    const asksHelp = readable[NET.HEADER_FLAGS] !== 0 || readable[NET.HEADER_GSO_TYPE] !== 0;
    const fits = frame.length >= ETH.HEADER_BYTES && frame.length <= MAX_FRAME;
    if (asksHelp || !fits || !this.#linkUp) this.sendDropped += 1;
    else this.#place.send(frame);
  }

  /** Later, in this device's own time: an error here does not affect the sender. */
  #arrive(frame: Uint8Array): void {
    if (this.#host === null || !this.#isForMe(frame)) return;
    if (!this.#linkUp || this.#underWay >= BACKLOG) {
      this.receiveDropped += 1;
      return;
    }
    this.#underWay += 1;
    this.#host.after(this.#latency, () => {
      this.#underWay -= 1;
      this.#receive(frame);
    });
  }

  #isForMe(frame: Uint8Array): boolean {
    const forSeveral = ((frame[0] ?? 0) & 1) !== 0;
    const { promiscuous, address } = this.#guest;
    const own = address ?? this.mac;
    return this.#promiscuous || promiscuous || forSeveral || (own?.every((byte, i) => byte === frame[i]) ?? true);
  }

  /** Into one buffer, whether merging was agreed on or not. VIRTIO 1.2 §5.1.6.4 */
  #receive(frame: Uint8Array): void {
    const [buffer] = this.#buffers;
    if (buffer === undefined || buffer.writable < NET.HEADER_BYTES + frame.length) {
      this.receiveDropped += 1;
      return;
    }
    this.#buffers.shift();
    const header = new Uint8Array(NET.HEADER_BYTES);
    header[NET.HEADER_NUM_BUFFERS] = 1;
    buffer.complete(header, frame);
  }
}

function invalid(name: string, what: string): ErrnoError {
  return new ErrnoError(EINVAL, { syscall: 'virtio_net', path: `${name}: ${what}` });
}
