import { NetworkDevice } from '../../lib/hypervisor';
import {
  fixtureName,
  Machine,
  type BusFixture,
  type Plugged,
  type MachineGuest,
  type Workload,
} from '../../lib/machine';
import { claimByHand, unbindAll } from '../../lib/study/evidence/experiment';
import { WORKLOADS } from '../commands/subjects';

/** How long lists are that must not grow. */
export interface Lengths {
  /** Objects below /sys/devices. */
  readonly devices: number;
  /** Devices on the lists of the bus and of the virtio bus. */
  readonly klists: number;
  readonly tasks: number;
  readonly timers: number;
  readonly claims: number;
  readonly interrupts: number;
  readonly dmaBytes: number;
}

/** Lines that a log keeps, and lines that it has dropped. */
export interface LogLengths {
  readonly kept: number;
  readonly dropped: number;
}

/** Small logs: they are full before anything is measured. */
const LOGS = { logLimit: 64, kernel: { logBufShift: 12 } } as const;

/** A machine on one bus, through which devices come and go. */
export class SoakMachine {
  readonly name: string;
  readonly #machine: Machine;
  readonly #guest: MachineGuest;

  constructor(fixture: BusFixture) {
    this.name = fixtureName(fixture);
    const models = WORKLOADS.map((workload) => workload.makeModel(0));
    this.#machine = new Machine(fixture, { seed: 1, devices: 1, policy: 'lowest' }, models, 1, LOGS);
    this.#guest = this.#machine.guest();
  }

  /** Boots with all drivers, and takes away the devices that the guest's configuration knows. */
  async start(): Promise<void> {
    await this.#guest.boot();
    await this.#guest.loadTransport();
    for (const { driver } of WORKLOADS) await this.#guest.loadDriver(driver);
    await this.#take(this.#machine.plugged);
  }

  /** Starts, and has so many devices come and go. @throws Error as {@link cycle} */
  async run(cycles: number): Promise<void> {
    await this.start();
    for (let done = 0; done < cycles; done++) await this.cycle(done);
  }

  /**
   * One device is plugged, bound, used, unbound and unplugged; classes take turns.
   *
   * @throws Error when it could not be used
   */
  async cycle(index: number): Promise<void> {
    const place = index % WORKLOADS.length;
    const workload = WORKLOADS[place];
    if (workload === undefined) return;
    const model = workload.makeModel(0);
    const plugged = this.#machine.host.plug(model, this.#guest.guest, place);
    await this.#guest.rescanAndConfigure();
    await this.#bind();
    await this.#use(workload);
    await this.#take([plugged]);
    if (model instanceof NetworkDevice) model.leaveHub();
  }

  /** Where only the registration of a driver scans for devices, it is registered again. */
  async #bind(): Promise<void> {
    const guest = this.#guest;
    for (const name of guest.deviceNames()) await claimByHand(guest, name);
    if (guest.boundNames().length > 0) return;
    await guest.unloadDriver(guest.bus.transport);
    await guest.loadTransport();
  }

  async #use(workload: Workload): Promise<void> {
    let used = 0;
    for (const dev of this.#guest.boundDevices()) if (await workload.touch(this.#guest, dev)) used += 1;
    if (used !== 1) throw new Error(`${this.name}: ${String(used)} devices of ${workload.driver.name} could be used`);
  }

  async #take(places: readonly Plugged[]): Promise<void> {
    await unbindAll(this.#guest);
    await this.#guest.leave();
    for (const place of places) place.unplug();
    await this.#guest.rescanAndConfigure();
  }

  get lengths(): Lengths {
    const { kernel, bus } = this.#guest;
    const { world, hypervisor } = this.#machine;
    const virtio = kernel.busOf(WORKLOADS[0]?.driver.bus ?? bus.transport.bus)?.devices() ?? [];
    return {
      devices: [...kernel.devicesKset.list].length,
      klists: this.#guest.deviceNames().length + [...virtio].length,
      tasks: world.taskCount,
      timers: world.timerCount,
      claims: hypervisor.claims.list().length,
      interrupts: kernel.irq.list().length,
      dmaBytes: kernel.dma?.inUse ?? 0,
    };
  }

  /** Number of the last event. */
  get seqnum(): number {
    return this.#guest.kernel.uevents.seqnum;
  }

  get logs(): { readonly kernel: LogLengths; readonly host: LogLengths } {
    const { log } = this.#guest.kernel;
    const host = this.#machine.hypervisor.log;
    return {
      kernel: { kept: log.entries.length, dropped: log.firstSeq },
      host: { kept: host.entries.length, dropped: host.dropped },
    };
  }
}
