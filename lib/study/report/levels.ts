import type { Kernel } from '../../base/kernel';
import type { ClaimEvent } from '../../hypervisor';
import type { Machine, MachineGuest } from '../../machine';

/** How many of the hypervisor's devices guests hold, and how many devices of the bus are bound, in all guests. */
export interface Level {
  readonly held: number;
  readonly bound: number;
}

/** Follows the levels of a machine while operations run. */
export class LevelMeter {
  readonly live: MachineGuest[] = [];
  readonly #machine: Machine;
  #seen = 0;
  #levels: Level[] = [{ held: 0, bound: 0 }];

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /**
   * Reads the levels at each step in this kernel's trace. An interrupt is not a step, but the work that it starts is.
   */
  watch(kernel: Kernel): void {
    kernel.trace.subscribe(({ kind }) => {
      if (kind !== 'irq' && kind !== 'config') this.#look();
    });
  }

  /** This guest's devices count from now on. */
  arrive(guest: MachineGuest): void {
    this.live.push(guest);
  }

  /** Nothing is bound in a guest that is gone; what it held may be held still. */
  depart(guest: MachineGuest): void {
    this.live.splice(this.live.indexOf(guest), 1);
  }

  /** The levels since the last call, starting with the previous one; changes only. */
  take(): readonly Level[] {
    this.#look();
    const levels = this.#levels;
    this.#levels = levels.slice(-1);
    return levels;
  }

  #look(): void {
    const { claims } = this.#machine.hypervisor;
    const last = this.#levels.at(-1) ?? { held: 0, bound: 0 };
    let { held } = last;
    const events = claims.since(this.#seen);
    this.#seen = claims.mark;
    for (const { action } of events) {
      held += CHANGE[action];
      this.#note({ held, bound: last.bound });
    }
    this.#note({ held, bound: this.#bound() });
  }

  #bound(): number {
    return this.live.reduce((sum, guest) => sum + guest.boundDevices().length, 0);
  }

  #note(level: Level): void {
    const last = this.#levels.at(-1);
    if (last?.held !== level.held || last.bound !== level.bound) this.#levels.push(level);
  }
}

const CHANGE: Readonly<Record<ClaimEvent['action'], number>> = { claim: 1, release: -1, refuse: 0 };
