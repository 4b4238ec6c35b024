import type { Kernel } from '../base/kernel';
import { errnoName, ErrnoError } from '../errno';
import type { Uevent } from '../kobject/uevent';
import { Workqueue } from '../world/workqueue';
import { coldplug } from './coldplug';
import { modprobe } from './modprobe';
import type { ModuleIndex } from './module-index';

/** What was done about one event. */
export interface UdevRecord {
  readonly seqnum: number;
  readonly devpath: string;
  readonly modalias: string;
  /** Names of the modules that were loaded for it; none when they were loaded already. */
  readonly loaded: readonly string[];
  /** Name of the errno when that failed: ENOENT for an alias that no module has. */
  readonly error: string | null;
}

/**
 * The part of user space that loads drivers: for each add event with a MODALIAS it loads the matching modules. Events
 * are handled one after the other in a task of its own.
 *
 * A kernel has none by default: then modules are loaded only explicitly.
 *
 * @see udev(7), rules.d/80-drivers.rules
 */
export class Udev {
  /** What was done, in order. */
  readonly records: UdevRecord[] = [];
  readonly #queue: Workqueue;
  /** Events that were queued before handling started; null: they are handled as they arrive. */
  #backlog: Uevent[] | null = null;
  #unsubscribe: (() => void) | null = null;

  /** @param modules what can be loaded; may grow later */
  constructor(
    readonly kernel: Kernel,
    readonly modules: ModuleIndex,
    readonly onRecord: (record: UdevRecord) => void = () => undefined,
  ) {
    this.#queue = new Workqueue(kernel.world, 'systemd-udevd', kernel);
  }

  /** Does it listen? */
  get isOn(): boolean {
    return this.#unsubscribe !== null;
  }

  /** Opens the socket: events are kept from here on and handled after {@link start}. Does nothing if it is open. */
  listen(): this {
    if (this.isOn) return this;
    this.#backlog = [];
    this.#unsubscribe = this.kernel.uevents.subscribe((event) => this.#receive(event));
    return this;
  }

  /** Handles what was kept, and from here on each event that comes. What was sent before {@link listen} is missed. */
  start(): this {
    this.listen();
    for (const event of this.#backlog?.splice(0) ?? []) this.#enqueue(event);
    this.#backlog = null;
    return this;
  }

  /** Switches it off: no event is received any more. Those that were received are still handled, if it had started. */
  stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = null;
    this.#backlog = null;
  }

  /** Coldplug: has every device announced again. @returns how many were @see udevadm(8) trigger */
  trigger(): Promise<number> {
    return coldplug(this.kernel);
  }

  /**
   * Returns when all events that were to be handled are, and those that this made. A process of its own, as
   * {@link coldplug}.
   *
   * @see udevadm(8) settle
   */
  async settle(): Promise<void> {
    await this.kernel.world.spawn(() => this.#queue.flush(), 'udevadm settle', this.kernel);
  }

  #receive(event: Uevent): void {
    if (this.#backlog === null) this.#enqueue(event);
    else this.#backlog.push(event);
  }

  /** Only add: a driver that a user has taken from a device must not come back with the next event. */
  #enqueue({ action, devpath, seqnum, env }: Uevent): void {
    const modalias = env.find((text) => text.startsWith('MODALIAS='))?.slice('MODALIAS='.length) ?? '';
    if (action !== 'add' || modalias === '') return;
    this.#queue.queue({ name: `udev-worker(${devpath})`, run: () => this.#load({ seqnum, devpath, modalias }) });
  }

  async #load(event: Pick<UdevRecord, 'seqnum' | 'devpath' | 'modalias'>): Promise<void> {
    const record = (result: Pick<UdevRecord, 'loaded' | 'error'>): void => {
      const made = { ...event, ...result };
      this.records.push(made);
      this.onRecord(made);
    };
    try {
      record({ loaded: await modprobe(this.kernel, this.modules, event.modalias), error: null });
    } catch (error) {
      if (!(error instanceof ErrnoError)) throw error;
      record({ loaded: [], error: errnoName(error.errno) });
    }
  }
}
