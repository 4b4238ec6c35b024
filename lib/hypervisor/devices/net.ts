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
  /** Service time of a frame in ns, for each direction. */
  readonly latency?: number;
}

const QUEUE_SIZE = 64;
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
    return always | mac | (this.#mtu === null ? 0n : featureBit(NET.F_MTU));
  }

  override queueSizes(): readonly number[] {
    return [QUEUE_SIZE, QUEUE_SIZE];
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
  }

  override handle(queue: number, request: DeviceRequest, host: DeviceHost): void {
    if (queue === NET.RECEIVEQ) {
      this.#buffers.push(request);
      return;
    }
    host.after(this.#latency, () => {
      this.#transmit(request.readable);
      request.complete();
    });
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
    return this.#promiscuous || forSeveral || (this.mac?.every((byte, i) => byte === frame[i]) ?? true);
  }

  /** Into one buffer, for merging was not agreed on. VIRTIO 1.2 §5.1.6.4 */
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
