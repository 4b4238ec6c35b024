/**
 * Channel I/O: a scan of subchannels, each of which leads to a device; devices are recognised by asking them, and named
 * by their device numbers. Binding, and going online, are separate steps.
 *
 * Guest half: {@link channelSubsystemInit}, {@link ccwBus}, {@link CcwDriver}, {@link virtioCcw}. Host half:
 * {@link CcwHost}, {@link ControlUnit}.
 *
 * @module linux-driver-model/buses/ccw
 */
import type { Kernel } from '../../lib/base/kernel';
import { andThen, type MaySleep } from '../../lib/may-sleep';
import type { BusFixture, GuestBus } from '../../lib/machine/fixture';
import { registerVirtioBus } from '../../lib/virtio';
import { ccwBus } from './guest/ccw-bus';
import { channelSubsystem, cssBusInit, cssRescan } from './guest/css';
import type { ChannelSubsystem } from './guest/subchannel';
import type { CcwDriver } from './guest/device';
import { CcwHost } from './host/host';
import { ioSubchannelDriver } from './guest/io-subchannel';
import { virtioAccessDriver } from './virtio/virtio-access';
import { virtioCcw } from './virtio/virtio-ccw';

export { ccwBus, ccwIdMatch, ccwModalias } from './guest/ccw-bus';
export { cdevOf, ioSubchannelDriver } from './guest/io-subchannel';
export { channelSubsystem, cssRescan } from './guest/css';
export {
  CcwDevice,
  type CcwDeviceId,
  type CcwDriver,
  type CcwHandler,
  type CioEvent,
  type DevEvent,
  type DevState,
} from './guest/device';
export { ccwDeviceClear, ccwDeviceHalt, ccwDeviceResume, ccwDeviceStart, type CcwStart } from './guest/device-ops';
export { DEV_JUMPTABLE } from './guest/fsm';
export { ccwDeviceSetOffline, ccwDeviceSetOnline } from './guest/online';
export { ChannelSubsystem, cssBus, Subchannel, type CssDriver } from './guest/subchannel';
export { virtioCcw } from './virtio/virtio-ccw';
export { CcwHost, type CcwPlugged, type VirtioPlace } from './host/host';
export { HostCss, type ChannelPath, type SubchannelPlace } from './host/css';
export type { CommandData } from './host/data';
export { ControlUnit, ENDED } from './host/unit';
export * from './layout';
export * from './layout/ccw';
export * from './layout/scsw';
export * from './layout/schib';
export * from './layout/virtio';

/**
 * Registers the buses virtio, css and ccw and the driver of subchannels, scans for devices and waits until all are
 * recognised.
 *
 * @throws ErrnoError EEXIST when it was done before, ENODEV in a kernel without a host, ENOMEM
 * @see drivers/s390/cio/css.c channel_subsystem_init, channel_subsystem_init_sync
 */
export function channelSubsystemInit(kernel: Kernel): MaySleep<ChannelSubsystem> {
  return kernel.world.run(() => init(kernel), 'channel_subsystem_init', kernel);
}

async function init(kernel: Kernel): Promise<ChannelSubsystem> {
  await registerVirtioBus(kernel);
  const css = channelSubsystem(kernel);
  await cssBusInit(css);
  await kernel.registerBus(ccwBus);
  await kernel.registerDriver(ioSubchannelDriver);
  await cssRescan(css);
  return css;
}

/** Channel I/O for tests and comparisons. */
export const ccw: BusFixture = {
  bus: 'ccw',
  strategy: null,
  ownership: ['private'],
  install(hypervisor, { access, accessParam = 'best' } = {}) {
    const host = new CcwHost(hypervisor, access === undefined ? {} : { access });
    const transport = access === undefined ? virtioCcw : virtioAccessDriver(accessParam);
    return {
      plug: (model, guest, devno) => host.plug(model, guest, devno === undefined ? {} : { devno }),
      boot: (kernel) => andThen(channelSubsystemInit(kernel), (css): GuestBus => guestBus(kernel, css, transport)),
    };
  },
};

function guestBus(kernel: Kernel, css: ChannelSubsystem, transport: CcwDriver): GuestBus {
  const rescan = (): MaySleep<void> => kernel.world.run(() => cssRescan(css), 'css_rescan', kernel);
  return { busName: ccwBus.name, transport, cannotSleep: true, rescan };
}
