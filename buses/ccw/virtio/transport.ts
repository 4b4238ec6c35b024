import { EINVAL, ENODEV, ENOENT, EOPNOTSUPP, ErrnoError } from '../../../lib/errno';
import type { DmaBuffer } from '../../../lib/access';
import { devMessage } from '../../../lib/base/device';
import { andThen, orUndo, type MaySleep } from '../../../lib/may-sleep';
import {
  FEATURE,
  hasFeature,
  SplitVirtqueue,
  virtioBus,
  VirtioDevice,
  type VirtioTransport,
  type Virtqueue,
  type VirtqueueSpec,
} from '../../../lib/virtio';
import { USED } from '../../../lib/virtio/spec';
import { IO_SCH_ISC, viewOf } from '../layout';
import { CCW_FLAG } from '../layout/ccw';
import {
  packAddress,
  packLegacyVqInfo,
  packThinint,
  packVqInfo,
  VIRTIO_BYTES,
  VIRTIO_CMD,
  VIRTIO_REVISION_MAX,
  type VqInfo,
} from '../layout/virtio';
import type { IndicatorBits } from '../guest/airq';
import type { CcwDevice } from '../guest/device';
import { ChannelIo, type ChannelResult } from './io';

/** Two words of indicators, then the command and its data. */
const AREA = Object.freeze({ INDICATORS: 0, CONFIG_INDICATORS: 8, IO: 16, BYTES: 16 + 8 + VIRTIO_BYTES.CONFIG });
const NOTHING = new Uint8Array(0);

/**
 * A virtio device behind a channel: each operation is a channel program, and sleeps.
 *
 * @see drivers/s390/virtio/virtio_ccw.c struct virtio_ccw_device, VIRTIO 1.2 §4.3
 */
export class VirtioCcwDevice implements VirtioTransport {
  readonly busName: string;
  vdev: VirtioDevice | null = null;
  goingAway = false;
  /** The machine says that the device is gone. */
  deviceLost = false;
  /** Revision of the transport. */
  revision = VIRTIO_REVISION_MAX;
  readonly #cdev: CcwDevice;
  readonly #area: DmaBuffer;
  readonly #io: ChannelIo;
  #status = 0;
  #features = 0n;
  #vqs: SplitVirtqueue[] = [];
  #bits: IndicatorBits | null = null;
  /** Configuration as it was read or written last, and how much of it. */
  readonly #config = new Uint8Array(VIRTIO_BYTES.CONFIG);
  #configReady = 0;

  /** @throws ErrnoError ENOMEM */
  constructor(cdev: CcwDevice) {
    const { dma } = cdev.kernel;
    if (dma === null) throw new ErrnoError('ENODEV', { syscall: 'virtio_ccw_online', path: cdev.name ?? '' });
    this.busName = cdev.name ?? '';
    this.#cdev = cdev;
    this.#area = dma.alloc(AREA.BYTES, 8, `virtio_ccw ${this.busName}`);
    this.#io = new ChannelIo(cdev, { ...this.#area, address: this.#area.address + AREA.IO });
  }

  /** Frees the memory. @see virtio_ccw_release_dev */
  free(): void {
    this.#area.free();
  }

  /** A command has ended. */
  ended(intparm: number, error: number): void {
    this.#io.ended(intparm, error);
  }

  /**
   * Negotiates the highest revision that both support. A device without revisions is taken for a legacy one.
   *
   * @returns 0, -EIO, the error of the start
   * @see virtio_ccw_set_transport_rev
   */
  async setTransportRevision(): Promise<number> {
    for (this.revision = VIRTIO_REVISION_MAX; ; this.revision -= 1) {
      const data = new Uint8Array(VIRTIO_BYTES.REV_INFO);
      viewOf(data).setUint16(0, this.revision);
      const { error } = await this.#io.run({ code: VIRTIO_CMD.SET_VIRTIO_REV, data });
      if (error !== -EOPNOTSUPP) return error;
      if (this.revision === 0) return 0;
    }
  }

  async getConfig(offset: number, length: number): Promise<Uint8Array> {
    const end = this.#configEnd(offset, length);
    const { error, data } = await this.#io.run({ code: VIRTIO_CMD.READ_CONF, data: new Uint8Array(end) });
    this.#check(error, 'virtio_ccw_get_config');
    this.#config.set(data);
    this.#configReady = Math.max(this.#configReady, end);
    return data.slice(offset, end);
  }

