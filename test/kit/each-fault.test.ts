import { expect } from 'chai';
import { vpci } from '../../buses/vpci';
import type { VirtioDevice, VirtioDriver } from '../../lib';
import { tryFaults, type KitWorld } from '../support/kit';
import { FaultsUnhandled } from '../support/kit/each-fault';
import { driver, failing, source } from './leaky';

const bodyOf =
  (drv: VirtioDriver) =>
  async (w: KitWorld): Promise<void> => {
    w.plug(source());
    await w.boot();
    await w.load(drv);
    await w.unload(drv);
  };

/** Takes memory of its own, and gives it back when there are no queues: or forgets to. */
function ringDriver(forgets: boolean): VirtioDriver {
  const rings = new WeakMap<VirtioDevice, { free(): void } | undefined>();
  return driver({
    async probe(vdev) {
      rings.set(vdev, vdev.kernel.dma?.alloc(64, 64, 'ring'));
      try {
        await vdev.findSingleVq({ name: 'input' });
      } catch (error) {
        if (!forgets) rings.get(vdev)?.free();
        throw error;
      }
    },
    async remove(vdev) {
      await vdev.reset();
      await vdev.delVqs();
      rings.get(vdev)?.free();
    },
  });
}

// The rest is a matter of the transport.
const steps = /^(transport: findVqs|memory: |virtio_dev_probe: |really_probe: )/;

describe('the kit: eachFault', () => {
  it('counts in a first run what can fail, and is content with a driver that gets along with it', async () => {
    const report = await tryFaults(vpci, bodyOf(ringDriver(false)), { steps });
    expect(report.unhandled).to.deep.equal([]);
    // Two probes on two buses, two allocations of the driver's and its queue's.
    expect(report.tried).to.be.greaterThan(15);
    const some = await tryFaults(vpci, bodyOf(ringDriver(false)), { steps, calls: 1 });
    expect(some.tried).to.be.within(10, report.tried - 1);
    const memory = await tryFaults(vpci, bodyOf(ringDriver(false)), { steps: /^memory: / });
    expect(memory.tried).to.equal(2);
    expect(
      (await tryFaults(vpci, bodyOf(ringDriver(false)), { steps: /^memory: /, times: 2 })).unhandled,
    ).to.deep.equal([]);
  });

  it('notices what a driver forgets on its way out, and says how to have it again', async () => {
    const report = await tryFaults(vpci, bodyOf(ringDriver(true)), { steps });
    const failed = report.unhandled.map(({ fault: { step, nth } }) => `${step}, ${String(nth)}`);
    expect(failed).to.deep.equal(['transport: findVqs, 1']);
    const { message } = new FaultsUnhandled(report);
    expect(message).to.include(
      "world({ faults: [fault('transport: findVqs', -5, { nth: 1 })] })\n    guest g1: left over: 64 bytes",
    );
  });

  it('notices a driver that does not bind again', async () => {
    const sulking = new WeakSet<object>();
    const drv = driver({
      probe(vdev) {
        const { kernel } = vdev;
        if (sulking.has(kernel)) return -16;
        sulking.add(kernel);
        return Promise.resolve(vdev.findSingleVq({ name: 'input' })).then(() => void sulking.delete(kernel));
      },
    });
    const { unhandled } = await tryFaults(vpci, bodyOf(drv), { steps: /^transport: findVqs/ });
    const texts = unhandled.flatMap(({ findings }) => findings.map(({ text }) => text));
    expect(texts[0]).to.equal('a clean bind fails: odd has 0 devices, and 1 without the fault');
    expect(texts[1]).to.include('virtio0 has no driver. Why not odd: call_driver_probe: ');
  });

  it('refuses a body that fails when nothing does, or in which no driver has a device', async () => {
    const nothing = await failing(() => tryFaults(vpci, (w) => w.boot({ transport: false })));
    expect(nothing.message).to.include('no driver has a device in this body on vpci');
    const leaks = driver({ inProbe: ({ kernel }) => kernel.irq.request(77, () => undefined, 'odd') });
    expect((await failing(() => tryFaults(vpci, bodyOf(leaks)))).message).to.include('did not end clean');
  });
});
