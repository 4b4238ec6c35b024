/** Requests that are counted, by what they ask for. */
export type CountedOp = 'read' | 'write' | 'flush';

/** What is counted of one kind of request. */
interface Counts {
  ios: number;
  sectors: number;
  nsecs: number;
}

const NSEC_PER_MSEC = 1_000_000;

/**
 * What a disk has served. Requests of the driver's own are not counted; requests are never merged here.
 *
 * @see include/linux/part_stat.h struct disk_stats, block/blk-mq.c blk_account_io_done
 */
export class DiskStats {
  readonly #counts: Readonly<Record<CountedOp, Counts>> = {
    read: { ios: 0, sectors: 0, nsecs: 0 },
    write: { ios: 0, sectors: 0, nsecs: 0 },
    flush: { ios: 0, sectors: 0, nsecs: 0 },
  };
  /** Time in which something was in flight. */
  #ioTicks = 0;
  #stamp = 0;

  /** @param busy was something in flight until now? */
  updateIoTicks(now: number, busy: boolean): void {
    if (busy) this.#ioTicks += now - this.#stamp;
    this.#stamp = now;
  }

  /** A request is done that was taken `nsecs` ago. */
  account(op: CountedOp, sectors: number, nsecs: number): void {
    const counts = this.#counts[op];
    counts.ios += 1;
    counts.sectors += sectors;
    counts.nsecs += nsecs;
  }

  /** @param inFlight requests that are counted and not done @see block/genhd.c part_stat_show */
  text(inFlight: number): string {
    const { read, write, flush } = this.#counts;
    const ms = (nsecs: number): number => Math.floor(nsecs / NSEC_PER_MSEC);
    const rw = [read, write].flatMap(({ ios, sectors, nsecs }) => [ios, 0, sectors, ms(nsecs)]);
    const times = [inFlight, ms(this.#ioTicks), ms(read.nsecs + write.nsecs + flush.nsecs)];
    const fields = [...rw, ...times, 0, 0, 0, 0, flush.ios, ms(flush.nsecs)];
    return `${fields.map((field) => String(field).padStart(8)).join(' ')}\n`;
  }
}
