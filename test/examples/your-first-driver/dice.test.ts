import { expect } from 'chai';
import { eachBus, eachFault, expectTrace, fault } from '../../support/kit';
import { DiceDevice } from './dice-device';
import { virtioDice } from './virtio_dice';

const DIR = '/sys/bus/virtio/devices/virtio0';

describe('the dice driver', () => {
  eachBus('gives what the device throws', async (world) => {
    world.plug(new DiceDevice('dice0', [3, 6]));
    await world.boot();
    await world.load(virtioDice);
    expect(await world.fs.readFile(`${DIR}/sides`)).to.equal('6\n');
    expect(await world.fs.readFile(`${DIR}/roll`)).to.equal('3\n');
    expect(await world.fs.readFile(`${DIR}/roll`)).to.equal('6\n');
  });

  eachBus('leaves nothing behind when it is unbound', async (world) => {
    world.plug(new DiceDevice('dice0', [1]));
    await world.boot();
    const before = world.kernel.dma?.inUse;
    await world.load(virtioDice);
    await world.fs.writeFile('/sys/bus/virtio/drivers/virtio_dice/unbind', 'virtio0');
    expect(await world.fs.readdir(DIR)).to.not.include('roll');
    expect(world.kernel.dma?.inUse).to.equal(before);
  });

  eachBus('ends a read when the device is taken away', async (world) => {
    const dice = world.plug(new DiceDevice('dice0', [1]));
    await world.boot();
    await world.load(virtioDice);
    const reading = world.fs.readFile(`${DIR}/roll`).catch((error: unknown) => error);
    dice.unplug();
    await world.settle();
    expect(await reading).to.include({ code: 'EIO' });
    await world.bus.rescan();
    await world.settle();
    expect(world.bound(virtioDice)).to.deep.equal([]);
  });

  eachBus(
    'gives the device up when there are no queues, and binds later',
    async (world) => {
      world.plug(new DiceDevice('dice0', [1]));
      await world.boot();
      world.inject(fault('findVqs', 'ENOSPC'));
      await world.load(virtioDice);
      expectTrace(world).toContainInOrder(['match virtio_dice virtio0 = 1', 'probe virtio_dice virtio0 = -ENOSPC']);
      await world.fs.writeFile('/sys/bus/virtio/drivers/virtio_dice/bind', 'virtio0');
      expect(world.bound(virtioDice).length).to.equal(1);
    },
    { allow: [/probe of virtio0 failed with error -28$/] },
  );

  eachFault('leaves nothing behind whatever fails once, and binds later', async (world) => {
    world.plug(new DiceDevice('dice0', [1]));
    await world.boot();
    await world.load(virtioDice);
    await world.unload(virtioDice);
  });
});
