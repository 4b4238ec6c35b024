import { expect } from 'chai';
import { ccw } from '../../buses/ccw';
import { ofTree } from '../../buses/of-tree';
import { ps3AtProbe } from '../../buses/ps3-handle';
import { vpci } from '../../buses/vpci';
import { virtioBlk } from '../../drivers/virtio_blk';
import { virtioConsole } from '../../drivers/virtio_console';
import { virtioNet } from '../../drivers/virtio_net';
import { virtioRng } from '../../drivers/virtio_rng';
import { blockDisks, DeviceModel, hwrng, netDevices, openChrdev, type DeviceHost, type DeviceRequest } from '../../lib';
import { encodeConsoleMessage } from '../../lib/virtio/spec';
import { eachBus, type KitWorld } from '../support/kit';

/** What a device does with a request. */
type Answer = (queue: number, request: DeviceRequest) => void;

interface FloodOptions {
  readonly deviceId: number;
  readonly queues: readonly number[];
  readonly features?: bigint;
  readonly config?: Uint8Array;
  readonly answer?: Answer;
  /** Called when the driver reads the configuration. */
  onConfig?(host: DeviceHost, config: Uint8Array): void;
}

const fill: Answer = (_queue, request) => request.complete(new Uint8Array(Math.min(request.writable, 100)).fill(65));

/** A device that answers at once, whatever and how often it is asked. */
class Flood extends DeviceModel {
  readonly name = 'flood';
  readonly deviceId: number;
  requests = 0;
  readonly #options: FloodOptions;
  readonly #config: Uint8Array;
  #host: DeviceHost | null = null;

  constructor(options: FloodOptions) {
    super();
    this.deviceId = options.deviceId;
    this.#options = options;
    this.#config = options.config ?? new Uint8Array(64);
  }

  override features(): bigint {
    return this.#options.features ?? 0n;
  }

  override queueSizes(): readonly number[] {
    return this.#options.queues;
  }

  override config(): Uint8Array {
    if (this.#host !== null) this.#options.onConfig?.(this.#host, this.#config);
    return this.#config;
  }

  override attach(host: DeviceHost): void {
    this.#host = host;
  }

  override handle(queue: number, request: DeviceRequest): void {
    this.requests += 1;
    (this.#options.answer ?? fill)(queue, request);
  }
}

/** Each bus once: what differs between strategies has no part in it. */
const ONE_STRATEGY = { fixtures: [vpci, ccw, ofTree, ps3AtProbe] };

/** More than a budget, and less than two with all that ticks bring in a settle. */
const FEW = 13_000;

async function bind(world: KitWorld, driver: typeof virtioNet, flood: Flood): Promise<void> {
  world.plug(flood);
  await world.boot();
  await world.guest().bus.configure?.();
  await world.load(driver);
}

/** The device was used, came to an end, and its driver leaves. */
async function expectEnds(world: KitWorld, driver: typeof virtioNet, flood: Flood): Promise<void> {
  expect(flood.requests).to.be.at.most(FEW);
  await world.unload(driver);
  expect(world.bound(driver)).to.deep.equal([]);
  expect(world.kernel.irq.list().filter(({ name }) => name.startsWith('virtio'))).to.deep.equal([]);
  expect(world.world.oopsCount).to.equal(0);
  expect(world.kernel.warnings).to.equal(0);
  await world.world.settle();
}

describe('a device that answers at once, whatever it is asked', () => {
  eachBus('regression: as a network card lets open, close and others have their turn', async (world) => {
    const flood = new Flood({ deviceId: 1, queues: [16, 16], config: new Uint8Array(12), features: 1n << 16n });
    await bind(world, virtioNet, flood);
    const [net] = netDevices(world.kernel);
    await net?.open();
    const opened = flood.requests;
    expect(opened).to.be.within(16, FEW);
    await world.settle();
    expect(flood.requests).to.be.within(opened + 1, FEW);
    // It is ready for what others do.
    expect(await world.world.run(async () => (await world.world.sleep(1000), 'turn'))).to.equal('turn');
    net?.transmit(new Uint8Array(60));
    await net?.close();
    const closed = flood.requests;
    await world.settle();
    expect(flood.requests).to.be.at.most(closed + 32);
    expect(net?.stats.rx_packets).to.be.greaterThan(16);
    await expectEnds(world, virtioNet, flood);
  });

  eachBus('as a source of random numbers gives what is read, in pieces of a byte too', async (world) => {
    const answer: Answer = (_queue, request) => request.complete(Uint8Array.of(7));
    const flood = new Flood({ deviceId: 4, queues: [8], answer });
    await bind(world, virtioRng, flood);
    expect([...(await hwrng(world.kernel).read(300))]).to.deep.equal(Array.from({ length: 300 }, () => 7));
    await world.settle();
    await expectEnds(world, virtioRng, flood);
  });

  eachBus(
    'as a disk whose size changes with each look at it',
    async (world) => {
      const flood = new Flood({
        deviceId: 2,
        queues: [8],
        answer: (_queue, request) => request.complete(new Uint8Array(request.writable)),
        onConfig(host, config) {
          config[0] = ((config[0] ?? 0) + 8) & 0xff;
          host.configChanged();
        },
      });
      await bind(world, virtioBlk, flood);
      await world.settle();
      for (const disk of blockDisks(world.kernel)) if (disk.capacity > 0) await disk.readSectors(0, 1);
      await expectEnds(world, virtioBlk, flood);
    },
    { allow: [/probe of virtio0 failed with error -5$/] },
  );

  eachBus('as a console fills a terminal, is read, and is closed', async (world) => {
    const flood = new Flood({ deviceId: 3, queues: [16, 16] });
    await bind(world, virtioConsole, flood);
    const file = await openChrdev(world.kernel, 'hvc0');
    await world.settle();
    expect((await file.read(1000)).length).to.equal(1000);
    await world.settle();
    await file.close();
    await expectEnds(world, virtioConsole, flood);
  });

  const ports = Uint8Array.of(0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0);
  for (const [what, message] of [
    ['control messages that say nothing', new Uint8Array(3)],
    ['control messages that add a port', encodeConsoleMessage(1, 1, 1)],
    ['control messages for a port that cannot be', encodeConsoleMessage(77, 1, 1)],
  ] as const) {
    eachBus(
      `as a console with ${what}`,
      async (world) => {
        const answer: Answer = (queue, request) =>
          request.complete(queue === 2 ? message.slice(0, request.writable) : undefined);
        const flood = new Flood({ deviceId: 3, queues: [16, 16, 16, 16, 16, 16], features: 2n, config: ports, answer });
        await bind(world, virtioConsole, flood);
        await world.settle();
        expect(flood.requests).to.be.greaterThan(1000);
        await expectEnds(world, virtioConsole, flood);
      },
      { ...ONE_STRATEGY, allow: [/Request for adding port with out-of-bound id 77|log has no room for them$/] },
    );
  }

  eachBus(
    'as a port that nobody has open',
    async (world) => {
      const answer: Answer = (queue, request) => {
        if (queue === 2) request.complete(encodeConsoleMessage(0, 1, 1).slice(0, request.writable));
        else fill(queue, request);
      };
      const flood = new Flood({ deviceId: 3, queues: [16, 16, 16, 16, 16, 16], features: 2n, config: ports, answer });
      await bind(world, virtioConsole, flood);
      await world.settle();
      await expectEnds(world, virtioConsole, flood);
    },
    ONE_STRATEGY,
  );
});
