/**
 * The ps3-handle bus: the hypervisor gives a guest an unused device of a class, as a handle, and takes it back. Access
 * is by hypercalls with the handle and a command code, data in guest memory; interrupts return the handle.
 *
 * The bus models style (c) of probing in the mail, "PS3 style". Linux on the PS3 did not do that for devices: it read a
 * repository, which is style (b), and opened each device at bind. That is the strategy `repository`; `eager`, `lazy`
 * and `at-probe` are three times at which style (c) can allocate; `at-online` and `named` go beyond the mail. Results
 * say which one they are of.
 *
 * @module linux-driver-model/buses/ps3-handle
 */
import { wantedStyles, type AccessParam } from '../../lib/access/styles/guest-styles';
import type { Kernel } from '../../lib/base/kernel';
import type { MaySleep } from '../../lib/may-sleep';
import type { BusFixture, FixtureOptions, GuestBus, HostBus, NativeDevices, Plugged } from '../../lib/machine/fixture';
import type { DeviceModel, Guest, Hypervisor } from '../../lib/hypervisor';
import { bootSystemBus } from './guest/boot';
import { Ps3Device, type Ps3Strategy } from './guest/device';
import { Ps3Host } from './host/host';
import { GraphicsProcessor, UsbController } from './host/native';
import { AtOnline } from './guest/strategies/at-online';
import { AtProbe } from './guest/strategies/at-probe';
import { Eager } from './guest/strategies/eager';
import { Lazy } from './guest/strategies/lazy';
import { Named } from './guest/strategies/named';
import type { PerClass } from './guest/strategies/names';
import { Repository } from './guest/strategies/repository';
import { ps3FbDriver, ps3SoundDriver, ps3VramDriver, touchGpu } from './guest/gpu';
import { ps3EhciDriver, ps3OhciDriver, readUsbRevision } from './guest/usb';
import { ps3VirtioDriver } from './virtio/virtio-ps3';

export { ps3Modalias, ps3SystemBus } from './guest/bus';
export {
  Ps3Device,
  type Ps3Address,
  type Ps3DeviceInit,
  type Ps3Driver,
  type Ps3Strategy,
  Ps3System,
} from './guest/device';
export { Ps3Host } from './host/host';
export { GraphicsProcessor, UsbController } from './host/native';
export { ps3FbDriver, ps3SoundDriver, ps3VramDriver, touchGpu } from './guest/gpu';
export { className, COMMAND, HANDLE_VECTOR, LV1, MATCH_ID, MATCH_ID_VIRTIO } from './layout';
export { AtOnline, type AtOnlineOptions } from './guest/strategies/at-online';
export { AtProbe } from './guest/strategies/at-probe';
export { Eager } from './guest/strategies/eager';
export { Lazy } from './guest/strategies/lazy';
export { Named } from './guest/strategies/named';
export type { PerClass, Placeholders } from './guest/strategies/names';
export { Repository } from './guest/strategies/repository';
export { ps3EhciDriver, ps3OhciDriver, readUsbRevision } from './guest/usb';
export { ps3VirtioDriver } from './virtio/virtio-ps3';

/**
 * The guest half of one kernel: the bus and its devices; no driver. The strategy must be a new one.
 *
 * @param access the styles in which devices are opened. Default: by commands to their handle
 *
 * @throws ErrnoError ENODEV without a hypervisor, EBUSY when the kernel has this bus already, the error of the scan
 */
export function bootPs3(kernel: Kernel, strategy: Ps3Strategy, access?: AccessParam): MaySleep<GuestBus> {
  const styles = access === undefined ? [] : wantedStyles(access).map(({ code }) => code);
  return bootSystemBus(kernel, strategy, ps3VirtioDriver, styles);
}

/** How a ps3-handle machine is set up. */
export interface Ps3Options extends FixtureOptions {
  /**
   * Names of each class that was plugged when a guest boots: placeholders (at-probe, at-online), devices for a driver
   * (lazy), devices that userspace creates (named). Default for placeholders: as many as devices of the class were
   * plugged, so that all could be bound: what a scanned bus shows. With fewer, a bind has a choice of devices; with
   * more, some wait. Default for lazy and named, which claim what they name: as many as were plugged for the guest.
   */
  readonly placeholders?: number;
}

/** A fixture of this bus. */
export interface Ps3Fixture extends BusFixture {
  readonly strategy: string;
  /** In one sentence, for reports. */
  readonly description: string;
  install(hypervisor: Hypervisor, options?: Ps3Options): Ps3HostBus;
}

/** The host half with a strategy for guests that boot. */
export interface Ps3HostBus extends HostBus {
  readonly host: Ps3Host;
  /** @param guest whose share of the pool grows by this device; absent: every guest's */
  plug(model: DeviceModel, guest?: Guest, place?: number): Plugged;
}

/** What a guest's configuration says: on its command line and on its disk, not through its port. */
interface Configuration {
  /** The classes of the pool. */
  readonly classes: readonly number[];
  /** So many of each class as it has devices. */
  readonly all: PerClass;
  /** So many of each class as were plugged for this guest. */
  readonly share: PerClass;
  readonly hasGpu: boolean;
}

