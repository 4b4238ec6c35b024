import { EAGAIN, EIO, ENODEV, ENXIO } from '../../../lib/errno';
import { andThen, type MaySleep } from '../../../lib/may-sleep';
import type { SubchannelId } from '../layout';
import type { Schib } from '../layout/schib';
import { cssUpdateSsdInfo } from './chp';
import { isValid } from './cio';
import { SchidSet } from './schid-set';
import { Subchannel, type ChannelSubsystem, type SlowPath } from './subchannel';

/**
 * Evaluates the scheduled subchannels, the known ones first, then the others in order of their ids.
 *
 * @see drivers/s390/cio/css.c css_slow_path_func
 */
export async function cssSlowPathFunc(css: ChannelSubsystem): Promise<void> {
  const { slowPath } = css;
  const known = new SchidSet();
  for (const sch of css.subchannels()) {
    known.add(sch.schid);
    await slowEvalKnown(sch, slowPath);
  }
  for (let ssid = 0; ssid <= css.maxSsid; ssid += 1) await slowEvalUnknown(css, ssid, known);
  if (slowPath.set.isEmpty) slowPath.end();
}

/** @see drivers/s390/cio/css.c slow_eval_known_fn */
function slowEvalKnown(sch: Subchannel, slowPath: SlowPath): MaySleep<void> {
  if (!slowPath.set.has(sch.schid)) return undefined;
  slowPath.set.delete(sch.schid);
  return andThen(evaluateKnown(sch, true), (result) => {
    if (result === -EAGAIN) slowPath.schedule(sch.schid);
    return sch.kernel.world.condResched();
  });
}

/** @see drivers/s390/cio/css.c slow_eval_unknown_fn */
async function slowEvalUnknown(css: ChannelSubsystem, ssid: number, known: SchidSet): Promise<void> {
  const { slowPath } = css;
  const { set } = slowPath;
  for (let schNo = set.next(ssid, 0); schNo !== null; schNo = set.next(ssid, schNo + 1)) {
    const id = { ssid, schNo };
    if (known.has(id)) continue;
    set.delete(id);
    const result = await evaluateNew(css, id);
    if (result === -EAGAIN) slowPath.schedule(id);
    await css.kernel.world.condResched();
    if (result !== -ENXIO && result !== -EIO) continue;
    set.deleteFrom(id);
    return;
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
