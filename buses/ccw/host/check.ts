import { hex } from '../../../lib/hypervisor';
import { CSTAT } from '../layout/scsw';

/** What is wrong with a channel program, and where: it ends the program with a bit in the subchannel status. */
export class ChannelCheck extends Error {
  /**
   * @param cstat the bit, see {@link CSTAT}
   * @param ccw address of the CCW at fault
   */
  constructor(
    readonly cstat: number,
    readonly ccw: number,
    readonly reason: string,
  ) {
    super(`CCW at ${hex(ccw)}: ${reason}`);
    this.name = 'ChannelCheck';
  }
}

export function programCheck(ccw: number, reason: string): ChannelCheck {
  return new ChannelCheck(CSTAT.PROGRAM_CHECK, ccw, reason);
}
