import type { StyleName } from '../../access/place';
import { COSTS, type CostCounters } from '../../hypervisor';
import { classDeviceBelow, Machine, type BusFixture, type MachineGuest, type Workload } from '../../machine';
import type { Device } from '../../base/device';
import { blockDisk } from '../../subsystems/block';
import type { VirtioDevice } from '../../virtio';
import type { AccessTransport } from '../../virtio/access-style';

/** A style by name, or what the bus has itself. */
export type Access = StyleName | 'native';

export const ACCESSES: readonly Access[] = ['native', 'mmio', 'channel', 'mapped', 'fd'];

/** What a part of a device's life costs. */
export const PHASES = ['scan', 'attach', 'request', 'detach'] as const;

export type Phase = (typeof PHASES)[number];

/** Exits of a phase: those that talk to the device, and the others. */
interface PhaseCost {
  readonly probing: number;
  readonly access: number;
}

/** One driver on one bus in one style. */
export interface AccessRun {
  readonly bus: string;
  readonly strategy: string | null;
  readonly access: Access;
  readonly driver: string;
  /** Did the driver get the device? */
  readonly bound: boolean;
  /** Did what came back equal what the device holds? */
  readonly ioVerified: boolean;
  /** Of the whole run. */
  readonly cost: { readonly probing: Cost; readonly access: Cost };
  readonly phases: Readonly<Record<Phase, PhaseCost>>;
  /** Bytes of device memory that the guest has mapped for it while it is bound. */
  readonly window: number;
  /** Exits that it takes to ask the device what it is. */
  readonly identify: number;
}

/** Counters of a part of the exits. Interrupts and copies are all for access. */
type Cost = Pick<
  CostCounters,
  'exits' | 'hypercalls' | 'interrupts' | 'bytesCopiedHost' | 'bytesCopiedGuest' | 'latencyNs'
>;

/** Bytes of the request whose cost is measured on a block device. */
const REQUEST_SECTORS = 8;

/**
 * A world with one device, one guest and one driver: found, bound, used, let go.
 *
 * @throws ErrnoError the error of the boot
 */
export async function measureAccess(fixture: BusFixture, access: Access, workload: Workload): Promise<AccessRun> {
  const models = [workload.makeModel(0)];
  const conditions = { seed: 1, devices: 1, policy: 'lowest' } as const;
  const offered = access === 'native' ? {} : { access: [access] };
  const machine = new Machine(fixture, { ...conditions, ...offered }, models);
  const guest = machine.guest();
  const meter = new Meter(() => guest.counters());
  await guest.boot();
  meter.end('scan');
  await guest.loadTransport();
  await guest.loadDriver(workload.driver);
  for (const name of guest.boundNames()) {
    const write = guest.bus.onlineWrite?.(name) ?? null;
    if (write !== null) await guest.write(write.path, write.text);
  }
  meter.end('attach');
  const [dev] = [...(guest.kernel.busOf(workload.driver.bus)?.devices() ?? [])].filter(({ isBound }) => isBound);
  const bound = dev !== undefined;
  if (bound) await request(dev, workload, () => workload.touch(guest, dev));
  meter.end('request');
  const ioVerified = bound && (await workload.verify(guest, dev, models));
  const { memoryMapped } = guest.counters();
  const identify = bound ? exitsToIdentify(guest, dev) : 0;
  meter.skip();
  await guest.unloadDriver(workload.driver);
  await guest.unloadDriver(guest.bus.transport);
  await machine.settle();
  meter.end('detach');
  const window = memoryMapped - guest.counters().memoryMapped;
  const { bus, strategy } = fixture;
  const { driver } = workload;
  return {
    bus,
    strategy,
    access,
    driver: driver.name,
    bound,
    ioVerified,
    cost: split(guest.counters()),
    phases: meter.phases,
    window,
    identify,
  };
}

function exitsToIdentify(guest: MachineGuest, dev: Device): number {
  const before = guest.counters().exits;
  const { transport } = dev as VirtioDevice;
  (transport as Partial<AccessTransport>).identify?.();
  return guest.counters().exits - before;
}

/** 4 KiB where there is a disk; else what the workload does to make a request. */
async function request(dev: Device, workload: Workload, touch: () => Promise<boolean>): Promise<void> {
  const disk = classDeviceBelow(dev, 'block');
  const block = disk === undefined ? null : blockDisk(disk.kernel, disk.name ?? '');
  if (block === null) await touch();
  else await block.readSectors(0, REQUEST_SECTORS);
}

/** Exits since the last phase ended. */
class Meter {
  readonly phases: Record<Phase, PhaseCost> = {
    scan: NOTHING,
    attach: NOTHING,
    request: NOTHING,
    detach: NOTHING,
  };
  readonly #counters: () => CostCounters;
  #before: CostCounters;

  constructor(counters: () => CostCounters) {
    this.#counters = counters;
    this.#before = counters();
  }

  end(phase: Phase): void {
    const now = this.#counters();
    const access = now.accessExits - this.#before.accessExits;
    this.phases[phase] = { access, probing: now.exits - this.#before.exits - access };
    this.#before = now;
  }

  /** What was done since does not count. */
  skip(): void {
    this.#before = this.#counters();
  }
}

const NOTHING: PhaseCost = { probing: 0, access: 0 };

function split(all: CostCounters): AccessRun['cost'] {
  const { interrupts, bytesCopiedHost, bytesCopiedGuest } = all;
  const access = {
    exits: all.accessExits,
    hypercalls: all.accessCalls,
    interrupts,
    bytesCopiedHost,
    bytesCopiedGuest,
    latencyNs: all.accessNs + interrupts * COSTS.interrupt,
  };
  const probing = {
    exits: all.exits - access.exits,
    hypercalls: all.hypercalls - access.hypercalls,
    interrupts: 0,
    bytesCopiedHost: 0,
    bytesCopiedGuest: 0,
    latencyNs: all.latencyNs - access.latencyNs,
  };
  return { probing, access };
}
