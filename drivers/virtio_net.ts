/**
 * The driver of virtio network cards.
 *
 * @module linux-driver-model/drivers/virtio_net
 */
import { devMessage } from '../lib/base/device';
import { guard } from '../lib/base/guard';
import type { Kernel } from '../lib/base/kernel';
import { check, EINVAL, ENODEV, ENOMEM, ErrnoError } from '../lib/errno';
import { andThen, type MaySleep } from '../lib/may-sleep';
import {
  ethRandomAddr,
  Napi,
  NET_ADDR,
  NetDevice,
  registerNetClass,
  registerNetdevice,
  rtnlLock,
  rtnlUnlock,
  unregisterNetdev,
  type NetDeviceOps,
} from '../lib/subsystems';
import { attrRo } from '../lib/sysfs';
import {
  DEVICE_ID,
  ETH,
  featureBit,
  NET,
  virtioBus,
  type Completed,
  type VirtioDevice,
  type VirtioDriver,
  type Virtqueue,
} from '../lib/virtio';
import { Workqueue, type Work } from '../lib/world';

/** Places that a frame may need: header and data. Linux reckons with more pieces. */
const TX_PIECES = 2;

/** Bytes of a buffer that frames are merged into, with its header: whole cache lines. @see get_mergeable_buf_len */
const MERGEABLE_BYTES = 1536;

/** Where changes of the link are read. */
const virtnetWq = (kernel: Kernel): Workqueue => new Workqueue(kernel.world, 'virtio_net', kernel);

/**
 * One Ethernet device with one queue for each direction. No work is left to the device: no checksums, no segmentation,
 * buffers are not merged, for each has room for a whole frame.
 *
 * @see drivers/net/virtio_net.c struct virtnet_info, VIRTIO 1.2 §5.1
 */
class VirtioNet implements NetDeviceOps {
  readonly configWork: Work;
  #dev: NetDevice | null = null;
  #rq: Virtqueue | null = null;
  #sq: Virtqueue | null = null;
  /** For commands; null where the device takes none. */
  #cvq: Virtqueue | null = null;
  /** Bytes of a buffer for one frame. */
  #bufferSize = NET.HEADER_BYTES + ETH.HEADER_BYTES + ETH.VLAN_BYTES + ETH.DATA_BYTES;
  #linkUp = false;
  readonly #rxNapi: Napi;
  readonly #txNapi: Napi;
  #napiEnabled = false;

