import { EAGAIN, EBUSY, EINVAL, ENODEV, ENOSPC, errno, errnoName } from '../../../errno';
import { done, type HypercallResult, type Hypervisor, type Mapping } from '../../../hypervisor';
import { STYLE } from '../../place';
import { CallArgs } from '../call-args';
import { checkQueueSizes } from '../channel/host-endpoint';
import { MAX_AREAS } from '../channel/layout';
import { HEADER } from '../header';
import { HandleMap, type Endpoint, type HostSite, type HostStyle } from '../host';
import { checkHeader, HostHeader } from '../host-header';
import { FD, FD_NAMES, IOCTL, MAX_POLLED, MMAP_BASE, POLL } from './layout';

/** A request that is done and was not read. */
interface Result {
  readonly queue: number;
  readonly cookie: number;
  readonly bytes: Uint8Array;
  polled: boolean;
}

/** One open file: a device of one guest. */
class OpenFile implements Endpoint {
  readonly window = null;
  readonly #hv: Hypervisor;
  readonly #site: HostSite;
  readonly #header: HostHeader;
  #mapping: Mapping | null = null;
  /** Requests in flight, by queue. */
  #inFlight: number[] = [];
  #results: Result[] = [];
  #configChanged = false;
  /** An interrupt is pending, and the guest has not polled since. */
  #interrupted = false;

