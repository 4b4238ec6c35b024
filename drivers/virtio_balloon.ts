/**
 * The driver of virtio memory balloons.
 *
 * @module linux-driver-model/drivers/virtio_balloon
 */
import type { DmaBuffer, DmaPool } from '../lib/access';
import { devMessage } from '../lib/base/device';
import { guard } from '../lib/base/guard';
import type { Kernel } from '../lib/base/kernel';
import { RatelimitState } from '../lib/base/ratelimit';
import { EIO, ENODEV, ENOENT, ENOMEM, ErrnoError, errnoOf } from '../lib/errno';
import { orUndo, type MaySleep } from '../lib/may-sleep';
import {
  BALLOON,
  DEVICE_ID,
  encodeBalloonPages,
  encodeBalloonStats,
  FEATURE,
  featureBit,
  virtioBreakDevice,
  virtioBus,
  type VirtioDevice,
  type VirtioDriver,
  type Virtqueue,
  type VirtqueueSpec,
} from '../lib/virtio';
import { WaitQueue, Workqueue, type Work } from '../lib/world';

/** Pages of one request. @see VIRTIO_BALLOON_ARRAY_PFNS_MAX */
const ARRAY_PFNS_MAX = 256;
/** ns until memory that cannot be had is asked for again. @see fill_balloon */
const PUFF = 200_000_000;
/** ns that the device may take for a request. Linux waits for ever. */
const ACK_TIMEOUT = 10_000_000_000;

const outOfPuff = (): RatelimitState => new RatelimitState();

/** @see drivers/virtio/virtio_balloon.c struct virtio_balloon, VIRTIO 1.2 §5.5 */
class VirtioBalloon {
  /** Pages that the device has, or is just told of; the last one is taken out first. */
  readonly #pages: DmaBuffer[] = [];
  readonly #acked = new WaitQueue();
  /** Work of system_freezable_wq, which has a worker for each. */
  readonly #sizeWq: Workqueue;
  readonly #statsWq: Workqueue;
  readonly #sizeWork: Work;
  readonly #statsWork: Work;
  #vqs: readonly Virtqueue[] = [];
  #stopUpdate = false;

  constructor(readonly vdev: VirtioDevice) {
    this.#sizeWq = new Workqueue(vdev.kernel.world, 'events_freezable', vdev.kernel);
    this.#statsWq = new Workqueue(vdev.kernel.world, 'events_freezable', vdev.kernel);
    this.#sizeWork = { name: 'update_balloon_size', run: () => this.#updateBalloonSize() };
    this.#statsWork = { name: 'update_balloon_stats', run: () => this.#answerStatsRequest() };
  }

