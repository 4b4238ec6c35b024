import { expect } from 'chai';
import { INTERRUPT, MACHINE, MMIO, ofFindNodeByPath, ofTree } from '../../buses/of-tree';
import { FEATURE, featureBit, virtioBus, VirtioDevice, type VirtioDriver, type Virtqueue } from '../../lib/virtio';
import { rejection } from '../support/errors';
import { HeldDevice } from '../support/held-device';
import { AnyDevice, OfMachine, queueDriver } from './support';

const FIRST = 'a000000.virtio_mmio';
const SECOND = 'a000200.virtio_mmio';
const HELD = 42;

/** What the driver below has of its device. */
interface HandDriverState {
  vq: Virtqueue;
  readonly done: string[];
  changes: number;
}

/** A driver whose queue tests use by hand; what comes back, or fails at the end, is in `done`. */
function handDriver(): VirtioDriver & { readonly bound: Map<string, HandDriverState> } {
  const bound = new Map<string, HandDriverState>();
  return {
    name: 'hand',
    bus: virtioBus,
    bound,
    idTable: [{ device: HELD }],
    async probe(dev: VirtioDevice) {
      const done: string[] = [];
      const take = (vq: Virtqueue): void => {
        for (let buf = vq.getBuf(); buf !== undefined; buf = vq.getBuf())
          done.push(`${buf.token as string}: ${Buffer.from(buf.data[0] ?? []).toString()}`);
      };
      const [vq] = await dev.findVqs([{ name: 'requests', callback: take }]);
      if (vq !== undefined) bound.set(dev.name ?? '', { vq, done, changes: 0 });
    },
    async remove(dev: VirtioDevice) {
      const held = bound.get(dev.name ?? '');
      await dev.reset();
      for (let token = held?.vq.detachUnused(); token !== undefined; token = held?.vq.detachUnused())
        held?.done.push(`${token as string}: EIO`);
      await dev.delVqs();
    },
    configChanged(dev: VirtioDevice) {
      const held = bound.get(dev.name ?? '');
      if (held !== undefined) held.changes += 1;
    },
  };
}

async function bootHand(
  model = new HeldDevice([8]),
  world = {},
): Promise<{
  rig: OfMachine;
  hand: ReturnType<typeof handDriver>;
  model: HeldDevice;
  held: HandDriverState;
  unplug: () => void;
}> {
  const rig = new OfMachine({ slots: 4, world });
  const plugged = rig.plug(model);
  await rig.boot();
  await rig.kernel.registerDriver(rig.bus.transport);
  const hand = handDriver();
  await rig.kernel.registerDriver(hand);
  return { rig, hand, model, held: hand.bound.get('virtio0') as HandDriverState, unplug: () => plugged.unplug() };
}

function vdev(rig: OfMachine, name = 'virtio0'): VirtioDevice {
  const found = rig.device(name, 'virtio');
  if (found instanceof VirtioDevice) return found;
  throw new Error(`${name} is no virtio device`);
}