  constructor(hv: Hypervisor, site: HostSite) {
    const { device, guest } = site;
    this.#hv = hv;
    this.#site = site;
    this.#header = new HostHeader(device, HEADER.BYTES);
    const interrupt = (): void => {
      this.#configChanged = true;
      this.#header.countEvent();
      this.#header.publish();
      this.#interrupt();
    };
    const changed = (): void => this.#header.publish();
    device.attach({ guest, features: 0n, interrupt, changed, cleared: () => this.#clear() });
    this.#header.publish();
  }

  get isGone(): boolean {
    return this.#site.device.gone;
  }

  get name(): string {
    return this.#site.device.model.name;
  }

  read(args: CallArgs): HypercallResult {
    const [offset, length] = [args.number(1, 'offset'), args.number(2, 'length')];
    checkRange(args, offset, length);
    this.#countCopy(length);
    return done(this.#header.pages.read(offset, length));
  }

  write(args: CallArgs): HypercallResult {
    const [offset, bytes] = [args.number(1, 'offset'), args.bytes(2, 'bytes')];
    checkRange(args, offset, bytes.length);
    this.#countCopy(bytes.length);
    this.#header.pages.write(offset, bytes);
    return this.sync();
  }

  sync(): HypercallResult {
    this.#header.take([]);
    return done();
  }

  ioctl(args: CallArgs): HypercallResult {
    const request = args.number(1, 'request');
    if (request !== IOCTL.RESET) throw args.refusal(`no ioctl 0x${request.toString(16)}`, errno.ENOTTY);
    this.#site.device.reset();
    this.#header.publish();
    return done();
  }

  mmap(args: CallArgs): HypercallResult {
    if (this.#mapping !== null) throw args.refusal(`${this.name} is mapped already`, EBUSY);
    const base = MMAP_BASE + HEADER.BYTES * this.#site.handle;
    this.#mapping = this.#hv.mapPages(args.guest, base, this.#header.pages);
    return done(base);
  }

  munmap(args: CallArgs): HypercallResult {
    if (this.#mapping === null) throw args.refusal(`${this.name} is not mapped`, EINVAL);
    this.#unmap();
    return done();
  }

  writev(args: CallArgs): HypercallResult {
    const { device, guest } = this.#site;
    const queue = args.number(1, 'queue');
    const [cookie, writable] = [args.number(2, 'cookie'), args.number(3, 'bytes to write')];
    const pieces = Array.from({ length: piecesOf(args, 4) }, (_, i) => args.bytes(4 + i, 'bytes'));
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const fault = device.submitFault(queue) || this.#roomFault(queue, writable, length, guest.memory.size);
    if (fault !== 0) throw args.refusal(`device ${this.name}, queue ${String(queue)}: ${errnoName(fault)}`, fault);
    const readable = joined(pieces);
    this.#inFlight[queue] = (this.#inFlight[queue] ?? 0) + 1;
    this.#countCopy(readable.length);
    device.submit(queue, { readable, writable, done: (...pieces) => this.#finished(queue, cookie, pieces) });
    return done();
  }

  /** A request has bytes to read or to write, and not more than the guest has. */
  #roomFault(queue: number, writable: number, readable: number, most: number): number {
    if (writable > most || readable > most || writable + readable === 0) return EINVAL;
    const results = this.#results.filter((result) => result.queue === queue).length;
    const used = (this.#inFlight[queue] ?? 0) + results;
    return used >= (this.#site.device.queueSizes[queue] ?? 0) ? ENOSPC : 0;
  }

  #finished(queue: number, cookie: number, pieces: readonly Uint8Array[]): void {
    this.#inFlight[queue] = (this.#inFlight[queue] ?? 1) - 1;
    this.#results.push({ queue, cookie, bytes: joined(pieces), polled: false });
    this.#interrupt();
  }

  /** What wrote nothing ends here. */
  poll(): HypercallResult {
    const fresh = this.#results.filter(({ polled }) => !polled).slice(0, MAX_POLLED);
    for (const result of fresh) result.polled = true;
    this.#results = this.#results.filter(({ polled, bytes }) => !polled || bytes.length > 0);
    const events =
      (fresh.length > 0 ? POLL.IN : 0) | (this.#configChanged ? POLL.PRI : 0) | (this.isGone ? POLL.HUP : 0);
    this.#configChanged = this.#interrupted = false;
    if (this.#results.some(({ polled }) => !polled)) this.#interrupt();
    return done(events, ...fresh.flatMap(({ queue, cookie, bytes }) => [queue, cookie, bytes.length]));
  }

  readv(args: CallArgs): HypercallResult {
    const [queue, cookie] = [args.number(1, 'queue'), args.number(2, 'cookie')];
    const lengths = Array.from({ length: piecesOf(args, 3) }, (_, i) => args.number(3 + i, 'length'));
    const at = this.#results.findIndex((result) => result.queue === queue && result.cookie === cookie);
    const result = this.#results[at];
    if (result === undefined) throw args.refusal(`request ${String(cookie)} is not done`, EAGAIN);
    const { bytes } = result;
    const room = lengths.reduce((sum, length) => sum + length, 0);
    if (room < bytes.length)
      throw args.refusal(`${String(bytes.length)} bytes do not fit into ${String(room)}`, EINVAL);
    this.#results.splice(at, 1);
    this.#countCopy(bytes.length);
    let from = 0;
    return done(...lengths.map((length) => bytes.subarray(from, (from = Math.min(bytes.length, from + length)))));
  }

  close(): void {
    this.#unmap();
    this.#site.device.detach();
  }

  gone(): void {
    this.#header.markGone();
    this.#site.raise();
  }

  /** The host copies from and to the call. */
  #countCopy(bytes: number): void {
    this.#site.guest.counters.bytesCopiedHost += bytes;
  }

  #unmap(): void {
    this.#mapping?.unmap();
    this.#mapping = null;
  }

  #clear(): void {
    this.#inFlight = [];
    this.#results = [];
    this.#configChanged = this.#interrupted = false;
  }

  #interrupt(): void {
    if (this.#interrupted) return;
    this.#interrupted = true;
    this.#site.raise();
  }
}

/** @throws ErrnoError EINVAL beyond the header */
function checkRange(args: CallArgs, offset: number, length: number): void {
  if (offset + length > HEADER.BYTES) throw args.refusal(`${String(length)} bytes at ${String(offset)}`, EINVAL);
}

/** How many arguments there are from one on. @throws ErrnoError EINVAL for more than a request may have */
function piecesOf(args: CallArgs, first: number): number {
  const count = Math.max(0, args.length - first);
  if (count <= MAX_AREAS) return count;
  throw args.refusal(`${args.call}: ${String(count)} pieces`, EINVAL);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [first] = pieces;
  if (pieces.length === 1 && first !== undefined) return first.slice();
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

const CALLS: Readonly<Record<number, (file: OpenFile, args: CallArgs) => HypercallResult>> = {
  [FD.READ]: (file, args) => file.read(args),
  [FD.WRITE]: (file, args) => file.write(args),
  [FD.READV]: (file, args) => file.readv(args),
  [FD.WRITEV]: (file, args) => file.writev(args),
  [FD.FSYNC]: (file) => file.sync(),
  [FD.MMAP]: (file, args) => file.mmap(args),
  [FD.MUNMAP]: (file, args) => file.munmap(args),
  [FD.POLL]: (file) => file.poll(),
  [FD.IOCTL]: (file, args) => file.ioctl(args),
};

/** Style (d) of the mail: a descriptor in a table of each guest. */
export function fdHost(hv: Hypervisor): HostStyle {
  const table = new HandleMap<OpenFile>();
  for (const [key, call] of Object.entries(CALLS)) {
    const nr = Number(key);
    const name = FD_NAMES[nr] ?? '';
    hv.defineHypercall({
      nr,
      name,
      isAccess: () => true,
      call: (guest, values) => {
        const args = new CallArgs(hv, guest, name, values);
        const fd = args.number(0, 'fd');
        const file = table.get(guest, fd);
        if (file === undefined) throw args.refusal(`guest ${guest.name} has no descriptor ${String(fd)}`, errno.EBADF);
        if (file.isGone && nr !== FD.POLL) throw args.refusal(`descriptor ${String(fd)} is hung up`, ENODEV);
        return call(file, args);
      },
    });
  }
  return {
    name: 'fd',
    code: STYLE.FD,
    windowSize: 0,
    check(model) {
      checkQueueSizes(model);
      checkHeader(model);
    },
    open(site) {
      const { guest, handle } = site;
      const file = table.add(guest, handle, () => new OpenFile(hv, site));
      const close = (): void => {
        table.delete(guest, handle);
        file.close();
      };
      return { window: null, close, gone: () => file.gone() };
    },
  };
}
