import { fixtureName, type BusFixture } from '../../../lib/machine';
import type { DeviceModel } from '../../../lib/hypervisor';
import { fixtures } from '../../../buses';
import { giveTime } from './mocha';
import { TestScope } from './test-scope';
import { world, type KitOptions, type KitWorld } from './world';

/** Options of worlds of which several are made: a device belongs to one world, so a function makes them. */
export interface ManyWorldsOptions extends KitOptions {
  readonly devices?: () => readonly DeviceModel[];
}

/** On which buses the tests run, and in what worlds. */
export interface EachBusOptions extends ManyWorldsOptions {
  /** Which buses. Default: all. */
  readonly fixtures?: readonly BusFixture[];
}

type Define = (title: string, body: () => Promise<void>) => unknown;

/** The function of mocha that defines a test. @throws Error where there is none */
export function definer(who: string): Define {
  const { it } = globalThis as { readonly it?: Define };
  if (it === undefined) throw new Error(`${who} needs the global function it: run this file with mocha`);
  return it;
}

/**
 * Defines one test for each bus, and for each way of fitting it to the driver model: `TITLE [vpci]`, ... Each gets a
 * world of its own that has not booted, and that must end clean: see {@link KitWorld.end}. What a worker has thrown
 * when the body ends fails the test.
 *
 * @throws Error where there is no `it`: tests are defined while mocha loads a file
 */
export function eachBus(title: string, body: (world: KitWorld) => unknown, options: EachBusOptions = {}): void {
  const { fixtures: wanted = fixtures, ...rest } = options;
  const define = definer('eachBus');
  for (const bus of wanted) {
    const test = define(`${title} [${fixtureName(bus)}]`, () => {
      return new TestScope().run(() => body(world({ ...rest, bus })));
    });
    giveTime(test);
  }
}
