import { EIO, ENXIO, ErrnoError, errno, errnoOf, EPERM } from '../errno';
import { noPromise } from '../world/atomic';
import { COSTS } from './costs';
import { passageOf, type Passage } from './crossing';
import type { Guest } from './guest';
import { hex } from './memory';
import { failed, type CostCounters, type Crossing, type HypercallResult, type InterruptEntry } from './port';
import type { Port, Width } from './port';

/** A service of the host that guests call by number. */
export interface Hypercall {
  readonly nr: number;
  /** For the log, e.g. `lv1_alloc_device`. */
  readonly name: string;
  /**
   * Must not keep `args`, and may not sleep. A thrown errno becomes the status; anything else, or a promise, -EIO and
   * an error in the log.
   */
  call(guest: Guest, args: readonly Crossing[]): HypercallResult;
}

const ALL_ONES: Readonly<Record<Width, number>> = { 1: 0xff, 2: 0xffff, 4: 0xffffffff };

/** The host's end of a port: counts, logs and passes on. Nothing of the host is reachable through it. */
export class GuestPort implements Port {
  #guest: Guest;
  #hypercalls: ReadonlyMap<number, Hypercall>;
  readonly #pass: Passage;

  constructor(guest: Guest, hypercalls: ReadonlyMap<number, Hypercall>) {
    this.#guest = guest;
    this.#hypercalls = hypercalls;
    this.#pass = passageOf(guest.world);
  }

  /** Has a port lead to another guest from now on; the kernel that holds it keeps it. */
  static moveTo(port: GuestPort, guest: Guest, hypercalls: ReadonlyMap<number, Hypercall>): GuestPort {
    port.#guest = guest;
    port.#hypercalls = hypercalls;
    return port;
  }

  get memory(): Port['memory'] {
    return this.#guest.memory;
  }

  get plugged(): boolean {
    return this.#guest.plugged;
  }

  read(address: number, width: Width): number {
    this.#enter('mmio_read', address);
    const region = this.#guest.mmio.find(address, width);
    const value =
      region === undefined
        ? this.#unclaimed('read', address, width)
        : this.#guard(address, ALL_ONES[width], () => region.handlers.read(address - region.base, width));
    const seen = (value & ALL_ONES[width]) >>> 0;
    this.#trace('read', address, width, seen, region !== undefined);
    return seen;
  }

  write(address: number, width: Width, value: number): void {
    this.#enter('mmio_write', address);
    const region = this.#guest.mmio.find(address, width);
    const seen = (value & ALL_ONES[width]) >>> 0;
    this.#trace('write', address, width, seen, region !== undefined);
    if (region === undefined) this.#unclaimed('write', address, width);
    else this.#guard(address, undefined, () => region.handlers.write(address - region.base, width, seen));
  }

  hypercall(nr: number, args: readonly Crossing[]): HypercallResult {
    const crossed = this.#pass(args);
    const service = this.#hypercalls.get(nr);
    const call = this.#guest.log.beginCall(this.#guest.name, nr, service?.name ?? 'unknown', crossed);
    const result = this.#guest.plugged ? this.#serve(service, crossed) : this.#refuseUnplugged();
    this.#guest.log.endCall(call, result.status, result.values);
    return { status: result.status, values: this.#pass(result.values) };
  }

  connect(entry: InterruptEntry): void {
    if (this.#guest.plugged) this.#guest.entry = entry;
  }

  countCopy(bytes: number): void {
    this.#guest.counters.bytesCopiedGuest += bytes;
  }

  counters(): CostCounters {
    return { ...this.#guest.counters, memoryMapped: this.#guest.mmio.mapped };
  }

  #enter(syscall: string, address: number): void {
    if (!this.#guest.plugged) {
      this.#refuseUnplugged();
      throw new ErrnoError('ENXIO', { syscall, path: `guest ${this.#guest.name}, address ${hex(address)}` });
    }
    this.#guest.counters.exits += 1;
    this.#guest.spend(COSTS.exit);
  }

  #serve(service: Hypercall | undefined, args: readonly Crossing[]): HypercallResult {
    this.#guest.counters.exits += 1;
    this.#guest.counters.hypercalls += 1;
    this.#guest.spend(COSTS.hypercall);
    if (service === undefined) return failed(errno.ENOSYS);
    if (this.#guest.refuseCalls !== 0) return this.#refuse('a fault that was put in', this.#guest.refuseCalls);
    try {
      return noPromise(service.call(this.#guest, args), `hypercall ${service.name}`);
    } catch (error) {
      const no = errnoOf(error);
      if (no === undefined) this.#guest.log.fail(this.#guest.name, `hypercall ${service.name} threw`, error);
      return failed(no ?? EIO);
    }
  }

  /** A handler that throws must not throw into the guest: the access is as if nothing answered. */
  #guard<T>(address: number, otherwise: T, access: () => T): T {
    try {
      return noPromise(access(), `device memory at ${hex(address)}`);
    } catch (error) {
      this.#guest.log.fail(this.#guest.name, `device memory at ${hex(address)} threw`, error);
      return otherwise;
    }
  }

  #unclaimed(kind: 'read' | 'write', address: number, width: Width): number {
    const { log, name } = this.#guest;
    const access = `${kind} of ${String(width)} bytes`;
    log.refuse(name, `guest ${name} has no device memory at ${hex(address)} (${access})`, -EPERM);
    return ALL_ONES[width];
  }

  #refuseUnplugged(): HypercallResult {
    return this.#refuse(`the port of guest ${this.#guest.name} is unplugged`, ENXIO);
  }

  #refuse(what: string, no: number): HypercallResult {
    this.#guest.log.refuse(this.#guest.name, what, -no);
    return failed(no);
  }

  #trace(kind: 'read' | 'write', address: number, width: Width, value: number, claimed: boolean): void {
    const { log, name, world } = this.#guest;
    log.exit(() => ({ time: world.now, guest: name, kind, address, width, value, claimed }));
  }
}
