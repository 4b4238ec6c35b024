import { EAGAIN, EBUSY, EINVAL, ENODEV } from '../../../lib/errno';
import { guard } from '../../../lib/base/guard';
import { kstrtoul } from '../../../lib/kstrtox';
import { CDEV_TODO, type CcwDevice } from './device';
import { ccwDeviceOffline, ccwDeviceOnline, ccwDeviceRecognition } from './fsm-done';
import { ioSubchannelQuiesce } from './quiesce';
import { stealLock } from './steal-lock';

/**
 * Opens a device: its subchannel is enabled, its paths are verified, its driver makes it ready. While it is online a
 * reference is held.
 *
 * @returns 0; -EINVAL when it is online or has no driver; -ENODEV when its paths do not work; the error of the driver:
 *   then it is closed again
 * @see drivers/s390/cio/device.c ccw_device_set_online
 */
export async function ccwDeviceSetOnline(cdev: CcwDevice): Promise<number> {
  if (cdev.online || cdev.ccwDriver === null) return -EINVAL;
  cdev.get();
  const opened = ccwDeviceOnline(cdev) || (await verified(cdev));
  const result = opened === 0 ? await callDriver(cdev, 'setOnline') : opened;
  if (result === 0) {
    cdev.online = true;
    return 0;
  }
  if (opened === 0) await rollback(cdev);
  cdev.put();
  return result;
}

async function verified(cdev: CcwDevice): Promise<number> {
  await cdev.waitFinal();
  // A basic sense may have begun meanwhile.
  const { state } = cdev as { readonly state: string };
  if (state === 'online' || state === 'w4sense') return 0;
  if (state === 'boxed') warn(cdev, 'Setting the device online failed because it is boxed');
  if (state === 'not-oper') warn(cdev, 'Setting the device online failed because it is not operational');
  return -ENODEV;
}

function warn(cdev: CcwDevice, text: string): void {
  cdev.kernel.log.warn(`${String(cdev.name)}: ${text}`);
}

/** A device whose driver was unbound meanwhile cannot be used. */
async function callDriver(cdev: CcwDevice, step: 'setOnline' | 'setOffline'): Promise<number> {
  const driver = cdev.ccwDriver;
  if (driver === null) return -ENODEV;
  const where = (): string => `ccw_device: ${step}, driver ${driver.name}, device ${String(cdev.name)}`;
  return guard(cdev.kernel.world, where, () => driver[step]?.(cdev));
}

/** The driver returned an error. */
async function rollback(cdev: CcwDevice): Promise<void> {
  await cdev.waitFinal(true);
  if (ccwDeviceOffline(cdev) === 0) await cdev.waitFinal(true);
  else cdev.state = 'offline';
}

/**
 * Closes a device, after its driver has set it offline.
 *
 * @returns 0; -EINVAL when it is not online; -ENODEV when it is gone; the error of the driver: then it is online
 * @see drivers/s390/cio/device.c ccw_device_set_offline
 */
export async function ccwDeviceSetOffline(cdev: CcwDevice): Promise<number> {
  if (!cdev.online || cdev.ccwDriver === null) return -EINVAL;
  const refused = await callDriver(cdev, 'setOffline');
  if (refused !== 0) return refused;
  cdev.online = false;
  await cdev.waitFinal(true);
  const result = await close(cdev);
  cdev.put();
  return result;
}

async function close(cdev: CcwDevice): Promise<number> {
  for (let result = ccwDeviceOffline(cdev); result !== 0; result = ccwDeviceOffline(cdev)) {
    if (result !== -EBUSY) {
      cdev.state = 'offline';
      cdev.event('notoper');
      return -ENODEV;
    }
    const { state } = cdev;
    await ioSubchannelQuiesce(cdev.sch, cdev);
    cdev.state = state;
  }
  await cdev.waitFinal(true);
  if (cdev.state === 'boxed') warn(cdev, 'The device entered boxed state while being set offline');
  if (cdev.state === 'not-oper') warn(cdev, 'The device stopped operating while being set offline');
  return 0;
}

/**
 * What is written to `online`: 0, 1 or "force", which breaks the reserve of another system.
 *
 * @returns nothing, or -EAGAIN while something else is done to the device; -EINVAL for other texts, for a device that
 *   is already so, and for one whose driver cannot; -ERANGE for a number of more than 64 bits
 * @see drivers/s390/cio/device.c online_store
 */
export async function onlineStore(cdev: CcwDevice, text: string): Promise<number | undefined> {
  if (cdev.onoff) return -EAGAIN;
  if (!cdev.isFinal && cdev.state !== 'disconnected') return -EAGAIN;
  if (cdev.cdevTodo !== CDEV_TODO.NOTHING) return -EAGAIN;
  // As strncmp with the length of the text: any beginning of the word will do.
  const force = 'force\n'.startsWith(text) || text.startsWith('force\n\0');
  const wanted = force ? 1n : kstrtoul(text, 16);
  if (typeof wanted === 'number') return wanted;
  cdev.onoff = true;
  await cdev.lock();
  const result = await handleOnoff(cdev, wanted, force);
  cdev.unlock();
  cdev.onoff = false;
  return result < 0 ? result : undefined;
}

async function handleOnoff(cdev: CcwDevice, wanted: bigint, force: boolean): Promise<number> {
  if (wanted === 0n) return handleOffline(cdev);
  return wanted === 1n ? handleOnline(cdev, force) : -EINVAL;
}

/** @see online_store_handle_offline */
async function handleOffline(cdev: CcwDevice): Promise<number> {
  if (cdev.state === 'disconnected') {
    cdev.schedTodo(CDEV_TODO.UNREG_EVAL);
    return 0;
  }
  return cdev.ccwDriver?.setOffline === undefined ? -EINVAL : ccwDeviceSetOffline(cdev);
}

/** @see online_store_handle_online */
async function handleOnline(cdev: CcwDevice, force: boolean): Promise<number> {
  const result = await recogAndOnline(cdev);
  if (result === 0 || !force) return result;
  if (cdev.state !== 'boxed') return 0;
  const stolen = await stealLock(cdev);
  if (stolen !== 0) return stolen;
  if (cdev.ccwId.cuType === 0) cdev.state = 'not-oper';
  return recogAndOnline(cdev);
}

/** A boxed device is recognised first. @see online_store_recog_and_online */
async function recogAndOnline(cdev: CcwDevice): Promise<number> {
  if (cdev.state === 'boxed') {
    ccwDeviceRecognition(cdev);
    await cdev.waitQ.waitUntil(cdev.kernel.world, () => cdev.flags.recogDone, `recog_done(${String(cdev.name)})`);
    if ((cdev.state as string) !== 'offline') return -EAGAIN;
  }
  return cdev.ccwDriver?.setOnline === undefined ? -EINVAL : ccwDeviceSetOnline(cdev);
}