/** A device that was ever plugged. */
interface Known {
  readonly classId: number;
  readonly isGpu: boolean;
  /** The guests that it was plugged for; undefined: every guest. */
  readonly guests: Set<string | undefined>;
}

/** The devices that were ever plugged, by name: a device is also configured while it is unplugged. */
type Shares = ReadonlyMap<string, Known>;

function configurationOf(shares: Shares, guest: Guest, wanted: number | undefined): Configuration {
  const all = [...shares.values()];
  const own = all.filter(({ guests }) => guests.has(undefined) || guests.has(guest.name));
  const classes = [...new Set(all.map(({ classId }) => classId))].filter((id) => id !== 0);
  const count = (of: readonly Known[], id: number): number => of.filter(({ classId }) => classId === id).length;
  const perClass = (of: readonly Known[]): PerClass => new Map(classes.map((id) => [id, wanted ?? count(of, id)]));
  return { classes, all: perClass(all), share: perClass(own), hasGpu: all.some(({ isGpu }) => isGpu) };
}

function learn(shares: Map<string, Known>, model: DeviceModel, guest: Guest | undefined): void {
  const known = shares.get(model.name);
  const guests = known?.classId === model.deviceId ? known.guests : new Set<string | undefined>();
  const isGpu = model instanceof GraphicsProcessor;
  shares.set(model.name, { classId: model.deviceId, isGpu, guests: guests.add(guest?.name) });
}

type MakeStrategy = (configuration: Configuration) => Ps3Strategy;

function fixture(strategy: string, description: string, make: MakeStrategy, native?: NativeDevices): Ps3Fixture {
  return {
    bus: 'ps3-handle',
    strategy,
    ownership: ['shared', 'private'],
    description,
    ...(native === undefined ? {} : { native }),
    install(hypervisor, options = {}) {
      const host = new Ps3Host(hypervisor, options);
      const shares = new Map<string, Known>();
      return {
        host,
        plug(model, guest, place) {
          const plugged = host.plug(model, place, guest);
          learn(shares, model, guest);
          return plugged;
        },
        boot: (kernel, guest) => {
          const { access, accessParam = 'best', placeholders } = options;
          const configuration = configurationOf(shares, guest, placeholders);
          const own = { ...configuration, all: configuration.share };
          const strategy = make(options.ownership === 'private' ? own : configuration);
          return bootPs3(kernel, strategy, access === undefined ? undefined : accessParam);
        },
      };
    },
  };
}

/** A scan takes all there is. */
export const ps3Eager = fixture(
  'eager',
  'style (c), at once: a scan allocates until the hypervisor has none left, a handle goes back when its device is ' +
    'released',
  ({ classes }) => new Eager(classes),
);

/** The registration of a driver takes what is for it. */
export const ps3Lazy = fixture(
  'lazy',
  'style (c), late: the registration of a driver allocates and makes its devices, its unregistration gives them back',
  ({ share }) => new Lazy(share),
);

/** Placeholders per class; a bind allocates an unused device. */
export const ps3AtProbe = fixture(
  'at-probe',
  'style (c) of the mail: a placeholder per device, a handle to any unused device of the class is allocated at bind',
  ({ all }) => new AtProbe(all),
);

/**
 * Devices of the hypervisor with two and three on the bus. They have no class, so allocation by class does not find
 * them.
 */
const ps3Natives: NativeDevices = {
  kinds: 2,
  makeModel: (index) => (index % 2 === 0 ? new UsbController(`usb${String(index / 2)}`) : new GraphicsProcessor('gpu')),
  drivers: [ps3EhciDriver, ps3OhciDriver, ps3FbDriver, ps3SoundDriver, ps3VramDriver],
  touch: (dev) => dev instanceof Ps3Device && dev.isBound && (readUsbRevision(dev) !== null || touchGpu(dev) === 0),
};

/** The repository is read; a bind opens the device that it lists. */
export const ps3Repository = fixture(
  'repository',
  'what Linux on the PS3 really did, style (b): the repository is read at boot, a listed device is opened at bind',
  ({ hasGpu }) => new Repository(hasGpu),
  ps3Natives,
);

/** Binding is free, going online allocates. */
export const ps3AtOnline = fixture(
  'at-online',
  'beyond the mail, as ccw does it: a bind is free, a device that goes online allocates one of its class',
  ({ all }) => new AtOnline(all),
);

/** Userspace names devices. */
export const ps3Named = fixture(
  'named',
  'beyond the mail, as mediated devices do it: a name that userspace writes becomes a device until it is removed',
  ({ classes, share }) => new Named(classes, share),
);

/** All strategies of this bus, in the order of the study. */
export const ps3Handle: readonly Ps3Fixture[] = [ps3Eager, ps3Lazy, ps3AtProbe, ps3Repository, ps3AtOnline, ps3Named];
