/** One thing that the driver core did, with the kernel function that does it in Linux. */
export type TraceEvent = StepEvent | MatchEvent | ProbeEvent | NotifyEvent | DeferEvent | IrqEvent | ConfigEvent;

interface Where {
  /** Kernel function, e.g. "device_add". */
  readonly fn: string;
  /** Kernel name of the device. */
  readonly dev: string;
}

/** A step of a ladder was done (or undone, after a later one failed). */
export interface StepEvent extends Where {
  readonly kind: 'step' | 'undo';
  readonly step: string;
  /** 0 or what the step failed with. */
  readonly ret: number;
}

/** A bus compared a device with a driver. */
export interface MatchEvent extends Where {
  readonly kind: 'match';
  readonly bus: string;
  readonly drv: string;
  readonly ret: number;
}

/** A driver's probe or remove was called. */
export interface ProbeEvent extends Where {
  readonly kind: 'probe' | 'remove';
  readonly drv: string;
  readonly ret: number;
}

/** A bus notifier chain was called. */
export interface NotifyEvent extends Where {
  readonly kind: 'notify';
  readonly bus: string;
  readonly event: string;
}

/** A device was put on the list of deferred probes, or taken off it to be tried again. */
export interface DeferEvent extends Where {
  readonly kind: 'defer' | 'retry';
}

/** An interrupt came to a kernel. */
export interface IrqEvent extends Where {
  readonly kind: 'irq';
  readonly vector: number;
  /** What comes with it: a handle, a subchannel; 0 for most. */
  readonly value: bigint;
  /** Name with which its handler was requested; null for a vector without a handler: nothing was done. */
  readonly handler: string | null;
}

/** A virtio device has said that its configuration has changed. */
export interface ConfigEvent extends Where {
  readonly kind: 'config';
  /** Name of the driver that has the device; null without one. */
  readonly drv: string | null;
  /**
   * `called`: the driver's configChanged is called. `pending`: the driver is not ready for it, and is called later.
   * `none`: there is no callback.
   */
  readonly outcome: 'called' | 'pending' | 'none';
}

/** Passes trace events to listeners. Without a listener this costs a test of {@link on}. */
export class Tracer {
  readonly #listeners = new Set<(event: TraceEvent) => void>();
  /** Is there a listener? */
  on = false;

  /** Calls `listener` for each event from now on. Gives the function that stops it. */
  subscribe(listener: (event: TraceEvent) => void): () => void {
    this.#listeners.add(listener);
    this.on = true;
    return () => {
      this.#listeners.delete(listener);
      this.on = this.#listeners.size > 0;
    };
  }

  emit(event: TraceEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}
