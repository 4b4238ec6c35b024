import { check, EINVAL, ENODEV, ENOENT, errno, errnoName } from '../../../errno';
import { checkedResult, failed, oneNumber, type Crossing, type HypercallResult } from '../../../hypervisor/port';
import type { AccessStyle, TransportSite } from '../../../virtio/access-style';
import { MAX_QUEUE_SIZE, VIRTIO_PCI_VENDOR } from '../../../virtio/spec';
import type { Segment } from '../../../virtio/staging';
import type { VirtioId } from '../../../virtio/virtio-device';
import type { Virtqueue, VirtqueueSpec } from '../../../virtio/virtqueue';
import type { DmaBuffer } from '../../dma';
import { STYLE } from '../../place';
import { PlacedTransport } from '../placed-transport';
import { CHANNEL_CALL, COMMAND, EVENT, type ChannelCall } from './layout';
import { HypercallQueue } from './guest-queue';

const PAGE = 4096;
/** Number of attempts at a command that a guest depends on. */
const TRIES = 3;

/**
 * Virtio over a handle. Every operation is a hypercall with the handle and a command code; configuration and request
 * data lie in guest memory; the interrupt carries only a value that stands for the device.
 *
 * For a device that is gone every write of the status and every reset succeeds, so that its driver can be removed; a
 * read fails with ENODEV. A probe of one that has never responded fails with ENODEV.
 */
export class ChannelTransport extends PlacedTransport {
  readonly #call: ChannelCall;
  /** Where configuration passes through. */
  readonly #page: DmaBuffer;
  #queues: readonly HypercallQueue[] = [];
  #answered = false;
  #disposed = false;

  /** @throws ErrnoError ENODEV in a kernel without a hypervisor, ENOMEM */
  constructor(site: TransportSite, call: ChannelCall) {
    super(site);
    const { dma } = this.kernel;
    if (dma === null) throw this.error(ENODEV, call.name);
    this.#call = call;
    this.#page = dma.alloc(PAGE, PAGE, `transport ${this.busName}`);
  }

