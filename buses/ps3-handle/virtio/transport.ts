import type { DmaBuffer } from '../../../lib/access/dma';
import { devMessage } from '../../../lib/base/device';
import { check, EBUSY, EINVAL, ENODEV, ENOENT, errnoName, ErrnoError } from '../../../lib/errno';
import { failed, type Crossing, type HypercallResult, type Port } from '../../../lib/hypervisor/port';
import { FEATURE, featureBit, hasFeature, MAX_QUEUE_SIZE } from '../../../lib/virtio/spec';
import type { Segment } from '../../../lib/virtio/staging';
import type { VirtioTransport } from '../../../lib/virtio/virtio-device';
import type { Virtqueue, VirtqueueSpec } from '../../../lib/virtio/virtqueue';
import type { Ps3Device } from '../guest/device';
import { COMMAND, EVENT } from '../layout';
import { oneNumber } from '../guest/lv1';
import { HypercallQueue } from './queue';

const PAGE = 4096;
/** Feature bits from here on belong to the transport. VIRTIO 1.2 §2.2 */
const TRANSPORT_F_START = 28n;

/** Callbacks of a transport to the driver that made it, from an interrupt. */
export interface Ps3TransportEvents {
  configChanged(): void;
  /** The same, before the driver has requested interrupts, which it does with findVqs. */
  configIgnored?(): void;
  /** The handle is dead; all queues are broken already. Called once. */
  gone(): void;
}

/**
 * Virtio over a handle: access style (b) of the mail. Every operation is a hypercall with the handle and a command
 * code; configuration and request data lie in guest memory; the interrupt carries only the handle.
 *
 * For a device that is gone every write of the status and every reset succeeds, so that its driver can be removed; a
 * read fails with ENODEV. A probe of one that has never responded fails with ENODEV.
 */
export class Ps3Transport implements VirtioTransport {
  readonly busName: string;
  readonly #dev: Ps3Device;
  readonly #events: Ps3TransportEvents;
  readonly #memory: Port['memory'];
  /** Where configuration passes through. */
  readonly #page: DmaBuffer;
  #queues: readonly HypercallQueue[] = [];
  /** The queues and the device of its interrupts. */
  #listening: number | null = null;
  #gone = false;
  #answered = false;
  /** From findVqs to delVqs: on other buses an interrupt is requested there and given back. */
  #wantsConfig = false;

  /** @throws ErrnoError ENODEV for a device without a handle, ENOMEM */
  constructor(dev: Ps3Device, events: Ps3TransportEvents) {
    const { dma, port } = dev.kernel;
    if (dev.handle === null || dma === null || port === null) throw this.#error(ENODEV, 'virtio_ps3', dev);
    this.busName = dev.name ?? '';
    this.#dev = dev;
    this.#events = events;
    this.#memory = port.memory;
    this.#page = dma.alloc(PAGE, PAGE, `transport ${this.busName}`);
    this.listen();
  }

