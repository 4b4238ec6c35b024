import { STATUS } from '../virtio/spec';
import { hex } from './memory';

/**
 * The bits that a driver may set, in order, with those that must stand before. VIRTIO 1.2 §2.1, §3.1.1
 *
 * @internal tests try each
 */
export const TRANSITIONS = [
  { bit: STATUS.ACKNOWLEDGE, name: 'ACKNOWLEDGE', needs: 0 },
  { bit: STATUS.DRIVER, name: 'DRIVER', needs: STATUS.ACKNOWLEDGE },
  { bit: STATUS.FEATURES_OK, name: 'FEATURES_OK', needs: STATUS.ACKNOWLEDGE | STATUS.DRIVER },
  { bit: STATUS.DRIVER_OK, name: 'DRIVER_OK', needs: STATUS.ACKNOWLEDGE | STATUS.DRIVER | STATUS.FEATURES_OK },
  { bit: STATUS.FAILED, name: 'FAILED', needs: 0 },
] as const;

const DRIVER_BITS = TRANSITIONS.reduce((bits, row) => bits | row.bit, 0);

/** Why a driver may not go from one status to another; undefined when it may. Zero is a reset and always legal. */
export function statusFault(current: number, written: number): string | undefined {
  if (written === 0) return undefined;
  const cleared = current & ~written & DRIVER_BITS;
  if (cleared !== 0) return `clears ${hex(cleared)} without a reset`;
  const foreign = written & ~current & ~DRIVER_BITS;
  if (foreign !== 0) return `sets ${hex(foreign)}, which is not the driver's`;
  const early = TRANSITIONS.find(({ bit, needs }) => (written & bit) !== 0 && (written & needs) !== needs);
  return early === undefined ? undefined : `sets ${early.name} before ${hex(early.needs & ~written)}`;
}