  identify(): VirtioId | number {
    const device = oneNumber(this.#command(COMMAND.IDENTIFY));
    return device < 0 ? device : { device, vendor: VIRTIO_PCI_VENDOR };
  }

  /** @throws ErrnoError EINVAL beyond the end, ENODEV when the device is gone */
  getConfig(offset: number, length: number): Uint8Array {
    this.#checkLength(length);
    if (length === 0) return new Uint8Array(0);
    this.#must('get_config', this.#command(COMMAND.GET_CONFIG, offset, length, this.#page.address));
    this.port.countCopy(length);
    return this.port.memory.read(this.#page.address, length);
  }

  /** @throws ErrnoError as {@link getConfig} */
  setConfig(offset: number, bytes: Uint8Array): void {
    this.#checkLength(bytes.length);
    if (bytes.length === 0) return;
    this.port.memory.write(this.#page.address, bytes);
    this.port.countCopy(bytes.length);
    this.#must('set_config', this.#command(COMMAND.SET_CONFIG, offset, bytes.length, this.#page.address));
  }

  generation(): number {
    return this.#must('generation', this.#command(COMMAND.GET_CONFIG, 0, 0, 0), true);
  }

  getStatus(): number {
    return this.gone ? 0 : this.#unlessGone('get_status', this.#command(COMMAND.GET_STATUS), true);
  }

  /** @throws ErrnoError EINVAL for a step that is not legal */
  setStatus(status: number): void {
    if (!this.gone) this.#unlessGone('set_status', this.#command(COMMAND.SET_STATUS, status));
  }

  getFeatures(): bigint {
    const { status, values } = this.#command(COMMAND.GET_FEATURES);
    check(status, 'get_features', this.busName);
    const [features] = values;
    if (typeof features !== 'bigint') throw this.error('EPROTO', 'get_features');
    return features;
  }

  transportFeatures(features: bigint): bigint {
    return this.withoutRings(features);
  }

  override dispose(): void {
    super.dispose();
    if (!this.#disposed) this.#page.free();
    this.#disposed = true;
  }

  protected writeFeatures(features: bigint): number {
    return this.#command(COMMAND.SET_FEATURES, features).status;
  }

  protected makeQueues(specs: readonly VirtqueueSpec[]): readonly Virtqueue[] {
    this.#queues = specs.map((spec, index) => this.#makeQueue(spec, index));
    return this.#queues;
  }

  protected freeQueues(): void {
    for (const queue of this.#queues) queue.free();
    this.#queues = [];
  }

  #makeQueue(spec: VirtqueueSpec, index: number): HypercallQueue {
    const size = this.#must('find_vqs', this.#command(COMMAND.QUEUE_INFO, index), true);
    if (size === 0) throw this.error(ENOENT, 'find_vqs');
    if (size > MAX_QUEUE_SIZE) throw this.error(EINVAL, 'find_vqs');
    return new HypercallQueue({
      kernel: this.kernel,
      index,
      size,
      spec,
      submit: (queue, cookie, segments) => this.#submit(queue, cookie, segments),
    });
  }

  #submit(queue: number, cookie: number, segments: readonly Segment[]): number {
    const readable = segments.filter(({ write }) => !write).length;
    const words = segments.flatMap(({ address, length }) => [address, length]);
    return this.#command(COMMAND.SUBMIT, queue, cookie, readable, ...words).status;
  }

  /** One call returns all events, including the loss of the device. */
  protected interrupt(): void {
    for (let more = true; more && !this.gone;) {
      const { status, values } = this.#fetchCompletions();
      if (status !== 0) {
        this.#lose(status);
        return;
      }
      const flags = Number(values[0] ?? 0);
      const progress = this.#complete(values.slice(1));
      if ((flags & EVENT.CONFIG) !== 0) this.notifyConfig();
      // A host that always has more, and nothing good, must not keep this guest for ever.
      more = (flags & EVENT.MORE) !== 0 && progress;
    }
  }

  /** Events that are not fetched are not repeated, so it is tried again; what is gone (ENODEV) stays so. */
  #fetchCompletions(): HypercallResult {
    for (let left = TRIES; ; left -= 1) {
      const result = this.#command(COMMAND.COMPLETIONS);
      if (result.status === 0 || result.status === -ENODEV || left === 1) return result;
      this.kernel.log.warn(`${this.#call.name} failed: ${errnoName(result.status)}; trying again`);
    }
  }

  /** @returns whether any completion was valid */
  #complete(values: readonly Crossing[]): boolean {
    const touched = new Set<HypercallQueue>();
    let progress = false;
    for (let i = 0; i < values.length; i += 3) {
      const queue = this.#queues[Number(values[i])];
      if (queue?.complete(Number(values[i + 1]), Number(values[i + 2]))) progress = true;
      if (queue !== undefined) touched.add(queue);
      else this.report(`completions of queue ${String(values[i])}, which there is not`);
    }
    for (const queue of touched) queue.notify();
    return progress;
  }

  #lose(status: number): void {
    if (status !== -ENODEV) {
      this.report(`${this.#call.name} failed: ${errnoName(status)}`);
    }
    for (const queue of this.#queues) queue.markBroken();
    this.notifyGone();
  }

  /** The handle of a device that is gone is closed, and may be another one's by now. */
  #command(code: number, ...args: readonly Crossing[]): HypercallResult {
    if (this.gone) return failed(ENODEV);
    const result = checkedResult(this.port.hypercall(this.#call.nr, [this.place.handle, code, ...args]));
    return result.status === -errno.EBADF ? failed(ENODEV) : result;
  }

  /** @throws ErrnoError the error of the call @returns its value, if it has one */
  #must(what: string, result: HypercallResult, hasValue = false): number {
    return check(hasValue ? oneNumber(result) : result.status, what, this.busName);
  }

  #unlessGone(what: string, result: HypercallResult, hasValue = false): number {
    const isGone = result.status === -ENODEV;
    if (isGone && this.#answered) return 0;
    if (!isGone) this.#answered = true;
    return this.#must(what, result, hasValue);
  }

  #checkLength(length: number): void {
    if (length > PAGE) throw this.error(EINVAL, 'config');
  }
}

/** Style (b) of the mail, over any call that carries its commands. */
export function channelStyleOver(call: ChannelCall): AccessStyle {
  return { name: 'channel', code: STYLE.CHANNEL, transport: (site) => new ChannelTransport(site, call) };
}

export const channelStyle = channelStyleOver(CHANNEL_CALL);
