import { expect } from 'chai';
import { virtioBlk } from '../../drivers/virtio_blk';
import { virtioNet } from '../../drivers/virtio_net';
import { virtioRng } from '../../drivers/virtio_rng';
import { BlockDevice, DeviceModel, type BlockImage, type DeviceHost, type DeviceRequest } from '../../lib/hypervisor';
import { blockWorkload, type BusFixture } from '../../lib/machine';
import { blockDisk } from '../../lib/subsystems';
import { hwrng } from '../../lib/subsystems/hwrng';
import { DEVICE_ID } from '../../lib/virtio';
import { between, eachMoment, type StepKind } from '../support/between';
import { machineOn } from '../support/class-machines';
import { SOON } from '../support/driver';
import { fixtures } from '../../buses';
import { eth, frame, MAC, OddNet, PEER } from '../support/net';
import { VirtioMachine } from '../support/virtio';

/** A disk that ends a request when the test says so, and whose size can change. */
class HeldDisk extends BlockDevice {
  readonly held: (() => void)[] = [];
  readonly image: BlockImage & { size: number };
  host: DeviceHost | null = null;

  constructor() {
    const image = {
      size: 8 * 512,
      read: (at: number, length: number) => new Uint8Array(length).fill(at / 512),
      write: () => undefined,
    };
    super({ name: 'held0', image });
    this.image = image;
  }

  override attach(host: DeviceHost): void {
    this.host = host;
  }

  override handle(queue: number, request: DeviceRequest, host: DeviceHost): void {
    const after: DeviceHost['after'] = (_ns, fire) => void this.held.push(fire);
    super.handle(queue, request, { after, configChanged: () => host.configChanged() } as DeviceHost);
  }

  grow(sectors: number): void {
    this.image.size = sectors * 512;
    this.host?.configChanged();
  }
}

/** What a guest does on a bus while it serves an interrupt. */
function kindsOf({ bus }: BusFixture): StepKind[] {
  if (bus === 'ps3-handle') return ['hypercall'];
  return bus === 'of-tree' ? ['ring', 'register'] : ['ring'];
}

async function heldDisk(fixture: BusFixture) {
  const model = new HeldDisk();
  const workload = { ...blockWorkload(virtioBlk), makeModel: () => model };
  const machine = await machineOn(fixture, workload, 1);
  const guest = machine.guest();
  await guest.loadDriver(virtioBlk);
  const disk = blockDisk(guest.kernel, 'vda');
  if (disk === null) throw new Error('there is no vda');
  return { model, machine, guest, disk };
}

/** Requests go the same way whatever the strategy. */
const ONE_OF_EACH_BUS = fixtures.filter(({ bus }, at) => fixtures.findIndex((other) => other.bus === bus) === at);

