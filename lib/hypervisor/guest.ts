import { EFAULT, EIO, ENXIO, ErrnoError, errno, errnoOf, EPERM } from '../errno';
import { noPromise } from '../world/atomic';
import type { World } from '../world/index';
import type { CallLog } from './call-log';
import { COSTS } from './costs';
import { passageOf, type Passage } from './crossing';
import { Interrupts } from './interrupts';
import { MappedPages } from './mapped-pages';
import { GuestMemory, hex } from './memory';
import { MmioMap } from './mmio';
import type { PluggedModels } from './plugged-models';
import {
  failed,
  type CostCounters,
  type Crossing,
  type HypercallResult,
  type InterruptEntry,
  type Port,
  type SharedMemory,
  type Width,
} from './port';

type Counters = { -readonly [K in keyof CostCounters]: CostCounters[K] };

/** How a guest is made. */
export interface GuestOptions {
  /** Unique in its hypervisor; default g1, g2, ... */
  readonly name?: string;
  /** Bytes of RAM, whole pages; default 16 MiB. */
  readonly memory?: number;
  /**
   * A guest that was destroyed, here or in another hypervisor of this world, and continues in the new one with its
   * memory and its port, so that nothing changes for the kernel that has the port. No other state of the host is kept.
   */
  readonly image?: Guest;
}

/** What a guest has of its hypervisor. */
interface GuestHost {
  readonly world: World;
  readonly log: CallLog;
  readonly models: PluggedModels;
}

/** A service of the host that guests call by number. */
export interface Hypercall {
  readonly nr: number;
  /** For the log, e.g. `lv1_alloc_device`. */
  readonly name: string;
  /** Does it talk to a device, and not find one? Default: it does not. */
  isAccess?(guest: Guest, args: readonly Crossing[]): boolean;
  /**
   * Must not keep `args`, and may not sleep. A thrown errno becomes the status; anything else, or a promise, -EIO and
   * an error in the log.
   */
  call(guest: Guest, args: readonly Crossing[]): HypercallResult;
}

/** What {@link Guest} is made with. */
interface GuestInit {
  readonly id: number;
  readonly name: string;
  readonly memory: number;
  readonly image: Guest | undefined;
}

/** A piece of guest memory. */
export interface MemoryArea {
  readonly address: number;
  readonly length: number;
}

/** Bytes of all areas. */
export function totalLength(areas: readonly MemoryArea[]): number {
  let length = 0;
  for (const area of areas) length += area.length;
  return length;
}

/** One partition as the host sees it. The guest's kernel never gets this object, only its port. */
export class Guest {
  readonly world: World;
  readonly log: CallLog;
  /** The models in their places, in this guest's machine and in the hypervisor's others. */
  readonly models: PluggedModels;
  readonly id: number;
  readonly name: string;
  readonly memory: GuestMemory;
  readonly mmio: MmioMap;
  /** Pages of devices that are mapped, by address. They stay with the host when the guest moves to another one. */
  readonly pages = new Map<number, GuestMemory>();
  /** What the guest's kernel gets. */
  readonly port: GuestPort;
  /** The error number with which every hypercall of this guest is refused: a fault, for tests and studies. 0: none. */
  refuseCalls = 0;
  /** The interrupt entry that the guest's kernel has set. */
  entry: InterruptEntry | null = null;
  readonly counters: Counters = {
    hypercalls: 0,
    exits: 0,
    accessExits: 0,
    accessCalls: 0,
    accessNs: 0,
    interrupts: 0,
    bytesCopiedHost: 0,
    bytesCopiedGuest: 0,
    memoryMapped: 0,
    latencyNs: 0,
  };
  /** The host cannot read or write its RAM, as of a confidential guest: what tries is refused. */
  isSealed = false;
  /** Its processors stand still: what interrupts it is lost. */
  isOff = false;
  readonly #interrupts: Interrupts;
  readonly #endings = new Set<() => void>();
  #plugged = true;
  #alive = true;

