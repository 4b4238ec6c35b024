import { Device } from '../base/device';
import { callAtomicVoid, guard } from '../base/guard';
import type { Kernel } from '../base/kernel';
import { EADDRNOTAVAIL, EINVAL, EMSGSIZE, ENETDOWN, ENOBUFS, ENODEV, ENXIO, ErrnoError } from '../errno';
import type { MayNotSleep, MaySleep } from '../may-sleep';
import type { AttributeGroup } from '../sysfs/attribute';
import type { QueueKobjects } from './net-queues';
import { noStats, type NetStats } from './net-stats';
import { rtnlLock, rtnlUnlock } from './rtnl';

const ETH_HLEN = 14;
const VLAN_HLEN = 4;
const ETH_DATA_LEN = 1500;
const ETH_MIN_MTU = 68;
const ETH_MAX_MTU = 65535;
/** @see include/net/pkt_sched.h DEFAULT_TX_QUEUE_LEN */
const DEFAULT_TX_QUEUE_LEN = 1000;

/** @see include/uapi/linux/if.h enum net_device_flags */
const IFF = Object.freeze({
  UP: 0x1,
  BROADCAST: 0x2,
  DEBUG: 0x4,
  NOTRAILERS: 0x20,
  NOARP: 0x80,
  PROMISC: 0x100,
  ALLMULTI: 0x200,
  MULTICAST: 0x1000,
  PORTSEL: 0x2000,
  AUTOMEDIA: 0x4000,
  DYNAMIC: 0x8000,
});
/** Flags that a writer of `flags` sets as they are. */
const SET_BY_USER = IFF.DEBUG | IFF.NOTRAILERS | IFF.NOARP | IFF.MULTICAST | IFF.PORTSEL | IFF.AUTOMEDIA | IFF.DYNAMIC;
/** Flags that Linux counts users of; here only the writer of `flags` is one. */
const COUNTED = IFF.PROMISC | IFF.ALLMULTI;

/** How a device came to its address. @see include/uapi/linux/netdevice.h NET_ADDR_PERM, NET_ADDR_RANDOM */
export const NET_ADDR = Object.freeze({ PERM: 0, RANDOM: 1 });

/** What a driver does for its network device. @see include/linux/netdevice.h struct net_device_ops */
export interface NetDeviceOps {
  /** From now on frames come and go. @returns 0 or a negative errno @see ndo_open */
  open(): MaySleep<number>;
  /** No frame is received after this. @see ndo_stop */
  stop(): MaySleep<void>;
  /**
   * Takes a frame, whatever becomes of it. A driver that has no room for another one calls `dev.stopQueue()`. May not
   * sleep.
   *
   * @see ndo_start_xmit
   */
  startXmit(frame: Uint8Array): MayNotSleep;
}

/** How a driver makes a network device. */
export interface NetDeviceInit {
  readonly parent: Device;
  readonly ops: NetDeviceOps;
  /** Six bytes. */
  readonly address: Uint8Array;
  readonly addrAssignType?: number;
  readonly mtu?: number;
  /** Default: 65535. */
  readonly maxMtu?: number;
  /** Files of the driver in each receive queue. @see struct net_device sysfs_rx_queue_group */
  readonly rxGroup?: AttributeGroup;
}

/**
 * An Ethernet device. Frames go in with {@link transmit} while it is up and come out at {@link addPack}; there is no
 * protocol above it.
 *
 * @see include/linux/netdevice.h struct net_device, net/core/dev.c
 */
export class NetDevice extends Device {
  readonly address: Uint8Array;
  readonly addrAssignType: number;
  readonly stats: NetStats = noStats();
  ifindex = 0;
  mtu: number;
  flags = IFF.BROADCAST | IFF.MULTICAST;
  txQueueLen = DEFAULT_TX_QUEUE_LEN;
  /** As it was written, a NUL in it included. */
  alias = '';
  /** These four are kept and have no effect. */
  group = 0;
  groFlushTimeout = 0n;
  napiDeferHardIrqs = 0;
  threaded = false;
  carrierUpCount = 0;
  carrierDownCount = 0;
  queues: QueueKobjects | null = null;
  readonly rxGroup: AttributeGroup | null;
  readonly #ops: NetDeviceOps;
  readonly #maxMtu: number;
  readonly #packs = new Set<(frame: Uint8Array) => MayNotSleep>();
  /** Frames that the driver has no room for, oldest first. */
  #backlog: Uint8Array[] = [];
  #stopped = false;
  #running = false;
  #present = true;
  #carrier = true;
  #gone = false;

