import { expect } from 'chai';
import { virtioBalloon } from '../../drivers/virtio_balloon';
import { BalloonDevice, DEVICE_ID, DeviceModel, type DeviceHost, type DeviceRequest, type Kernel } from '../../lib';
import { BALLOON } from '../../lib/virtio/spec';
import { eachBus, eachFault, fixtures, type KitWorld } from '../support/kit';

const SECOND = 1_000_000_000;
const MIB = 1 << 20;

/** A world whose guest has the driver and a balloon. */
async function start(w: KitWorld, balloon: DeviceModel) {
  const plugged = w.plug(balloon);
  await w.boot();
  await w.guest().bus.configure?.();
  await w.load(virtioBalloon);
  return plugged;
}

async function started(w: KitWorld, options: Partial<ConstructorParameters<typeof BalloonDevice>[0]> = {}) {
  const balloon = new BalloonDevice({ name: 'balloon0', ...options });
  await start(w, balloon);
  return balloon;
}

/** Long enough for thousands of pages. */
const settle = (w: KitWorld): Promise<void> => w.world.advance(SECOND);

/** Pages of the guest's pool that the driver has. */
function pagesOf(kernel: Kernel): number[] {
  const buffers = kernel.dma?.list() ?? [];
  return buffers.filter(({ owner }) => owner.startsWith('virtio_balloon')).map(({ address }) => address / BALLOON.PAGE);
}

/** A balloon that answers nothing until it is told to. */
class SilentBalloon extends BalloonDevice {
  silent = false;

  override handle(queue: number, request: DeviceRequest, host: DeviceHost): void {
    if (!this.silent) super.handle(queue, request, host);
  }
}

/** A device that says what it likes. */
class HostileBalloon extends DeviceModel {
  readonly deviceId = DEVICE_ID.BALLOON;
  readonly name = 'balloon0';
  requests = 0;
  reads = 0;

  constructor(readonly numPages: (read: number) => number) {
    super();
  }

  override queueSizes(): readonly number[] {
    return [4, 4];
  }

  override config(): Uint8Array {
    const bytes = new Uint8Array(BALLOON.CONFIG_BYTES);
    this.reads += 1;
    new DataView(bytes.buffer).setUint32(0, this.numPages(this.reads), true);
    return bytes;
  }

  override handle(_queue: number, request: DeviceRequest): void {
    this.requests += 1;
    request.complete();
  }
}

const FREEZING = fixtures.filter(({ bus }) => bus !== 'ccw');