  /** Interrupts with the handle that the device has now are its own. */
  listen(): void {
    const { handle, system } = this.#dev;
    this.#listening = handle;
    if (handle !== null) system.listen(handle, () => this.#interrupt());
  }

  /** The handle may belong to another device when this kernel is restored. */
  unlisten(): void {
    if (this.#listening !== null) this.#dev.system.unlisten(this.#listening);
    this.#listening = null;
  }

  /** @throws ErrnoError EINVAL beyond the end, ENODEV when the device is gone */
  getConfig(offset: number, length: number): Uint8Array {
    this.#checkLength(length);
    if (length === 0) return new Uint8Array(0);
    this.#must('get_config', this.#command(COMMAND.GET_CONFIG, offset, length, this.#page.address));
    this.#dev.kernel.port?.countCopy(length);
    return this.#memory.read(this.#page.address, length);
  }

  /** @throws ErrnoError as {@link getConfig} */
  setConfig(offset: number, bytes: Uint8Array): void {
    this.#checkLength(bytes.length);
    if (bytes.length === 0) return;
    this.#memory.write(this.#page.address, bytes);
    this.#dev.kernel.port?.countCopy(bytes.length);
    this.#must('set_config', this.#command(COMMAND.SET_CONFIG, offset, bytes.length, this.#page.address));
  }

  generation(): number {
    return this.#must('generation', this.#command(COMMAND.GET_CONFIG, 0, 0, 0), true);
  }

  getStatus(): number {
    return this.#gone ? 0 : this.#unlessGone('get_status', this.#command(COMMAND.GET_STATUS), true);
  }

  /** @throws ErrnoError EINVAL for a step that is not legal */
  setStatus(status: number): void {
    if (!this.#gone) this.#unlessGone('set_status', this.#command(COMMAND.SET_STATUS, status));
  }

  reset(): void {
    this.setStatus(0);
  }

  getFeatures(): bigint {
    const { status, values } = this.#command(COMMAND.GET_FEATURES);
    check(status, 'get_features', this.busName);
    const [features] = values;
    if (typeof features !== 'bigint') throw this.#error('EPROTO', 'get_features');
    return features;
  }

  /** There are no rings, so nothing about rings can be agreed on. */
  transportFeatures(features: bigint): bigint {
    return features & (((1n << TRANSPORT_F_START) - 1n) | featureBit(FEATURE.VERSION_1));
  }

  finalizeFeatures(features: bigint): number {
    if (!hasFeature(features, FEATURE.VERSION_1)) {
      const what = 'virtio: device uses modern interface but does not have VIRTIO_F_VERSION_1';
      this.#dev.kernel.log.err(devMessage(this.#dev, what));
      return -EINVAL;
    }
    return this.#command(COMMAND.SET_FEATURES, features).status;
  }

  /**
   * @throws ErrnoError EBUSY when the queues exist, ENOENT without such a queue, EINVAL for one that is too long,
   * ENODEV
   *   when the device is gone
   */
  findVqs(specs: readonly VirtqueueSpec[]): readonly Virtqueue[] {
    if (this.#queues.length > 0) throw this.#error(EBUSY, 'find_vqs');
    this.#queues = specs.map((spec, index) => this.#makeQueue(spec, index));
    this.#wantsConfig = true;
    return this.#queues;
  }

  delVqs(): void {
    this.#wantsConfig = false;
    for (const queue of this.#queues) queue.free();
    this.#queues = [];
  }

  /** Callbacks run within the interrupt handler. */
  synchronizeCbs(): void {
    return undefined;
  }

  /** Ends what the transport holds in this kernel: memory, and its place among the listeners. */
  dispose(): void {
    this.unlisten();
    this.delVqs();
    this.#page.free();
  }

  #makeQueue(spec: VirtqueueSpec, index: number): HypercallQueue {
    const size = this.#must('find_vqs', this.#command(COMMAND.QUEUE_INFO, index), true);
    if (size === 0) throw this.#error(ENOENT, 'find_vqs');
    if (size > MAX_QUEUE_SIZE) throw this.#error(EINVAL, 'find_vqs');
    return new HypercallQueue({
      kernel: this.#dev.kernel,
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
  #interrupt(): void {
    for (let more = true; more && !this.#gone;) {
      const { status, values } = this.#fetchCompletions();
      if (status !== 0) {
        this.#lose(status);
        return;
      }
      const flags = Number(values[0] ?? 0);
      const progress = this.#complete(values.slice(1));
      if ((flags & EVENT.CONFIG) !== 0) this.#notifyConfig();
      // A host that always has more, and nothing good, must not keep this guest for ever.
      more = (flags & EVENT.MORE) !== 0 && progress;
    }
  }

  /** Events that are not fetched are not repeated. */
  #fetchCompletions(): HypercallResult {
    const { handle, system } = this.#dev;
    return handle === null ? failed(ENODEV) : system.lv1.mustCommand(handle, COMMAND.COMPLETIONS);
  }

  #notifyConfig(): void {
    if (this.#wantsConfig) this.#events.configChanged();
    else this.#events.configIgnored?.();
  }

  /** @returns whether any completion was valid */
  #complete(values: readonly Crossing[]): boolean {
    const touched = new Set<HypercallQueue>();
    let progress = false;
    for (let i = 0; i < values.length; i += 3) {
      const queue = this.#queues[Number(values[i])];
      if (queue?.complete(Number(values[i + 1]), Number(values[i + 2]))) progress = true;
      if (queue !== undefined) touched.add(queue);
    }
    for (const queue of touched) queue.notify();
    return progress;
  }

  #lose(status: number): void {
    this.#gone = true;
    const refused = `lv1_device_command failed: ${errnoName(status)}`;
    if (status !== -ENODEV) this.#dev.kernel.log.err(devMessage(this.#dev, refused));
    for (const queue of this.#queues) queue.markBroken();
    this.#events.gone();
  }

  #command(code: number, ...args: readonly Crossing[]): HypercallResult {
    const { handle, system } = this.#dev;
    return handle === null ? failed(ENODEV) : system.lv1.command(handle, code, ...args);
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
    if (length > PAGE) throw this.#error(EINVAL, 'config');
  }

  #error(no: number | 'EPROTO', syscall: string, dev = this.#dev): ErrnoError {
    return new ErrnoError(no, { syscall, path: dev.name ?? '' });
  }
}
