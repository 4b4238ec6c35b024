import { decodePlace } from '../../../lib/access/place';
import { styleOf, wantedStyles, type AccessParam } from '../../../lib/access/styles/guest-styles';
import { ENODEV, EPROTO } from '../../../lib/errno';
import { VIRTIO_PCI_VENDOR } from '../../../lib/virtio/spec';
import { transportDriver, type Taken } from '../../../lib/virtio/transport-driver';
import { vbusType, type VbusDevice, type VbusDriver } from '../guest/bus';
import { VBUS } from '../layout';

function take(dev: VbusDevice, param: AccessParam): Taken | number {
  const codes = wantedStyles(param).map(({ code }) => code);
  const result = dev.kernel.port?.hypercall(VBUS.OPEN, [dev.vbusId, ...codes]);
  // What an image had open, another host may refuse.
  dev.isOpen = result?.status === 0;
  if (result === undefined || result.status !== 0) return result?.status ?? -ENODEV;
  const [code, ...words] = result.values;
  const [style, place] = [styleOf(Number(code)), decodePlace(words)];
  const id = { device: dev.classId, vendor: VIRTIO_PCI_VENDOR };
  if (style !== null && place !== null) return { style, place, id };
  dev.close();
  return -EPROTO;
}

/** The transport driver: opens late, when it binds. @param param in which style */
export function vbusVirtioDriver(param: AccessParam): VbusDriver {
  return transportDriver<VbusDevice>('virtio_vbus', {
    bus: vbusType,
    take: (dev) => take(dev, param),
    leave: (dev) => dev.close(),
  });
}
