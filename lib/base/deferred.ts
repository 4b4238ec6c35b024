import { Klist } from '../list';
import { andThen, eachUntil, type MaySleep } from '../may-sleep';
import type { Timer } from '../world/timers';
import { Workqueue, type Work } from '../world/workqueue';
import { devDriverString, devMessage, type Device } from './device';
import type { KernelCore } from './kernel-core';

/**
 * The devices of one kernel that could not be probed yet. Any successful bind has all of them tried again, in order, by
 * a worker; nothing else does.
 *
 * @see drivers/base/dd.c deferred_probe_pending_list and following
 */
export class DeferredProbe {
  readonly pending = new Klist<Device>();
  readonly #active = new Klist<Device>();
  readonly #work: Work = { name: 'deferred_probe_work', run: () => this.#retryActive() };
  readonly #report: Work = {
    name: 'deferred_probe_timeout_work',
    run: () => andThen(this.flush(), () => this.#logPending()),
  };
  readonly #queue: Workqueue;
  readonly #kernel: KernelCore;
  /** Triggers are ignored until late_initcall. @see drivers/base/dd.c driver_deferred_probe_enable */
  #enabled = false;
  #timeout: { readonly ns: number; readonly timer: Timer } | null = null;
  /** Counts triggers, so that a probe sees that one happened meanwhile. */
  triggerCount = 0;
  /** All probes are deferred while the machine suspends or stops. @see drivers/base/dd.c defer_all_probes */
  deferAll = false;

  constructor(kernel: KernelCore) {
    this.#queue = kernel.unboundWq;
    this.#kernel = kernel;
  }

  /** @see drivers/base/dd.c driver_deferred_probe_add */
  add(dev: Device): void {
    if (!dev.canMatch || dev.knodeDeferred !== null) return;
    this.#link(dev, this.pending);
    if (dev.kernel.trace.on) traceDeferral(dev, 'defer', 'driver_deferred_probe_add');
  }

  /** @see drivers/base/dd.c driver_deferred_probe_del */
  del(dev: Device): void {
    if (dev.knodeDeferred === null) return;
    this.#unlink(dev);
    dev.deferredProbeReason = null;
  }

  /** Has all pending devices tried again, after what is being tried now. @see driver_deferred_probe_trigger */
  trigger(): void {
    if (!this.#enabled) return;
    this.triggerCount++;
    if (!this.pending.isEmpty) this.#activateAll();
    this.#queue.queue(this.#work);
  }

  #activateAll(): void {
    for (const dev of [...this.pending]) {
      this.#unlink(dev);
      this.#link(dev, this.#active);
    }
  }

  /**
   * Enables triggers and runs two rounds, the second for devices that depend on those bound in the first, and for those
   * that wait for a supplier without a driver.
   *
   * @see drivers/base/dd.c deferred_probe_initcall
   */
  async initcall(): Promise<void> {
    this.enable();
    this.trigger();
    await this.flush();
    this.#kernel.fwDevlink.driversAreDone();
    this.trigger();
    await this.flush();
  }

  /**
   * Gives drivers `ns` to come: then each device that still waits is logged, and none waits for a supplier without a
   * driver. A driver that registers has the time start again.
   *
   * @see drivers/base/dd.c deferred_probe_timeout_work_func
   */
  startTimeout(ns: number): void {
    this.#timeout?.timer.cancel();
    this.#timeout = { ns, timer: this.#kernel.world.after(ns, () => this.#timeOut(), this.#kernel) };
  }

  /** @see drivers/base/dd.c deferred_probe_extend_timeout */
  extendTimeout(): void {
    if (this.#timeout !== null) this.startTimeout(this.#timeout.ns);
  }

  #timeOut(): void {
    this.#timeout = null;
    this.#kernel.fwDevlink.driversAreDone();
    this.trigger();
    this.#queue.queue(this.#report);
  }

  #logPending(): void {
    for (const dev of this.pending) this.#kernel.log.info(devMessage(dev, 'deferred probe pending'));
  }

  /** Allows triggers, as late_initcall does. */
  enable(): void {
    this.#enabled = true;
  }

  flush(): MaySleep<void> {
    return this.#queue.flushWork(this.#work);
  }

  /** Lines of the file devices_deferred: name, tab, reason. @see drivers/base/dd.c deferred_devs_show */
  lines(): string[] {
    return [...this.pending].map((dev) => `${String(dev.name)}\t${dev.deferredProbeReason ?? ''}`);
  }

  /** @see drivers/base/dd.c deferred_probe_work_func */
  #retryActive(): MaySleep<void> {
    return andThen(
      eachUntil(this.#takeActive(), (dev) => this.#retry(dev)),
      () => undefined,
    );
  }

  *#takeActive(): Generator<Device> {
    for (let dev = this.#active.first(); dev !== undefined; dev = this.#active.first()) {
      this.#unlink(dev);
      yield dev;
    }
  }

  #retry(dev: Device): MaySleep<number> {
    dev.get();
    dev.deferredProbeReason = null;
    // PM takes the order of adding for the order of dependence; a deferral shows that it was not.
    dev.kernel.ops.deviceReorderToTail(dev);
    if (dev.kernel.trace.on) traceDeferral(dev, 'retry', 'deferred_probe_work_func');
    return andThen(dev.kernel.ops.busProbeDevice(dev), () => {
      dev.put();
      return 0;
    });
  }

  #link(dev: Device, list: Klist<Device>): void {
    dev.knodeDeferred = list.addTail(dev);
    dev.deferredList = list;
  }

  #unlink(dev: Device): void {
    if (dev.knodeDeferred !== null) dev.deferredList?.del(dev.knodeDeferred);
    dev.knodeDeferred = null;
    dev.deferredList = null;
  }
}

function traceDeferral(dev: Device, kind: 'defer' | 'retry', fn: string): void {
  dev.kernel.trace.emit({ kind, fn, dev: dev.name ?? '' });
}

/**
 * Keeps why a device waits, for devices_deferred, until it is tried again. Drivers use `devErrProbe`.
 *
 * @see drivers/base/dd.c device_set_deferred_probe_reason
 */
export function setDeferredProbeReason(dev: Device, text: string): void {
  dev.deferredProbeReason = `${devDriverString(dev)}: ${text}`;
}
