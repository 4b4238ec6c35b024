import type { StyleName } from '../access/place';
import { Hypervisor, type DeviceModel } from '../hypervisor';
import { World } from '../world';
import type { AllocationPolicy, BusFixture, HostBus, Ownership, Plugged } from './fixture';
import { MachineGuest } from './guest';
import type { GuestMachine, MachineParts } from './parts';

/** The conditions of an experiment: the same for every bus. */
export interface Conditions {
  readonly seed: number;
  /** Devices of each class that the hypervisor has. */
  readonly devices: number;
  readonly policy: AllocationPolicy;
  /** The styles of access that devices offer. Default: the bus's native one. */
  readonly access?: readonly StyleName[];
  /** Whose devices are. Default: the bus's own. */
  readonly ownership?: Ownership;
}

/** Devices that experiments plug into a machine that runs, beyond those that it has. */
const SPARE = 1;

const LEAST_MEMORY = 16 << 20;
/** RAM for each device of a class: a console with the size of its buffers takes most. */
const MEMORY_PER_DEVICE = 320 << 10;
/** Less than the windows of devices leave on any bus. */
const MOST_MEMORY = 2.5 * 2 ** 30;

/** A host that is there, with the host half of a bus and what is plugged into it. */
interface Host {
  readonly hypervisor: Hypervisor;
  readonly bus: HostBus;
}

/** A device that is plugged. */
interface PluggedModel {
  readonly model: DeviceModel;
  /** Number of the guest. */
  readonly guest: number;
  /** In the host that is there. */
  plugged: Plugged;
}

/** A world with one bus, devices in the hypervisor, and guests that have not booted. */
export class Machine implements GuestMachine {
  readonly world: World;
  readonly guests: readonly MachineGuest[];
  readonly memory: number;
  /** The devices in their places, in the order of {@link models}. */
  readonly plugged: readonly Plugged[];
  #host: Host;
  readonly #places: PluggedModel[] = [];

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
    this.memory = parts.memory ?? Math.min(MOST_MEMORY, Math.max(LEAST_MEMORY, models.length * MEMORY_PER_DEVICE));
    this.#host = this.#makeHost();
    this.guests = Array.from({ length: guests }, (_, i) => new MachineGuest(this, `g${String(i + 1)}`));
    this.plugged = models.map((model, i) => this.#plug(model, i % guests));
  }

  get hypervisor(): Hypervisor {
    return this.#host.hypervisor;
  }

  /** The host half of the bus. */
  get host(): HostBus {
    return this.#host.bus;
  }

  /**
   * Plugs one more device, before or after boot.
   *
   * @param guest the guest that gets it, where configuration decides
   * @throws ErrnoError the errors of the bus, e.g. ENOSPC
   */
  plug(model: DeviceModel, guest = 0): Plugged {
    this.parts.operation?.('host', `plug ${model.name}`);
    return this.#plug(model, guest);
  }

  #plug(model: DeviceModel, guest: number): Plugged {
    const place: PluggedModel = { model, guest, plugged: this.host.plug(model, this.guest(guest).guest) };
    this.#places.push(place);
    return {
      unplug: () => {
        const index = this.#places.indexOf(place);
        if (index >= 0) this.#places.splice(index, 1);
        place.plugged.unplug();
      },
    };
  }

  /** Unplugs all that is plugged. */
  unplugAll(): void {
    for (const { plugged } of this.#places.splice(0)) plugged.unplug();
  }

  /**
   * The host goes down, and another comes up with the same devices, plugged in the same order: it knows of no claim and
   * no register is set. Kernels that were running end where they stand; of a guest that hibernates, kernel and memory
   * go on with the new host.
   */
  replaceHypervisor(): void {
    this.parts.operation?.('host', 'replace the hypervisor');
    for (const guest of this.guests) guest.losesHost();
    for (const { plugged } of this.#places) plugged.unplug();
    this.#host = this.#makeHost();
    for (const guest of this.guests) guest.getsHost();
    for (const place of this.#places) place.plugged = this.host.plug(place.model, this.guest(place.guest).guest);
  }

  #makeHost(): Host {
    const { logLimit } = this.parts;
    const hypervisor = new Hypervisor(this.world, logLimit === undefined ? {} : { logLimit });
    this.parts.hypervisorMade?.(hypervisor);
    const { policy, access, ownership } = this.conditions;
    const options = {
      policy,
      places: this.models.length + SPARE,
      memory: this.memory,
      ...(access === undefined ? {} : { access }),
      ...(ownership === undefined ? {} : { ownership }),
    };
    return { hypervisor, bus: this.fixture.install(hypervisor, options) };
  }

  guest(index = 0): MachineGuest {
    const guest = this.guests[index];
    if (guest === undefined) throw new RangeError(`there is no guest ${String(index)}`);
    return guest;
  }

  /** Runs all runnable tasks, and waits for devices that complete later. Rethrows exceptions of workers. */
  async settle(): Promise<void> {
    await this.world.advance(SETTLE_NS);
  }

  /** Devices that some guest holds a claim on. */
  get held(): number {
    return this.hypervisor.claims.list().length;
  }

  /** Devices of {@link models} that are not claimed. */
  get free(): number {
    return this.models.length - this.held;
  }

  /** Claims that were ever made on this hypervisor. */
  get allocations(): number {
    return this.hypervisor.claims.counts.claim;
  }
}

/** Longer than any device model takes to complete a request. */
const SETTLE_NS = 10_000_000;
