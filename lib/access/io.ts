import { errnoOf } from '../errno';

/**
 * Reads a register where the caller continues whatever the result is: interrupt handlers and teardown of a device. A
 * failed access, as behind a port that was unplugged, is like one to an unmapped address.
 *
 * @param otherwise what the result in that case
 */
export function ioOr<T>(otherwise: T, access: () => T): T {
  try {
    return access();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return otherwise;
  }
}
