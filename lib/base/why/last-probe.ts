import { EPROBE_DEFER, errnoText } from '../../errno';
import { called, notes, refuses, type Pair, type WhyRule } from './rule';

const FN = 'call_driver_probe';

/**
 * The result of the driver's last probe, as far as it is in the log: errors ENODEV, ENXIO and EPROBE_DEFER are debug
 * messages.
 *
 * @see drivers/base/dd.c call_driver_probe
 */
export function lastProbe({ dev, drv }: Pair): WhyRule {
  const { log } = dev.kernel;
  const about = `${drv.def.name}: probe of ${called(dev)} `;
  const deferral = `${called(dev)}: Driver ${drv.def.name} requests probe deferral`;
  const entry = log.entries.findLast(
    ({ text }) => text.startsWith(about) || text === deferral || text.endsWith(` ${deferral}`),
  );
  if (entry === undefined) return notes(FN, nothingKnown(log.debug));
  if (!entry.text.startsWith(about)) return refusal(-EPROBE_DEFER, entry.text);
  return refusal(Number(/-?\d+$/.exec(entry.text)?.[0] ?? 0), entry.text);
}

function nothingKnown(debug: boolean): string {
  const kept = debug ? '' : ' (this log keeps no debug messages, so not of ENODEV, ENXIO and EPROBE_DEFER)';
  return `the log knows of no refusal by the driver${kept}`;
}

function refusal(ret: number, line: string): WhyRule {
  return refuses(FN, `the driver's probe refused with ${errnoText(ret)} when it was asked last`, [`log: ${line}`]);
}
