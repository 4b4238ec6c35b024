import { expect } from 'chai';
import {
  virtioBus,
  virtioConfigChanged,
  virtioDeviceFreeze,
  virtioDeviceRestore,
  type VirtioDevice,
} from '../../lib/virtio';
import { HeldDevice } from '../support/held-device';
import { VirtioMachine, type TransportCall } from '../support/virtio';

/** A machine whose device is bound to a driver with one queue. */
async function bound() {
  const machine = new VirtioMachine();
  const told: string[] = [];
  await machine.kernel.registerDriver({
    name: 'held',
    bus: virtioBus,
    idTable: [{ device: 42 }],
    probe: async (dev: VirtioDevice) => void (await dev.findSingleVq({ name: 'q' })),
    remove: async (dev: VirtioDevice) => {
      await dev.reset();
      await dev.delVqs();
    },
    freeze: async (dev: VirtioDevice) => {
      await dev.reset();
      await dev.delVqs();
    },
    restore: async (dev: VirtioDevice) => void (await dev.findSingleVq({ name: 'q' })),
    configChanged: () => void told.push('config'),
    broken: () => void told.push('broken'),
  });
  const plugged = await machine.plug(new HeldDevice([8]));
  const count = (name: TransportCall): number => plugged.transport.calls.filter((call) => call === name).length;
  return { machine, told, count, ...plugged };
}

/** Has a call of the transport fail so many times from now on. */
async function failing(
  times: number,
  { transport, dev }: Awaited<ReturnType<typeof bound>>,
  name: 'reset' | 'delVqs',
): Promise<void> {
  const call = transport[name].bind(transport);
  let left = times;
  transport[name] = () => {
    if (left === 0) return call();
    left -= 1;
    transport.refuse.set(name, 'EIO');
    try {
      return call();
    } finally {
      transport.refuse.delete(name);
    }
  };
  await dev.kernel.world.run(() => dev[name]());
}

describe('a device that its driver leaves', () => {
  it('is asked three times to reset; one that does so in the end is none the worse', async () => {
    const made = await bound();
    const [vq] = made.dev.vqs;
    await failing(2, made, 'reset');
    expect(made.count('reset')).to.equal(4);
    expect(made.dev.isFailed).to.equal(false);
    expect(vq?.broken).to.equal(false);
    expect(made.told).to.deep.equal([]);
    expect(
      made.machine.kernel.log.entries.filter(({ text }) => text.includes('virtio_reset_device failed')),
    ).to.have.length(2);
  });

  it('and that never resets has its queues broken, and is reset before the next driver has it', async () => {
    const made = await bound();
    const { dev, transport, machine } = made;
    const [vq] = dev.vqs;
    await failing(3, made, 'reset');
    expect(made.count('reset')).to.equal(4);
    expect(dev.isFailed).to.equal(true);
    expect(vq?.broken).to.equal(true);
    expect(made.told).to.deep.equal(['broken']);
    await machine.write('/sys/bus/virtio/drivers/held/unbind', 'virtio0');
    transport.calls.length = 0;
    await machine.write('/sys/bus/virtio/drivers/held/bind', 'virtio0');
    expect(transport.statusCalls[0]).to.equal('reset');
    expect(dev.isFailed).to.equal(false);
    expect(dev.isBroken).to.equal(false);
    expect(transport.backend.status).to.equal(0xf);
  });

  it('has its queues given up in at most three tries', async () => {
    const made = await bound();
    await failing(2, made, 'delVqs');
    expect(made.count('delVqs')).to.equal(3);
    expect(made.machine.held.bytes).to.equal(0);
    expect(made.dev.vqs).to.deep.equal([]);
  });
});

describe('a change of the configuration', () => {
  it('that waited is told once, and not again after the next sleep', async () => {
    const { dev, machine, told } = await bound();
    const sleep = async (): Promise<void> => {
      await machine.world.run(() => virtioDeviceFreeze(dev));
    };
    const wake = async (): Promise<void> => {
      await machine.world.run(() => virtioDeviceRestore(dev));
    };
    await sleep();
    virtioConfigChanged(dev);
    await wake();
    expect(told).to.deep.equal(['config']);
    await sleep();
    await wake();
    expect(told).to.deep.equal(['config']);
  });

  it('is told to nobody once the driver has left, and to the next one', async () => {
    const { dev, machine, told } = await bound();
    await machine.write('/sys/bus/virtio/drivers/held/unbind', 'virtio0');
    virtioConfigChanged(dev);
    virtioConfigChanged(dev);
    expect(told).to.deep.equal([]);
    await machine.write('/sys/bus/virtio/drivers/held/bind', 'virtio0');
    expect(told).to.deep.equal(['config']);
  });
});
