import { channelStyleOver } from '../../../lib/access/styles/channel/guest';
import { styleOf } from '../../../lib/access/styles/guest-styles';
import { ENODEV, EPROTO } from '../../../lib/errno';
import { VIRTIO_PCI_VENDOR } from '../../../lib/virtio/spec';
import { transportDriver, type Taken } from '../../../lib/virtio/transport-driver';
import { ps3SystemBus } from '../guest/bus';
import type { Ps3Device, Ps3Driver } from '../guest/device';
import { HANDLE_VECTOR, LV1, LV1_NAMES, MATCH_ID_VIRTIO } from '../layout';

/** Commands on the handle: what a device has that was not opened with styles. */
const nativeStyle = channelStyleOver({ nr: LV1.DEVICE_COMMAND, name: LV1_NAMES[LV1.DEVICE_COMMAND] ?? '' });

/** The strategy has claimed the device, or it has not. What is at a place is asked: it may have gone since. */
function take({ system, handle, classId }: Ps3Device): Taken | number {
  if (handle === null) return -ENODEV;
  const access = system.lv1.accessOf(handle);
  if (access === undefined) {
    const place = { base: 0, size: 0, handle, vector: HANDLE_VECTOR, value: handle };
    return { style: nativeStyle, place, id: { device: classId, vendor: VIRTIO_PCI_VENDOR } };
  }
  const style = styleOf(access.style);
  return style === null ? -EPROTO : { style, place: access.place };
}

/**
 * The transport driver: it registers a device on the virtio bus for each device that it binds. Like virtio-mmio it
 * binds devices of all classes, so its alias has no class; the driver for the class is found by the alias of the virtio
 * device.
 */
export const ps3VirtioDriver: Ps3Driver = {
  ...transportDriver<Ps3Device>('ps3_virtio', {
    bus: ps3SystemBus,
    take,
    leave: () => undefined,
    workqueue: ({ system }) => system.workqueue,
  }),
  matchId: MATCH_ID_VIRTIO,
};
