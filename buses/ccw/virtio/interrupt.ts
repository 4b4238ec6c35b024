import { EIO, EOPNOTSUPP } from '../../../lib/errno';
import { virtioConfigChanged } from '../../../lib/virtio';
import { SENSE0 } from '../layout/ccw';
import { DSTAT, type Irb } from '../layout/scsw';
import type { VirtioCcwDevice } from './transport';

/** The result of a command: an unknown command is distinguished from all other errors. */
export function errorOf({ scsw, ecw }: Irb): number {
  const unusual = scsw.dstat & ~(DSTAT.CHANNEL_END | DSTAT.DEVICE_END);
  if (scsw.cstat === 0 && unusual === 0 && scsw.cc === 0) return 0;
  const rejected = (scsw.dstat & DSTAT.UNIT_CHECK) !== 0 && ((ecw[0] ?? 0) & SENSE0.COMMAND_REJECT) !== 0;
  return rejected ? -EOPNOTSUPP : -EIO;
}

/**
 * An interrupt of a virtio device: the end of a command, a notification, or both.
 *
 * @param irb the error number instead for a command that was killed
 * @see drivers/s390/virtio/virtio_ccw.c virtio_ccw_int_handler
 */
export function virtioCcwHandler(vcdev: VirtioCcwDevice | null, intparm: number, irb: Irb | number): void {
  if (vcdev === null) return;
  if (typeof irb === 'number') {
    vcdev.ended(intparm, irb);
    return;
  }
  vcdev.ended(intparm, errorOf(irb));
  for (const vq of vcdev.takeIndicated()) vq.vqInterrupt();
  const vdev = vcdev.takeConfigIndicator() ? vcdev.findVdev() : null;
  if (vdev !== null) virtioConfigChanged(vdev);
}
