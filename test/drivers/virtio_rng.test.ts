import { expect } from 'chai';
import { virtioRng } from '../../drivers/virtio_rng';
import { EntropyDevice } from '../../lib/hypervisor';
import { hwrng } from '../../lib/subsystems';
import { DEVICE_ID } from '../../lib/virtio';
import { Random } from '../../lib/world';
import { HeldDevice } from '../support/held-device';
import { rejection } from '../support/errors';
import { expectClean } from '../support/driver';
import { VirtioMachine, type FakeTransport } from '../support/virtio';

async function machineWithRng(prepare?: (transport: FakeTransport) => void) {
  const machine = new VirtioMachine();
  await machine.kernel.registerDriver(virtioRng);
  const plugged = await machine.plug(new EntropyDevice({ name: 'rng0', seed: 5 }), prepare);
  return { machine, rng: hwrng(machine.kernel), ...plugged };
}

/** An entropy device that answers when the test says so. */
class HeldRng extends HeldDevice {
  override readonly deviceId: number = DEVICE_ID.ENTROPY;
}

async function machineWithHeldRng() {
  const machine = new VirtioMachine();
  await machine.kernel.registerDriver(virtioRng);
  const model = new HeldRng();
  return { machine, model, rng: hwrng(machine.kernel), ...(await machine.plug(model)) };
}

const MISC = '/sys/class/misc/hw_random';

describe('virtio_rng', () => {
  it('gives the bytes of the device', async () => {
    const { rng, machine } = await machineWithRng();
    const expected = new Random(5).bytes(128);
    expect(await rng.read(128)).to.deep.equal(expected);
    expect(machine.hv.log.refusals).to.deep.equal([]);
  });

  it('gives bytes over a transport whose every call sleeps', async () => {
    const { rng, machine, remove } = await machineWithRng((transport) => (transport.sleepNs = 100));
    expect((await rng.read(200)).length).to.equal(200);
    await remove();
    expectClean(machine);
  });

  it('hands out each byte once, however little is asked for', async () => {
    const { rng } = await machineWithRng();
    const got: number[] = [];
    for (let i = 0; i < 64; i += 1) got.push(...(await rng.read(1)));
    // The kernel's buffer is emptied from its end.
    expect(got).to.deep.equal([...new Random(5).bytes(64)].reverse());
  });

  it('always has one request with the device', async () => {
    const { model, machine, rng } = await machineWithHeldRng();
    expect(model.held.map(({ writable }) => writable)).to.deep.equal([64]);
    model.complete(new Uint8Array(64).fill(3));
    await machine.world.advance(10_000);
    expect(await rng.read(64)).to.deep.equal(new Uint8Array(64).fill(3));
    expect(model.held.length).to.equal(1);
  });

  it('waits for a device that gives little at a time', async () => {
    const { model, machine, rng } = await machineWithHeldRng();
    const read = machine.world.spawn(() => rng.read(64));
    for (let i = 0; i < 64; i += 16) {
      await machine.world.advance(10_000);
      model.complete(new Uint8Array(16).fill(i));
    }
    expect(await read).to.deep.equal(Uint8Array.from({ length: 64 }, (_, i) => i & ~15));
  });

  it('is seen in /sys/class/misc/hw_random', async () => {
    const { machine } = await machineWithRng();
    expect(await machine.read(`${MISC}/rng_available`)).to.equal('virtio_rng.0 \n');
    expect(await machine.read(`${MISC}/rng_current`)).to.equal('virtio_rng.0\n');
    expect(await machine.read(`${MISC}/rng_quality`)).to.equal('1000\n');
  });

  it('is numbered by the lowest free number', async () => {
    const { machine, rng, remove } = await machineWithRng();
    await machine.plug(new EntropyDevice({ name: 'rng1' }));
    await remove();
    await machine.plug(new EntropyDevice({ name: 'rng2' }));
    expect(rng.available).to.deep.equal(['virtio_rng.1', 'virtio_rng.0']);
  });

  it('agrees on no feature but those of the transport, as Linux does', async () => {
    const { machine } = await machineWithRng();
    const bits = (await machine.read('/sys/bus/virtio/devices/virtio0/features')).trim();
    expect(Array.from(bits.matchAll(/1/g), ({ index }) => index)).to.deep.equal([28, 29, 32]);
  });

  describe('unbound', () => {
    it('ends a read that waits with ENODEV, and gives everything back', async () => {
      const { machine, rng, dev } = await machineWithHeldRng();
      const read = machine.world.spawn(() => rejection(() => rng.read(10)).then(({ code }) => code));
      await machine.world.settle();
      await dev.releaseDriver();
      expect(await read).to.equal('ENODEV');
      expect((await rejection(() => rng.read(1))).code).to.equal('ENODEV');
      expect(await machine.read(`${MISC}/rng_current`)).to.equal('none\n');
      expectClean(machine);
    });

    it('lets a read go on with another source', async () => {
      const { machine, rng, dev } = await machineWithHeldRng();
      await machine.plug(new EntropyDevice({ name: 'rng1', seed: 9 }));
      const reads = [1, 2, 3].map(() => machine.world.spawn(() => rng.read(10)));
      await machine.world.settle();
      await dev.releaseDriver();
      const bytes: number[] = [];
      for (const read of reads) bytes.push(...(await read).toReversed());
      expect(bytes).to.deep.equal([...new Random(9).bytes(64)].reverse().slice(0, 30));
    });

    it('can be bound again', async () => {
      const { machine, rng, dev } = await machineWithRng();
      await dev.releaseDriver();
      await dev.attach();
      expect((await rng.read(8)).length).to.equal(8);
      await dev.unregister();
      expectClean(machine);
    });
  });

  it('whose device vanishes ends a read that waits with ENODEV, as there is no other, and leaks nothing', async () => {
    const { machine, rng, surpriseRemove } = await machineWithHeldRng();
    const read = machine.world.spawn(() => rejection(() => rng.read(10)).then(({ code }) => code));
    await machine.world.settle();
    await surpriseRemove();
    expect(await read).to.equal('ENODEV');
    expectClean(machine);
  });

  it('with a device that gives nothing gives EIO, and asks again for the next read', async () => {
    const { machine, model, rng } = await machineWithHeldRng();
    const read = machine.world.spawn(() => rejection(() => rng.read(10)).then(({ code }) => code));
    await machine.world.settle();
    model.complete();
    expect(await read).to.equal('EIO');
    const next = machine.world.spawn(() => rng.read(64));
    await machine.world.settle();
    model.complete(new Uint8Array(64));
    expect((await next).length).to.equal(64);
  });

  it('with a device that needs a reset gives EIO instead of waiting for ever', async () => {
    const { machine, rng, transport, remove } = await machineWithHeldRng();
    const read = machine.world.spawn(() => rejection(() => rng.read(10)).then(({ code }) => code));
    await machine.world.settle();
    transport.backend.needsReset();
    expect(await read).to.equal('EIO');
    expect((await rejection(() => rng.read(10))).code).to.equal('EIO');
    await remove();
    expectClean(machine);
  });

  it('without a queue leaves nothing', async () => {
    const { machine, dev, rng } = await machineWithRng((transport) => transport.refuse.set('findVqs', 'ENOENT'));
    expect(dev.driver).to.equal(null);
    expect(rng.available).to.deep.equal([]);
    expectClean(machine);
    await machine.plug(new EntropyDevice({ name: 'rng1' }));
    expect(rng.available).to.deep.equal(['virtio_rng.0']);
  });
});
