import type { Device } from '../../../lib/base/device';
import { ADD } from '../../../lib/base/device-add';
import type { Kernel } from '../../../lib/base/kernel';
import { PROBE } from '../../../lib/base/really-probe';
import { RELEASE } from '../../../lib/base/release-driver';
import { ErrnoError, type ErrnoName } from '../../../lib/errno';
import { failed, type Hypercall, type Hypervisor } from '../../../lib/hypervisor';
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
  /** Only calls for this device count; without it all do. */
  readonly device: string | null;
}

/** Which call of a step fails. */
export interface FaultOptions {
  /** From 1, the default. */
  readonly nth?: number;
  /** Name of a device: only calls for it count. Not for hypercalls, which know no device. */
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
const LADDER_STEPS: readonly string[] = LADDERS.flatMap(({ fn, steps }) =>
  steps.filter((step) => step.sure !== true).map(({ name }) => `${fn}: ${name}`),
);

const TRANSPORT_CALLS: readonly (keyof VirtioTransport)[] = [
  'getConfig', 'setConfig', 'generation', 'getStatus', 'setStatus', 'reset', 'getFeatures', 'finalizeFeatures',
  'findVqs', 'delVqs', 'synchronizeCbs',
];
const TRANSPORT = 'transport: ';
const HYPERCALL = 'hypercall: ';

/** Names for {@link fault}, those of hypercalls left out: they depend on the bus, e.g. `hypercall: lv1_open_device`. */
export function knownSteps(): readonly string[] {
  return [...LADDER_STEPS, ...TRANSPORT_CALLS.map((call) => TRANSPORT + call)];
}

/**
 * Has the n-th call of a step fail. A step of the core is not done, and what was done before it is undone; one of a
 * removal is told in the log, and the removal goes on. A transport call throws; a hypercall gives the error as status
 * and the host knows nothing of it.
 *
 * A value: `world({ faults: [fault(...)] })` or `world.inject(fault(...))` puts it into a world.
 *
 * @param step a name of {@link knownSteps}, or of a hypercall; `driver_sysfs_add` is enough for
 *   `really_probe: driver_sysfs_add` where no other order has a step of that name
 * @throws RangeError for a step that nobody knows or that cannot fail, and for an `nth` that is no count
 */
export function fault(step: string, error: ErrnoName | number, { nth = 1, device }: FaultOptions = {}): Fault {
  if (!Number.isInteger(nth) || nth < 1) throw new RangeError(`nth must be 1 or more, not ${String(nth)}`);
  const { errno } = new ErrnoError(error);
  return { step: step.startsWith(HYPERCALL) ? step : fullName(step), error: errno, nth, device: device ?? null };
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
    if (this.calls !== this.fault.nth) return 0;
    this.happened = true;
    return this.fault.error;
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The faults of one world. */
export class Faults {
  readonly #pending = new Set<Pending>();
  readonly #wrapped = new WeakSet<VirtioTransport>();

  /** The steps of this kernel can fail from now on. */
  watch(kernel: Kernel): void {
    kernel.faults = (fn, step, dev) => {
      this.#watchTransport(dev);
      return this.#take(`${fn}: ${step}`, dev.name);
    };
  }

  /** @throws RangeError for a hypercall that the host does not have */
  inject(what: Fault, { hypercalls }: Hypervisor): Injected {
    const pending = new Pending(what, () => this.#pending.delete(pending));
    if (what.step.startsWith(HYPERCALL)) this.#watchHypercall(what.step, hypercalls);
    this.#pending.add(pending);
    return pending;
  }

  /** Each fault counts the call; the first that is due decides. */
  #take(step: string, dev: string | null): number {
    const errors = [...this.#pending].filter(({ fault: { step: wanted } }) => wanted === step).map((one) => one.take(dev));
    return errors.find((error) => error !== 0) ?? 0;
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
          const error = names.includes(key) ? this.#take(TRANSPORT + String(key), dev.name) : 0;
          if (error !== 0) throw new ErrnoError(error, { syscall: String(key), path: dev.transport.busName });
          return Reflect.apply(value, target, args);
        };
      },
    });
    this.#wrapped.add(transport);
    (dev as Mutable<VirtioDevice>).transport = transport;
  }

  #watchHypercall(step: string, hypercalls: readonly Hypercall[]): void {
    const service: Mutable<Hypercall> | undefined = hypercalls.find(({ name }) => HYPERCALL + name === step);
    if (service === undefined) throw unknown(step, hypercalls.map(({ name }) => HYPERCALL + name));
    const known = [...this.#pending].some(({ fault: { step: other } }) => other === step);
    if (known) return;
    const call = service.call.bind(service);
    service.call = (guest, args) => {
      const error = this.#take(step, null);
      return error === 0 ? call(guest, args) : failed(error);
    };
  }
}
