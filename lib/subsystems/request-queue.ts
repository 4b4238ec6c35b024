import { EIO, ENOMEM, ENOSPC } from '../errno';
import { andThen, type MaySleep } from '../may-sleep';
import { Completion, WaitQueue } from '../world/wait';
import type { World } from '../world/world';
import { DiskStats, type CountedOp } from './disk-stats';

/** Bytes of the sectors that positions and sizes count, whatever the disk's own blocks are. */
export const SECTOR_SIZE = 512;

/** The operation of a request. `drv-in` is private to the driver. */
export type BlockOp = CountedOp | 'drv-in';

/** One request to a disk. @see include/linux/blk-mq.h struct request */
export class BlockRequest {
  readonly done = new Completion();
  /** 0 or a negative errno; valid when it is done. */
  error = 0;
  /** World time when it was taken; undefined while it is not counted. @see RQF_IO_STAT */
  startTime: number | undefined;

  /**
   * @param sector first sector of 512 bytes
   * @param into where to read to; valid when it is done
   * @param bytes what to write
   */
  constructor(
    readonly op: BlockOp,
    readonly sector = 0,
    readonly into: Uint8Array = new Uint8Array(0),
    readonly bytes = new Uint8Array(0),
  ) {}

  /** Bytes to read. */
  get length(): number {
    return this.into.length;
  }
}

/** What a driver does for its disk. */
export interface BlockOps {
  /**
   * Takes a request and ends it later with `disk.endRequest`. May not sleep.
   *
   * @returns 0; -ENOSPC or -ENOMEM: not now, offer it again when another one has ended; any other error ends it
   * @see include/linux/blk-mq.h struct blk_mq_ops queue_rq
   */
  queueRq(request: BlockRequest): number;
}

/** Settings of a queue that are kept and have no effect here. */
export class QueueSettings {
  addRandom = false;
  rotational = true;
  stableWrites = false;
  /** 0 to 2. */
  nomerges = 0;
  /** 0 to 2. */
  rqAffinity = 1;
  readAheadKb = 128;
  /** ns; -1: as it comes. */
  pollNsec = -1;
  wbtMinLatNsec = 75_000_000n;
}

/**
 * The requests of one disk: those in the driver, those that wait for a tag, and waiters for the queue to be empty.
 *
 * @see block/blk-mq.c
 */
export class RequestQueue {
  readonly #world: World;
  readonly #ops: BlockOps;
  /** In the driver's hands. */
  readonly #started = new Set<BlockRequest>();
  /** Until the driver has room, in order. */
  readonly #stopped: BlockRequest[] = [];
  readonly #frozen = new WaitQueue();
  /** Came while it was quiesced, in order. */
  readonly #parked: BlockRequest[] = [];
  readonly stats = new DiskStats();
  /** Are requests counted? @see QUEUE_FLAG_IO_STAT */
  iostats = true;
  /** So many the driver has at a time, {@link depth} at most. @see struct request_queue nr_requests */
  nrRequests: number;
  #quiesced = false;
  #dying = false;
  #running = false;

  /**
   * @param name the disk's, for reports
   * @param depth how many requests there can be
   */
  constructor(
    world: World,
    readonly name: string,
    ops: BlockOps,
    readonly depth: number,
  ) {
    this.#world = world;
    this.#ops = ops;
    this.nrRequests = depth;
  }

  /** Requests that have not ended. */
  get inFlight(): number {
    return this.#started.size + this.#stopped.length;
  }

