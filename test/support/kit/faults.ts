import type { Device } from '../../../lib/base/device';
import { ADD } from '../../../lib/base/device-add';
import type { Kernel } from '../../../lib/base/kernel';
import { PROBE } from '../../../lib/base/really-probe';
import { RELEASE } from '../../../lib/base/release-driver';
import { ErrnoError, type ErrnoName } from '../../../lib/errno';
import { failed, type Hypercall, type Hypervisor, type Port } from '../../../lib/hypervisor';
import type { DmaPool } from '../../../lib/access';
import { VirtioDevice, type VirtioTransport } from '../../../lib/virtio';
import { FREEZE, RESET, RESTORE } from '../../../lib/virtio/virtio-pm';
import { PROBE as VIRTIO_PROBE, REMOVE, SHUTDOWN } from '../../../lib/virtio/virtio-probe';

/** A step that fails. */
export interface Fault {
  /** As {@link knownSteps} lists it. */
  readonly step: string;
  /** Negative. */
  readonly error: number;
  /** Which call of the step fails; from 1. */
  readonly nth: number;
  /** How many calls fail, from that one on. */
  readonly times: number;
  /** Only calls for this device count; without it all do. */
  readonly device: string | null;
}

/** Which call of a step fails. */
export interface FaultOptions {
  /** From 1, the default. */
  readonly nth?: number;
  /** How many calls fail, from that one on. Default: one. */
  readonly times?: number;
  /** Name of a device: only calls for it count. Hypercalls, registers and memory know no device. */
  readonly device?: string;
}

/** A fault in a world. */
export interface Injected {
  readonly fault: Fault;
  /** How often the step was about to be done. */
  readonly calls: number;
  /** Has it failed? */
  readonly happened: boolean;
  /** Lets the step work again. */
  remove(): void;
}

/** Only steps that can fail: what device_del does cannot. */
const LADDERS = [ADD, PROBE, RELEASE, VIRTIO_PROBE, REMOVE, SHUTDOWN, FREEZE, RESET, RESTORE] as const;
const LADDER_STEPS: ReadonlySet<string> = new Set(
  LADDERS.flatMap(({ fn, steps }) =>
    steps.filter((step) => step.cannotFail !== true).map(({ name }) => `${fn}: ${name}`),
  ),
);

const TRANSPORT_CALLS: readonly (keyof VirtioTransport)[] = [
  'getConfig',
  'setConfig',
  'generation',
  'getStatus',
  'setStatus',
  'reset',
  'getFeatures',
  'finalizeFeatures',
  'findVqs',
  'delVqs',
  'synchronizeCbs',
];
const TRANSPORT = 'transport: ';
const HYPERCALL = 'hypercall: ';
/** The guest's own ways to registers and memory. @see kernel/dma/mapping.c dma_alloc_coherent */
const READ = 'register: read';
const WRITE = 'register: write';
const DMA_ALLOC = 'memory: dma_alloc';

/** Names for {@link fault}, those of hypercalls left out: they depend on the bus, e.g. `hypercall: lv1_open_device`. */
export function knownSteps(): readonly string[] {
  return [...LADDER_STEPS, ...TRANSPORT_CALLS.map((call) => TRANSPORT + call), READ, WRITE, DMA_ALLOC];
}

/**
 * Makes the n-th call of a step fail. A step of the core is not run, and the steps before it are undone; a failed step
 * of a removal is logged, and the removal continues. A transport call, an access to a register and an allocation throw;
 * a hypercall returns the error as status without reaching the host.
 *
 * A value: `world({ faults: [fault(...)] })` or `world.inject(fault(...))` puts it into a world.
 *
 * @param step a name of {@link knownSteps}, or of a hypercall; `driver_sysfs_add` is enough for `really_probe:
 *   driver_sysfs_add` where no other order has a step of that name
 * @throws RangeError for an unknown step or one that cannot fail, and for an invalid `nth` or `times`
 */
export function fault(
  step: string,
  error: ErrnoName | number,
  { nth = 1, times = 1, device }: FaultOptions = {},
): Fault {
  for (const [name, count] of Object.entries({ nth, times })) {
    if (!Number.isInteger(count) || count < 1) throw new RangeError(`${name} must be 1 or more, not ${String(count)}`);
  }
  const { errno } = new ErrnoError(error);
  return { step: step.startsWith(HYPERCALL) ? step : fullName(step), error: errno, nth, times, device: device ?? null };
}

function fullName(step: string): string {
  const known = knownSteps();
  const found = known.filter((name) => name === step || name.slice(name.indexOf(': ') + 2) === step);
  const [only] = found;
  if (only === undefined) throw unknown(step, [...known, `${HYPERCALL}NAME`]);
  if (found.length > 1) throw new RangeError(`"${step}" is a step of several: ${found.join(', ')}`);
  return only;
}

function unknown(step: string, known: readonly string[]): RangeError {
  return new RangeError(`no step "${step}" that can fail; there are:\n  ${known.join('\n  ')}`);
}

class Pending implements Injected {
  calls = 0;
  happened = false;

  constructor(
    readonly fault: Fault,
    readonly remove: () => void,
  ) {}

