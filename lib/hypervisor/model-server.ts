import { isPending, type MayNotSleep } from '../may-sleep';
import { noPromise } from '../world/atomic';
import { Budget, type Timer, type World } from '../world/index';
import type { DeviceHost, DeviceModel, DeviceRequest } from './device-model';
import type { GuestMemory } from './memory';

/** Callbacks of the server to its transport. */
export interface ServerEvents {
  /** The model changed its configuration. */
  configChanged(): void;
  /** The model threw, in what it was doing for `where`; its request is completed already. */
  failed(error: unknown, where: string): void;
  /**
   * The model is suspended until the world was idle; called once until a reset.
   *
   * @param what it did too much of
   */
  throttled?(what: string): void;
  /** The model refused what its driver wanted. */
  refused?(what: string): void;
  /** Memory of the guest that has the device now. Null: no guest has it. */
  memory?(): GuestMemory | null;
}

/** One request as a transport hands it in. */
export interface Submission {
  readonly readable: Uint8Array;
  readonly writable: number;
  /** Called once with what the device wrote, in two pieces, unless the requests are dropped before. */
  done(written: Uint8Array, more: Uint8Array): void;
}

const NOTHING = new Uint8Array(0);

/** Requests, and steps of its own, that a model may have until the world is idle again. */
const BUDGET = 4096;
/** Changes of its configuration in that time. */
const CHANGES = 1000;
/** Delay in ns after that before a model continues whose budget was used up. */
const PAUSE = 10_000_000;

/** A request that waits for its model. */
interface Queued {
  readonly queue: number;
  readonly request: Request;
}

/**
 * Runs a device model for a transport: tracks requests in flight, and contains the errors of a model that throws. After
 * {@link drop} the old requests never complete.
 *
 * A model that completes every request at once may keep a guest submitting for ever. So it has a budget until the world
 * is idle again; work beyond it waits.
 */
export class ModelServer {
  readonly #world: World;
  readonly #events: ServerEvents;
  readonly #timers = new Set<Timer>();
  /** Of requests, of steps that it takes later, of changes. */
  readonly #budget: Budget;
  readonly #steps: Budget;
  readonly #changes: Budget;
  #requests = new Set<Request>();
  #backlog: Queued[] = [];
  #changeWaits = false;
  #throttled = false;

  constructor(
    readonly model: DeviceModel,
    world: World,
    events: ServerEvents,
  ) {
    this.#world = world;
    this.#events = events;
    this.#budget = new Budget(world, BUDGET);
    this.#steps = new Budget(world, BUDGET);
    this.#changes = new Budget(world, CHANGES);
    this.guard('attach', () => model.attach?.(new Host(this, world, null)));
  }

  /** Requests that the model has and did not complete. */
  get inFlight(): number {
    return this.#requests.size;
  }

