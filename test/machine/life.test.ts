import { expect } from 'chai';
import { ps3AtProbe, ps3Eager, ps3Repository } from '../../buses/ps3-handle';
import { vpci } from '../../buses/vpci';
import { virtioBlk } from '../../drivers/virtio_blk';
import { BlockDevice } from '../../lib';
import { fixtures, world, type KitOptions, type KitWorld } from '../support/kit';
import { wholeProof } from '../../lib/study';
import type { BusFixture } from '../../lib/machine';

const disk = (name: string): BlockDevice => new BlockDevice({ name, image: new Uint8Array(512) });

async function booted(bus: BusFixture, options: KitOptions = {}): Promise<KitWorld> {
  const made = world({ devices: () => [disk('a'), disk('b')], ...options, bus });
  await made.boot();
  await made.load(virtioBlk);
  return made;
}

describe('the life of a guest: its kernel', () => {
  for (const bus of fixtures) {
    it(`dies and boots again: the next kernel has nothing of it [${bus.bus}/${String(bus.strategy)}]`, async () => {
      // Where the host keeps what a dead kernel had, the next one is refused.
      const made = await booted(bus, { allow: [/log: warn: .*(EBUSY|error -1)$/] });
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

  it('goes on with its kernel when the hypervisor is another one, and the host knows nothing of it', async () => {
    const made = await booted(ps3AtProbe);
    const { kernel, hypervisor } = made;
    const models = made.models.map(({ name }) => name);
    expect(await made.guest().hibernate()).to.equal(0);
    made.replaceHypervisor();
    expect(made.hypervisor).not.to.equal(hypervisor);
    expect(made.held).to.equal(0);
    await made.guest().restore();
    expect(made.kernel).to.equal(kernel);
    expect(made.hypervisor.claims.list().map(({ device }) => device.name)).to.deep.equal(models);
    expect(made.guest().guest).to.equal(made.hypervisor.guests[0]);
  });

  it('hears nothing while it hibernates, and what came while it was suspended when it wakes', async () => {
    const made = await booted(vpci);
    const seen: bigint[] = [];
    const { irq } = made.kernel;
    irq.request(99, (value) => void seen.push(value), 'test');
    await made.guest().suspend();
    made.guest().guest.interrupt(99, 1n);
    await made.settle();
    expect(seen).to.deep.equal([]);
    await made.guest().resume();
    expect(seen).to.deep.equal([1n]);
    await made.guest().hibernate();
    made.guest().guest.interrupt(99, 2n);
    await made.settle();
    await made.guest().restore();
    expect(seen).to.deep.equal([1n]);
    irq.free(99);
  });

  it('of another guest ends with the host, unless it hibernates', async () => {
    const made = await booted(vpci, { guests: 2 });
    await made.guest().hibernate();
    made.replaceHypervisor();
    expect(() => made.guest(1).kernel).to.throw('has not booted');
    await made.guest(1).boot();
    expect(made.guest(1).deviceNames()).to.deep.equal(['0000:00:01.0']);
    await made.guest().restore();
    expect(made.bound(virtioBlk).length).to.equal(1);
  });

  it('has no image any more when another kernel boots, and wakes from what it sleeps in alone', async () => {
    const made = await booted(vpci);
    expect(await refused(() => made.guest().resume())).to.equal('guest g1 does not sleep so that it could wake up');
    await made.guest().suspend();
    expect(await refused(() => made.guest().restore())).to.equal('guest g1 does not sleep so that it could restore');
    await made.guest().resume();
    await made.guest().hibernate();
    await made.guest().boot();
    expect(await refused(() => made.guest().restore())).to.contain('does not sleep');
    expect(made.guest().deviceNames().length).to.equal(2);
  });

  it('is written down, with what both hosts were asked for', async () => {
    const made = await booted(ps3Repository);
    await made.guest().suspend();
    await made.guest().resume();
    await made.guest().hibernate();
    made.replaceHypervisor();
    await made.guest().restore();
    await made.guest().shutDown();
    await made.guest().boot();
    made.guest().die();
    const lines = wholeProof(made.evidence.lines);
    expect(lines.filter((line) => line.includes('$') && !line.includes('insmod'))).to.deep.equal([
      'g1: $ boot',
      'g1: $ echo mem > /sys/power/state',
      'g1: $ wake up',
      'g1: $ echo disk > /sys/power/state',
      'host: $ replace the hypervisor',
      'g1: $ restore',
      'g1: $ poweroff',
      'g1: $ boot',
      'g1: $ die',
    ]);
    const opens = lines.flatMap((line, at) => (line.includes('lv1_open_device') ? [at] : []));
    expect(opens.length).to.equal(4);
    expect(opens[2]).to.be.greaterThan(lines.indexOf('g1: $ restore'));
    made.trace.clear();
  });

  it('plugged later comes along to another host, and what was unplugged does not', async () => {
    const made = await booted(vpci);
    made.plug(disk('c'));
    made.plugged[1]?.unplug();
    await made.settle();
    await made.guest().hibernate();
    made.replaceHypervisor();
    await made.guest().boot();
    expect(made.guest().deviceNames().length).to.equal(2);
  });
});

async function refused(body: () => Promise<unknown>): Promise<string> {
  return body().then(
    () => 'done',
    (error: unknown) => (error as Error).message,
  );
}
