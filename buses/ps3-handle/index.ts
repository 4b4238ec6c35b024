/**
 * The ps3-handle bus: the hypervisor gives a guest an unused device of a class, as a handle, and takes it back. Access
 * is by hypercalls with the handle and a command code, data in guest memory; interrupts return the handle.
 *
 * The bus models style (c) of probing in the mail, "PS3 style". Linux on the PS3 did not do that for devices: it read a
 * repository, which is style (b), and opened each device at bind. That is the strategy `repository`; `at-probe` is what
 * the mail describes. Results say which one they are of.
 *
 * Host half: host*.ts. Guest half: all else. Both know layout.ts, and nothing else of each other.
 */
import type { BusFixture, FixtureOptions, HostBus } from '../../lib/study/fixture';
import type { Hypervisor } from '../../lib/hypervisor';
import { bootPs3 } from './boot';
import { Ps3Host } from './host';
import { AtProbe, type Placeholders } from './strategies/at-probe';
import { Repository } from './strategies/repository';
import type { Ps3Strategy } from './strategies/strategy';

export { bootPs3 } from './boot';
export { ps3Modalias, ps3SystemBus } from './bus';
export { Ps3Device, type Ps3Address, type Ps3DeviceInit, type Ps3Driver } from './device';
export { Ps3Host } from './host';
export { className, COMMAND, HANDLE_VECTOR, LV1, MATCH_ID_VIRTIO } from './layout';
export { AtProbe, type Placeholders } from './strategies/at-probe';
export { Repository } from './strategies/repository';
export type { Ps3Strategy } from './strategies/strategy';
export { Ps3System } from './system';
export { ps3VirtioDriver } from './virtio-ps3';

/** How a ps3-handle machine is set up. */
export interface Ps3Options extends FixtureOptions {
  /**
   * Placeholders of each class that the pool has when a guest boots. Default: as many as the pool then has devices of
   * the class, so that all could be bound: what a scanned bus shows. With fewer, a bind has a choice of devices; with
   * more, some wait.
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
}

/** Devices of each class in the pool: what a guest is told on its command line, not through its port. */
function placeholdersFor({ pool }: Ps3Host, wanted: number | undefined): Placeholders {
  const classes = [...new Set(pool.devices.map(({ classId }) => classId))];
  return new Map(classes.map((classId) => [classId, wanted ?? pool.count(classId)]));
}

function fixture(
  strategy: string,
  description: string,
  make: (host: Ps3Host, options: Ps3Options) => Ps3Strategy,
): Ps3Fixture {
  return {
    bus: 'ps3-handle',
    strategy,
    description,
    install(hypervisor, options = {}) {
      const host = new Ps3Host(hypervisor, options);
      return { host, plug: (model) => host.plug(model), boot: (kernel) => bootPs3(kernel, make(host, options)) };
    },
  };
}

/** Placeholders per class; a bind allocates an unused device. */
export const ps3AtProbe = fixture(
  'at-probe',
  'style (c) of the mail: a placeholder per device, a handle to any unused device of the class is allocated at bind',
  (host, { placeholders }) => new AtProbe(placeholdersFor(host, placeholders)),
);

/** The repository is read; a bind opens the device that it lists. */
export const ps3Repository = fixture(
  'repository',
  'what Linux on the PS3 really did, style (b): the repository is read at boot, a listed device is opened at bind',
  () => new Repository(),
);

/** All strategies of this bus. */
export const ps3Handle: readonly Ps3Fixture[] = [ps3AtProbe, ps3Repository];
