import type { DeviceModel } from '../../hypervisor';
import type { World } from '../../world';
import { type Plugged, Machine, type MachineGuest } from '../../machine';
import type { Operation } from './operation';
import { makeModels, workloadOf, type Subject } from './subject';

/** What the user of the guest that a device belongs to calls it, by number of the device. */
export type Names = ReadonlyMap<number, string>;

/** One machine in which one order is done. At first all devices are in their places, and no guest runs. */
export class Trial {
  readonly machine: Machine;
  readonly models: readonly DeviceModel[];
  readonly #plugged: Plugged[];
  readonly #subject: Subject;
  readonly #names: Names;

  /** @param world default: one in which tasks run first in, first out */
  constructor(subject: Subject, names: Names, world?: World) {
    const { fixture, conditions, scope } = subject;
    const parts = world === undefined ? {} : { world };
    this.#subject = subject;
    this.#names = names;
    this.machine = new Machine(fixture, conditions, [], scope.guests, parts);
    this.models = makeModels(subject);
    this.#plugged = this.models.map((_, device) => this.#plug(device, device % scope.guests));
  }

  /** The guests that run. */
  get guests(): MachineGuest[] {
    return this.machine.guests.filter((guest) => guest.hasBooted);
  }

  /**
   * Does it and, outside a task, waits for the work that follows. A refused operation changes nothing, and is not an
   * error.
   */
  async do(operation: Operation): Promise<void> {
    const guest = this.machine.guest(operation.guest);
    switch (operation.kind) {
      case 'start':
        return guest.boot();
      case 'scan':
        return guest.rescanAndConfigure();
      case 'register':
        return guest.loadDriver(workloadOf(this.#subject, operation.driver)?.driver ?? guest.bus.transport);
      case 'bind':
      case 'unbind':
        return this.#write(guest, operation.kind, this.#names.get(operation.device));
      case 'plug':
        this.#plugged[operation.device] = this.#plug(operation.device, operation.guest);
        return guest.settle();
      case 'unplug':
        this.#plugged[operation.device]?.unplug();
        return guest.settle();
    }
  }

  #plug(device: number, guest: number): Plugged {
    const model = this.models[device];
    if (model === undefined) throw new RangeError(`there is no device ${String(device)}`);
    return this.machine.host.plug(model, this.machine.guest(guest).guest, device);
  }

  /** If the device's name does not exist, the user scans first. */
  async #write(guest: MachineGuest, file: 'bind' | 'unbind', name: string | undefined): Promise<void> {
    if (name === undefined) return;
    if (guest.device(name) === undefined) await guest.rescanAndConfigure();
    await guest.bindFile(file, name);
  }
}
