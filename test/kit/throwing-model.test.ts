import { expect } from 'chai';
import { virtioRng } from '../../drivers/virtio_rng';
import { DeviceModel, EntropyDevice, type DeviceRequest } from '../../lib';
import { eachBus, type KitWorld } from '../support/kit';
import { thrownBy } from '../support/errors';

type ThrowingMember = 'deviceId' | 'queueSizes' | 'features' | 'attach' | 'handle' | 'reset';

/** A source of random numbers that throws in one place. */
class Faulty extends DeviceModel {
  readonly name = 'faulty';
  readonly #place: ThrowingMember;

  constructor(place: ThrowingMember) {
    super();
    this.#place = place;
  }

  get deviceId(): number {
    return this.#at('deviceId', 4);
  }

  override queueSizes(): readonly number[] {
    return this.#at('queueSizes', [4]);
  }

  override features(): bigint {
    return this.#at('features', 0n);
  }

  override attach(): void {
    this.#at('attach', undefined);
  }

  override handle(_queue: number, request: DeviceRequest): void {
    request.complete(this.#at('handle', new Uint8Array(1)));
  }

  override reset(): void {
    this.#at('reset', undefined);
  }

  #at<T>(place: ThrowingMember, value: T): T {
    if (place === this.#place) throw new Error(`broken ${place}`);
    return value;
  }
}

function failures({ hypervisor }: KitWorld): readonly string[] {
  return [...new Set(hypervisor.log.errors.map(({ message, error }) => `${message ?? ''}: ${String(error)}`))];
}

async function bootBeside(world: KitWorld): Promise<void> {
  world.plug(new EntropyDevice({ name: 'honest' }));
  await world.boot();
  await world.load(virtioRng);
  await world.settle();
}

describe('a device model of a user that throws', () => {
  for (const place of ['deviceId', 'queueSizes', 'features'] as const) {
    eachBus(`in ${place} is not plugged, and the device beside it works`, async (world) => {
      expect(thrownBy(() => world.plug(new Faulty(place))))
        .to.be.instanceOf(Error)
        .and.include({ message: `broken ${place}` });
      await bootBeside(world);
      expect(world.bound(virtioRng).map((dev) => dev.name)).to.deep.equal(['virtio0']);
      expect(failures(world)).to.deep.equal([]);
    });
  }

  for (const [place, where] of [
    ['attach', 'attach'],
    ['handle', 'queue 0'],
    ['reset', 'reset'],
  ] as const) {
    eachBus(
      `in ${place} is named in the host's log, and the device beside it works`,
      async (world) => {
        world.plug(new Faulty(place));
        await bootBeside(world);
        expect(failures(world)).to.deep.equal([`device faulty: ${where} threw: Error: broken ${place}`]);
        expect(world.bound(virtioRng).length).to.equal(2);
      },
      { allow: ['host-errors', /log: err: virtio_rng virtio0: device needs a reset$/] },
    );
  }
});
