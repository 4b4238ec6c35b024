import { wantedStyles, type AccessParam } from '../../../lib/access/styles/guest-styles';
import { EINVAL, ENODEV } from '../../../lib/errno';
import type { AccessStyle } from '../../../lib/virtio/access-style';
import { transportDriver, type Taken } from '../../../lib/virtio/transport-driver';
import { platformBus } from '../guest/bus';
import type { PlatformDevice, PlatformDriver } from '../guest/device';
import type { DeviceNode } from '../guest/node';
import { platformGetIrq, platformGetResource } from '../guest/platform-resource';
import { ofPropertyMatchString } from '../guest/property';
import { IORESOURCE } from '../guest/resource';
import { ACCESS, CLIENT, cString } from '../layout';

/** The place is in properties; the firmware opens it in the style that is wanted. */
function take(pdev: PlatformDevice, param: AccessParam): Taken | number {
  const { ofNode: node, kernel } = pdev;
  if (node === null || kernel.port === null) return -ENODEV;
  const style = styleFor(node, param);
  if (style === null) return -EINVAL;
  const vector = platformGetIrq(pdev, 0);
  if (vector < 0) return vector;
  const { status } = kernel.port.hypercall(CLIENT.OPEN, [cString(`${node.fullName}:${style.name}`)]);
  if (status !== 0) return status;
  const window = platformGetResource(pdev, IORESOURCE.MEM, 0);
  const [base, size] = window === null ? [0, 0] : [Number(window.start), Number(window.end - window.start) + 1];
  return { style, place: { base, size, handle: handleOf(node), vector, value: null } };
}

function styleFor(node: DeviceNode, param: AccessParam): AccessStyle | null {
  return wantedStyles(param).find(({ name }) => ofPropertyMatchString(node, ACCESS.STYLES, name) >= 0) ?? null;
}

function handleOf(node: DeviceNode): number {
  const cell = node.property(ACCESS.HANDLE) ?? new Uint8Array(0);
  return cell.reduce((value, byte) => value * 256 + byte, 0);
}

function leave({ kernel, ofNode }: PlatformDevice): void {
  if (ofNode !== null) kernel.port?.hypercall(CLIENT.CLOSE, [ofNode.phandle]);
}

/** The transport driver for places that are accessed in one of several styles. @param param which one */
export function virtioAccessDriver(param: AccessParam): PlatformDriver {
  return {
    ...transportDriver<PlatformDevice>('virtio-access', {
      bus: platformBus,
      take: (pdev) => take(pdev, param),
      leave,
    }),
    ofMatchTable: [{ compatible: ACCESS.COMPATIBLE }],
  };
}
