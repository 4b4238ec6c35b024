import { EINVAL, ErrnoError } from '../../errno';
import { BALLOON, decodeBalloonStats, DEVICE_ID, featureBit } from '../../virtio/spec';
import { COSTS } from '../costs';
import { DeviceModel, type DeviceHost, type DeviceRequest } from '../device-model';

/** How a balloon is set up. */
export interface BalloonOptions {
  readonly name: string;
  /** Pages that the guest is to give up; default 0. */
  readonly target?: number;
  /** False: the guest has no queue for statistics. */
  readonly statistics?: boolean;
  /** False: the guest may use pages again before it has told. Default: true. */
  readonly mustTellHost?: boolean;
  /** True: the guest may take pages back when it runs out of memory. */
  readonly deflateOnOom?: boolean;
  /** Service time of a list of pages in ns. */
  readonly latency?: number;
}

/** As many pages as Linux puts into one request. */
const QUEUE_SIZE = 128;
/** Entries of statistics that are looked at; VIRTIO 1.2 has ten. */
const MAX_STATS = 64;
const MAX_TARGET = 0xffff_ffff;

/** Memory balloon: pages of the guest go back to the host, which counts them. VIRTIO 1.2 §5.5 */
export class BalloonDevice extends DeviceModel {
  readonly deviceId = DEVICE_ID.BALLOON;
  readonly name: string;
  readonly #options: BalloonOptions;
  readonly #pages = new Set<number>();
  #target = 0;
  #actual = 0;
  #statistics: ReadonlyMap<number, bigint> = new Map();
  /** The buffer in which the guest has given its last statistics. */
  #statsBuffer: DeviceRequest | null = null;
  #host: DeviceHost | null = null;

  /** @throws ErrnoError EINVAL for an impossible target */
  constructor(options: BalloonOptions) {
    super();
    this.name = options.name;
    this.#options = options;
    this.target = options.target ?? 0;
  }

  /** Pages that the guest is to give up. */
  get target(): number {
    return this.#target;
  }

  /** Notifies the guest. @throws ErrnoError EINVAL unless it is a whole number of 32 bits */
  set target(pages: number) {
    if (!Number.isInteger(pages) || pages < 0 || pages > MAX_TARGET) {
      throw new ErrnoError(EINVAL, { syscall: 'balloon', path: `${this.name}: target ${String(pages)}` });
    }
    if (pages === this.#target) return;
    this.#target = pages;
    this.#host?.configChanged();
  }

  /** Pages that the guest says it has given up. */
  get actual(): number {
    return this.#actual;
  }

  /** Pages that the host has of the guest. */
  get held(): number {
    return this.#pages.size;
  }

  /** Has the host this page, by its address divided by 4096? */
  holds(page: number): boolean {
    return this.#pages.has(page);
  }

  /** What the guest has said last, by tag; memory in bytes. VIRTIO 1.2 §5.5.6.4 */
  get statistics(): ReadonlyMap<number, bigint> {
    return this.#statistics;
  }

  /** Asks for new statistics. False while the guest has not answered, or gives none. VIRTIO 1.2 §5.5.6.3 */
  requestStatistics(): boolean {
    const buffer = this.#statsBuffer;
    this.#statsBuffer = null;
    buffer?.complete();
    return buffer !== null;
  }

  override features(): bigint {
    const { statistics = true, deflateOnOom = false, mustTellHost = true } = this.#options;
    const bits = [
      ...(mustTellHost ? [BALLOON.F_MUST_TELL_HOST] : []),
      ...(statistics ? [BALLOON.F_STATS_VQ] : []),
      ...(deflateOnOom ? [BALLOON.F_DEFLATE_ON_OOM] : []),
    ];
    return bits.reduce((word, bit) => word | featureBit(bit), 0n);
  }

  override queueSizes(): readonly number[] {
    return Array.from({ length: this.#options.statistics === false ? 2 : 3 }, () => QUEUE_SIZE);
  }

  override config(): Uint8Array {
    const bytes = new Uint8Array(BALLOON.CONFIG_BYTES);
    const view = new DataView(bytes.buffer);
    view.setUint32(BALLOON.CONFIG_NUM_PAGES, this.#target, true);
    view.setUint32(BALLOON.CONFIG_ACTUAL, this.#actual, true);
    return bytes;
  }

  /** Only `actual` is the driver's to write. */
  override writeConfig(offset: number, bytes: Uint8Array): void {
    const config = this.config();
    config.set(bytes.subarray(0, Math.max(0, config.length - offset)), Math.min(offset, config.length));
    this.#actual = new DataView(config.buffer).getUint32(BALLOON.CONFIG_ACTUAL, true);
  }

  override attach(host: DeviceHost): void {
    this.#host = host;
  }

  /** The guest has its pages again: whoever comes next knows nothing of them. */
  override reset(): void {
    this.#pages.clear();
    this.#actual = 0;
    this.#statistics = new Map();
    this.#statsBuffer = null;
  }

  override handle(queue: number, request: DeviceRequest, host: DeviceHost): void {
    if (queue === BALLOON.STATSQ) {
      this.#takeStatistics(request, host);
      return;
    }
    host.after(this.#options.latency ?? COSTS.balloon, () => {
      this.#takeList(queue, request.readable, host);
      request.complete();
    });
  }

  /** The first page that cannot be ends the list: so a list is never more work than the guest has pages. */
  #takeList(queue: number, { buffer, byteOffset, byteLength }: Uint8Array, host: DeviceHost): void {
    const view = new DataView(buffer, byteOffset, byteLength);
    const move = queue === BALLOON.INFLATEQ ? this.#inflate : this.#deflate;
    const what = queue === BALLOON.INFLATEQ ? 'inflate' : 'deflate';
    for (let at = 0; at < byteLength; at += BALLOON.PFN_BYTES) {
      const isCut = at + BALLOON.PFN_BYTES > byteLength;
      const fault = isCut ? 'half a number' : move.call(this, view.getUint32(at, true), host);
      if (fault === undefined) continue;
      host.refuse(`${what}, page ${String(at / BALLOON.PFN_BYTES)} of the list: ${fault}; the rest is ignored`);
      return;
    }
  }

  /** @returns why not */
  #inflate(page: number, host: DeviceHost): string | undefined {
    if (this.#pages.has(page)) return `${hexPage(page)} is in the balloon already`;
    if (!host.discardPage(page)) return `${hexPage(page)} lies outside memory`;
    this.#pages.add(page);
    return undefined;
  }

  /** @returns why not */
  #deflate(page: number): string | undefined {
    return this.#pages.delete(page) ? undefined : `${hexPage(page)} is not in the balloon`;
  }

  /** One buffer is the guest's to give; an older one goes back, as in QEMU. */
  #takeStatistics(request: DeviceRequest, host: DeviceHost): void {
    if (this.#statsBuffer !== null) host.refuse('statistics given that nobody asked for');
    this.#statsBuffer?.complete();
    this.#statsBuffer = request;
    this.#statistics = decodeBalloonStats(request.readable, MAX_STATS);
  }
}

function hexPage(page: number): string {
  return `page 0x${page.toString(16)}`;
}