  /** The same of one kind. */
  inFlightOf(op: BlockOp): number {
    return [...this.#started, ...this.#stopped].filter((request) => request.op === op).length;
  }

  /** Are new requests refused? */
  get dying(): boolean {
    return this.#dying;
  }

  /**
   * Has the driver serve a request and waits for its end.
   *
   * @returns 0; -EIO when the disk is gone; what the driver ended it with
   * @see block/blk-mq.c blk_execute_rq
   */
  execute(request: BlockRequest): MaySleep<number> {
    if (this.#dying) return -EIO;
    if (this.#quiesced) this.#parked.push(request);
    else if (this.#stopped.length > 0 || !this.#take(request)) this.#stopped.push(request);
    return andThen(request.done.wait(this.#world, `blk_execute_rq(${this.name})`), () => request.error);
  }

  /** False: there is no free tag. @see block/blk-mq-tag.c blk_mq_get_tag */
  #take(request: BlockRequest): boolean {
    if (this.#started.size >= this.nrRequests) return false;
    if (this.iostats && request.op !== 'drv-in') this.#accountStart(request);
    return this.#dispatch(request);
  }

  /** Ends a request that the driver has; one that has ended stays so. @see block/blk-mq.c blk_mq_end_request */
  end(request: BlockRequest, error: number): void {
    if (!this.#started.has(request)) return;
    this.#accountDone(request);
    this.#started.delete(request);
    this.#finish(request, error);
    this.#runStopped();
  }

  /** @see block/blk-mq.c blk_account_io_start */
  #accountStart(request: BlockRequest): void {
    const { now } = this.#world;
    request.startTime ??= now;
    this.updateIoTicks();
  }

  /** @see block/blk-mq.c blk_account_io_done */
  #accountDone({ op, startTime, length, bytes }: BlockRequest): void {
    if (startTime === undefined || op === 'drv-in') return;
    this.updateIoTicks();
    this.stats.account(op, (length + bytes.length) / SECTOR_SIZE, this.#world.now - startTime);
  }

  /** Until now something that is counted was in flight, or nothing. @see block/blk-core.c update_io_ticks */
  updateIoTicks(): void {
    this.stats.updateIoTicks(this.#world.now, this.#isCounting());
  }

  #isCounting(): boolean {
    for (const { startTime } of this.#started) if (startTime !== undefined) return true;
    return false;
  }

  /** Ends all requests that the driver has. @see block/blk-mq-tag.c blk_mq_tagset_busy_iter */
  failStarted(error: number): void {
    for (const request of [...this.#started]) this.end(request, error);
  }

  /** Takes no more requests; those that were kept back end, where Linux would wait. @see blk_queue_start_drain */
  startDrain(): void {
    this.#dying = true;
    for (const request of this.#parked.splice(0)) this.#finish(request, -EIO);
  }

  /**
   * Keeps new requests back until {@link unquiesce}, and waits until those before have ended.
   *
   * @see block/blk-mq.c blk_mq_freeze_queue, blk_mq_quiesce_queue_nowait, blk_mq_unfreeze_queue
   */
  quiesce(): MaySleep<void> {
    this.#quiesced = true;
    return this.freezeWait();
  }

  /** The driver is there again. @see block/blk-mq.c blk_mq_unquiesce_queue */
  unquiesce(): void {
    this.#quiesced = false;
    this.#stopped.push(...this.#parked.splice(0));
    this.#runStopped();
  }

  /** Waits until all requests have ended. @see block/blk-mq.c blk_mq_freeze_queue_wait */
  freezeWait(): MaySleep<void> {
    return this.#frozen.waitUntil(this.#world, () => this.inFlight === 0, `blk_mq_freeze_queue_wait(${this.name})`);
  }

  /** False: the driver has no room now. What can never have room is ended. */
  #dispatch(request: BlockRequest): boolean {
    this.#started.add(request);
    const error = this.#ops.queueRq(request);
    if (error === 0 || !this.#started.has(request)) return true;
    const waits = (error === -ENOSPC || error === -ENOMEM) && this.#started.size > 1;
    if (!waits) this.#accountDone(request);
    this.#started.delete(request);
    if (!waits) this.#finish(request, error === -ENOSPC ? -EIO : error);
    return !waits;
  }

  #finish(request: BlockRequest, error: number): void {
    request.error = error;
    request.done.complete(this.#world);
    if (this.inFlight === 0) this.#frozen.wakeAll(this.#world);
  }

  /** A completion within a driver's queueRq comes here again: the running loop continues with it. */
  #runStopped(): void {
    if (this.#running) return;
    this.#running = true;
    for (let [next] = this.#stopped; next !== undefined; [next] = this.#stopped) {
      this.#stopped.shift();
      if (this.#take(next)) continue;
      this.#stopped.unshift(next);
      break;
    }
    this.#running = false;
  }
}