describe('virtio over MMIO (VI-07)', () => {
  for (const isolate of [false, true]) {
    it(`carries a request there and back${isolate ? ', also where everything is cloned' : ''}`, async () => {
      const { rig, model, held } = await bootHand(new HeldDevice([8]), { isolate });
      expect(held.vq.add({ out: [new Uint8Array([1, 2, 3])], in: [5] }, 'one')).to.equal(0);
      expect(held.vq.kick()).to.equal(true);
      expect([...(model.held[0]?.readable ?? [])]).to.deep.equal([1, 2, 3]);
      model.complete(new TextEncoder().encode('hello'));
      await rig.settle();
      expect(held.done).to.deep.equal(['one: hello']);
    });
  }

  it('reads status, then acknowledges, once for each interrupt', async () => {
    const { rig, model, held } = await bootHand();
    held.vq.add({ in: [1] }, 'one');
    held.vq.kick();
    const seen: string[] = [];
    rig.hv.log.onExit(
      ({ kind, address, value }) =>
        void seen.push(`${kind} ${(address - MACHINE.SLOT_BASE).toString(16)} ${String(value)}`),
    );
    model.complete(new Uint8Array([7]));
    await rig.settle();
    expect(seen).to.deep.equal([`read 60 ${String(INTERRUPT.QUEUE)}`, `write 64 ${String(INTERRUPT.QUEUE)}`]);
  });

  it('tells the driver of a change of configuration', async () => {
    const { rig, model, held } = await bootHand();
    const before = vdev(rig).transport.generation();
    model.host?.configChanged();
    await rig.settle();
    expect(held.changes).to.equal(1);
    expect(vdev(rig).transport.generation()).to.equal(Number(before) + 1);
  });

  it('regression: reads and writes each field of the configuration by accesses of its width', async () => {
    const { rig, model } = await bootHand();
    model.bytes.set(Array.from({ length: 16 }, (_, i) => i));
    const { transport } = vdev(rig);
    const accesses: string[] = [];
    rig.hv.log.onExit(
      ({ kind, address, width }) => void accesses.push(`${kind} ${address.toString(16)} ${String(width)}`),
    );
    expect([...(await transport.getConfig(0, 1))]).to.deep.equal([0]);
    expect([...(await transport.getConfig(3, 2))]).to.deep.equal([3, 4]);
    expect([...(await transport.getConfig(1, 4))]).to.deep.equal([1, 2, 3, 4]);
    expect([...(await transport.getConfig(2, 8))]).to.deep.equal([2, 3, 4, 5, 6, 7, 8, 9]);
    expect([...(await transport.getConfig(4, 3))]).to.deep.equal([4, 5, 6]);
    await transport.setConfig(1, Uint8Array.of(1, 2, 3, 4));
    await transport.setConfig(8, Uint8Array.of(8));
    expect(accesses).to.deep.equal([
      'read a000100 1',
      'read a000103 2',
      'read a000101 4',
      'read a000102 4',
      'read a000106 4',
      'read a000104 1',
      'read a000105 1',
      'read a000106 1',
      'write a000101 4',
      'write a000108 1',
    ]);
    expect((await rejection(() => transport.getConfig(0xff, 2))).code).to.equal('EINVAL');
  });

  it('negotiates features word by word; VERSION_1 must be among them', async () => {
    const { rig } = await bootHand(new HeldDevice([8], 0b1011n));
    const { transport, features } = vdev(rig);
    expect(features).to.equal(
      featureBit(FEATURE.VERSION_1) | featureBit(FEATURE.RING_EVENT_IDX) | featureBit(FEATURE.RING_INDIRECT_DESC),
    );
    expect(await transport.getFeatures()).to.equal(features | 0b1011n);
    expect(await transport.finalizeFeatures(1n)).to.equal(-22);
  });

  it('a queue that the device does not have is ENOENT, and all are given up', async () => {
    const rig = new OfMachine({ slots: 1 });
    rig.plug(new AnyDevice(HELD));
    await rig.boot();
    await rig.kernel.registerDriver(rig.bus.transport);
    const codes: string[] = [];
    await rig.kernel.registerDriver({
      ...queueDriver('two', HELD),
      probe: async (dev: VirtioDevice) =>
        void codes.push((await rejection(() => dev.findVqs([{ name: 'a' }, { name: 'b' }]))).code),
    });
    expect(codes).to.deep.equal(['ENOENT']);
    expect(rig.kernel.irq.list().map(({ name }) => name)).to.deep.equal(['RAS_HOTPLUG']);
    expect(rig.kernel.dma?.inUse).to.equal(0);
  });

  it('an interrupt that somebody has is EBUSY', async () => {
    const { rig } = await bootHand();
    const { transport } = vdev(rig);
    expect((await rejection(() => transport.findVqs([{ name: 'x' }]))).code).to.equal('EBUSY');
  });

  it('an empty place is ENODEV and leaves no region', async () => {
    const { rig } = await bootHand();
    expect(rig.device(SECOND).driver).to.equal(null);
    expect(await rig.echo(SECOND, '/sys/bus/platform/drivers/virtio-mmio/bind')).to.equal('ENODEV');
    expect(await rig.echo(SECOND, '/sys/bus/platform/drivers/virtio-mmio/bind')).to.equal('ENODEV');
  });

  it('unbinding gives back memory, interrupt and region; the device can be had again', async () => {
    const { rig, hand } = await bootHand();
    expect(await rig.echo(FIRST, '/sys/bus/platform/drivers/virtio-mmio/unbind')).to.equal('0');
    expect(rig.names('virtio')).to.deep.equal([]);
    expect(rig.kernel.dma?.inUse).to.equal(0);
    expect(rig.kernel.irq.list().map(({ name }) => name)).to.deep.equal(['RAS_HOTPLUG']);
    expect(await rig.echo(FIRST, '/sys/bus/platform/drivers/virtio-mmio/bind')).to.equal('0');
    expect(hand.bound.get('virtio0')?.vq.broken).to.equal(false);
    expect(rig.refusals).to.deep.equal([]);
  });
});

