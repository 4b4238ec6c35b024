import { expect } from 'chai';
import { ErrnoError } from '../../lib/errno';
import { EntropyDevice } from '../../lib/hypervisor';
import { DEVICE_ID, virtioBus, type VirtioDriver } from '../../lib/virtio';
import { eachBus, fault, type KitWorld } from '../support/kit';
import { heldBy } from './support';

/** A driver that says what is asked of it; its scan refuses once, if that is wanted. */
function spy(calls: string[], scan?: VirtioDriver['scan']): VirtioDriver {
  return {
    name: 'spy',
    bus: virtioBus,
    idTable: [{ device: DEVICE_ID.ENTROPY }],
    probe: async (vdev) => {
      calls.push('probe');
      await vdev.findSingleVq({ name: 'input', callback: () => undefined });
    },
    ...(scan === undefined ? {} : { scan }),
    remove: async (vdev) => {
      calls.push('remove');
      await vdev.reset();
      await vdev.delVqs();
    },
  };
}

async function booted(w: KitWorld): Promise<object> {
  w.plug(new EntropyDevice({ name: 'rng' }));
  await w.boot();
  return heldBy(w);
}

describe('a bind that fails after the probe of the driver', () => {
  for (const step of ['virtio_dev_probe: virtio_device_ready', 'virtio_dev_probe: drv->scan']) {
    eachBus(
      `regression: has the driver leave again: ${step}`,
      async (w) => {
        const calls: string[] = [];
        const before = await booted(w);
        const driver = spy(calls);
        w.inject(fault(step, 'EIO'));
        await w.load(driver);
        expect(calls).to.deep.equal(['probe', 'remove']);
        expect(w.bound(driver)).to.deep.equal([]);
        expect(heldBy(w)).to.deep.equal(before);

        await w.fs.writeFile('/sys/bus/virtio/drivers/spy/bind', 'virtio0');
        expect(calls).to.deep.equal(['probe', 'remove', 'probe']);
        expect(w.bound(driver)).to.have.length(1);
        await w.unload(driver);
        expect(heldBy(w)).to.deep.equal(before);
      },
      { allow: ['warnings'] },
    );
  }

  eachBus(
    'regression: has it leave when the status DRIVER_OK does not arrive',
    async (w) => {
      const calls: string[] = [];
      const before = await booted(w);
      const driver = spy(calls);
      // DRIVER, FEATURES_OK, DRIVER_OK
      w.inject(fault('transport: setStatus', 'EIO', { nth: 3 }));
      await w.load(driver);
      expect(calls).to.deep.equal(['probe', 'remove']);
      expect(heldBy(w)).to.deep.equal(before);
    },
    { allow: ['warnings'] },
  );

  eachBus(
    'does not have it leave when its own probe has refused',
    async (w) => {
      const calls: string[] = [];
      await booted(w);
      w.inject(fault('virtio_dev_probe: drv->probe', 'EIO'));
      await w.load(spy(calls));
      expect(calls).to.deep.equal([]);
    },
    { allow: ['warnings'] },
  );

  eachBus(
    'keeps what a scan refuses with',
    async (w) => {
      const calls: string[] = [];
      await booted(w);
      const refuse = (): never => {
        throw new ErrnoError('ENOSPC', { syscall: 'scan' });
      };
      await w.load(spy(calls, refuse));
      expect(calls).to.deep.equal(['probe', 'remove']);
      expect(w.log.entries.map(({ text }) => text)).to.include('spy: probe of virtio0 failed with error -28');
    },
    { allow: ['warnings'] },
  );
});
