import { vpci } from '../../buses/vpci';
import { virtioBlk } from '../../drivers/virtio_blk';
import {
  blockWorkload,
  DeviceModel,
  INVARIANTS,
  Testbed,
  wholeProof,
  type BusFixture,
  type Conditions,
  type DeviceHost,
  type DeviceRequest,
  type Finding,
  type Guest,
  type GuestBus,
  type HostBus,
  type Hypervisor,
  type Kernel,
} from '../../lib';

const CONDITIONS: Conditions = { seed: 1, devices: 3, policy: 'lowest' };

/** A finding with every line of its evidence as it reads. */
export type Detected = Omit<Finding, 'evidence'> & { readonly evidence: readonly string[] };

/** The finding of an invariant's detector on a bus; with three disks by default. */
export async function detect(id: string, fixture: BusFixture, conditions: Partial<Conditions> = {}): Promise<Detected> {
  const invariant = INVARIANTS.find((known) => known.id === id);
  if (invariant === undefined) throw new Error(`no invariant ${id}`);
  const finding = await invariant.detect(
    new Testbed(fixture, { ...CONDITIONS, ...conditions }, blockWorkload(virtioBlk)),
  );
  return { ...finding, evidence: wholeProof(finding.evidence) };
}

/** What a made-up bus can reach. */
export interface Made {
  readonly hypervisor: Hypervisor;
  readonly models: readonly DeviceModel[];
  readonly kernel: Kernel;
  readonly guest: Guest;
  /** How often a kernel has booted before on this hypervisor. */
  readonly boots: number;
}

type Boot = (host: HostBus, ...args: Parameters<HostBus['boot']>) => ReturnType<HostBus['boot']>;

/** A PCI bus that plugs and boots in another way. @param make what is plugged instead of the n-th model */
function madeUp(
  make: (models: readonly DeviceModel[], index: number) => DeviceModel,
  boots: (hypervisor: Hypervisor, models: readonly DeviceModel[]) => Boot,
): BusFixture {
  return {
    bus: 'made-up',
    strategy: null,
    install(hypervisor) {
      const host = vpci.install(hypervisor);
      const models: DeviceModel[] = [];
      const boot = boots(hypervisor, models);
      return {
        plug(model, guest) {
          const index = models.push(model) - 1;
          return host.plug(make(models, index), guest);
        },
        boot: (kernel, guest) => boot(host, kernel, guest),
      };
    },
  };
}

/**
 * A PCI bus that breaks a rule.
 *
 * @param spoil what its guest half does otherwise, called after the scan
 * @param before called before the scan
 */
export function spoiled(
  spoil: (bus: GuestBus, made: Made) => Partial<GuestBus>,
  before: (kernel: Kernel) => void = () => undefined,
): BusFixture {
  const boots = (hypervisor: Hypervisor, models: readonly DeviceModel[]): Boot => {
    let count = 0;
    return async (host, kernel, guest) => {
      before(kernel);
      const bus = await host.boot(kernel, guest);
      return { ...bus, ...spoil(bus, { hypervisor, models, kernel, guest, boots: count++ }) };
    };
  };
  return madeUp((models, index) => models[index]!, boots);
}

/** A PCI bus whose devices send no events. */
export const silent = spoiled(
  () => ({}),
  (kernel) => {
    Object.assign(kernel.devicesKset, { ueventOps: { filter: () => false } });
  },
);

/** A model that stands in for others: each request is served by the one that `target` names at that time. */
export class Relay extends DeviceModel {
  constructor(
    readonly name: string,
    readonly target: () => DeviceModel,
    readonly onReset: () => void = () => undefined,
  ) {
    super();
  }

  get deviceId(): number {
    return this.target().deviceId;
  }

  override features(): bigint {
    return this.target().features();
  }

  override queueSizes(): readonly number[] {
    return this.target().queueSizes();
  }

  override config(): Uint8Array {
    return this.target().config();
  }

  override handle(queue: number, request: DeviceRequest, host: DeviceHost): void {
    const target = this.target();
    const complete = (written?: Uint8Array, more?: Uint8Array): void => {
      target.served += 1;
      request.complete(written, more);
    };
    target.handle(queue, { readable: request.readable, writable: request.writable, complete }, host);
  }

  override reset(): void {
    this.onReset();
  }
}

/** A PCI bus with other devices than those that are plugged. @param make what is plugged instead of the n-th model */
export function replaced(make: (models: readonly DeviceModel[], index: number) => DeviceModel): BusFixture {
  return madeUp(make, () => (host, kernel, guest) => host.boot(kernel, guest));
}

/** A PCI bus on which each reset of a device, as a bind makes it, moves all names on by a device. */
export function shifting(): BusFixture {
  let shift = 0;
  return replaced((models, i) => {
    const target = (): DeviceModel => models[(i + shift) % models.length]!;
    return new Relay(`relay${String(i)}`, target, () => void shift++);
  });
}
