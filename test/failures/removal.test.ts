import { expect } from 'chai';
import { virtioBlk } from '../../drivers/virtio_blk';
import { virtioConsole } from '../../drivers/virtio_console';
import { BlockDevice, ConsoleDevice, EntropyDevice } from '../../lib/hypervisor';
import { ErrnoError } from '../../lib/errno';
import { fixtureName } from '../../lib/machine';
import { DEVICE_ID, virtioBus, type VirtioDriver } from '../../lib/virtio';
import { eachBus, fault, fixtures, type KitWorld } from '../support/kit';
import { heldBy, spoilReads } from './support';

const DISK = {
  name: 'disk',
  model: () => new BlockDevice({ name: 'd', image: new Uint8Array(512) }),
  driver: virtioBlk,
};
const TTY = {
  name: 'console',
  model: () => new ConsoleDevice({ name: 'c', ports: [{ console: true }, { name: 'p' }] }),
  driver: virtioConsole,
};

const unbind = (w: KitWorld, driver: string): Promise<void> =>
  w.fs.writeFile(`/sys/bus/virtio/drivers/${driver}/unbind`, 'virtio0');

/** What was said in the log that has to do with a failure. */
const complaints = (w: KitWorld): readonly string[] =>
  w.log.entries.map(({ text }) => text).filter((text) => text.includes('failed'));

/** Steps that fail once while a device is unbound. */
const STEPS = [
  'transport: reset',
  'transport: delVqs',
  'transport: getStatus',
  'transport: setStatus',
  'virtio_dev_remove: drv->remove',
  'virtio_dev_remove: virtio_add_status(ACKNOWLEDGE)',
  '__device_release_driver: device_remove',
];

describe('the removal of a driver', () => {
  for (const { name, model, driver } of [DISK, TTY]) {
    for (const step of STEPS) {
      eachBus(
        `regression: finishes and tells of ${step} that failed: ${name}`,
        async (w) => {
          w.plug(model());
          await w.boot();
          await w.load(driver);
          await w.unload(driver);
          const before = heldBy(w);

          await w.load(driver);
          const failed = w.inject(fault(step, 'EIO'));
          await unbind(w, driver.name);
          expect(failed.happened).to.equal(true);
          expect(w.bound(driver)).to.deep.equal([]);
          expect(complaints(w).join('\n')).to.match(/failed with error -5/);
          expect(w.world.oopses).to.deep.equal([]);
          expect(heldBy(w)).to.deep.equal(before);

          await w.fs.writeFile(`/sys/bus/virtio/drivers/${driver.name}/bind`, 'virtio0');
          expect(w.bound(driver)).to.have.length(1);
          await w.unload(driver);
          expect(heldBy(w)).to.deep.equal(before);
        },
        { allow: ['warnings'] },
      );
    }
  }

  for (const bus of fixtures.filter((one) => ['vpci', 'of-tree'].includes(fixtureName(one)))) {
    eachBus(
      'regression: finishes when every register reads as all ones',
      async (w) => {
        w.plug(DISK.model());
        await w.boot();
        const before = heldBy(w);
        await w.load(virtioBlk);
        const silent = spoilReads(w);
        await w.unload(virtioBlk);
        silent.remove();
        expect(silent.happened).to.equal(true);
        expect(w.world.oopses).to.deep.equal([]);
        expect(heldBy(w)).to.deep.equal(before);
        await w.load(virtioBlk);
        expect(w.bound(virtioBlk)).to.have.length(1);
      },
      { fixtures: [bus], allow: ['warnings'] },
    );
  }

  eachBus(
    'regression: gives up the queues of a driver that fails in the midst of it',
    async (w) => {
      w.plug(new EntropyDevice({ name: 'rng' }));
      await w.boot();
      const before = heldBy(w);
      const driver: VirtioDriver = {
        name: 'clumsy',
        bus: virtioBus,
        idTable: [{ device: DEVICE_ID.ENTROPY }],
        probe: async (vdev) => void (await vdev.findSingleVq({ name: 'input', callback: () => undefined })),
        remove: () => {
          throw new ErrnoError('EPIPE', { syscall: 'clumsy' });
        },
      };
      await w.load(driver);
      await unbind(w, 'clumsy');
      expect(w.bound(driver)).to.deep.equal([]);
      expect(complaints(w).join('\n')).to.include('drv->remove failed with error -32');
      expect(heldBy(w)).to.deep.equal(before);
    },
    { allow: ['warnings'] },
  );
});