describe('a device that does something at any moment', () => {
  for (const fixture of ONE_OF_EACH_BUS) {
    const where = `${fixture.bus} ${fixture.strategy ?? ''}`;
    for (const kind of kindsOf(fixture)) {
      it(`of the interrupt of a request: another one that ends then is noticed, ${where}, after each ${kind}`, async () => {
        await eachMoment(async (nth) => {
          const { model, machine, guest, disk } = await heldDisk(fixture);
          const reads = [1, 2].map((sector) =>
            machine.world.spawn(() => disk.readSectors(sector, 1), `read ${String(sector)}`),
          );
          await guest.settle();
          const wait = between(guest.guest, { kind, nth }, () => model.held.shift()?.());
          model.held.shift()?.();
          await guest.settle();
          if (!wait.fired) model.held.shift()?.();
          expect((await reads[0])?.[0]).to.equal(1);
          expect((await reads[1])?.[0]).to.equal(2);
          return wait;
        });
      });
    }

    it(`of the reading of its size: a size that changes then is seen, ${where}`, async () => {
      const kind = ['ps3-handle', 'ccw'].includes(fixture.bus) ? 'hypercall' : 'register';
      await eachMoment(async (nth) => {
        const { model, guest, disk } = await heldDisk(fixture);
        const wait = between(guest.guest, { kind, nth }, () => model.grow(32));
        model.grow(16);
        await guest.settle();
        expect(disk.capacity).to.equal(wait.fired ? 32 : 16);
        return wait;
      });
    });
  }

  it('of the interrupt of a frame: a frame that comes then is received', async () => {
    await eachMoment(async (nth) => {
      const machine = new VirtioMachine();
      await machine.kernel.registerDriver(virtioNet);
      const odd = new OddNet();
      await machine.plug(odd);
      const net = eth(machine);
      await net.open();
      const received: number[] = [];
      net.addPack((bytes) => void received.push(bytes[14] ?? 0));
      const give = (number: number): void =>
        odd.give(Uint8Array.of(...new Uint8Array(12), ...frame(MAC, PEER, number)));
      const wait = between(machine.guest, { kind: 'ring', nth }, () => give(2));
      give(1);
      await machine.world.advance(SOON);
      expect(received).to.deep.equal(wait.fired ? [1, 2] : [1]);
      return wait;
    });
  });

  it('of the interrupt of frames sent: who waits for room in the queue goes on', async () => {
    await eachMoment(async (nth) => {
      const machine = new VirtioMachine();
      await machine.kernel.registerDriver(virtioNet);
      const model = new LazyNet();
      await machine.plug(model);
      const net = eth(machine);
      await net.open();
      for (let i = 0; i < 40; i += 1) net.transmit(frame(PEER, MAC, i));
      expect(net.backlog).to.be.greaterThan(0);
      const wait = between(machine.guest, { kind: 'ring', nth }, () => model.finish(model.held.length));
      model.finish(1);
      await machine.world.advance(SOON);
      // What was sent after that is held as well.
      if (!wait.fired) model.finish(model.held.length);
      await machine.world.advance(SOON);
      expect(net.backlog).to.equal(0);
      expect(model.seen).to.equal(40);
      return wait;
    });
  });

  it('of the interrupt of random bytes: who reads gets them', async () => {
    await eachMoment(async (nth) => {
      const machine = new VirtioMachine();
      await machine.kernel.registerDriver(virtioRng);
      const model = new LazyRng();
      await machine.plug(model);
      const reading = machine.world.spawn(() => hwrng(machine.kernel).read(64), 'reader');
      await machine.world.settle();
      const given: boolean[] = [];
      const second = (): void => void given.push(model.give(7));
      const wait = between(machine.guest, { kind: 'ring', nth }, second);
      model.give(5);
      await machine.world.advance(SOON);
      // Before the driver has asked again there is nothing to fill.
      if (!given.includes(true)) second();
      expect([...(await reading)].sort()).to.deep.equal([
        ...new Array<number>(32).fill(5),
        ...new Array<number>(32).fill(7),
      ]);
      return wait;
    });
  });
});

/** A card that has taken a frame when the test says so. */
class LazyNet extends OddNet {
  readonly held: DeviceRequest[] = [];
  seen = 0;

  override handle(queue: number, request: DeviceRequest): void {
    if (queue === 0) super.handle(queue, request);
    else {
      this.seen += 1;
      this.held.push(request);
    }
  }

  finish(count: number): void {
    for (const request of this.held.splice(0, count)) request.complete();
  }
}

/** A source that gives half of what the core asks for when the test says so. */
class LazyRng extends DeviceModel {
  readonly deviceId = DEVICE_ID.ENTROPY;
  readonly name = 'lazy0';
  readonly #held: DeviceRequest[] = [];

  override queueSizes(): readonly number[] {
    return [8];
  }

  override handle(_queue: number, request: DeviceRequest): void {
    this.#held.push(request);
  }

  /** False when nobody has asked. */
  give(byte: number): boolean {
    const request = this.#held.shift();
    request?.complete(new Uint8Array(32).fill(byte));
    return request !== undefined;
  }
}