  constructor(readonly vdev: VirtioDevice) {
    const { kernel, name } = vdev;
    this.#rxNapi = new Napi(kernel, `virtnet_poll(${String(name)})`, (budget) => this.#poll(budget));
    this.#txNapi = new Napi(kernel, `virtnet_poll_tx(${String(name)})`, () => this.#pollTx());
    this.configWork = { name: `virtnet_config_changed_work(${String(vdev.name)})`, run: () => this.#configChanged() };
  }

  get dev(): NetDevice {
    if (this.#dev === null) throw new Error(`${String(this.vdev.name)} has no network device`);
    return this.#dev;
  }

  /** @see virtnet_probe */
  async start(): Promise<void> {
    const { vdev } = this;
    await registerNetClass(vdev.kernel);
    const isMergeable = vdev.hasFeature(NET.F_MRG_RXBUF);
    const limits = { ...(await this.#address()), ...(await this.#mtu()), ...(isMergeable ? { rxGroup } : {}) };
    if (isMergeable) this.#bufferSize = Math.max(this.#bufferSize, MERGEABLE_BYTES);
    this.#dev = new NetDevice(vdev.kernel, { parent: vdev, ops: this, ...limits });
    await this.#initVqs();
    await this.#register();
    this.dev.setCarrier(false);
    if (vdev.hasFeature(NET.F_STATUS)) vdev.kernel.stateOf(virtnetWq).queue(this.configWork);
    else this.#setLink(true);
  }

  /** @see init_vqs */
  async #initVqs(): Promise<void> {
    const [rq, sq, cvq] = await this.vdev.findVqs([
      { name: 'input.0', callback: (rq) => this.#napiSchedule(this.#rxNapi, rq) },
      { name: 'output.0', callback: (sq) => this.#xmitDone(sq) },
      ...(this.vdev.hasFeature(NET.F_CTRL_VQ) ? [{ name: 'control' }] : []),
    ]);
    this.#rq = rq ?? null;
    this.#sq = sq ?? null;
    this.#cvq = cvq ?? null;
  }

  async #address(): Promise<{ readonly address: Uint8Array; readonly addrAssignType: number }> {
    const { vdev } = this;
    if (vdev.hasFeature(NET.F_MAC)) {
      const address = await vdev.creadBytes(NET.CONFIG_MAC, ETH.ADDRESS_BYTES);
      return { address, addrAssignType: NET_ADDR.PERM };
    }
    const address = ethRandomAddr(vdev.kernel);
    const text = [...address].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
    vdev.kernel.log.info(devMessage(vdev, `Assigned random MAC address ${text}`));
    return { address, addrAssignType: NET_ADDR.RANDOM };
  }

  /** A device that says how much it can take is given buffers for that much. @see virtnet_set_big_packets */
  async #mtu(): Promise<{ readonly mtu?: number; readonly maxMtu?: number }> {
    const { vdev } = this;
    if (!vdev.hasFeature(NET.F_MTU)) return {};
    const mtu = await vdev.creadU16(NET.CONFIG_MTU);
    if (mtu < ETH.MIN_MTU) {
      const what = `device MTU appears to have changed it is now ${String(mtu)} < ${String(ETH.MIN_MTU)}`;
      vdev.kernel.log.err(devMessage(vdev, what));
      throw new ErrnoError(EINVAL, { syscall: 'virtnet_probe', path: what });
    }
    this.#bufferSize += Math.max(0, mtu - ETH.DATA_BYTES);
    return { mtu, maxMtu: mtu };
  }

  /** The device cannot be opened before it works. */
  async #register(): Promise<void> {
    const { kernel } = this.vdev;
    await rtnlLock(kernel);
    const error = await registerNetdevice(this.dev);
    const ready =
      error === 0
        ? await guard(
            kernel.world,
            () => 'virtio_device_ready',
            () => this.vdev.ready(),
          )
        : error;
    rtnlUnlock(kernel);
    if (error === 0 && ready !== 0) await unregisterNetdev(this.dev);
    check(ready, 'register_netdevice', String(this.vdev.name));
  }

  /** A status that cannot be read changes nothing. @see virtnet_config_changed_work */
  #configChanged(): MaySleep<void> {
    const { vdev } = this;
    if (!vdev.hasFeature(NET.F_STATUS)) return undefined;
    const where = (): string => this.configWork.name;
    const read = (): MaySleep<number> => vdev.creadU16(NET.CONFIG_STATUS);
    return andThen(guard(vdev.kernel.world, where, read), (status) => {
      if (status < 0) vdev.kernel.log.err(devMessage(vdev, `link status: error ${String(status)}`));
      else {
        if ((status & NET.S_ANNOUNCE) !== 0)
          this.#sendCommand('announcement', NET.CTRL_ANNOUNCE, NET.CTRL_ANNOUNCE_ACK, []);
        this.#setLink((status & NET.S_LINK_UP) !== 0);
      }
    });
  }

  #setLink(up: boolean): void {
    if (up === this.#linkUp) return;
    this.#linkUp = up;
    this.dev.setCarrier(up);
    if (up) this.dev.wakeQueue();
    else this.dev.stopQueue();
  }

  /** Buffers first, then what has come already. @see virtnet_open */
  open(): number {
    const [rq, sq] = [this.#rq, this.#sq];
    if (rq === null || sq === null) return -ENODEV;
    this.#setRxMode();
    this.#tryFillRecv(rq);
    this.#napiEnabled = true;
    this.#napiEnable(this.#rxNapi, rq);
    this.#napiEnable(this.#txNapi, sq);
    return 0;
  }

  /** Only frames for its own address. @see virtnet_set_rx_mode */
  #setRxMode(): void {
    if (!this.vdev.hasFeature(NET.F_CTRL_RX)) return;
    this.#sendCommand('promisc mode', NET.CTRL_RX, NET.CTRL_RX_PROMISC, [0]);
    this.#sendCommand('allmulti mode', NET.CTRL_RX, NET.CTRL_RX_ALLMULTI, [0]);
    this.#sendCommand('MAC filter table', NET.CTRL_MAC, NET.CTRL_MAC_TABLE_SET, [0, 0, 0, 0, 0, 0, 0, 0]);
  }

  /** Linux spins for the answer; here that of a device that takes its time comes with the next command. */
  #sendCommand(what: string, cls: number, command: number, data: readonly number[]): void {
    const cvq = this.#cvq;
    if (cvq === null) return;
    cvq.add({ out: [Uint8Array.of(cls, command), Uint8Array.from(data)], in: [1] }, what);
    cvq.kick();
    for (let done = cvq.getBuf(); done !== undefined; done = cvq.getBuf()) this.#commandDone(done);
  }