  /** Counts a call. @returns 0, or the error that it fails with */
  take(dev: string | null): number {
    if (this.fault.device !== null && this.fault.device !== dev) return 0;
    this.calls++;
    const { nth, times } = this.fault;
    if (this.calls < nth || this.calls >= nth + times) return 0;
    this.happened = true;
    return this.fault.error;
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** How often each step was called, by name. */
export type Counts = ReadonlyMap<string, number>;

/** The faults of one world. */
export class Faults {
  readonly #pending = new Set<Pending>();
  readonly #wrapped = new WeakSet<object>();
  readonly #counts = new Map<string, number>();
  #atBoot: Counts | null = null;
  #host: Hypervisor | null = null;

  /** Calls of steps that can fail. */
  get counts(): Counts {
    return this.#counts;
  }

  /** The same when the first kernel had looked for devices; null before. */
  get countsAtBoot(): Counts | null {
    return this.#atBoot;
  }

  /** A kernel has looked for devices. */
  booted(): void {
    this.#atBoot ??= new Map(this.#counts);
  }

  /** The hypercalls of this host can fail, once it has some. */
  watchHost(hypervisor: Hypervisor): void {
    this.#host = hypervisor;
  }

  /** The steps of this kernel and its calls to the host can fail from now on. */
  watch(kernel: Kernel): void {
    kernel.faults = (fn, step, dev) => {
      this.#watchTransport(dev);
      const name = `${fn}: ${step}`;
      return LADDER_STEPS.has(name) ? this.#take(name, dev.name) : 0;
    };
    for (const hypercall of this.#host?.hypercalls ?? []) this.#watchHypercall(hypercall);
    if (kernel.port !== null) this.#watchPort(kernel.port);
    if (kernel.dma !== null) this.#watchMemory(kernel.dma);
  }

  /** @throws RangeError for a hypercall that the host does not have */
  inject(what: Fault): Injected {
    const hypercalls = this.#host?.hypercalls ?? [];
    const isKnown = !what.step.startsWith(HYPERCALL) || hypercalls.some(({ name }) => HYPERCALL + name === what.step);
    if (!isKnown)
      throw unknown(
        what.step,
        hypercalls.map(({ name }) => HYPERCALL + name),
      );
    const pending = new Pending(what, () => this.#pending.delete(pending));
    this.#pending.add(pending);
    return pending;
  }

  /** All steps work again. */
  clear(): void {
    this.#pending.clear();
  }

  /** Each fault counts the call; the first that is due decides. */
  #take(step: string, dev: string | null): number {
    this.#counts.set(step, (this.#counts.get(step) ?? 0) + 1);
    if (this.#pending.size === 0) return 0;
    const errors = [...this.#pending]
      .filter(({ fault: { step: wanted } }) => wanted === step)
      .map((one) => one.take(dev));
    return errors.find((error) => error !== 0) ?? 0;
  }

  /** @throws ErrnoError when the call is to fail */
  #orThrow(step: string, dev: string | null, path: string): void {
    const error = this.#take(step, dev);
    if (error !== 0) throw new ErrnoError(error, { syscall: step.slice(step.indexOf(': ') + 2), path });
  }

  /** Is it the first call? */
  #isNew(object: object): boolean {
    if (this.#wrapped.has(object)) return false;
    this.#wrapped.add(object);
    return true;
  }

  /** A device's own transport object is not touched: it calls itself too. */
  #watchTransport(dev: Device): void {
    if (!(dev instanceof VirtioDevice) || this.#wrapped.has(dev.transport)) return;
    const names: readonly PropertyKey[] = TRANSPORT_CALLS;
    const transport = new Proxy(dev.transport, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          if (names.includes(key)) this.#orThrow(TRANSPORT + String(key), dev.name, dev.transport.busName);
          return Reflect.apply(value, target, args);
        };
      },
    });
    this.#wrapped.add(transport);
    (dev as Mutable<VirtioDevice>).transport = transport;
  }

  #watchHypercall(service: Mutable<Hypercall>): void {
    if (!this.#isNew(service)) return;
    const call = service.call.bind(service);
    service.call = (guest, args) => {
      const error = this.#take(HYPERCALL + service.name, null);
      return error === 0 ? call(guest, args) : failed(error);
    };
  }

  #watchPort(port: Port): void {
    if (!this.#isNew(port)) return;
    const [read, write] = [port.read.bind(port), port.write.bind(port)];
    port.read = (address, width) => {
      this.#orThrow(READ, null, `address ${hex(address)}`);
      return read(address, width);
    };
    port.write = (address, width, value) => {
      this.#orThrow(WRITE, null, `address ${hex(address)}`);
      write(address, width, value);
    };
  }

  #watchMemory(dma: DmaPool): void {
    const alloc = dma.alloc.bind(dma);
    dma.alloc = (bytes, align, owner) => {
      this.#orThrow(DMA_ALLOC, null, `${owner ?? 'dma'}: ${String(bytes)} bytes`);
      return alloc(bytes, align, owner);
    };
  }
}

function hex(address: number): string {
  return `0x${address.toString(16)}`;
}
