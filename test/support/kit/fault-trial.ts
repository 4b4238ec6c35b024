import type { Driver } from '../../../lib/base/driver';
import { ErrnoError } from '../../../lib/errno';
import type { BusFixture, MachineGuest } from '../../../lib/machine';
import { ForeignWait, orForeignWait } from '../../../lib/world';
import { realTime } from '../../../tools/real-time';
import type { ManyWorldsOptions } from './each-bus';
import type { Fault } from './faults';
import { NotClean, type Finding } from './findings';
import { makeWorld, type KitWorld } from './world';

/** A step that can fail, and which calls of it a body makes, from 1. */
interface FallibleStep {
  readonly step: string;
  readonly first: number;
  readonly last: number;
}

/** What is bound when the drivers of the body come back after it: devices of each driver, in the order of loading. */
export type Reloaded = ReadonlyMap<Driver['def'], number>;

/** What a body passes when nothing fails. */
export interface CleanRun {
  readonly places: readonly FallibleStep[];
  readonly reloaded: Reloaded;
}

/** Runs one body again and again, each time in a fresh world, and checks for leaks. */
export class FaultTrial {
  readonly #body: (world: KitWorld) => unknown;
  readonly #options: ManyWorldsOptions & { readonly bus: BusFixture };

  constructor(bus: BusFixture, body: (world: KitWorld) => unknown, options: ManyWorldsOptions) {
    this.#body = body;
    this.#options = { ...options, unrecorded: true, bus };
  }

  /**
   * Nothing fails.
   *
   * @param boot with what can fail before there is any driver
   * @throws what the body throws, NotClean, and Error when no driver has a device
   */
  async clean(boot: boolean): Promise<CleanRun> {
    const made = makeWorld(this.#options);
    await this.#run(made);
    const places = placesOf(made, boot);
    await made.takeOut();
    const reloaded = await reload(made, made.users);
    await made.end();
    if ([...reloaded.values()].some((bound) => bound > 0)) return { places, reloaded };
    throw new Error(`no driver has a device in this body on ${made.name}: there is nothing that could fail`);
  }

  /** Something fails. @returns what is wrong afterwards */
  async faulty(fault: Fault, expected: Reloaded): Promise<readonly Finding[]> {
    const allow = [...(this.#options.allow ?? []), 'warnings' as const];
    const made = makeWorld({ ...this.#options, allow, faults: [fault] });
    try {
      await this.#run(made);
    } catch (error) {
      // Failures of the body itself are ignored: they may be due to the fault.
      if (error instanceof ForeignWait) return [{ kind: 'foreign-waits', text: error.message }];
    }
    made.clearFaults();
    await made.takeOut();
    const left = made.findings();
    return left.length > 0 ? left : this.#bindsAgain(made, expected);
  }

  async #run(made: KitWorld): Promise<void> {
    await orForeignWait(made.world, this.#options.realTime ?? realTime, async () => {
      await this.#body(made);
      await made.settle();
    });
  }

  async #bindsAgain(made: KitWorld, expected: Reloaded): Promise<readonly Finding[]> {
    try {
      const missing = missingIn(await reload(made, expected.keys()), expected);
      const why = missing.length > 0 ? made.whyUnbound() : [];
      await made.end();
      return [...missing, ...why].map((text) => ({ kind: 'unbound', text }));
    } catch (error) {
      if (error instanceof NotClean) return error.findings;
      if (error instanceof ErrnoError) return [{ kind: 'unbound', text: `a clean bind fails: ${error.message}` }];
      throw error;
    }
  }
}

function placesOf({ faultCounts: { all, atBoot } }: KitWorld, boot: boolean): FallibleStep[] {
  const places = [...all].map(([step, last]) => ({ step, first: boot ? 1 : (atBoot?.get(step) ?? 0) + 1, last }));
  return places.filter(({ first, last }) => first <= last);
}

/** Recovers a machine: boots it if it is off, scans for devices, loads the drivers. */
async function reload(made: KitWorld, drivers: Iterable<Driver['def']>): Promise<Reloaded> {
  const wanted = [...drivers];
  for (const guest of made.guests) {
    await (guest.hasBooted ? guest.rescanAndConfigure() : guest.boot());
    for (const def of wanted) await guest.loadDriver(def);
  }
  await made.settle();
  return new Map(wanted.map((def) => [def, boundTo(def, made.guests)]));
}

function boundTo(def: Driver['def'], guests: readonly MachineGuest[]): number {
  const devices = guests.flatMap(({ kernel }) => [...kernel.buses.values()].flatMap((bus) => [...bus.devices()]));
  return devices.filter((dev) => dev.isBound && dev.driver?.def === def).length;
}

function missingIn(found: Reloaded, expected: Reloaded): string[] {
  const fewer = [...expected].filter(([def, bound]) => (found.get(def) ?? 0) < bound);
  return fewer.map(([def, bound]) => {
    return `a clean bind fails: ${def.name} has ${String(found.get(def) ?? 0)} devices, and ${String(bound)} without the fault`;
  });
}