  /** @see virtnet_send_command */
  #commandDone({ token, data }: Completed): void {
    if (data[0]?.[0] === NET.CTRL_OK) return;
    this.vdev.kernel.log.warn(devMessage(this.dev, `Failed to set ${String(token)}.`));
  }

  /** The buffers stay with the device; what it writes into them is looked at after the next open. @see virtnet_close */
  async stop(): Promise<void> {
    if (!this.#napiEnabled) return;
    this.#napiEnabled = false;
    await this.#rxNapi.disable();
    await this.#txNapi.disable();
  }

  /** Frames that came before have raised no interrupt that was handled. @see virtnet_napi_enable */
  #napiEnable(napi: Napi, vq: Virtqueue): void {
    napi.enable();
    this.vdev.kernel.softirqs.withBhDisabled(() => this.#napiSchedule(napi, vq));
  }

  /** @see skb_recv_done, virtqueue_napi_schedule */
  #napiSchedule(napi: Napi, vq: Virtqueue): void {
    if (!napi.schedulePrep()) return;
    vq.disableCb();
    napi.schedule();
  }

  /** Interrupts come again, unless there is work again. @see virtqueue_napi_complete */
  #napiComplete(napi: Napi, vq: Virtqueue): void {
    const isQuiet = vq.enableCb();
    if (!napi.completeDone()) vq.disableCb();
    else if (!isQuiet) this.#napiSchedule(napi, vq);
  }

  /** As many as fit; without memory fewer, and again with the next frame. @see try_fill_recv, add_recvbuf_small */
  #tryFillRecv(rq: Virtqueue): void {
    let error = 0;
    while (error === 0 && rq.numFree > 0) error = rq.add({ in: [this.#bufferSize] }, rq);
    rq.kick();
    if (error === -ENOMEM) this.dev.stats.rx_fifo_errors += 1;
  }

  /** @see virtnet_poll */
  #poll(budget: number): number {
    const [rq, sq] = [this.#rq, this.#sq];
    if (rq === null || sq === null) return 0;
    rq.disableCb();
    this.#cleanTx(sq);
    const received = this.#receive(rq, budget);
    if (received < budget) this.#napiComplete(this.#rxNapi, rq);
    return received;
  }

  /** @see virtnet_receive */
  #receive(rq: Virtqueue, budget: number): number {
    let received = 0;
    for (let done = rq.getBuf(); done !== undefined; done = received < budget ? rq.getBuf() : undefined) {
      this.#receiveBuf(done);
      received += 1;
    }
    if (rq.numFree > Math.min(budget, rq.size) / 2) this.#tryFillRecv(rq);
    return received;
  }

  /** @see receive_buf */
  #receiveBuf({ data, length }: Completed): void {
    const { stats } = this.dev;
    const bytes = data[0] ?? new Uint8Array(0);
    stats.rx_packets += 1;
    if (length < NET.HEADER_BYTES + ETH.HEADER_BYTES || bytes.length < length) {
      stats.rx_length_errors += 1;
      return;
    }
    stats.rx_bytes += length - NET.HEADER_BYTES;
    if (bytes[NET.HEADER_GSO_TYPE] !== 0) stats.rx_frame_errors += 1;
    else this.dev.receive(bytes.subarray(NET.HEADER_BYTES));
  }

  /** @see start_xmit, xmit_skb */
  startXmit(frame: Uint8Array): void {
    const sq = this.#sq;
    if (sq === null) return;
    this.#freeOldXmit(sq);
    const error = sq.add({ out: [new Uint8Array(NET.HEADER_BYTES), frame] }, frame);
    if (error !== 0) {
      this.dev.stats.tx_fifo_errors += 1;
      this.dev.stats.tx_dropped += 1;
      this.vdev.kernel.log.warn(devMessage(this.dev, `Unexpected TXQ (0) queue failure: ${String(error)}`));
      return;
    }
    if (sq.numFree < TX_PIECES) this.dev.stopQueue();
    sq.kick();
  }

  /** @see free_old_xmit_skbs */
  #freeOldXmit(sq: Virtqueue): void {
    for (let done = sq.getBuf(); done !== undefined; done = sq.getBuf()) {
      this.dev.stats.tx_packets += 1;
      this.dev.stats.tx_bytes += (done.token as Uint8Array).length;
    }
  }

  /** @see skb_xmit_done */
  #xmitDone(sq: Virtqueue): void {
    sq.disableCb();
    this.#napiSchedule(this.#txNapi, sq);
  }

  /** @see virtnet_poll_tx */
  #pollTx(): number {
    const sq = this.#sq;
    if (sq === null) return 0;
    sq.disableCb();
    this.#freeOldXmit(sq);
    this.#wakeIfRoom(sq);
    this.#napiComplete(this.#txNapi, sq);
    return 0;
  }

  /** @see virtnet_poll_cleantx */
  #cleanTx(sq: Virtqueue): void {
    do {
      sq.disableCb();
      this.#freeOldXmit(sq);
    } while (!sq.enableCb());
    this.#wakeIfRoom(sq);
  }

  #wakeIfRoom(sq: Virtqueue): void {
    if (sq.numFree >= TX_PIECES && this.#linkUp) this.dev.wakeQueue();
  }

  /** Frames in flight are given up with the queues. @see virtnet_remove */
  async remove(): Promise<void> {
    await this.vdev.kernel.stateOf(virtnetWq).flushWork(this.configWork);
    await unregisterNetdev(this.dev);
    await this.cleanUp();
  }

  /** The interface stays, up or down; frames in flight are given up. @see virtnet_freeze, virtnet_freeze_down */
  async freeze(): Promise<void> {
    await this.vdev.kernel.stateOf(virtnetWq).flushWork(this.configWork);
    this.dev.netifDetach();
    if (this.dev.isUp) await this.stop();
    await this.#removeVqs();
  }

  /** @see virtnet_restore, virtnet_restore_up */
  async restore(): Promise<void> {
    await this.#initVqs();
    await this.vdev.ready();
    if (this.dev.isUp) this.open();
    this.dev.netifAttach();
  }

  /** @see remove_vq_common */
  async #removeVqs(): Promise<void> {
    this.#rq = this.#sq = this.#cvq = null;
    await this.vdev.reset();
    await this.vdev.delVqs();
  }

  /** What is not shown any more, or never was. */
  async cleanUp(): Promise<void> {
    await this.#removeVqs();
    this.#dev?.put();
  }
}

