import type { Timer, World } from '../world/index';
import type { DeviceHost, DeviceModel, DeviceRequest } from './device-model';

/** What the server tells its transport. */
export interface ServerEvents {
  /** The model changed its configuration. */
  configChanged(): void;
  /** The model threw, in what it was doing for `where`; its request is completed already. */
  failed(error: unknown, where: string): void;
}

/** One request as a transport hands it in. */
export interface Submission {
  readonly readable: Uint8Array;
  readonly writable: number;
  /** Called once with what the device wrote, unless the requests are dropped before. */
  done(written: Uint8Array): void;
}

const NOTHING = new Uint8Array(0);

/**
 * Runs a device model for a transport: keeps account of requests in flight, and keeps a model that throws from
 * breaking anything else. After {@link drop} nothing of the old requests is ever heard again.
 */
export class ModelServer {
  readonly #world: World;
  readonly #events: ServerEvents;
  readonly #timers = new Set<Timer>();
  #requests = new Set<Request>();

  constructor(
    readonly model: DeviceModel,
    world: World,
    events: ServerEvents,
  ) {
    this.#world = world;
    this.#events = events;
    this.guard('attach', () => model.attach?.(this.#host(null)));
  }

  /** Requests that the model has and did not complete. */
  get inFlight(): number {
    return this.#requests.size;
  }

  /** Hands a request to the model. */
  submit(queue: number, submission: Submission): void {
    const request = new Request(submission, () => this.#ended(request));
    this.#requests.add(request);
    this.guard(`queue ${String(queue)}`, () => this.model.handle(queue, request, this.#host(request)), request);
  }

  /** Forgets all requests in flight and everything that the model has planned. */
  drop(): void {
    for (const request of this.#requests) request.drop();
    this.#requests = new Set();
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  /** Forgets everything and puts the model back to its state after power-on. */
  reset(): void {
    this.drop();
    this.guard('reset', () => this.model.reset?.());
  }

  /** Calls into the model; what it throws ends `request` with no bytes and is told to the transport. */
  guard(where: string, body: () => void, request: Request | null = null): void {
    try {
      body();
    } catch (error) {
      request?.abort();
      this.#events.failed(error, where);
    }
  }

  #ended(request: Request): void {
    this.#requests.delete(request);
    this.model.served += 1;
  }

  #host(request: Request | null): DeviceHost {
    const world = this.#world;
    return {
      get now() {
        return world.now;
      },
      after: (ns, fire) => this.#after(ns, fire, request),
      configChanged: () => this.#events.configChanged(),
    };
  }

  #after(ns: number, fire: () => void, request: Request | null): void {
    if (request?.dropped === true) return;
    const timer = this.#world.after(ns, () => {
      this.#timers.delete(timer);
      this.guard('a later step', fire, request);
    });
    this.#timers.add(timer);
  }
}

class Request implements DeviceRequest {
  readonly readable: Uint8Array;
  readonly writable: number;
  readonly #submission: Submission;
  readonly #ended: () => void;
  #state: 'open' | 'completed' | 'dropped' = 'open';

  constructor(submission: Submission, ended: () => void) {
    this.readable = submission.readable;
    this.writable = submission.writable;
    this.#submission = submission;
    this.#ended = ended;
  }

  get dropped(): boolean {
    return this.#state === 'dropped';
  }

  complete(written: Uint8Array = NOTHING): void {
    if (this.#state === 'dropped') return;
    if (this.#state === 'completed') throw new Error('a request was completed twice');
    if (written.length > this.writable) {
      const sizes = `${String(written.length)} bytes written, ${String(this.writable)} writable`;
      throw new RangeError(`a request was completed with too much: ${sizes}`);
    }
    this.#state = 'completed';
    this.#ended();
    this.#submission.done(written);
  }

  drop(): void {
    this.#state = 'dropped';
  }

  /** The model failed: no bytes for the driver, unless it has its answer already. */
  abort(): void {
    if (this.#state === 'open') this.complete();
  }
}
