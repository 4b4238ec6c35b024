import { ioOr } from '../../../lib/access';
import { EBUSY, ErrnoError } from '../../../lib/errno';
import type { SplitVirtqueue, VirtqueueSpec } from '../../../lib/virtio';
import type { PciDevice } from '../guest/device';
import type { IoMem } from '../guest/enable';
import { COMMON, ISR, NO_VECTOR } from '../layout';
import { allocIrqVectors, freeIrqVectors, irqVector, PCI_IRQ } from '../guest/irq';

/** How interrupts are spread: one message for each queue, one for all queues, or the pin. */
export type VectorPolicy = 'per-queue' | 'shared' | 'pin';

/** What interrupts are for. */
export interface VectorUsers {
  /** Name of the device, for listings. */
  readonly name: string;
  configChanged(): void;
  queues(): Iterable<SplitVirtqueue>;
}

/**
 * The interrupts of one virtio function.
 *
 * @see drivers/virtio/virtio_pci_common.c vp_find_vqs
 */
export class VirtioVectors {
  readonly #dev: PciDevice;
  readonly #common: IoMem;
  readonly #isr: IoMem;
  readonly #users: VectorUsers;
  #requested: number[] = [];
  #messages = 0;
  #policy: VectorPolicy = 'pin';
  #next = 0;

  constructor(dev: PciDevice, common: IoMem, isr: IoMem, users: VectorUsers) {
    this.#dev = dev;
    this.#common = common;
    this.#isr = isr;
    this.#users = users;
  }

  /** Sets interrupts up for these queues. @throws ErrnoError EBUSY, ENOSPC, EINVAL, ENOMEM; nothing is kept then */
  open(policy: VectorPolicy, specs: readonly VirtqueueSpec[]): void {
    this.#policy = policy;
    if (policy === 'pin') {
      this.#request(this.#dev.irq, () => this.#pinInterrupt(), this.#users.name);
      return;
    }
    const withCallback = specs.filter((spec) => spec.callback !== undefined).length;
    const wanted = policy === 'shared' ? 2 : 1 + withCallback;
    const given = allocIrqVectors(this.#dev, wanted, wanted, PCI_IRQ.MSIX);
    if (given < 0) throw new ErrnoError(given, { syscall: 'pci_alloc_irq_vectors', path: this.#path });
    this.#messages = given;
    this.#next = 1;
    this.#requestMessage(0, () => this.#users.configChanged(), 'config');
    this.#setConfigVector(0);
    if (policy === 'shared') this.#requestMessage(1, () => this.#queuesInterrupt(), 'virtqueues');
  }

  /** Which entry of the table a queue's interrupts go to. */
  vectorOf(spec: VirtqueueSpec): number {
    if (this.#policy === 'pin' || spec.callback === undefined) return NO_VECTOR;
    return this.#policy === 'shared' ? 1 : this.#next++;
  }

  /** The queue exists: its own vector may call it. */
  connect(vq: SplitVirtqueue, vector: number): void {
    if (this.#policy !== 'per-queue' || vector === NO_VECTOR) return;
    this.#requestMessage(vector, () => void vq.vqInterrupt(), vq.name);
  }

  /** Frees all vectors. */
  close(): void {
    for (const vector of this.#requested) this.#dev.kernel.irq.free(vector);
    this.#requested = [];
    const unset = (): void => this.#common.write(COMMON.CONFIG_MSIX_VECTOR, 2, NO_VECTOR);
    if (this.#messages > 0) ioOr(undefined, unset);
    this.#messages = 0;
    freeIrqVectors(this.#dev);
  }

  /** A device without resources for the vector returns NO_VECTOR. VIRTIO 1.2 §4.1.5.1.2 */
  #setConfigVector(vector: number): void {
    this.#common.write(COMMON.CONFIG_MSIX_VECTOR, 2, vector);
    if (this.#common.read(COMMON.CONFIG_MSIX_VECTOR, 2) !== NO_VECTOR) return;
    throw new ErrnoError(EBUSY, { syscall: 'vp_modern_config_vector', path: this.#path });
  }

  #requestMessage(entry: number, handler: () => void, what: string): void {
    this.#request(irqVector(this.#dev, entry), handler, `${this.#users.name}-${what}`);
  }

  #request(vector: number, handler: () => void, name: string): void {
    const error = this.#dev.kernel.irq.request(vector, handler, name);
    if (error !== 0) throw new ErrnoError(error, { syscall: 'request_irq', path: `${this.#path}: ${String(vector)}` });
    this.#requested.push(vector);
  }

  /** Reading the register takes the interrupt back. @see vp_interrupt, VIRTIO 1.2 §4.1.4.5 */
  #pinInterrupt(): void {
    const isr = ioOr(0, () => this.#isr.read(0, 1));
    if (isr === 0 || isr === 0xff) return;
    if ((isr & ISR.CONFIG) !== 0) this.#users.configChanged();
    this.#queuesInterrupt();
  }

  #queuesInterrupt(): void {
    for (const vq of [...this.#users.queues()]) vq.vqInterrupt();
  }

  get #path(): string {
    return this.#dev.name ?? '';
  }
}
