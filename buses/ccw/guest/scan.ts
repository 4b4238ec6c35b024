import { EAGAIN, EIO, ENODEV, ENXIO } from '../../../lib/errno';
import { andThen, type MaySleep } from '../../../lib/may-sleep';
import { WaitQueue, type Work } from '../../../lib/world';
import { SUBCHANNEL_TYPE_IO, type SubchannelId } from '../layout';
import type { Schib } from '../layout/schib';
import { cssUpdateSsdInfo } from './chp';
import type { ChannelSubsystem } from './css';
import { SchidSet } from './schid-set';
import { Subchannel } from './subchannel';

/** Is there a device behind it? @see drivers/s390/cio/css.c css_sch_is_valid */
export function isValid(schib: Schib | null): schib is Schib {
  return schib !== null && (schib.pmcw.st !== SUBCHANNEL_TYPE_IO || schib.pmcw.dnv);
}

/**
 * The scan of the subchannels: ids that are to be looked at are collected, and work in the background looks, those that
 * are known first, then the others in order of their ids.
 *
 * @see drivers/s390/cio/css.c css_slow_path_func
 */
export class SlowPath {
  readonly #css: ChannelSubsystem;
  readonly #set = new SchidSet();
  readonly #done = new WaitQueue();
  readonly #work: Work = { name: 'css_slow_path_func', run: () => this.#run() };
  #scheduled = false;

  constructor(css: ChannelSubsystem) {
    this.#css = css;
  }

  /** @see css_schedule_eval */
  schedule(id: SubchannelId): void {
    this.#set.add(id);
    this.#queue();
  }

  /** @see css_schedule_eval_all */
  scheduleAll(): void {
    this.#set.fill();
    this.#set.deleteSetsFrom(this.#css.maxSsid + 1);
    this.#queue();
  }

  /** Sleeps until nothing is to be looked at. @see css_complete_work */
  wait(): MaySleep<void> {
    return this.#done.waitUntil(this.#css.kernel.world, () => !this.#scheduled, 'css_eval_wq');
  }

  #queue(): void {
    this.#scheduled = true;
    this.#css.workq.queue(this.#work);
  }

  async #run(): Promise<void> {
    const known = new SchidSet();
    for (const dev of this.#css.subchannels()) {
      known.add(dev.schid);
      await this.#evalKnown(dev);
    }
    for (let ssid = 0; ssid <= this.#css.maxSsid; ssid += 1) await this.#evalSet(ssid, known);
    if (!this.#set.isEmpty) return;
    this.#scheduled = false;
    this.#done.wakeAll(this.#css.kernel.world);
  }

  /** @see slow_eval_known_fn */
  #evalKnown(sch: Subchannel): MaySleep<void> {
    if (!this.#set.has(sch.schid)) return undefined;
    this.#set.delete(sch.schid);
    return andThen(evaluateKnown(sch, true), (result) => {
      if (result === -EAGAIN) this.schedule(sch.schid);
      return this.#css.kernel.world.condResched();
    });
  }

  /** @see slow_eval_unknown_fn */
  async #evalSet(ssid: number, known: SchidSet): Promise<void> {
    for (let schNo = this.#set.next(ssid, 0); schNo !== null; schNo = this.#set.next(ssid, schNo + 1)) {
      const id = { ssid, schNo };
      if (known.has(id)) continue;
      this.#set.delete(id);
      const result = await evaluateNew(this.#css, id);
      if (result === -EAGAIN) this.schedule(id);
      await this.#css.kernel.world.condResched();
      if (result !== -ENXIO && result !== -EIO) continue;
      this.#set.deleteFrom(id);
      return;
    }
  }
}

/**
 * A channel report named this subchannel: what needs to sleep is left to the slow path.
 *
 * @see drivers/s390/cio/css.c css_evaluate_subchannel
 */
export function cssEvaluateSubchannel(css: ChannelSubsystem, id: SubchannelId): MaySleep<void> {
  const sch = css.subchannel(id);
  if (sch === null) {
    css.slowPath.schedule(id);
    return undefined;
  }
  return andThen(evaluateKnown(sch, false), (result) => {
    if (result === -EAGAIN) css.slowPath.schedule(id);
  });
}

/** @see drivers/s390/cio/css.c css_evaluate_known_subchannel */
export function evaluateKnown(sch: Subchannel, process: boolean): MaySleep<number> {
  return sch.cssDriver?.schEvent(sch, process) ?? 0;
}

/**
 * The first id that is not operational ends its set.
 *
 * @returns -ENXIO at the end of the set, -ENODEV where there is no device, another condition code, or the result of
 *   registering the subchannel
 * @see drivers/s390/cio/css.c css_evaluate_new_subchannel
 */
function evaluateNew(css: ChannelSubsystem, id: SubchannelId): MaySleep<number> {
  const { cc, schib } = css.ioasm.stsch(id);
  if (cc !== 0) return cc === 3 ? -ENXIO : cc;
  return isValid(schib) ? probeDevice(css, id, schib) : -ENODEV;
}

/** Registers a subchannel. @see drivers/s390/cio/css.c css_probe_device, css_register_subchannel */
function probeDevice(css: ChannelSubsystem, id: SubchannelId, schib: Schib): MaySleep<number> {
  const sch = new Subchannel(css, id, schib);
  return andThen(cssUpdateSsdInfo(sch), () =>
    andThen(css.kernel.ops.deviceAdd(sch), (error) => {
      if (error !== 0) sch.put();
      return error;
    }),
  );
}