  get #kernel(): Kernel {
    return this.vdev.kernel;
  }

  /** There are queues only in a kernel that has it. */
  get #dma(): DmaPool {
    if (this.#kernel.dma === null) throw new ErrnoError(ENODEV, { syscall: 'balloon_page_alloc' });
    return this.#kernel.dma;
  }

  /** The device is gone, needs a reset, or has given back what it never got. */
  get #isBroken(): boolean {
    return this.vdev.isBroken || this.#vqs.some(({ broken }) => broken);
  }

  get #hasStats(): boolean {
    return this.vdev.hasFeature(BALLOON.F_STATS_VQ);
  }

  /** What fails on the way leaves nothing. @see virtballoon_probe */
  start(): MaySleep<void> {
    return orUndo(this.#start.bind(this), this.remove.bind(this));
  }

  async #start(): Promise<void> {
    this.#stopUpdate = false;
    this.#vqs = await this.vdev.findVqs(this.#queueSpecs());
    await this.vdev.ready();
    if (this.#hasStats) this.#primeStats();
    this.configChanged();
  }

  /** @see init_vqs */
  #queueSpecs(): VirtqueueSpec[] {
    const ack = (): void => this.#acked.wakeAll(this.#kernel.world);
    const stats = { name: 'stats', callback: () => this.#statsRequest() };
    const specs = ['inflate', 'deflate'].map((name) => ({ name, callback: ack }));
    return this.#hasStats ? [...specs, stats] : specs;
  }

  #queue(index: number): Virtqueue {
    const vq = this.#vqs[index];
    if (vq === undefined) throw new ErrnoError(ENOENT, { syscall: 'init_vqs', path: String(this.vdev.name) });
    return vq;
  }

  /** One buffer is with the device, which gives it back when it asks. Linux notifies before DRIVER_OK. */
  #primeStats(): void {
    const error = this.#giveStats();
    if (error === 0) return;
    this.#kernel.log.warn(devMessage(this.vdev, 'init_vqs: add stat_vq failed'));
    throw new ErrnoError(error, { syscall: 'init_vqs', path: 'stats' });
  }

  #giveStats(): number {
    const vq = this.#queue(BALLOON.STATSQ);
    const error = vq.add({ out: [encodeBalloonStats(this.#stats())] }, this);
    if (error === 0) vq.kick();
    return error;
  }

  /** Nothing is swapped or cached here. @see update_balloon_stats */
  #stats(): ReadonlyMap<number, bigint | number> {
    const { free, size, minFree } = this.#dma;
    // Pages of the balloon count as missing, unless they come back when there is need.
    const given = this.vdev.hasFeature(BALLOON.F_DEFLATE_ON_OOM) ? 0 : this.#pages.length * BALLOON.PAGE;
    return new Map([
      [BALLOON.S_SWAP_IN, 0],
      [BALLOON.S_SWAP_OUT, 0],
      [BALLOON.S_MAJFLT, 0],
      [BALLOON.S_MINFLT, 0],
      [BALLOON.S_MEMFREE, free],
      [BALLOON.S_MEMTOT, size - given],
      [BALLOON.S_AVAIL, Math.max(0, free - minFree)],
      [BALLOON.S_CACHES, 0],
    ]);
  }

  /** @see stats_request */
  #statsRequest(): void {
    if (!this.#stopUpdate) this.#statsWq.queue(this.#statsWork);
  }

  /** @see stats_handle_request */
  #answerStatsRequest(): void {
    if (this.#queue(BALLOON.STATSQ).getBuf() !== undefined) this.#giveStats();
  }

  /** @see virtballoon_changed */
  configChanged(): void {
    if (!this.#stopUpdate) this.#sizeWq.queue(this.#sizeWork);
  }

  /** A step towards the target, and the next. @see update_balloon_size_func */
  async #updateBalloonSize(): Promise<void> {
    const diff = await this.#towardsTarget();
    if (diff === 0) return;
    const done = diff > 0 ? await this.#fillBalloon(diff) : -(await this.#leakBalloon(-diff));
    await this.#tellActual();
    if (done === diff || this.#isBroken) return;
    // Without progress there is no memory to tell the device: as long as for pages.
    if (done === 0 && diff < 0) await this.#kernel.world.sleep(PUFF);
    this.configChanged();
  }

  /** A target that cannot be read is none. @see towards_target */
  async #towardsTarget(): Promise<number> {
    let target = this.#pages.length;
    const read = async (): Promise<void> => void (target = await this.vdev.creadU32(BALLOON.CONFIG_NUM_PAGES));
    if (!this.#isBroken) await this.#guard('towards_target', read);
    return target - this.#pages.length;
  }

  /** @see update_balloon_size */
  async #tellActual(): Promise<void> {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, this.#pages.length, true);
    const write = (): unknown => this.vdev.transport.setConfig(BALLOON.CONFIG_ACTUAL, bytes);
    if (!this.#isBroken) await this.#guard('update_balloon_size', async () => void (await write()));
  }

  async #guard(fn: string, body: () => Promise<void>): Promise<void> {
    await guard(this.#kernel.world, () => `${fn}(${String(this.vdev.name)})`, body);
  }

  /** @returns how many pages the balloon has got @see fill_balloon */
  async #fillBalloon(num: number): Promise<number> {
    const pages: DmaBuffer[] = [];
    while (pages.length < Math.min(num, ARRAY_PFNS_MAX)) {
      const page = this.#allocPage();
      if (page === null) {
        await this.#outOfPuff();
        break;
      }
      pages.push(page);
    }
    if (pages.length === 0) return 0;
    const before = this.#pages.length;
    this.#pages.push(...pages);
    const error = await this.#tellHost(BALLOON.INFLATEQ, pages);
    if (error !== -ENOMEM) return pages.length;
    // The device has not heard of them.
    for (const page of this.#pages.splice(before)) page.free();
    await this.#kernel.world.sleep(PUFF);
    return 0;
  }

  async #outOfPuff(): Promise<void> {
    const may = this.#kernel.stateOf(outOfPuff).ratelimit(this.#kernel, 'fill_balloon');
    if (may) this.#kernel.log.info(devMessage(this.vdev, "Out of puff! Can't get 1 pages"));
    await this.#kernel.world.sleep(PUFF);
  }

  /** Leaves a reserve, for it can wait. @see mm/balloon_compaction.c balloon_page_alloc */
  #allocPage(): DmaBuffer | null {
    if (this.#dma.free - BALLOON.PAGE < this.#dma.minFree) return null;
    try {
      return this.#dma.alloc(BALLOON.PAGE, BALLOON.PAGE, `virtio_balloon ${String(this.vdev.name)}`);
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      return null;
    }
  }

  /** The guest has pages when the device knows it. @returns how many it has got @see leak_balloon */
  async #leakBalloon(num: number): Promise<number> {
    const count = Math.min(num, ARRAY_PFNS_MAX, this.#pages.length);
    if (count === 0) return 0;
    const pages = this.#pages.splice(this.#pages.length - count);
    const error = await this.#tellHost(BALLOON.DEFLATEQ, pages);
    if (error !== 0) {
      this.#pages.push(...pages);
      return 0;
    }
    for (const page of pages) page.free();
    return count;
  }

  /** @returns 0; -ENOMEM, and the device knows nothing; -EIO from a device that has failed @see tell_host */
  async #tellHost(index: number, pages: readonly DmaBuffer[]): Promise<number> {
    const { world } = this.#kernel;
    const vq = this.#queue(index);
    const error = vq.add({ out: [encodeBalloonPages(pages.map(({ address }) => address / BALLOON.PAGE))] }, this);
    if (error < 0) return error === -ENOMEM ? error : -EIO;
    vq.kick();
    const timer = world.after(ACK_TIMEOUT, () => this.#giveUp(vq), this.#kernel);
    await this.#acked.waitUntil(world, () => vq.getBuf() !== undefined || vq.broken, 'tell_host');
    timer.cancel();
    return vq.broken ? -EIO : 0;
  }

  #giveUp(vq: Virtqueue): void {
    this.#kernel.log.err(devMessage(this.vdev, `no answer on queue ${vq.name}`));
    virtioBreakDevice(this.vdev);
  }

  /** The device has failed: all waits end. */
  broken(): void {
    this.#acked.wakeAll(this.#kernel.world);
  }

  /** Pages that the device cannot be told of are the guest's after its reset. @see remove_common */
  async remove(): Promise<void> {
    this.#stopUpdate = true;
    await this.#sizeWq.cancelWorkSync(this.#sizeWork);
    await this.#statsWq.cancelWorkSync(this.#statsWork);
    while (!this.#isBroken && (await this.#leakBalloon(this.#pages.length)) > 0);
    if (this.#vqs.length > 0) await this.#tellActual();
    await this.vdev.reset();
    await this.vdev.delVqs();
    this.#vqs = [];
    for (const page of this.#pages.splice(0)) page.free();
  }

  /** @see virtballoon_restore */
  async restore(): Promise<void> {
    await this.start();
    await this.#tellActual();
  }
}

const vbOf = (vdev: VirtioDevice): VirtioBalloon => vdev.drvdata as VirtioBalloon;

/** Gives memory to the host, and takes it back. @see drivers/virtio/virtio_balloon.c virtio_balloon_driver */
export const virtioBalloon: VirtioDriver = {
  name: 'virtio_balloon',
  bus: virtioBus,
  idTable: [{ device: DEVICE_ID.BALLOON }],
  featureTable: [BALLOON.F_MUST_TELL_HOST, BALLOON.F_STATS_VQ, BALLOON.F_DEFLATE_ON_OOM],
  validate: (vdev) =>
    void (vdev.features &= ~(featureBit(FEATURE.RING_INDIRECT_DESC) | featureBit(FEATURE.ACCESS_PLATFORM))),
  probe(vdev) {
    const vb = new VirtioBalloon(vdev);
    vdev.drvdata = vb;
    return vb.start();
  },
  remove: (vdev) => vbOf(vdev).remove(),
  freeze: (vdev) => vbOf(vdev).remove(),
  restore: (vdev) => vbOf(vdev).restore(),
  broken: (vdev) => vbOf(vdev).broken(),
  configChanged: (vdev) => vbOf(vdev).configChanged(),
};