/** @see virtio_net_mrg_rx_group */
const rxGroup = {
  name: 'virtio_net',
  attrs: [attrRo('mergeable_rx_buffer_size', () => `${String(MERGEABLE_BYTES)}\n`)],
};

/** An MTU that no Ethernet has is not agreed on. @see virtnet_validate */
async function validate(vdev: VirtioDevice): Promise<void> {
  if (!vdev.hasFeature(NET.F_MTU)) return;
  if ((await vdev.creadU16(NET.CONFIG_MTU)) < ETH.MIN_MTU) vdev.features &= ~featureBit(NET.F_MTU);
}

async function probe(vdev: VirtioDevice): Promise<void> {
  const vi = new VirtioNet(vdev);
  vdev.drvdata = vi;
  try {
    await vi.start();
  } catch (error) {
    await vi.cleanUp();
    throw error;
  }
}

/** Network interfaces: eth0 and on. @see drivers/net/virtio_net.c virtio_net_driver */
export const virtioNet: VirtioDriver = {
  name: 'virtio_net',
  bus: virtioBus,
  idTable: [{ device: DEVICE_ID.NET }],
  featureTable: [
    NET.F_CTRL_GUEST_OFFLOADS,
    NET.F_MTU,
    NET.F_MAC,
    NET.F_MRG_RXBUF,
    NET.F_STATUS,
    NET.F_CTRL_VQ,
    NET.F_CTRL_RX,
    NET.F_CTRL_VLAN,
    NET.F_GUEST_ANNOUNCE,
    NET.F_CTRL_MAC_ADDR,
  ],
  validate,
  probe,
  remove: (vdev) => (vdev.drvdata as VirtioNet).remove(),
  freeze: (vdev) => (vdev.drvdata as VirtioNet).freeze(),
  restore: (vdev) => (vdev.drvdata as VirtioNet).restore(),
  configChanged: (vdev) => void vdev.kernel.stateOf(virtnetWq).queue((vdev.drvdata as VirtioNet).configWork),
};
