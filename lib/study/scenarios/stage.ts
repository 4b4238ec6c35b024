import type { Device } from '../../base/device';
import { errnoName } from '../../errno';
import type { DeviceModel } from '../../hypervisor';
import { backingDeviceIfAny } from '../evidence/experiment';
import type { Plugged, MachineParts, MachineGuest } from '../../machine';
import type { Testbed } from '../evidence/testbed';
import { RecordedMachine } from '../evidence/recorded-machine';
import { decisive } from './decisive';

/** One operation and what came of it. */
export interface ScenarioStep {
  readonly what: string;
  readonly outcome: string;
  /** The decisive lines of the record, shortened. */
  readonly evidence: readonly string[];
}

/** The result of a bind by hand. */
export interface BindOutcome {
  /** Host-side name of the device; null when the bind was refused or the device does not work. */
  readonly backingDevice: string | null;
  readonly text: string;
}

/** Where a scenario runs: machines with one bus, and the record of its operations. */
export class Stage {
  readonly steps: ScenarioStep[] = [];
  /** Lines to be compared between buses, where a scenario is about all that happens. */
  readonly trace: string[] = [];
  #machine: RecordedMachine | null = null;
  /** What was plugged since the machine was made. */
  #late: readonly { readonly model: DeviceModel; readonly plugged: Plugged }[] = [];

  constructor(readonly testbed: Testbed) {}

  /**
   * Another machine, whose record the following steps quote. Its guests have not booted.
   *
   * @param models default: the testbed's devices
   */
  machine(guests = 1, parts: MachineParts = {}, models?: readonly DeviceModel[]): RecordedMachine {
    const { fixture, conditions } = this.testbed;
    if (models === undefined) return this.use(this.testbed.machine(guests, parts));
    return this.use(new RecordedMachine(fixture, conditions, models, guests, parts));
  }

  /** A machine that was made elsewhere. */
  use(machine: RecordedMachine): RecordedMachine {
    this.#machine = machine;
    this.#late = [];
    return machine;
  }

  /**
   * Does one operation.
   *
   * @param tell the outcome in a few words
   * @returns the result of the operation
   */
  async step<T>(what: string, act: () => Promise<T> | T, tell: (result: T) => string): Promise<T> {
    const machine = this.#machine;
    const mark = machine?.evidence.mark() ?? 0;
    const claims = machine?.hypervisor.claims;
    const count = claims?.mark ?? 0;
    const result = await act();
    const after = machine?.hypervisor.claims;
    const made = after?.since(after === claims ? count : 0) ?? [];
    const told = (machine?.evidence.since(mark) ?? []).filter(({ kind }) => kind !== 'access').map(String);
    this.steps.push({ what, outcome: tell(result), evidence: decisive(told, made) });
    return result;
  }

  /** One more device of the testbed's class for the first guest, which may have booted. */
  plug(machine: RecordedMachine): DeviceModel {
    const model = this.testbed.workload.makeModel(this.models.length);
    this.#late = [...this.#late, { model, plugged: machine.plug(model) }];
    return model;
  }

  /** Every device of the hypervisor. */
  get models(): readonly DeviceModel[] {
    return [...(this.#machine?.models ?? []), ...this.#late.map(({ model }) => model)];
  }

  /** The place of a device, by its host-side name. */
  place(name: string): Plugged | undefined {
    const index = this.#machine?.models.findIndex((model) => model.name === name) ?? -1;
    return this.#machine?.plugged[index] ?? this.#late.find(({ model }) => model.name === name)?.plugged;
  }

  /** Which of the hypervisor's devices serves a device; null when none does: its request fails, or never ends. */
  async identify(guest: MachineGuest, device: Device | undefined): Promise<string | null> {
    if (this.#machine === null) throw new Error('there is no machine on the stage');
    return backingDeviceIfAny(this.testbed, this.#machine, guest, device, this.models);
  }

  /** Binds by hand and finds out which device that is. */
  async bind(guest: MachineGuest, name: string): Promise<BindOutcome> {
    const error = await guest.bindFile('bind', name);
    const backingDevice = error === 0 ? await this.identify(guest, guest.device(name)) : null;
    return {
      backingDevice,
      text: error === 0 ? `${name} is ${backingDevice ?? 'dead'}` : `${name}: ${errnoName(error)}`,
    };
  }
}
