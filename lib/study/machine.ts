import type { Kernel } from '../base/kernel';
import { Hypervisor, type DeviceModel } from '../hypervisor';
import { World } from '../world';
import { Evidence } from './evidence';
import type { AllocationPolicy, BusFixture, HostBus, Plugged } from './fixture';
import { StudyGuest } from './guest';

export { StudyGuest } from './guest';

/** The conditions of an experiment: the same for every bus. */
export interface Conditions {
  readonly seed: number;
  /** Devices of each class that the hypervisor has. */
  readonly devices: number;
  readonly policy: AllocationPolicy;
}

/** What a machine is given instead of what it would make itself. */
export interface MachineParts {
  readonly world?: World;
  /** Told of the hypervisor, and of each that replaces it, before it has devices. */
  hypervisorMade?(hypervisor: Hypervisor): void;
  /** Told of each guest's kernel when it is made, before it looks for devices. */
  kernelMade?(kernel: Kernel): void;
}

/** A host that is there, with the host half of a bus and what is plugged into it. */
interface Host {
  readonly hypervisor: Hypervisor;
  readonly bus: HostBus;
}

/** A world with one bus, devices in the hypervisor, and guests that have not booted. */
export class Machine {
  readonly world: World;
  readonly evidence: Evidence;
  readonly guests: readonly StudyGuest[];
  #host: Host;
  #plugged: readonly Plugged[];

  /**
   * @param models the hypervisor's devices; where configuration decides, they go to the guests in turn
   * @param guests how many guests there are
   */
  constructor(
    readonly fixture: BusFixture,
    readonly conditions: Conditions,
    readonly models: readonly DeviceModel[],
    guests = 1,
    readonly parts: MachineParts = {},
  ) {
    // The seed is the hypervisor's chance. Tasks run in order: buses are compared, not schedules.
    this.world = parts.world ?? new World({ seed: conditions.seed, schedule: 'fifo' });
    this.evidence = new Evidence();
    this.#host = this.#makeHost();
    this.guests = Array.from({ length: guests }, (_, i) => new StudyGuest(this, `g${String(i + 1)}`));
    this.#plugged = this.#plugAll();
  }

  get hypervisor(): Hypervisor {
    return this.#host.hypervisor;
  }

  /** The host half of the bus. */
  get host(): HostBus {
    return this.#host.bus;
  }

  /** The devices in their places, in the order of {@link models}. */
  get plugged(): readonly Plugged[] {
    return this.#plugged;
  }

  /**
   * The host goes down, and another comes up with the same devices, plugged in the same order: it knows of no claim and
   * no register is set. Kernels that were running end where they stand; of a guest that hibernates, kernel and memory
   * go on with the new host.
   */
  replaceHypervisor(): void {
    this.evidence.act('host', 'replace the hypervisor');
    for (const guest of this.guests) guest.losesHost();
    for (const plugged of this.#plugged) plugged.unplug();
    this.#host = this.#makeHost();
    for (const guest of this.guests) guest.getsHost();
    this.#plugged = this.#plugAll();
  }

  #makeHost(): Host {
    const hypervisor = new Hypervisor(this.world);
    this.evidence.watchHost(hypervisor);
    this.parts.hypervisorMade?.(hypervisor);
    return { hypervisor, bus: this.fixture.install(hypervisor, { policy: this.conditions.policy }) };
  }

  #plugAll(): Plugged[] {
    return this.models.map((model, i) => this.host.plug(model, this.guest(i % this.guests.length).guest));
  }

  guest(index = 0): StudyGuest {
    const guest = this.guests[index];
    if (guest === undefined) throw new RangeError(`there is no guest ${String(index)}`);
    return guest;
  }

  /** Devices that some guest holds a claim on. */
  get held(): number {
    return this.hypervisor.claims.list().length;
  }

  /** Claims that were ever made on this hypervisor. */
  get allocations(): number {
    return this.hypervisor.claims.history.filter((event) => event.action === 'claim').length;
  }
}
