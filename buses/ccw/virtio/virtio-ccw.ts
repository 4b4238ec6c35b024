import { errnoOf } from '../../../lib/errno';
import { andThen, type MaySleep } from '../../../lib/may-sleep';
import { registerVirtioDevice, unregisterVirtioDevice, virtioBreakDevice } from '../../../lib/virtio';
import { devMessage } from '../../../lib/base/device';
import { VIRTIO_CU_TYPE } from '../layout/virtio';
import { ccwBus } from '../guest/ccw-bus';
import type { CcwDevice, CcwDriver } from '../guest/device';
import { ccwDeviceSetOnline } from '../guest/online';
import { virtioCcwHandler } from './interrupt';
import { VirtioCcwDevice } from './transport';

function vcdevOf(cdev: CcwDevice): VirtioCcwDevice | null {
  return cdev.drvdata as VirtioCcwDevice | null;
}

/**
 * Binding only takes the device; it goes online by itself a moment later.
 *
 * @see drivers/s390/virtio/virtio_ccw.c virtio_ccw_probe
 */
function probe(cdev: CcwDevice): void {
  cdev.handler = (_cdev, intparm, irb) => virtioCcwHandler(vcdevOf(cdev), intparm, irb);
  void cdev.kernel.world.spawn(() => autoOnline(cdev), `virtio_ccw_auto_online ${String(cdev.name)}`, cdev.kernel);
}

/** Holds the device meanwhile, so that its driver cannot leave it in between. @see virtio_ccw_auto_online */
export async function autoOnline(cdev: CcwDevice): Promise<void> {
  await cdev.lock();
  const error = await ccwDeviceSetOnline(cdev);
  cdev.unlock();
  if (error !== 0) cdev.kernel.log.warn(devMessage(cdev, `Failed to set online: ${String(error)}`));
}

/** @see drivers/s390/virtio/virtio_ccw.c virtio_ccw_online */
async function online(cdev: CcwDevice): Promise<number> {
  const vcdev = new VirtioCcwDevice(cdev);
  cdev.drvdata = vcdev;
  const refused = await vcdev.setTransportRevision();
  const error = refused === 0 ? await registerVirtio(cdev, vcdev) : refused;
  if (error !== 0) cdev.drvdata = null;
  if (refused !== 0) vcdev.free();
  return error;
}

/** The vendor is the control unit's type, the device its model. */
async function registerVirtio(cdev: CcwDevice, vcdev: VirtioCcwDevice): Promise<number> {
  const id = { device: cdev.ccwId.cuModel, vendor: cdev.ccwId.cuType };
  try {
    const init = { parent: cdev, transport: vcdev, id, release: () => vcdev.free() };
    vcdev.vdev = await registerVirtioDevice(cdev.kernel, init);
    return 0;
  } catch (error) {
    const no = errnoOf(error);
    if (no === undefined) throw error;
    cdev.kernel.log.warn(devMessage(cdev, `Failed to register virtio device: ${String(no)}`));
    return no;
  }
}

/** Only one may take it away. @see virtio_grab_drvdata */
function grab(cdev: CcwDevice): VirtioCcwDevice | null {
  const vcdev = vcdevOf(cdev);
  if (vcdev === null || vcdev.goingAway) return null;
  vcdev.goingAway = true;
  return vcdev;
}

/** Queues of a device that is lost are broken first: its driver then waits for nothing. */
function takeAway(cdev: CcwDevice, vcdev: VirtioCcwDevice): MaySleep<void> {
  const { vdev } = vcdev;
  if (vdev !== null && vcdev.deviceLost) virtioBreakDevice(vdev);
  return andThen(vdev === null ? undefined : unregisterVirtioDevice(vdev), () => {
    cdev.drvdata = null;
  });
}

/** @see drivers/s390/virtio/virtio_ccw.c virtio_ccw_remove */
function remove(cdev: CcwDevice): MaySleep<void> {
  const vcdev = grab(cdev);
  const gone = vcdev !== null && cdev.online ? takeAway(cdev, vcdev) : undefined;
  return andThen(gone, () => {
    cdev.handler = null;
  });
}

/** @see drivers/s390/virtio/virtio_ccw.c virtio_ccw_offline */
function offline(cdev: CcwDevice): MaySleep<void> {
  const vcdev = grab(cdev);
  return vcdev === null ? undefined : takeAway(cdev, vcdev);
}

/**
 * Virtio devices behind channels: a virtio device for each that is online.
 *
 * @see drivers/s390/virtio/virtio_ccw.c virtio_ccw_driver, VIRTIO 1.2 §4.3
 */
export const virtioCcw: CcwDriver = {
  name: 'virtio_ccw',
  bus: ccwBus,
  ids: [{ cuType: VIRTIO_CU_TYPE }],
  probe,
  remove,
  setOnline: online,
  setOffline: offline,
  notify: (cdev, event) => {
    const vcdev = vcdevOf(cdev);
    if (vcdev !== null && event === 'gone') vcdev.deviceLost = true;
    return vcdev !== null && event === 'oper';
  },
};
