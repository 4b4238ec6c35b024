import { expect } from 'chai';
import fc from 'fast-check';
import { virtioBalloon } from '../../drivers/virtio_balloon';
import { virtioBlk } from '../../drivers/virtio_blk';
import { virtioConsole } from '../../drivers/virtio_console';
import { virtioNet } from '../../drivers/virtio_net';
import { virtioRng } from '../../drivers/virtio_rng';
import {
  blockDisks,
  COSTS,
  DeviceModel,
  ErrnoError,
  HungTask,
  hwrng,
  netDevices,
  openChrdev,
  type DeviceHost,
  type DeviceRequest,
  type Kernel,
  type VirtioDriver,
} from '../../lib';
import { fixtures, world as makeWorld, type KitWorld } from '../support/kit';

/** What a device does with one request. */
type Behaviour =
  | { readonly kind: 'answer'; readonly bytes: number; readonly after: number | null }
  | { readonly kind: 'keep' }
  | { readonly kind: 'throw' }
  | { readonly kind: 'change' };

interface Plan {
  readonly features: bigint;
  readonly config: Uint8Array;
  readonly queueSize: number;
  readonly behaviours: readonly Behaviour[];
  /** Changes its configuration whenever that is read. */
  readonly restless: boolean;
}

/** A device that does what a plan says, over and over. */
class Hostile extends DeviceModel {
  readonly name = 'hostile';
  requests = 0;
  #host: DeviceHost | null = null;

  constructor(
    readonly deviceId: number,
    readonly queues: number,
    readonly plan: Plan,
  ) {
    super();
  }

  override features(): bigint {
    return this.plan.features;
  }

  override queueSizes(): readonly number[] {
    return Array.from({ length: this.queues }, () => this.plan.queueSize);
  }

  override config(): Uint8Array {
    if (this.plan.restless) this.#host?.configChanged();
    return this.plan.config;
  }

  override attach(host: DeviceHost): void {
    this.#host = host;
  }

  override handle(_queue: number, request: DeviceRequest, host: DeviceHost): void {
    const { behaviours } = this.plan;
    const behaviour = behaviours[this.requests % behaviours.length];
    this.requests += 1;
    if (behaviour?.kind === 'throw') throw new Error('hostile');
    if (behaviour?.kind === 'change') host.configChanged();
    if (behaviour?.kind !== 'answer') return;
    const answer = (): void => request.complete(new Uint8Array(Math.min(request.writable, behaviour.bytes)).fill(1));
    if (behaviour.after === null) answer();
    else host.after(behaviour.after, answer);
  }
}

interface Class {
  readonly deviceId: number;
  readonly queues: number;
  readonly driver: VirtioDriver;
  readonly use: (kernel: Kernel) => Promise<unknown>;
}

const CLASSES: readonly Class[] = [
  {
    deviceId: 1,
    queues: 2,
    driver: virtioNet,
    async use(kernel) {
      for (const net of netDevices(kernel)) {
        await net.open();
        net.transmit(new Uint8Array(64));
      }
    },
  },
  {
    deviceId: 2,
    queues: 1,
    driver: virtioBlk,
    async use(kernel) {
      for (const disk of blockDisks(kernel)) await disk.readSectors(0, 8);
    },
  },
  {
    deviceId: 3,
    queues: 6,
    driver: virtioConsole,
    use: async (kernel) => (await openChrdev(kernel, 'hvc0', { nonblock: true })).read(),
  },
  { deviceId: 4, queues: 1, driver: virtioRng, use: async (kernel) => hwrng(kernel).read(100) },
  { deviceId: 5, queues: 3, driver: virtioBalloon, use: ({ world }) => world.advance(10_000_000) },
];

const behaviour: fc.Arbitrary<Behaviour> = fc.oneof(
  fc.record({
    kind: fc.constant('answer' as const),
    bytes: fc.oneof(fc.constantFrom(0, 1, 8, 64), fc.nat(5000)),
    after: fc.oneof(fc.constant(null), fc.nat(3_000_000)),
  }),
  fc.constantFrom<Behaviour>({ kind: 'keep' }, { kind: 'throw' }, { kind: 'change' }),
);

const plan: fc.Arbitrary<Plan> = fc.record({
  features: fc.bigInt({ min: 0n, max: 0xff_ffffn }),
  config: fc.uint8Array({ minLength: 64, maxLength: 64 }),
  queueSize: fc.constantFrom(1, 2, 8, 64),
  behaviours: fc.array(behaviour, { minLength: 1, maxLength: 4 }),
  restless: fc.boolean(),
});

/** What is refused is fine, and so is what is found to hang; anything else is not. */
async function tolerate(body: () => unknown): Promise<void> {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof ErrnoError) && !(error instanceof HungTask)) throw error;
  }
}

async function live(world: KitWorld, { driver, use }: Class): Promise<void> {
  await world.boot();
  await world.guest().bus.configure?.();
  await world.load(driver);
  await tolerate(() => use(world.kernel));
  await world.settle();
  await world.unload(driver);
  await world.settle();
}

describe('a device that does what it likes', () => {
  for (const one of CLASSES) {
    it(`keeps no guest for ever: ${one.driver.name}`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...fixtures), plan, async (bus, what) => {
          const world = makeWorld({ bus, maxTurns: 200_000, allow: ['warnings', 'host-errors', 'hung-tasks'] });
          const device = new Hostile(one.deviceId, one.queues, what);
          world.plug(device);
          await live(world, one);
          // Budgets of work at one time; as the clock advances, full queues for each interrupt.
          const full = one.queues * what.queueSize;
          expect(device.requests).to.be.below(60_000 + full * (world.world.now / COSTS.interrupt));
          expect(world.world.oopses).to.deep.equal([]);
          expect(world.bound(one.driver)).to.deep.equal([]);
        }),
        { numRuns: 25 },
      );
    });
  }
});
