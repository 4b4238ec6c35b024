import { errnoOf } from '../errno';

/**
 * For who has to go on whatever a register says: interrupt handlers, and who takes a device down. An access that fails,
 * as behind a port that was unplugged, is as one that nobody answers.
 *
 * @param otherwise what it gives then
 */
export function ioOr<T>(otherwise: T, access: () => T): T {
  try {
    return access();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return otherwise;
  }
}