  /** Hands a request to the model, behind those that wait. */
  submit(queue: number, submission: Submission): void {
    const request = new Request(submission, () => this.#ended(request));
    this.#requests.add(request);
    if (this.#backlog.length > 0) this.#backlog.push({ queue, request });
    else if (this.#budget.take()) this.#handle(queue, request);
    else {
      this.#throttle(`${String(BUDGET)} requests without a pause`);
      this.#backlog.push({ queue, request });
      this.#serveLater();
    }
  }

  #handle(queue: number, request: Request): void {
    this.#world.countTurn();
    this.guard(queue, () => this.model.handle(queue, request, new Host(this, this.#world, request)), request);
  }

  #serveLater(): void {
    this.#plan(PAUSE, true, () => this.#serveBacklog());
  }

  /** What comes in meanwhile is served too, while the budget lasts. */
  #serveBacklog(): void {
    const backlog = this.#backlog;
    let served = 0;
    while (served < backlog.length && this.#backlog === backlog && this.#budget.take()) {
      const next = backlog[served];
      served += 1;
      if (next !== undefined) this.#handle(next.queue, next.request);
    }
    if (this.#backlog !== backlog) return;
    backlog.splice(0, served);
    if (backlog.length > 0) this.#serveLater();
  }

  #throttle(what: string): void {
    if (!this.#throttled) this.#events.throttled?.(what);
    this.#throttled = true;
  }

  /** Forgets all requests in flight and everything that the model has planned. */
  drop(): void {
    for (const request of this.#requests) request.drop();
    this.#requests = new Set();
    this.#backlog = [];
    this.#changeWaits = false;
    this.#throttled = false;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  /** Forgets everything and puts the model back to its state after power-on. */
  reset(): void {
    this.drop();
    this.guard('reset', () => this.model.reset?.());
  }

  /**
   * Calls the model. If it throws or returns a promise, `request` is completed with no bytes and the transport is
   * notified.
   *
   * @param where the queue, or what else it is called for
   */
  guard(where: string | number, body: () => MayNotSleep, request: Request | null = null): void {
    const named = (): string => (typeof where === 'string' ? where : `queue ${String(where)}`);
    try {
      const result = body();
      if (isPending(result)) void noPromise(result, () => `device ${this.model.name}: ${named()}`);
    } catch (error) {
      request?.abort();
      this.#events.failed(error, named());
    }
  }

  #ended(request: Request): void {
    this.#requests.delete(request);
    this.model.served += 1;
  }

  /** For the `DeviceHost` of a request. */
  discardPage(page: number): boolean {
    return this.#events.memory?.()?.discard(page) ?? false;
  }

  /** For the `DeviceHost` of a request. */
  refuse(what: string): void {
    this.#events.refused?.(what);
  }

  /** For the `DeviceHost` of a request: pending changes are notified as one. */
  configChanged(): void {
    if (this.#changeWaits) return;
    if (this.#changes.take()) {
      this.#events.configChanged();
      return;
    }
    this.#throttle(`${String(CHANGES)} changes of its configuration without a pause`);
    this.#changeWaits = true;
    this.#plan(PAUSE, true, () => {
      this.#changeWaits = false;
      this.#events.configChanged();
    });
  }

  /** For the `DeviceHost` of a request. */
  after(ns: number, fire: () => MayNotSleep, request: Request | null): void {
    if (request?.dropped === true) return;
    const late = !this.#mayStep();
    this.#plan(late ? Math.max(ns, PAUSE) : ns, late, () => this.guard('a later step', fire, request));
  }

  /** Schedules a callback that a reset cancels. */
  #plan(ns: number, afterIdle: boolean, act: () => void): void {
    const fire = (): void => {
      this.#timers.delete(timer);
      act();
    };
    const timer = afterIdle ? this.#world.afterIdle(ns, fire) : this.#world.after(ns, fire);
    this.#timers.add(timer);
  }

  #mayStep(): boolean {
    const may = this.#steps.take();
    if (!may) this.#throttle(`${String(BUDGET)} steps without a pause`);
    return may;
  }
}

/** What a model is given with a request, or when it was plugged. */
class Host implements DeviceHost {
  readonly #server: ModelServer;
  readonly #world: World;
  readonly #request: Request | null;

  constructor(server: ModelServer, world: World, request: Request | null) {
    this.#server = server;
    this.#world = world;
    this.#request = request;
  }

  get now(): number {
    return this.#world.now;
  }

  after(ns: number, fire: () => MayNotSleep): void {
    this.#server.after(ns, fire, this.#request);
  }

  configChanged(): void {
    this.#server.configChanged();
  }

  discardPage(page: number): boolean {
    return this.#server.discardPage(page);
  }

  refuse(what: string): void {
    this.#server.refuse(what);
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

  complete(written: Uint8Array = NOTHING, more: Uint8Array = NOTHING): void {
    if (this.#state === 'dropped') return;
    if (this.#state === 'completed') throw new Error('a request was completed twice');
    const length = written.length + more.length;
    if (length > this.writable) {
      const sizes = `${String(length)} bytes written, ${String(this.writable)} writable`;
      throw new RangeError(`a request was completed with too much: ${sizes}`);
    }
    this.#state = 'completed';
    this.#ended();
    this.#submission.done(written, more);
  }

  drop(): void {
    this.#state = 'dropped';
  }

  /** The model failed: no bytes for the driver, unless the request is complete already. */
  abort(): void {
    if (this.#state === 'open') this.complete();
  }
}
