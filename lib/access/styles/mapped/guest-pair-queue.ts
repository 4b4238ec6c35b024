import { callAtomicVoid } from '../../../base/guard';
import type { Kernel } from '../../../base/kernel';
import type { SharedMemory } from '../../../hypervisor/port';
import type { Buffers, Completed, Virtqueue, VirtqueueSpec } from '../../../virtio/virtqueue';
import { distance, Ring, type RingPlace } from './guest-pair-ring';
import { SHARED } from './layout';

/** What a transport knows of a queue before it exists. */
export interface PairQueueInit {
  readonly kernel: Kernel;
  readonly index: number;
  readonly spec: VirtqueueSpec;
  /** Pieces that a driver may have in it. */
  readonly size: number;
  readonly memory: SharedMemory;
  readonly ring: RingPlace;
  /** Has the peer interrupted. False when that cannot be. */
  signal(): boolean;
  /** Has this end interrupted. */
  wakeMe(): void;
}

/**
 * A queue whose other side is the opposite queue of another guest's driver: what one puts out is what the other gets
 * in. Sender and receiver each copy once, as with any queue. What the other end writes is never trusted: nonsense
 * breaks the queue, and a driver that comes anew begins with an empty ring then; else it goes on where the ring is.
 */
export abstract class PairQueue implements Virtqueue {
  readonly index: number;
  readonly name: string;
  readonly size: number;
  protected readonly kernel: Kernel;
  protected readonly ring: Ring;
  protected callbacks = true;
  readonly #init: PairQueueInit;
  readonly #quiet: number;
  #broken = false;

  /** @param quiet the word with which this end asks for no interrupts */
  constructor(init: PairQueueInit, quiet: number) {
    this.#init = init;
    this.#quiet = quiet;
    this.index = init.index;
    this.name = init.spec.name;
    this.size = init.size;
    this.kernel = init.kernel;
    this.ring = new Ring(init.memory, init.ring);
    this.setCallbacks(init.spec.callback !== undefined);
  }

  abstract readonly numFree: number;
  abstract add(buffers: Buffers, token: unknown): number;
  abstract kick(): boolean;
  abstract getBuf(): Completed | undefined;
  abstract detachUnused(): unknown;
  /** Is there something that the driver has not seen? May break the queue. */
  protected abstract hasNews(): boolean;

  get broken(): boolean {
    return this.#broken;
  }

  markBroken(): void {
    this.#broken = true;
  }

  /** For the transport, when the device has been reset. What is in the ring stays for the driver that comes next. */
  free(): void {
    this.#broken = true;
  }

  disableCb(): void {
    this.setCallbacks(false);
  }

  enableCb(): boolean {
    this.setCallbacks(true);
    return this.#broken || !this.hasNews();
  }

  /** For the transport, from its interrupt: calls the driver, also to let it see that the queue broke. */
  vqInterrupt(): void {
    const { spec } = this.#init;
    if (!this.callbacks || this.#broken) return;
    const hasNews = this.hasNews();
    if (!hasNews && !this.broken) return;
    callAtomicVoid(
      this.kernel,
      () => `pair_interrupt: queue ${this.name}`,
      () => spec.callback?.(this),
    );
  }

  protected setCallbacks(on: boolean): void {
    this.callbacks = on;
    this.ring.setWord(this.#quiet, on ? 0 : 1);
  }

  /** Unless the other end asks for quiet. An end that cannot be reached breaks the queue. */
  protected signal(peerQuiet: number): void {
    if (this.#broken || this.ring.getWord(peerQuiet) !== 0) return;
    if (!this.#init.signal()) this.#broken = true;
  }

  protected wakeMe(): void {
    this.#init.wakeMe();
  }

  protected break(why: string): void {
    this.kernel.log.err(`${this.name}: the other end ${why}`);
    this.#broken = true;
  }

  /** How far the head is ahead as a driver comes; what cannot be is not taken over. */
  protected begin(): { readonly head: number; readonly tail: number; readonly isSane: boolean } {
    const [head, tail] = [this.ring.getWord(SHARED.HEAD), this.ring.getWord(SHARED.TAIL)];
    return { head, tail, isSane: distance(tail, head) <= this.ring.bytes };
  }
}