  /** @throws ErrnoError EINVAL for a memory size that is not whole pages */
  constructor(
    { world, log, models }: GuestHost,
    { id, name, memory, image }: GuestInit,
    hypercalls: ReadonlyMap<number, Hypercall>,
  ) {
    this.world = world;
    this.log = log;
    this.models = models;
    this.id = id;
    this.name = name;
    const onFault = (message: string): void => void log.refuse(name, message, -EFAULT);
    this.memory =
      image === undefined ? new GuestMemory(memory, name, onFault) : GuestMemory.moveTo(image.memory, onFault);
    this.mmio = new MmioMap(name, this.memory.size);
    this.entry = image?.entry ?? null;
    this.#interrupts = new Interrupts(world, {
      deliver: (vector, value) => this.#deliver(vector, value),
      throttled: (what) => log.warn(name, what),
    });
    this.port = image === undefined ? new GuestPort(this, hypercalls) : GuestPort.moveTo(image.port, this, hypercalls);
  }

  /** False once the port was unplugged. */
  get plugged(): boolean {
    return this.#plugged;
  }

  /** Can it receive an interrupt? */
  get listens(): boolean {
    return this.entry !== null && this.#plugged && !this.isOff;
  }

  /** False once the guest was destroyed. */
  get alive(): boolean {
    return this.#alive;
  }

  /** An exit, by a hypercall or not, that talks to a device. */
  countAccess(byCall: boolean): void {
    this.counters.accessExits += 1;
    if (byCall) this.counters.accessCalls += 1;
    this.counters.accessNs += byCall ? COSTS.hypercall : COSTS.exit;
  }

  /** Takes simulated time and puts it on the guest's account. */
  spend(ns: number): void {
    this.counters.latencyNs += ns;
    this.world.consume(ns);
  }

  /**
   * Raises an interrupt: the guest's entry is called from a world event after the cost of an interrupt. It is lost when
   * the port is unplugged by then, or no entry is set. Of what is raised without end, most is lost.
   */
  interrupt(vector: number, value = 0n): void {
    this.#interrupts.raise(vector, value);
  }

  /**
   * Copies request bytes out of the guest's memory.
   *
   * @throws ErrnoError as {@link gather}
   */
  copyFrom(address: number, length: number, who: string): Uint8Array {
    return this.gather([{ address, length }], who);
  }

  /**
   * Copies request bytes into the guest's memory.
   *
   * @throws ErrnoError as {@link gather}
   */
  copyTo(address: number, bytes: Uint8Array, who: string, memory = this.memory): void {
    this.#checkReach(address, who, memory);
    memory.write(address, bytes);
    this.counters.bytesCopiedHost += bytes.length;
  }

  /**
   * Copies a request's bytes out of areas of the guest's memory, one after the other.
   *
   * @param memory of a device that has its own; default the guest's RAM
   * @throws ErrnoError EFAULT outside, ENXIO when the guest was destroyed; both are logged as refusals
   */
  gather(areas: readonly MemoryArea[], who: string, memory = this.memory): Uint8Array {
    const bytes = new Uint8Array(totalLength(areas));
    let at = 0;
    for (const { address, length } of areas) {
      this.#checkReach(address, who, memory);
      memory.readInto(address, length === bytes.length ? bytes : bytes.subarray(at, at + length));
      this.counters.bytesCopiedHost += length;
      at += length;
    }
    return bytes;
  }

  /**
   * Copies what a device wrote, in pieces, into areas of the guest's memory, one after the other.
   *
   * @returns how many bytes there were
   * @throws ErrnoError as {@link gather}
   */
  scatter(areas: readonly MemoryArea[], pieces: readonly Uint8Array[], who: string, memory = this.memory): number {
    let done = 0;
    for (const bytes of pieces) {
      this.#scatterAt(done, areas, bytes, who, memory);
      done += bytes.length;
    }
    return done;
  }

  /** @param skip bytes at the start of the areas that are left alone */
  #scatterAt(skip: number, areas: readonly MemoryArea[], bytes: Uint8Array, who: string, memory: GuestMemory): void {
    let begin = 0;
    for (const { address, length } of areas) {
      const [from, to] = [Math.max(begin, skip), Math.min(begin + length, skip + bytes.length)];
      if (from < to) {
        const part = to - from === bytes.length ? bytes : bytes.subarray(from - skip, to - skip);
        this.copyTo(address + from - begin, part, who, memory);
      }
      begin += length;
    }
  }

  /**
   * May a device touch this guest's memory? When not, that is logged as a refusal.
   *
   * @param memory of a device that has its own; default the guest's RAM
   */
  reaches(address: number, who: string, memory = this.memory): boolean {
    const isHidden = this.isSealed && memory === this.memory;
    if (this.#alive && !isHidden) return true;
    const why = isHidden ? 'which is sealed' : 'but the guest is gone';
    const what = `${who} reaches for memory of guest ${this.name} at ${hex(address)}, ${why}`;
    this.log.refuse(this.name, what, isHidden ? -EFAULT : -ENXIO);
    return false;
  }

  /** Has `ending` called once, when its port is cut: the guest does nothing any more. @returns what ends that */
  onEnd(ending: () => void): () => void {
    this.#endings.add(ending);
    return () => void this.#endings.delete(ending);
  }

  /** Cuts the port: every later call on it is refused, interrupts under way are lost. Safe to call twice. */
  unplugPort(): void {
    this.#plugged = false;
    const endings = [...this.#endings];
    this.#endings.clear();
    for (const ending of endings) ending();
  }

  /** Drops the guest: its port is cut and no device reaches its memory any more. Its claims stay the host's matter. */
  destroy(): void {
    this.#alive = false;
    this.unplugPort();
  }

  #checkReach(address: number, who: string, memory: GuestMemory): void {
    if (this.reaches(address, who, memory)) return;
    const [code, reason] = this.#alive ? (['EFAULT', 'is sealed'] as const) : (['ENXIO', 'is gone'] as const);
    throw new ErrnoError(code, { syscall: 'guest_memory', path: `${who}: guest ${this.name} ${reason}` });
  }

  #deliver(vector: number, value: bigint): void {
    if (this.entry === null || !this.listens) return;
    this.counters.interrupts += 1;
    this.counters.latencyNs += COSTS.interrupt;
    try {
      noPromise(this.entry(vector, value), () => `the interrupt entry of guest ${this.name}`);
    } catch (error) {
      this.#oops(error, vector);
    }
  }

  /** No task is running here, so a task of its own passes the value to the next settle() of the world. */
  #oops(error: unknown, vector: number): void {
    this.world.reportOops(error, `do_IRQ: guest ${this.name}, vector ${String(vector)}`);
    void this.world.spawn(
      () => {
        throw error;
      },
      `interrupt ${String(vector)} of ${this.name}`,
    );
  }
}

