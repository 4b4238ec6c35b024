import { expect } from 'chai';
import { ps3AtProbe, ps3Eager, ps3Repository } from '../../buses/ps3-handle';
import { vpci } from '../../buses/vpci';
import { virtioBlk } from '../../drivers/virtio_blk';
import { BlockDevice } from '../../lib';
import { fixtures, world, type KitOptions, type KitWorld } from '../support/kit';
import type { BusFixture } from '../../lib/study';

const disk = (name: string): BlockDevice => new BlockDevice({ name, image: new Uint8Array(512) });

async function booted(bus: BusFixture, options: KitOptions = {}): Promise<KitWorld> {
  const made = world({ devices: () => [disk('a'), disk('b')], ...options, bus });
  await made.boot();
  await made.load(virtioBlk);
  return made;
}

describe('the life of a guest', () => {
  for (const bus of fixtures) {
    it(`dies and boots again: the next kernel has nothing of it [${bus.bus}/${String(bus.strategy)}]`, async () => {
      const made = await booted(bus);
      const { kernel } = made;
      made.guest().die();
      expect(() => made.kernel).to.throw('guest g1 has not booted');
      await made.guest().boot();
      expect(made.kernel).not.to.equal(kernel);
      await made.guest().loadTransport();
      await made.guest().loadDriver(virtioBlk);
    });
  }

  it('keeps what it held when it dies, and gives back what its drivers give back when it shuts down', async () => {
    const died = await booted(ps3AtProbe);
    died.guest().die();
    expect(died.held).to.equal(2);
    const stopped = await booted(ps3Repository);
    await stopped.guest().shutDown();
    expect(stopped.held).to.equal(0);
    const eager = await booted(ps3Eager);
    await eager.guest().shutDown();
    expect(eager.held).to.equal(2);
  });

  it('hears no interrupt and runs no timer after its death', async () => {
    const made = await booted(vpci);
    let ran = 0;
    made.world.after(10, () => ran++, made.kernel);
    made.kernel.irq.request(99, () => ran++, 'test');
    made.guest().die();
    made.guest().guest.interrupt(99);
    await made.settle();
    expect(ran).to.equal(0);
  });

  it('goes on with its kernel when the hypervisor is another one', async () => {
    const made = await booted(ps3AtProbe);
    const { kernel, hypervisor } = made;
    expect(await made.guest().hibernate()).to.equal(0);
    made.replaceHypervisor();
    expect(made.hypervisor).not.to.equal(hypervisor);
    await made.guest().restore();
    expect(made.kernel).to.equal(kernel);
  });
});