  /** Always from the beginning on: what comes before must be known. */
  async setConfig(offset: number, bytes: Uint8Array): Promise<void> {
    const end = this.#configEnd(offset, bytes.length);
    if (this.#configReady < offset) await this.getConfig(0, offset);
    this.#config.set(bytes, offset);
    const { error } = await this.#io.run({ code: VIRTIO_CMD.WRITE_CONF, data: this.#config.slice(0, end) });
    this.#checkLoss(error, 'virtio_ccw_set_config');
  }

  /** The transport has none: the configuration is read in one piece. */
  generation(): number {
    return 0;
  }

  /** Before revision 2, and for a device that does not respond, the value that was written last. */
  getStatus(): MaySleep<number> {
    if (this.revision < 2) return this.#status;
    const read = this.#io.run({ code: VIRTIO_CMD.READ_STATUS, data: Uint8Array.of(this.#status) });
    return andThen(read, ({ error, data }) => {
      if (error === 0) this.#status = data[0] ?? 0;
      return this.#status;
    });
  }

  /** Linux ignores errors; here the caller gets them. */
  async setStatus(status: number): Promise<void> {
    const before = this.#status;
    this.#status = status;
    const { error } = await this.#io.run({ code: VIRTIO_CMD.WRITE_STATUS, data: Uint8Array.of(status) });
    if (error !== 0) this.#status = before;
    this.#checkLoss(error, 'virtio_ccw_set_status');
  }

  /** Linux ignores errors of the reset; here the caller gets them. */
  async reset(): Promise<void> {
    this.#status = 0;
    const { error } = await this.#io.run({ code: VIRTIO_CMD.VDEV_RESET, data: NOTHING });
    this.#checkLoss(error, 'virtio_ccw_reset');
  }

  /** None if the device does not respond. */
  async getFeatures(): Promise<bigint> {
    const low = await this.#readFeatures(0);
    if (low === null) return 0n;
    const high = this.revision === 0 ? 0n : ((await this.#readFeatures(1)) ?? 0n);
    return low | (high << 32n);
  }

  async #readFeatures(half: number): Promise<bigint | null> {
    const { error, data } = await this.#io.run({ code: VIRTIO_CMD.READ_FEAT, data: featureDesc(0n, half) });
    return error === 0 ? BigInt(viewOf(data).getUint32(0, true)) : null;
  }

  async finalizeFeatures(features: bigint): Promise<number> {
    if (this.revision >= 1 && !hasFeature(features, FEATURE.VERSION_1)) {
      const text = 'virtio: device uses revision 1 but does not have VIRTIO_F_VERSION_1';
      this.#cdev.kernel.log.err(devMessage(this.#cdev, text));
      return -EINVAL;
    }
    this.#features = features;
    const low = await this.#io.run({ code: VIRTIO_CMD.WRITE_FEAT, data: featureDesc(features & 0xffff_ffffn, 0) });
    if (low.error !== 0 || this.revision === 0) return low.error;
    const high = await this.#io.run({ code: VIRTIO_CMD.WRITE_FEAT, data: featureDesc(features >> 32n, 1) });
    return high.error;
  }

  /** Also throws EIO and ENODEV when the device does not respond. @see virtio_ccw_find_vqs */
  async findVqs(specs: readonly VirtqueueSpec[]): Promise<readonly Virtqueue[]> {
    const find = async (): Promise<readonly Virtqueue[]> => {
      this.#check((await this.#setupQueues(specs)) || (await this.#registerIndicators()), 'virtio_ccw_find_vqs');
      return this.#vqs;
    };
    return orUndo(find, () => this.delVqs());
  }

  async #setupQueues(specs: readonly VirtqueueSpec[]): Promise<number> {
    for (const [index, spec] of specs.entries()) {
      const error = await this.#setupVq(index, spec);
      if (error !== 0) return error;
    }
    return 0;
  }

  /** @see virtio_ccw_setup_vq */
  async #setupVq(index: number, spec: VirtqueueSpec): Promise<number> {
    const { kernel, sch } = this.#cdev;
    const size = await this.#readVqConf(index);
    if (size < 0) return size;
    let cookie = 0;
    const notify = (): boolean => {
      cookie = sch.css.ioasm.diagVirtioNotify(this.#cdev.sch.schid, index, cookie);
      return cookie >= 0;
    };
    const vq = new SplitVirtqueue({ kernel, index, spec, size, features: this.#features, notify });
    const { desc, driver, device } = vq;
    const { error } = await this.#setVq({ index, size: vq.size, desc, driver, device });
    if (error === 0) this.#vqs.push(vq);
    else vq.free();
    return error;
  }

  /** @returns the size, or a negative error number: -ENOENT where there is no such queue */
  async #readVqConf(index: number): Promise<number> {
    const block = new Uint8Array(VIRTIO_BYTES.VQ_CONFIG);
    viewOf(block).setUint16(0, index);
    const { error, data } = await this.#io.run({ code: VIRTIO_CMD.READ_VQ_CONF, data: block });
    return error === 0 ? viewOf(data).getUint16(2) || -ENOENT : error;
  }

  #setVq(info: VqInfo): Promise<ChannelResult> {
    const data = this.revision === 0 ? packLegacyVqInfo(info, info.size === 0 ? 0 : USED.ALIGN) : packVqInfo(info);
    return this.#io.run({ code: VIRTIO_CMD.SET_VQ, data });
  }

  /** One interrupt for all devices if the machine can and bits are left, else one of the subchannel. */
  async #registerIndicators(): Promise<number> {
    const adapter = await this.#registerAdapter();
    const queues = adapter ? 0 : await this.#setIndicator(VIRTIO_CMD.SET_IND, AREA.INDICATORS);
    return queues || this.#setIndicator(VIRTIO_CMD.SET_CONF_IND, AREA.CONFIG_INDICATORS);
  }