const ALL_ONES: Readonly<Record<Width, number>> = { 1: 0xff, 2: 0xffff, 4: 0xffffffff };

/** The host's end of a port: counts, logs and passes on. Nothing of the host is reachable through it. */
class GuestPort implements Port {
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
    if (region?.isAccess === true) this.#guest.countAccess(false);
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
    if (region?.isAccess === true) this.#guest.countAccess(false);
    const seen = (value & ALL_ONES[width]) >>> 0;
    this.#trace('write', address, width, seen, region !== undefined);
    if (region === undefined) this.#unclaimed('write', address, width);
    else this.#guard(address, undefined, () => region.handlers.write(address - region.base, width, seen));
  }

  pages(base: number, size: number): SharedMemory {
    return new MappedPages(size, () => (this.#guest.plugged ? this.#guest.pages.get(base) : undefined));
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
    if (service.isAccess?.(this.#guest, args) === true) this.#guest.countAccess(true);
    if (this.#guest.refuseCalls !== 0) return this.#refuse('a fault that was put in', this.#guest.refuseCalls);
    try {
      return noPromise(service.call(this.#guest, args), () => `hypercall ${service.name}`);
    } catch (error) {
      const no = errnoOf(error);
      if (no === undefined) this.#guest.log.fail(this.#guest.name, `hypercall ${service.name} threw`, error);
      return failed(no ?? EIO);
    }
  }

  /** A handler that throws must not throw into the guest: the access is like one to an unmapped address. */
  #guard<T>(address: number, otherwise: T, access: () => T): T {
    try {
      return noPromise(access(), () => `device memory at ${hex(address)}`);
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