describe('registers of a transport, as the host has them', () => {
  const base = MACHINE.SLOT_BASE;

  it('are there without a device: magic, version 2, device id 0', async () => {
    const rig = await new OfMachine({ slots: 2 }).boot();
    const read = (offset: number): number => rig.guest.port.read(base + offset, 4);
    expect(read(MMIO.MAGIC_VALUE)).to.equal(0x74726976);
    expect(read(MMIO.VERSION)).to.equal(2);
    expect(read(MMIO.DEVICE_ID)).to.equal(0);
    expect(read(MMIO.VENDOR_ID)).to.equal(0x554d4551);
    rig.guest.port.write(base + MMIO.STATUS, 4, 1);
    expect(read(MMIO.STATUS)).to.equal(0);
    expect(read(MMIO.QUEUE_NUM_MAX)).to.equal(0);
    expect(read(MMIO.CONFIG)).to.equal(0);
  });

  it('are whole words: others are refused and logged', async () => {
    const rig = await new OfMachine({ slots: 1 }).boot();
    rig.plug(new AnyDevice(HELD));
    expect(rig.guest.port.read(base + MMIO.DEVICE_ID, 1)).to.equal(0);
    rig.guest.port.write(base + MMIO.STATUS, 2, 1);
    rig.guest.port.write(base + MMIO.MAGIC_VALUE, 4, 1);
    expect(rig.refusals).to.deep.equal([
      'guest g1, transport at 0xa000000: read of 1 bytes at register 0x8',
      'guest g1, transport at 0xa000000: write of 2 bytes at register 0x70',
      'guest g1, transport at 0xa000000: write to register 0x0',
    ]);
  });

  it('interrupt on an edge: a second event before the acknowledgement raises nothing', async () => {
    const rig = new OfMachine({ slots: 1 });
    const model = new HeldDevice([8]);
    rig.plug(model);
    await rig.boot();
    const write = (offset: number, value: number): void => rig.guest.port.write(base + offset, 4, value);
    for (const status of [1, 3]) write(MMIO.STATUS, status);
    write(MMIO.DRIVER_FEATURES_SEL, 1);
    write(MMIO.DRIVER_FEATURES, 1);
    for (const status of [11, 15]) write(MMIO.STATUS, status);
    model.host?.configChanged();
    model.host?.configChanged();
    await rig.settle();
    const before = rig.guest.port.counters().interrupts;
    expect(rig.guest.port.read(base + MMIO.INTERRUPT_STATUS, 4)).to.equal(INTERRUPT.CONFIG);
    write(MMIO.INTERRUPT_ACK, INTERRUPT.CONFIG);
    model.host?.configChanged();
    await rig.settle();
    expect(rig.guest.port.counters().interrupts - before).to.equal(1);
    write(MMIO.STATUS, 0);
    expect(rig.guest.port.read(base + MMIO.INTERRUPT_STATUS, 4)).to.equal(0);
  });
});

