import { ENOMEM, EPROBE_DEFER, errnoText } from '../errno';
import { setDeferredProbeReason } from './deferred';
import { devMessage, type Device } from './device';

/**
 * For a probe that fails: logs the reason and returns the error. The reason of a deferral is kept for devices_deferred
 * until the device is tried again, and logged at debug level only. ENOMEM is not logged.
 *
 * @param error negative, as probe returns it
 * @param text what is missing, e.g. `IRQ index 0 not found`; the log has `error -ENXIO: ` before it
 * @returns `error`
 * @example return devErrProbe(dev, -EPROBE_DEFER, 'no clock yet');
 * @see drivers/base/core.c dev_err_probe
 */
export function devErrProbe(dev: Device, error: number, text: string): number {
  const { log } = dev.kernel;
  const message = (): string => devMessage(dev, `error ${errnoText(error)}: ${text}`);
  if (error === -EPROBE_DEFER) {
    setDeferredProbeReason(dev, text);
    log.dbg(message);
  } else if (error !== -ENOMEM) log.err(message());
  return error;
}