  /** @see virtio_ccw_register_adapter_ind */
  async #registerAdapter(): Promise<boolean> {
    const { airq } = this.#cdev.sch.css;
    const bits = airq.alloc(this.#vqs);
    if (bits === null) return false;
    const data = packThinint({ summary: airq.summary, indicator: airq.indicator, bit: bits.first, isc: IO_SCH_ISC });
    const { error } = await this.#io.run({ code: VIRTIO_CMD.SET_IND_ADAPTER, flags: CCW_FLAG.SLI, data });
    if (error === 0) this.#bits = bits;
    else airq.free(bits);
    return error === 0;
  }

  async #setIndicator(code: number, offset: number): Promise<number> {
    const address = this.#area.address + offset;
    this.#cdev.kernel.port?.memory.write(address, new Uint8Array(8));
    const { error } = await this.#io.run({ code, data: packAddress(address) });
    return error;
  }

  /** Errors do not matter: the device may be gone. @see virtio_ccw_del_vqs */
  async delVqs(): Promise<void> {
    await this.#dropIndicators();
    for (const vq of this.#vqs.splice(0)) {
      const { error } = await this.#setVq({ index: vq.index, size: 0, desc: 0, driver: 0, device: 0 });
      const failed = error !== 0 && error !== -ENODEV;
      if (failed) this.#warn(`Error ${String(error)} while deleting queue ${String(vq.index)}`);
      vq.free();
    }
  }

  /** @see virtio_ccw_drop_indicator */
  async #dropIndicators(): Promise<void> {
    const bits = this.#bits;
    const { airq } = this.#cdev.sch.css;
    const none = { summary: airq.summary, indicator: 0, bit: 0, isc: IO_SCH_ISC };
    const { error } = await this.#io.run(
      bits === null
        ? { code: VIRTIO_CMD.SET_IND, data: packAddress(0) }
        : { code: VIRTIO_CMD.SET_IND_ADAPTER, data: packThinint(none) },
    );
    const text = `Failed to deregister indicators (${String(error)})`;
    if (error !== 0 && error !== -ENODEV) this.#cdev.kernel.log.info(devMessage(this.#cdev, text));
    if (bits !== null) airq.free(bits);
    this.#bits = null;
  }

  /** Interrupts are not tasks: none runs while a task does. */
  synchronizeCbs(): void {}

  /** Queues whose bits are set; the bits are cleared before the drivers are called. */
  takeIndicated(): readonly SplitVirtqueue[] {
    const at = this.#area.address + AREA.INDICATORS;
    return this.#vqs.filter((vq) => vq.index < 64 && this.#takeBit(at + 7 - (vq.index >> 3), 1 << (vq.index & 7)));
  }

  takeConfigIndicator(): boolean {
    return this.#takeBit(this.#area.address + AREA.CONFIG_INDICATORS + 7, 1);
  }

  /** The device on the virtio bus, also during its registration. */
  findVdev(): VirtioDevice | null {
    if (this.vdev !== null) return this.vdev;
    for (const dev of this.#cdev.kernel.busOf(virtioBus)?.devices() ?? []) {
      if (dev instanceof VirtioDevice && dev.parent === this.#cdev) return dev;
    }
    return null;
  }

  #takeBit(address: number, mask: number): boolean {
    const memory = this.#cdev.kernel.port?.memory;
    const byte = memory?.getU8(address) ?? 0;
    if ((byte & mask) === 0) return false;
    memory?.setU8(address, byte & ~mask);
    return true;
  }

  #configEnd(offset: number, length: number): number {
    if (offset >= 0 && length >= 0 && offset + length <= VIRTIO_BYTES.CONFIG) return offset + length;
    throw new ErrnoError('EINVAL', { syscall: 'virtio_ccw_config', path: `${this.busName}: offset ${String(offset)}` });
  }

  #check(error: number, syscall: string): void {
    if (error !== 0) throw new ErrnoError(error, { syscall, path: this.busName });
  }

  /** Errors of a device that is gone or does not have the command are ignored. */
  #checkLoss(error: number, syscall: string): void {
    if (error !== -ENODEV && error !== -EOPNOTSUPP) this.#check(error, syscall);
  }

  #warn(text: string): void {
    this.#cdev.kernel.log.warn(devMessage(this.#cdev, text));
  }
}

/** VIRTIO 1.2 §4.3.2.4 */
function featureDesc(features: bigint, half: number): Uint8Array {
  const bytes = new Uint8Array(VIRTIO_BYTES.FEATURE_DESC);
  viewOf(bytes).setUint32(0, Number(features), true);
  bytes[4] = half;
  return bytes;
}