describe('of-tree: plugging', () => {
  it('fills the first empty place; ENOSPC when there is none', async () => {
    const rig = new OfMachine({ slots: 2 });
    const first = rig.plug(new AnyDevice(1));
    rig.plug(new AnyDevice(2));
    const { code, message } = await rejection(() => rig.plug(new AnyDevice(4)));
    expect(code).to.equal('ENOSPC');
    expect(message).to.match(/, plug_device 'device4 of guest g1': all 2 places of the tree are taken$/);
    expect(rig.hv.log.entries.map((entry) => entry.message)).to.deep.equal([message]);
    first.unplug();
    first.unplug();
    rig.plug(new AnyDevice(4));
    first.unplug();
    expect(rig.of.host.slots(rig.guest).map(({ device }) => device?.deviceId)).to.deep.equal([4, 2]);
    expect((await rejection(() => rig.of.host.plug(new AnyDevice(1), rig.guest, 1))).code).to.equal('EBUSY');
    expect((await rejection(() => rig.of.host.plug(new AnyDevice(1), rig.guest, 2))).code).to.equal('ENOENT');
  });

  it('a device that comes later is found by the device of its place, without a new name', async () => {
    const { rig, hand } = await bootHand();
    const names = rig.names();
    rig.takeUevents();
    rig.plug(new AnyDevice(HELD));
    await rig.settle();
    expect(rig.names()).to.deep.equal(names);
    expect(rig.device(SECOND).driver?.def.name).to.equal('virtio-mmio');
    expect([...hand.bound.keys()]).to.deep.equal(['virtio0', 'virtio1']);
    const seen = rig.takeUevents().map(([action, path]) => `${String(action)} ${String(path)}`);
    expect(seen).to.deep.equal([
      `ACTION=add DEVPATH=/devices/platform/${SECOND}/virtio1`,
      `ACTION=bind DEVPATH=/devices/platform/${SECOND}/virtio1`,
      `ACTION=bind DEVPATH=/devices/platform/${SECOND}`,
    ]);
  });

  it('not where the bus does not probe by itself; a rescan neither', async () => {
    const { rig } = await bootHand();
    await rig.echo('0', '/sys/bus/platform/drivers_autoprobe');
    rig.plug(new AnyDevice(HELD));
    await rig.settle();
    await rig.bus.rescan();
    expect(rig.device(SECOND).driver).to.equal(null);
    await rig.echo('1', '/sys/bus/platform/drivers_autoprobe');
    await rig.bus.rescan();
    expect(rig.device(SECOND).driver?.def.name).to.equal('virtio-mmio');
  });

  it('a device that vanishes: queues break, what is in flight fails, its driver leaves, nothing hangs', async () => {
    const { rig, held, unplug } = await bootHand();
    held.vq.add({ in: [4] }, 'one');
    held.vq.kick();
    unplug();
    await rig.settle();
    expect(held.done).to.deep.equal(['one: EIO']);
    expect(held.vq.broken).to.equal(true);
    expect(held.vq.kick()).to.equal(false);
    expect(held.vq.add({ in: [4] }, 'two')).to.equal(-5);
    expect(rig.names('virtio')).to.deep.equal([]);
    expect(rig.device(FIRST).driver).to.equal(null);
    expect(rig.kernel.dma?.inUse).to.equal(0);
    expect(rig.kernel.warnings).to.equal(0);
  });

  it('another one in its place at once: the old driver leaves, the new device is bound', async () => {
    const { rig, hand, unplug } = await bootHand();
    const before = hand.bound.get('virtio0')?.vq;
    unplug();
    rig.plug(new AnyDevice(HELD, 'new'));
    await rig.settle();
    expect(rig.device(FIRST).driver?.def.name).to.equal('virtio-mmio');
    expect(before?.broken).to.equal(true);
    expect(hand.bound.get('virtio0')?.vq.broken).to.equal(false);
  });

  it('events about nothing are passed over', async () => {
    const { rig } = await bootHand();
    const vector = rig.kernel.irq.list().find(({ name }) => name === 'RAS_HOTPLUG')?.vector ?? 0;
    for (const value of [
      0n,
      0xffff_ffffn,
      1n << 32n,
      (1n << 64n) - 1n,
      BigInt(ofFindNodeByPath(rig.kernel, '/chosen')?.phandle ?? 0),
    ]) {
      rig.guest.interrupt(vector, value);
    }
    await rig.settle();
    expect(rig.device(FIRST).driver?.def.name).to.equal('virtio-mmio');
    expect(rig.log).to.deep.equal([]);
  });

  it('the recorded machine has no such events: a rescan finds what was plugged', async () => {
    const rig = await OfMachine.recorded().bootAll();
    rig.of.host.plug(new AnyDevice(4, 'late'), rig.guest, 5);
    await rig.settle();
    expect(rig.device('a000a00.virtio_mmio').driver).to.equal(null);
    await rig.bus.rescan();
    expect(rig.device('a000a00.virtio_mmio').driver?.def.name).to.equal('virtio-mmio');
  });
});

describe('of-tree: the fixture', () => {
  it("boots each guest with its own places and nobody else's devices", async () => {
    const rig = new OfMachine({ slots: 4 });
    const other = rig.hv.createGuest({ name: 'g2' });
    rig.plug(new AnyDevice(HELD));
    expect(rig.of.host.slots(other).map(({ isEmpty }) => isEmpty)).to.deep.equal([true, true, true, true]);
    expect(ofTree.bus).to.equal('of-tree');
    expect(ofTree.strategy).to.equal(null);
  });

  it("has as many transports as the hypervisor's machine says, and holds nothing", async () => {
    const rig = await new OfMachine().boot();
    expect(rig.names()).to.have.length(MACHINE.SLOTS);
    expect(rig.bus.busName).to.equal('platform');
    expect(rig.bus.transport.name).to.equal('virtio-mmio');
    expect(rig.hv.claims.list()).to.deep.equal([]);
  });
});
