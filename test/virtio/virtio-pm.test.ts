import { expect } from 'chai';
import {
  virtioBus,
  virtioConfigChanged,
  virtioDeviceFreeze,
  virtioDeviceRestore,
  type VirtioDevice,
  type VirtioDriver,
} from '../../lib/virtio';
import { HeldDevice } from '../support/held-device';
import { VirtioMachine } from '../support/virtio';

async function bound(over: Partial<VirtioDriver> = {}) {
  const machine = new VirtioMachine();
  const told: string[] = [];
  await machine.kernel.registerDriver({
    name: 'held',
    bus: virtioBus,
    idTable: [{ device: 42 }],
    featureTable: [0],
    probe: () => undefined,
    remove: (dev: VirtioDevice) => dev.reset(),
    configChanged: () => void told.push('config'),
    freeze: (dev: VirtioDevice) => {
      told.push('freeze');
      return dev.reset();
    },
    restore: () => void told.push('restore'),
    ...over,
  });
  const plugged = await machine.plug(new HeldDevice([8], 1n));
  const freeze = () => machine.world.run(() => virtioDeviceFreeze(plugged.dev), 'freeze');
  const restore = () => machine.world.run(() => virtioDeviceRestore(plugged.dev), 'restore');
  return { machine, told, freeze, restore, ...plugged };
}

describe('virtio devices that sleep', () => {
  it('VI-11 are reset and brought up again as at probe, with the same features', async () => {
    const { dev, told, transport, freeze, restore } = await bound();
    const { features } = dev;
    expect(await freeze()).to.equal(0);
    expect(transport.backend.status).to.equal(0);
    transport.calls.length = 0;
    expect(await restore()).to.equal(0);
    expect(transport.statusCalls).to.deep.equal(['reset', '0x1', '0x3', '0xb', '0xf']);
    expect(transport.calls).to.not.contain('getFeatures');
    expect(transport.backend.driverFeatures).to.equal(features);
    expect(told).to.deep.equal(['freeze', 'restore']);
    expect(dev.isBound).to.equal(true);
  });

  it('tell a change of the configuration that came meanwhile afterwards', async () => {
    const { dev, told, freeze, restore } = await bound();
    await freeze();
    virtioConfigChanged(dev);
    expect(told).to.deep.equal(['freeze']);
    await restore();
    expect(told).to.deep.equal(['freeze', 'restore', 'config']);
  });

  it('have FAILED when the device does not take the features any more, and keep their driver', async () => {
    const { dev, transport, freeze, restore } = await bound();
    await freeze();
    transport.finalizeResult = -22;
    expect(await restore()).to.equal(-22);
    expect(transport.backend.status).to.equal(0x83);
    expect(dev.isBound).to.equal(true);
  });

  it('have FAILED when the driver refuses, and DRIVER_OK from the bus when it does not care', async () => {
    const refusing = await bound({ restore: () => -5 });
    await refusing.freeze();
    expect(await refusing.restore()).to.equal(-5);
    expect(refusing.transport.backend.status).to.equal(0x8b);
    const silent = await bound({});
    await silent.freeze();
    await silent.restore();
    expect(silent.transport.backend.status).to.equal(0xf);
  });

  it('whose reset fails when they wake are not touched further, and the driver is not called', async () => {
    const { told, transport, freeze, restore } = await bound();
    await freeze();
    transport.refuse.set('reset', 'EIO');
    transport.calls.length = 0;
    expect(await restore()).to.equal(-5);
    expect(transport.statusCalls).to.deep.equal(['reset', '0x80']);
    expect(told).to.deep.equal(['freeze']);
  });

  for (const [title, findVqs] of [
    ['queues', true],
    ['no queues', false],
  ] as const) {
    it(`with ${title} that do not wake have their driver told once, and are broken until they do`, async () => {
      let restores = 0;
      const { dev, told, transport, freeze, restore } = await bound({
        restore: async (it) => {
          if (findVqs) await it.findVqs([{ name: 'q' }]);
          return restores++ === 0 ? -5 : 0;
        },
        freeze: async (it) => {
          await it.reset();
          await it.delVqs();
        },
        broken: () => void told.push('broken'),
      });
      await freeze();
      expect(await restore()).to.equal(-5);
      expect(told).to.deep.equal(['broken']);
      expect(dev.isBroken).to.equal(true);
      await dev.delVqs();
      expect(await restore()).to.equal(0);
      expect(dev.isBroken).to.equal(false);
      // It was FAILED before, which observers go on to see.
      expect(transport.backend.status).to.equal(0x8f);
    });
  }

  it('that do not say whether they had failed are not put to sleep, and go on', async () => {
    const { dev, told, transport, freeze } = await bound();
    transport.refuse.set('getStatus', 'EIO');
    expect(await freeze()).to.equal(-5);
    transport.refuse.clear();
    expect(told).to.deep.equal([]);
    virtioConfigChanged(dev);
    expect(told).to.deep.equal(['config']);
  });

  it('end a suspend that the driver refuses', async () => {
    const { freeze } = await bound({ freeze: () => -16 });
    expect(await freeze()).to.equal(-16);
  });

  it('without a driver are reset and acknowledged; one that had failed says so again', async () => {
    const { machine, transport, freeze, restore } = await bound({ probe: () => -19 });
    expect(transport.backend.status & 0x80).to.equal(0x80);
    await freeze();
    expect(await restore()).to.equal(0);
    expect(transport.backend.status).to.equal(0x81);
    expect(machine.kernel.warnings).to.equal(0);
  });
});