describe('virtio_balloon', () => {
  eachBus('gives pages of its memory to the host, which has them no more', async (w) => {
    const balloon = await started(w);
    const { memory } = w.guest().guest;
    const buffer = w.kernel.dma?.alloc(300 * BALLOON.PAGE);
    const address = buffer?.address ?? 0;
    memory.write(address, new Uint8Array(300 * BALLOON.PAGE).fill(7));
    buffer?.free();
    const resident = memory.resident;
    balloon.target = 300;
    await settle(w);
    expect(balloon.held).to.equal(300);
    expect(balloon.actual).to.equal(300);
    expect(pagesOf(w.kernel).filter((page) => balloon.holds(page)).length).to.equal(300);
    expect(memory.resident).to.be.at.most(resident - 250 * BALLOON.PAGE);
    expect(pagesOf(w.kernel).every((page) => memory.getU8(page * BALLOON.PAGE) === 0)).to.equal(true);
  });

  eachBus('takes pages back, down to the last', async (w) => {
    const balloon = await started(w, { target: 600 });
    await settle(w);
    expect(balloon.held).to.equal(600);
    balloon.target = 100;
    await settle(w);
    expect(balloon.actual).to.equal(100);
    expect(balloon.held).to.equal(100);
    expect(pagesOf(w.kernel).length).to.equal(100);
    balloon.target = 0;
    await settle(w);
    expect(balloon.held).to.equal(0);
    expect(pagesOf(w.kernel)).to.deep.equal([]);
    expect(balloon.actual).to.equal(0);
  });

  eachBus('moves at most 256 pages with one request', async (w) => {
    const balloon = await started(w, { statistics: false });
    const before = balloon.served;
    balloon.target = 257;
    await settle(w);
    expect(balloon.served - before).to.equal(2);
    balloon.target = 256;
    await settle(w);
    expect(balloon.served - before).to.equal(3);
  });

  eachBus('gives statistics when it is asked', async (w) => {
    const balloon = await started(w);
    await settle(w);
    const { size } = w.guest().guest.memory;
    const first = balloon.statistics;
    expect([...first.keys()]).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(first.get(BALLOON.S_MEMTOT)).to.equal(BigInt(size));
    balloon.target = 256;
    await settle(w);
    expect(balloon.statistics).to.equal(first);
    expect(balloon.requestStatistics()).to.equal(true);
    await settle(w);
    expect(balloon.statistics.get(BALLOON.S_MEMTOT)).to.equal(BigInt(size - MIB));
    const freed = Number(first.get(BALLOON.S_MEMFREE)) - Number(balloon.statistics.get(BALLOON.S_MEMFREE));
    expect(freed).to.be.within(MIB - BALLOON.PAGE, MIB + BALLOON.PAGE);
    expect(balloon.requestStatistics()).to.equal(true);
    expect(balloon.requestStatistics()).to.equal(false);
  });

  eachBus('counts pages of the balloon as its memory if it may take them back', async (w) => {
    const balloon = await started(w, { deflateOnOom: true, target: 256 });
    await settle(w);
    balloon.requestStatistics();
    await settle(w);
    expect(balloon.statistics.get(BALLOON.S_MEMTOT)).to.equal(BigInt(w.guest().guest.memory.size));
  });

  eachBus('gives all back when it is unbound, and takes it again when it is bound', async (w) => {
    const balloon = await started(w, { target: 300 });
    await settle(w);
    const dir = '/sys/bus/virtio/drivers/virtio_balloon';
    const [dev] = w.bound(virtioBalloon);
    await w.guest().write(`${dir}/unbind`, String(dev?.name));
    expect(balloon.held).to.equal(0);
    expect(pagesOf(w.kernel)).to.deep.equal([]);
    await w.guest().write(`${dir}/bind`, String(dev?.name));
    await settle(w);
    expect(balloon.held).to.equal(300);
  });

  eachBus('tells the host of the pages before the guest has them again', async (w) => {
    const balloon = await started(w, { target: 300 });
    await settle(w);
    const given: number[] = [];
    const handle = balloon.handle.bind(balloon);
    balloon.handle = (queue, request, host) => {
      if (queue === BALLOON.DEFLATEQ) given.push(pagesOf(w.kernel).length);
      handle(queue, request, host);
    };
    await w.unload(virtioBalloon);
    expect(given).to.deep.equal([300, 44]);
    expect(balloon.held).to.equal(0);
  });

  eachBus('has all its pages again when the device vanishes', async (w) => {
    const balloon = new BalloonDevice({ name: 'balloon0', target: 300 });
    const plugged = await start(w, balloon);
    await settle(w);
    expect(pagesOf(w.kernel).length).to.equal(300);
    plugged.unplug();
    await w.settle();
    await w.guest().rescan();
    expect(w.bound(virtioBalloon)).to.deep.equal([]);
    expect(pagesOf(w.kernel)).to.deep.equal([]);
    expect(balloon.held).to.equal(0);
  });

  eachBus('does not wait for an answer of a device that vanishes', async (w) => {
    const balloon = new SilentBalloon({ name: 'balloon0' });
    const plugged = await start(w, balloon);
    balloon.silent = true;
    balloon.target = 10;
    await w.settle();
    plugged.unplug();
    await w.settle();
    await w.guest().rescan();
    expect(w.bound(virtioBalloon)).to.deep.equal([]);
    expect(pagesOf(w.kernel)).to.deep.equal([]);
  });

  eachBus(
    'gives up a device that does not answer',
    async (w) => {
      const balloon = new SilentBalloon({ name: 'balloon0', target: 5 });
      await start(w, balloon);
      await settle(w);
      balloon.silent = true;
      balloon.target = 10;
      await w.world.advance(11 * SECOND);
      expect(w.log.entries.at(-1)?.text).to.match(/^virtio_balloon virtio0: no answer on queue inflate$/);
      await w.unload(virtioBalloon);
      expect(pagesOf(w.kernel)).to.deep.equal([]);
    },
    { allow: [/no answer on queue inflate$/] },
  );

  eachBus(
    'gives all pages back for a suspend, and takes them again',
    async (w) => {
      const balloon = await started(w, { target: 300 });
      await settle(w);
      expect(await w.guest().suspend()).to.equal(0);
      expect(balloon.held).to.equal(0);
      expect(pagesOf(w.kernel)).to.deep.equal([]);
      await w.guest().resume();
      await settle(w);
      expect(balloon.held).to.equal(300);
      expect(balloon.actual).to.equal(300);
    },
    { fixtures: FREEZING },
  );

  eachBus(
    'gives no page of the old host to another host, on which it continues',
    async (w) => {
      const balloon = await started(w, { target: 300 });
      await settle(w);
      expect(await w.guest().hibernate()).to.equal(0);
      expect(balloon.held).to.equal(0);
      w.replaceHypervisor();
      await w.guest().restore();
      await settle(w);
      expect(balloon.held).to.equal(300);
      expect(pagesOf(w.kernel).every((page) => balloon.holds(page))).to.equal(true);
    },
    { fixtures: FREEZING },
  );

  eachBus('without memory waits for 200 ms, says so, and goes on when there is some', async (w) => {
    const balloon = await started(w);
    const { dma } = w.kernel;
    const taken = dma?.alloc(Math.floor((dma.free - dma.minFree) / BALLOON.PAGE - 10) * BALLOON.PAGE);
    const since = w.log.entries.length;
    balloon.target = 100;
    await w.world.advance(SECOND / 2);
    expect(w.log.entries[since]?.text).to.equal("virtio_balloon virtio0: Out of puff! Can't get 1 pages");
    expect(w.log.entries.length - since).to.equal(3);
    expect(balloon.held).to.be.within(8, 10);
    taken?.free();
    await settle(w);
    expect(balloon.held).to.equal(100);
  });

  eachBus(
    'leaves a reserve, and its bounded work, to a target beyond all memory',
    async (w) => {
      const balloon = await started(w, { target: 0xffff_ffff });
      await w.world.advance(11 * SECOND);
      const { dma } = w.kernel;
      expect(dma?.free).to.be.within(dma?.minFree ?? 0, (dma?.minFree ?? 0) + 2 * BALLOON.PAGE);
      expect(balloon.served).to.be.below(100);
      const puffs = w.log.entries.filter(({ text }) => text.includes('Out of puff'));
      expect(puffs.length).to.be.within(20, 30);
      balloon.target = 0;
      await settle(w);
      expect(pagesOf(w.kernel)).to.deep.equal([]);
    },
    { allow: [/fill_balloon: \d+ callbacks suppressed$/] },
  );

  eachBus('is kept busy within bounds by a device that cannot decide', async (w) => {
    const hostile = new HostileBalloon((read) => ((read >> 2) % 2 === 0 ? 0xffff_ffff : 0));
    await start(w, hostile);
    await settle(w);
    expect(hostile.requests).to.be.within(2, 20_000);
    await w.unload(virtioBalloon);
    expect(pagesOf(w.kernel)).to.deep.equal([]);
  });

  eachBus(
    'ends with a device that fails',
    async (w) => {
      const balloon = await started(w, { target: 10 });
      await settle(w);
      balloon.handle = () => {
        throw new Error('hostile');
      };
      balloon.target = 20;
      await settle(w);
      await w.unload(virtioBalloon);
      expect(pagesOf(w.kernel)).to.deep.equal([]);
    },
    { allow: ['host-errors', /device needs a reset$/] },
  );

  eachFault(
    'leaves nothing, and binds afterwards',
    async (w) => {
      const balloon = await started(w, { target: 300 });
      await settle(w);
      if (balloon.held !== 300) throw new Error('virtio_balloon does not work');
      balloon.requestStatistics();
      balloon.target = 10;
      await settle(w);
      await w.unload(virtioBalloon);
    },
    { calls: 2, fixtures: fixtures.filter(({ strategy }) => strategy === null || strategy === 'repository') },
  );
});
