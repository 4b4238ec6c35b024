import { devMessage } from '../../../lib/base/device';
import { ENODEV, EPERM, errnoName } from '../../../lib/errno';
import { ps3SystemBus } from './bus';
import type { Ps3Device, Ps3Driver } from './device';
import { MATCH_ID, MATCH_SUB_ID } from '../layout';

/**
 * Makes a call of the graphics processor.
 *
 * @returns 0, ENODEV for another device, or the error of the hypervisor
 */
export function touchGpu({ matchId, system }: Ps3Device): number {
  return matchId === MATCH_ID.GPU || matchId === MATCH_ID.SOUND ? system.lv1.gpuAttribute(0) : -ENODEV;
}

/** Makes one call, which has no effect. The device is assumed to be open. */
function gpuDriver(name: string, matchId: number, matchSubId = 0): Ps3Driver {
  return {
    name,
    bus: ps3SystemBus,
    matchId,
    matchSubId,
    probe(dev) {
      const status = touchGpu(dev);
      if (status === 0) return 0;
      dev.kernel.log.err(devMessage(dev, `lv1_gpu_attribute failed: ${errnoName(status)}`));
      return -EPERM;
    },
    remove: () => undefined,
  };
}

/** The driver of the frame buffer. @see drivers/video/fbdev/ps3fb.c */
export const ps3FbDriver = gpuDriver('ps3fb', MATCH_ID.GPU, MATCH_SUB_ID.GPU_FB);

/** The driver of sound. @see sound/ppc/snd_ps3.c */
export const ps3SoundDriver = gpuDriver('snd_ps3', MATCH_ID.SOUND);

/** The driver of the disk in video memory. @see drivers/block/ps3vram.c */
export const ps3VramDriver = gpuDriver('ps3vram', MATCH_ID.GPU, MATCH_SUB_ID.GPU_RAMDISK);
