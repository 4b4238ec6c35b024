import type { MayNotSleep } from '../../../lib/may-sleep';
import { CCW_CMD, SENSE0, SENSE_BYTES } from '../layout/ccw';
import { DSTAT } from '../layout/scsw';
import type { CommandData } from './data';

/** Device status of a command that worked. */
export const ENDED = DSTAT.CHANNEL_END | DSTAT.DEVICE_END;

/**
 * What stands behind a subchannel: a control unit with one device. Write your own by extending it; what it says of
 * itself need not be true.
 */
export abstract class ControlUnit {
  /** Sense data for the next BASIC SENSE, or for the interruption if the subchannel has concurrent sense. */
  sense = new Uint8Array(SENSE_BYTES);

  /** Does it support concurrent sense? Otherwise the guest has to read sense data, as on some machines. */
  readonly concurrentSense: boolean = true;

  /** What SENSE ID gives; 7 bytes or more from a device that behaves. */
  abstract readonly senseId: Uint8Array;

  /**
   * Executes one command.
   *
   * @returns device status; null: it never ends
   */
  command(code: number, data: CommandData): number | null {
    if (code === CCW_CMD.BASIC_SENSE) {
      data.give(this.sense);
      this.sense = new Uint8Array(SENSE_BYTES);
      return ENDED;
    }
    this.sense = new Uint8Array(SENSE_BYTES);
    if (code === CCW_CMD.NOOP) return ENDED;
    if (code !== CCW_CMD.SENSE_ID) return this.operate(code, data);
    data.give(this.senseId);
    return ENDED;
  }

  /** Commands of this kind of device; one that it does not have is rejected. @returns as {@link command} */
  abstract operate(code: number, data: CommandData): number | null;

  /** The subchannel was disabled. */
  disabled?(): MayNotSleep;

  /** A command that the device does not have, or not now. */
  protected reject(): number {
    return this.check(SENSE0.COMMAND_REJECT);
  }

  /** Unit check, with the reason in the first byte of sense data. */
  protected check(sense0: number): number {
    this.sense[0] = sense0;
    return ENDED | DSTAT.UNIT_CHECK;
  }
}
