import { EntropyDevice, virtioBus, type VirtioDevice, type VirtioDriver } from '../../lib';
import { TestScope } from '../support/kit/test-scope';
import { world, type KitOptions, type KitWorld } from '../support/kit';

export const source = (): EntropyDevice => new EntropyDevice({ name: 'rng0', seed: 1 });

/** A driver for {@link source} that does everything right, apart from what is given. */
export function driver(
  more: Partial<VirtioDriver> & { readonly inProbe?: (vdev: VirtioDevice) => unknown } = {},
): VirtioDriver {
  const { inProbe, ...rest } = more;
  return {
    name: 'odd',
    bus: virtioBus,
    idTable: [{ device: 4 }],
    async probe(vdev) {
      await inProbe?.(vdev);
      await vdev.findSingleVq({ name: 'input' });
    },
    async remove(vdev) {
      await vdev.reset();
      await vdev.delVqs();
    },
    ...rest,
  };
}

/** A test in which a driver is loaded, and nothing else. */
export function testOf(drv: VirtioDriver, options: KitOptions = {}, body?: (w: KitWorld) => unknown): Promise<void> {
  return new TestScope().run(async () => {
    const w = world({ devices: [source()], ...options } as KitOptions & { readonly bus?: undefined });
    await w.boot();
    await w.load(drv);
    await body?.(w);
  });
}

/** What a test fails with. */
export async function failing(test: () => unknown): Promise<Error> {
  try {
    await test();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('the test has passed');
}

/** The message with which such a test fails. */
export async function failureOf(...test: Parameters<typeof testOf>): Promise<string> {
  return (await failing(() => testOf(...test))).message;
}
