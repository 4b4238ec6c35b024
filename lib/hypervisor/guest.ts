import { EFAULT, ENXIO, ErrnoError } from '../errno';
import { noPromise } from '../world/atomic';
import type { World } from '../world/index';
import type { CallLog } from './call-log';
import { COSTS } from './costs';
import { Interrupts } from './interrupts';
import { GuestMemory, hex } from './memory';
import { MmioMap } from './mmio';
import type { PluggedModels } from './plugged-models';
import type { GuestPort } from './guest-port';
import type { CostCounters, InterruptEntry } from './port';

type Counters = { -readonly [K in keyof CostCounters]: CostCounters[K] };

/** How a guest is made. */
export interface GuestOptions {
  /** Unique in its hypervisor; default g1, g2, ... */
  readonly name?: string;
  /** Bytes of RAM, whole pages; default 16 MiB. */
  readonly memory?: number;
  /**
   * A guest that was destroyed, here or in another hypervisor of this world, and goes on in the new one: with its
   * memory, and with its port, so that the kernel that has the port need not know. Nothing else of the host comes
   * along.
   */
  readonly image?: Guest;
}

/** What a guest has of its hypervisor. */
interface GuestHost {
  readonly world: World;
  readonly log: CallLog;
  readonly models: PluggedModels;
}

/** What {@link Guest} is made with. */
interface GuestInit {
  readonly id: number;
  readonly name: string;
  readonly memory: number;
  readonly image: Guest | undefined;
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
  /** What the guest's kernel gets. */
  readonly port: GuestPort;
  /** The error number with which every hypercall of this guest is refused: a fault, for tests and studies. 0: none. */
  refuseCalls = 0;
  /** The interrupt entry that the guest's kernel has set. */
  entry: InterruptEntry | null = null;
  readonly counters: Counters = {
    hypercalls: 0,
    exits: 0,
    interrupts: 0,
    bytesCopiedHost: 0,
    bytesCopiedGuest: 0,
    memoryMapped: 0,
    latencyNs: 0,
  };
  /** Its processors stand still: what interrupts it is lost. */
  isOff = false;
  readonly #interrupts: Interrupts;
  #plugged = true;
  #alive = true;

  /** @throws ErrnoError EINVAL for a memory size that is not whole pages */
  constructor(
    { world, log, models }: GuestHost,
    { id, name, memory, image }: GuestInit,
    makePort: (guest: Guest) => GuestPort,
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
    this.port = makePort(this);
  }

  /** False once the port was unplugged. */
  get plugged(): boolean {
    return this.#plugged;
  }

  /** Would it hear an interrupt? */
  get listens(): boolean {
    return this.entry !== null && this.#plugged && !this.isOff;
  }

  /** False once the guest was destroyed. */
  get alive(): boolean {
    return this.#alive;
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
   * @throws ErrnoError EFAULT outside, ENXIO when the guest was destroyed; both are logged as refusals
   */
  copyFrom(address: number, length: number, who: string): Uint8Array {
    this.#checkAlive(address, who);
    const bytes = this.memory.read(address, length);
    this.counters.bytesCopiedHost += length;
    return bytes;
  }

  /**
   * Copies request bytes into the guest's memory.
   *
   * @throws ErrnoError EFAULT outside, ENXIO when the guest was destroyed; both are logged as refusals
   */
  copyTo(address: number, bytes: Uint8Array, who: string): void {
    this.#checkAlive(address, who);
    this.memory.write(address, bytes);
    this.counters.bytesCopiedHost += bytes.length;
  }

  /** May a device still touch this guest's memory? When not, that is logged as a refusal. */
  reaches(address: number, who: string): boolean {
    if (this.#alive) return true;
    const what = `${who} reaches for memory of guest ${this.name} at ${hex(address)}, but the guest is gone`;
    this.log.refuse(this.name, what, -ENXIO);
    return false;
  }

  /** Cuts the port: every later call on it is refused, interrupts under way are lost. */
  unplugPort(): void {
    this.#plugged = false;
  }

  /** Drops the guest: its port is cut and no device reaches its memory any more. Its claims stay the host's matter. */
  destroy(): void {
    this.unplugPort();
    this.#alive = false;
  }

  #checkAlive(address: number, who: string): void {
    if (this.reaches(address, who)) return;
    throw new ErrnoError('ENXIO', { syscall: 'guest_memory', path: `${who}: guest ${this.name} is gone` });
  }

  #deliver(vector: number, value: bigint): void {
    if (this.entry === null || !this.listens) return;
    this.counters.interrupts += 1;
    this.counters.latencyNs += COSTS.interrupt;
    try {
      noPromise(this.entry(vector, value), `the interrupt entry of guest ${this.name}`);
    } catch (error) {
      this.#oops(error, vector);
    }
  }

  /** No task is in motion here, so a task of its own carries the value to whoever settles the world next. */
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
