import { EINVAL, EIO, ENOSPC } from '../../../errno';
import type { Buffers, Completed } from '../../../virtio/virtqueue';
import { PairQueue, type PairQueueInit } from './guest-pair-queue';
import { distance } from './guest-pair-ring';
import { SHARED } from './layout';

/** What is added is done as soon as it is in the ring; there it waits for a receiver, whoever that will be. */
class SendQueue extends PairQueue {
  /** Tokens of what is in the ring and was not collected. */
  readonly #done: unknown[] = [];
  #head: number;
  /** As seen last. */
  #tail: number;
  /** The other end does not know of all that was put in. */
  #hasNew = false;

  constructor(init: PairQueueInit) {
    super(init, SHARED.SENDER_QUIET);
    const { head, tail, isSane } = this.begin();
    this.#head = isSane ? head : tail;
    this.#tail = tail;
    if (!isSane) this.ring.setWord(SHARED.HEAD, tail);
  }

  /** Pieces of any size that still fit. */
  get numFree(): number {
    const pieces = Math.floor(this.#room / (this.ring.piece + SHARED.LENGTH_BYTES));
    return Math.max(0, Math.min(this.size - this.#done.length, pieces));
  }

  get #room(): number {
    return this.ring.bytes - distance(this.#tail, this.#head);
  }

  /** {@link Virtqueue.add}; also -EINVAL for nothing, more than a piece, or something to write into. */
  add({ out = [], in: areas = [] }: Buffers, token: unknown): number {
    if (this.broken) return -EIO;
    const length = out.reduce((sum, bytes) => sum + bytes.length, 0);
    if (areas.length > 0 || length === 0 || length > this.ring.piece) return -EINVAL;
    if (!this.#look()) return -EIO;
    if (this.#done.length >= this.size || length + SHARED.LENGTH_BYTES > this.#room) return -ENOSPC;
    this.ring.setLength(this.#head, length);
    let at = this.#head + SHARED.LENGTH_BYTES;
    for (const bytes of out) {
      this.ring.write(at, bytes);
      at += bytes.length;
    }
    this.kernel.port?.countCopy(length);
    this.#head = at >>> 0;
    this.#hasNew = true;
    this.#done.push(token);
    return 0;
  }

  kick(): boolean {
    if (this.#hasNew && !this.broken) {
      this.#hasNew = false;
      this.ring.setWord(SHARED.HEAD, this.#head);
      this.signal(SHARED.RECEIVER_QUIET);
    }
    return !this.broken;
  }

  getBuf(): Completed | undefined {
    if (!this.#look() || this.#done.length === 0) return undefined;
    return { token: this.#done.shift(), length: 0, data: [] };
  }

  detachUnused(): unknown {
    return this.#done.shift();
  }

  protected hasNews(): boolean {
    const before = this.#tail;
    return this.#look() && (this.#done.length > 0 || this.#tail !== before);
  }

  /** How far the receiver is. @returns false when the queue is broken */
  #look(): boolean {
    if (this.broken) return false;
    const tail = this.ring.getWord(SHARED.TAIL);
    if (distance(this.#tail, tail) > distance(this.#tail, this.#head)) this.break('took out what was not put in');
    else this.#tail = tail;
    return !this.broken;
  }
}

interface Given {
  readonly token: unknown;
  readonly areas: readonly (number | Uint8Array)[];
}

/** Takes out of the ring what fits into a buffer when the driver asks for it; the rest goes into the next one. */
class ReceiveQueue extends PairQueue {
  readonly #given: Given[] = [];
  #tail: number;
  /** The other end does not know of all that was taken out. */
  #hasTaken = false;
  /** This end has asked for an interrupt. */
  #isWoken = false;

  constructor(init: PairQueueInit) {
    super(init, SHARED.RECEIVER_QUIET);
    const { head, tail, isSane } = this.begin();
    this.#tail = isSane ? tail : head;
    if (!isSane) this.ring.setWord(SHARED.TAIL, head);
  }

  get numFree(): number {
    return this.size - this.#given.length;
  }

  /** {@link Virtqueue.add}; also -EINVAL for nothing, or something to read. */
  add({ out = [], in: areas = [] }: Buffers, token: unknown): number {
    if (this.broken) return -EIO;
    if (out.length > 0 || roomOf(areas) === 0) return -EINVAL;
    if (this.numFree === 0) return -ENOSPC;
    this.#given.push({ token, areas });
    return 0;
  }

  /** What waited for buffers has raised its interrupt already. */
  kick(): boolean {
    this.#tellTaken();
    if (this.callbacks && !this.#isWoken && !this.broken && this.hasNews()) {
      this.#isWoken = true;
      this.wakeMe();
    }
    return !this.broken;
  }

  override vqInterrupt(): void {
    this.#isWoken = false;
    super.vqInterrupt();
  }

  getBuf(): Completed | undefined {
    const length = this.#waiting();
    const given = length === 0 ? undefined : this.#given.shift();
    if (given === undefined) {
      this.#tellTaken();
      return undefined;
    }
    const taken = Math.min(length, roomOf(given.areas));
    const data = this.#copyOut(given.areas, taken);
    this.#advance(length, taken);
    return { token: given.token, length: taken, data };
  }

  override enableCb(): boolean {
    this.#tellTaken();
    return super.enableCb();
  }

  detachUnused(): unknown {
    return this.#given.shift()?.token;
  }

  protected hasNews(): boolean {
    return this.#waiting() > 0 && this.#given.length > 0;
  }

  /** Bytes of the next piece; 0: there is none. */
  #waiting(): number {
    if (this.broken) return 0;
    const head = this.ring.getWord(SHARED.HEAD);
    const ahead = distance(this.#tail, head);
    if (ahead === 0) return 0;
    const length = ahead <= this.ring.bytes ? this.ring.getLength(this.#tail) : 0;
    const isPiece = length > 0 && length <= this.ring.piece && length + SHARED.LENGTH_BYTES <= ahead;
    if (isPiece) return length;
    // The next driver is not to find the same.
    this.ring.setWord(SHARED.TAIL, head);
    this.break(
      ahead <= this.ring.bytes ? `put in a piece of ${String(length)} bytes` : 'put in more than there is room for',
    );
    return 0;
  }

  #copyOut(areas: readonly (number | Uint8Array)[], length: number): readonly Uint8Array[] {
    let done = 0;
    const data = areas.map((area) => {
      const count = Math.min(lengthOf(area), length - done);
      const bytes = typeof area === 'number' ? new Uint8Array(count) : area.subarray(0, count);
      this.ring.readInto(this.#tail + SHARED.LENGTH_BYTES + done, bytes);
      done += count;
      return bytes;
    });
    this.kernel.port?.countCopy(length);
    return data;
  }

  /** The rest of a piece becomes a piece: its length goes where bytes were that are taken. */
  #advance(length: number, taken: number): void {
    const isAll = taken === length;
    this.#tail = (this.#tail + taken + (isAll ? SHARED.LENGTH_BYTES : 0)) >>> 0;
    if (!isAll) this.ring.setLength(this.#tail, length - taken);
    this.ring.setWord(SHARED.TAIL, this.#tail);
    this.#hasTaken = true;
  }

  #tellTaken(): void {
    if (this.#hasTaken) this.signal(SHARED.SENDER_QUIET);
    this.#hasTaken = false;
  }
}

function lengthOf(area: number | Uint8Array): number {
  return typeof area === 'number' ? area : area.length;
}

function roomOf(areas: readonly (number | Uint8Array)[]): number {
  return areas.reduce<number>((sum, area) => sum + lengthOf(area), 0);
}

/** As in every device of which there are pairs, the even queues are for input, the odd ones for output. */
export function pairQueue(init: PairQueueInit): PairQueue {
  return init.index % 2 === 0 ? new ReceiveQueue(init) : new SendQueue(init);
}
