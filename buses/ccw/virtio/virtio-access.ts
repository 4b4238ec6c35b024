import type { DmaBuffer } from '../../../lib/access';
import { decodePlace } from '../../../lib/access/place';
import { styleOf, wantedStyles, type AccessParam } from '../../../lib/access/styles/guest-styles';
import { ENODEV, EPROTO } from '../../../lib/errno';
import { andThen, type MaySleep } from '../../../lib/may-sleep';
import { VIRTIO_PCI_VENDOR } from '../../../lib/virtio/spec';
import { transportDriver, transportLost, type Taken } from '../../../lib/virtio/transport-driver';
import { ccwBus } from '../guest/ccw-bus';
import type { CcwDevice, CcwDriver } from '../guest/device';
import { ACCESS_CMD, ACCESS_CU_TYPE, PLACE_BYTES, unpackPlace } from '../layout/access';
import { errorOf } from './interrupt';
import { ChannelIo } from './io';
import { autoOnline } from './virtio-ccw';

/** What the driver has of a device that is online. */
interface Channel {
  readonly io: ChannelIo;
  readonly area: DmaBuffer;
}

const channels = new WeakMap<CcwDevice, Channel>();

/** One command opens the device and reads the place. */
async function take(cdev: CcwDevice, param: AccessParam): Promise<Taken | number> {
  const { dma } = cdev.kernel;
  if (dma === null) return -ENODEV;
  const area = dma.alloc(8 + PLACE_BYTES, 8, `virtio_ccw_access ${String(cdev.name)}`);
  const io = new ChannelIo(cdev, area);
  channels.set(cdev, { io, area });
  const wanted = new Uint8Array(PLACE_BYTES);
  wanted.set(wantedStyles(param).map(({ code }) => code));
  const { error, data } = await io.run({ code: ACCESS_CMD.READ_PLACE, data: wanted });
  const answer = unpackPlace(data);
  const [style, place] = [styleOf(answer.style), decodePlace(answer.words)];
  if (error === 0 && style !== null && place !== null) {
    return { style, place, id: { device: cdev.ccwId.cuModel, vendor: VIRTIO_PCI_VENDOR } };
  }
  forget(cdev);
  return error === 0 ? -EPROTO : error;
}

function forget(cdev: CcwDevice): void {
  channels.get(cdev)?.area.free();
  channels.delete(cdev);
}

async function leave(cdev: CcwDevice): Promise<void> {
  await channels.get(cdev)?.io.run({ code: ACCESS_CMD.CLOSE, data: new Uint8Array(0) });
  forget(cdev);
}

/**
 * The driver for devices that are accessed in one of several styles: going online opens the device.
 *
 * @param param which style
 */
export function virtioAccessDriver(param: AccessParam): CcwDriver {
  const transport = transportDriver<CcwDevice>('virtio_ccw_access', {
    bus: ccwBus,
    take: (cdev) => take(cdev, param),
    leave,
  });
  const offline = (cdev: CcwDevice): MaySleep<void> =>
    andThen(transport.remove(cdev), () => {
      cdev.drvdata = null;
    });
  return {
    name: transport.name,
    bus: ccwBus,
    ids: [{ cuType: ACCESS_CU_TYPE }],
    probe(cdev) {
      cdev.handler = (_cdev, intparm, irb) => {
        channels.get(cdev)?.io.ended(intparm, typeof irb === 'number' ? irb : errorOf(irb));
      };
      void cdev.kernel.world.spawn(() => autoOnline(cdev), `virtio_ccw_auto_online ${String(cdev.name)}`, cdev.kernel);
    },
    setOnline: (cdev) => andThen(transport.probe(cdev), (error) => (error === 0 ? 0 : giveUp(cdev, error))),
    setOffline: offline,
    remove: (cdev) =>
      andThen(cdev.online ? offline(cdev) : undefined, () => {
        cdev.handler = null;
      }),
    notify(cdev, event) {
      if (event === 'gone') transportLost(cdev);
      return event === 'oper';
    },
  };
}

function giveUp(cdev: CcwDevice, error: number): number {
  cdev.drvdata = null;
  return error;
}
