import { ENOSPC, ErrnoError } from '../errno';
import type { CallLog } from './call-log';

/**
 * A device has no place on its bus: the host's log says so, and the error is for who plugs.
 *
 * @param path the device
 * @param limit what there is, and that all of it is in use
 */
export function busFull(log: CallLog, path: string, limit: string): ErrnoError {
  const error = new ErrnoError(ENOSPC, { syscall: 'plug_device', path, reason: limit });
  log.warn(null, error.message);
  return error;
}