  /** @see net/ethernet/eth.c alloc_etherdev_mqs */
  constructor(kernel: Kernel, init: NetDeviceInit) {
    const { parent, ops, address, addrAssignType, mtu, maxMtu } = init;
    super(kernel, { parent, release: () => undefined });
    this.#ops = ops;
    this.rxGroup = init.rxGroup ?? null;
    this.address = address.slice();
    this.addrAssignType = addrAssignType ?? NET_ADDR.PERM;
    this.mtu = mtu ?? ETH_DATA_LEN;
    this.#maxMtu = maxMtu ?? ETH_MAX_MTU;
  }

  /** @see include/linux/netdevice.h netif_running */
  get isUp(): boolean {
    return this.#running;
  }

  /** @see include/linux/netdevice.h netif_carrier_ok */
  get carrierOk(): boolean {
    return this.#carrier;
  }

  /** Linux follows the carrier a little later. @see net/core/link_watch.c rfc2863_policy, net-sysfs.c operstate_show */
  get operstate(): 'up' | 'down' {
    return this.#running && this.#carrier ? 'up' : 'down';
  }

  /** Frames that wait for room in the driver. */
  get backlog(): number {
    return this.#backlog.length;
  }

  /**
   * Brings it up; no effect if it is up.
   *
   * @throws ErrnoError ENODEV when it is gone or sleeps, EADDRNOTAVAIL when its address is invalid, the error of the
   *   driver
   * @see net/core/dev.c dev_open
   */
  open(): MaySleep<void> {
    return this.kernel.operate('dev_open', this.name, () => this.underRtnl(() => this.#devOpen()));
  }

  /** Takes it down; nothing happens to one that is. @see net/core/dev.c dev_close */
  close(): MaySleep<void> {
    return this.kernel.operate('dev_close', this.name, () => this.underRtnl(() => this.devClose()));
  }

  /**
   * For `flags`: flags that cannot be set do not change.
   *
   * @returns 0 or the error of {@link open}
   * @see __dev_change_flags
   */
  changeFlags(flags: number): MaySleep<number> {
    return this.underRtnl(async () => {
      const before = this.flags;
      this.flags = (flags & SET_BY_USER) | (before & ~SET_BY_USER);
      let error = 0;
      if ((before & ~flags & IFF.UP) !== 0) await this.devClose();
      else if ((flags & ~before & IFF.UP) !== 0) error = await this.#devOpen();
      this.#setCounted(flags & COUNTED);
      return error;
    });
  }

  /** @see net/core/dev.c __dev_set_promiscuity, __dev_set_allmulti */
  #setCounted(flags: number): void {
    const changes = (this.flags ^ flags) & COUNTED;
    this.flags ^= changes;
    if ((changes & IFF.PROMISC) === 0) return;
    const what = (flags & IFF.PROMISC) === 0 ? 'left' : 'entered';
    this.kernel.log.info(`device ${String(this.name)} ${what} promiscuous mode`);
  }

  /** @returns 0, -EINVAL for what the device cannot do, -ENODEV while it sleeps @see net/core/dev.c dev_set_mtu_ext */
  setMtu(mtu: number): MaySleep<number> {
    return this.underRtnl(() => {
      if (mtu === this.mtu) return 0;
      if (mtu < ETH_MIN_MTU) return this.#refuseMtu('less than device minimum');
      if (mtu > this.#maxMtu) return this.#refuseMtu('greater than device maximum');
      if (!this.#present) return -ENODEV;
      this.mtu = mtu;
      return 0;
    });
  }

  #refuseMtu(why: string): number {
    this.kernel.log.err(`${String(this.name)}: mtu ${why}`);
    return -EINVAL;
  }

  /**
   * For the files: runs `body` under the rtnl lock, which protects changes of a device.
   *
   * @returns the result of `body`, -ENODEV when the device is gone
   */
  async underRtnl(body: () => MaySleep<number | void>): Promise<number> {
    await rtnlLock(this.kernel);
    const error = this.#gone ? -ENODEV : ((await body()) ?? 0);
    rtnlUnlock(this.kernel);
    return error;
  }

  /** @see net/core/dev.c __dev_open */
  async #devOpen(): Promise<number> {
    if (this.#running) return 0;
    if (!this.#present) return -ENODEV;
    if (!isValidEtherAddr(this.address)) return -EADDRNOTAVAIL;
    this.#running = true;
    const { world } = this.kernel;
    const error = await guard(
      world,
      () => `__dev_open(${String(this.name)})`,
      () => this.#ops.open(),
    );
    if (error === 0) this.flags |= IFF.UP;
    else this.#running = false;
    return error;
  }

  /** With the rtnl lock held. What waits for room is dropped. @see net/core/dev.c __dev_close_many */
  async devClose(): Promise<void> {
    if (!this.#running) return;
    this.#running = false;
    this.#backlog = [];
    await guard(
      this.kernel.world,
      () => `__dev_close_many(${String(this.name)})`,
      () => this.#ops.stop(),
    );
    this.flags &= ~IFF.UP;
  }

  /**
   * Sends a frame, its Ethernet header included. It is on its way or waits for its turn when this returns. Without a
   * carrier it is lost, as in Linux.
   *
   * @throws ErrnoError ENXIO when the device is gone, ENETDOWN when it is not up, EINVAL for less than a header,
   *   EMSGSIZE for more than the MTU, ENOBUFS when too many wait
   * @see net/packet/af_packet.c packet_snd, net/core/dev.c __dev_queue_xmit
   */
  transmit(frame: Uint8Array): void {
    const refusal = this.#refusal(frame);
    if (refusal !== 0) throw new ErrnoError(refusal, { syscall: 'packet_snd', path: String(this.name) });
    if (!this.#carrier) return;
    if (this.#stopped) this.#backlog.push(frame.slice());
    else this.#startXmit(frame.slice());
  }

  #startXmit(frame: Uint8Array): void {
    const { kernel } = this;
    void kernel.world.run(() => this.#xmit(frame), `dev_queue_xmit(${String(this.name)})`, kernel);
  }

  #xmit(frame: Uint8Array): void {
    const where = (): string => `ndo_start_xmit: device ${String(this.name)}`;
    callAtomicVoid(this.kernel, where, () => this.#ops.startXmit(frame));
  }

  #refusal(frame: Uint8Array): number {
    if (this.#gone) return -ENXIO;
    if ((this.flags & IFF.UP) === 0) return -ENETDOWN;
    if (frame.length > this.mtu + ETH_HLEN + VLAN_HLEN) return -EMSGSIZE;
    if (frame.length < ETH_HLEN) return -EINVAL;
    return this.#stopped && this.#carrier && this.#backlog.length >= this.txQueueLen ? -ENOBUFS : 0;
  }

  /**
   * Has `handler` called with each frame that is received, from an interrupt: it may not sleep.
   *
   * @returns the function that stops it
   * @see net/core/dev.c dev_add_pack with ETH_P_ALL
   */
  addPack(handler: (frame: Uint8Array) => MayNotSleep): () => void {
    this.#packs.add(handler);
    return () => this.#packs.delete(handler);
  }

  /** For the driver: a frame came. @see net/core/dev.c netif_receive_skb */
  receive(frame: Uint8Array): void {
    if (this.#packs.size === 0) this.stats.rx_dropped += 1;
    const where = (): string => `deliver_skb: device ${String(this.name)}`;
    for (const handler of [...this.#packs]) callAtomicVoid(this.kernel, where, () => handler(frame));
  }

  /**
   * For the driver: there is a link, or none any more.
   *
   * @see net/sched/sch_generic.c netif_carrier_on, netif_carrier_off
   */
  setCarrier(on: boolean): void {
    if (on === this.#carrier) return;
    this.#carrier = on;
    if (on) this.carrierUpCount += 1;
    else this.carrierDownCount += 1;
    if (!on) this.#backlog = [];
  }

  /** For the driver: no room for another frame. @see include/linux/netdevice.h netif_stop_queue */
  stopQueue(): void {
    this.#stopped = true;
  }

  /** For the driver: there is room; what waits is sent. @see include/linux/netdevice.h netif_wake_queue */
  wakeQueue(): void {
    this.#stopped = false;
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) this.#xmit(frame);
  }

  #next(): Uint8Array | undefined {
    return this.#stopped ? undefined : this.#backlog.shift();
  }

  /** For the driver: the device cannot be used for a while; frames wait. @see net/core/dev.c netif_device_detach */
  netifDetach(): void {
    this.#present = false;
    if (this.#running) this.stopQueue();
  }

  /** For the driver: it can be used again; what waits is sent. @see net/core/dev.c netif_device_attach */
  netifAttach(): void {
    this.#present = true;
    if (this.#running) this.wakeQueue();
  }

  /** For {@link unregisterNetdev}: it is down, and stays so. */
  markGone(): void {
    this.#gone = true;
    this.#packs.clear();
  }
}

/** @see include/linux/etherdevice.h is_valid_ether_addr */
function isValidEtherAddr(address: Uint8Array): boolean {
  return ((address[0] ?? 1) & 1) === 0 && address.some((byte) => byte !== 0);
}
