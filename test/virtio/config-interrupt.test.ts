import { expect } from 'chai';
import { virtioBus, type VirtioDriver } from '../../lib';
import { Thermometer, THERMOMETER_ID } from '../examples/configuration-and-removal/thermometer';
import { eachBus } from '../support/kit';

/** Counts the changes that it is told of. @param asks does it call findVqs? */
function counter(asks: boolean): { driver: VirtioDriver; told: () => number } {
  let count = 0;
  const driver: VirtioDriver = {
    name: 'counter',
    bus: virtioBus,
    idTable: [{ device: THERMOMETER_ID }],
    probe: async (vdev) => void (asks && (await vdev.findVqs([]))),
    async remove(vdev) {
      await vdev.reset();
      await vdev.delVqs();
    },
    configChanged: () => void count++,
  };
  return { driver, told: () => count };
}

describe('the interrupt of the configuration', () => {
  eachBus('is asked for by findVqs, also for a driver without queues', async (world) => {
    const device = new Thermometer('thermometer0');
    world.plug(device);
    await world.boot();
    const { driver, told } = counter(true);
    await world.load(driver);
    device.become(21);
    await world.world.advance(1_000_000);
    expect(told()).to.equal(1);
    await world.unload(driver);
    device.become(22);
    await world.world.advance(1_000_000);
    expect(told()).to.equal(1);
  });

  eachBus('comes to nobody without findVqs', async (world) => {
    const device = new Thermometer('thermometer0');
    world.plug(device);
    await world.boot();
    const { driver, told } = counter(false);
    await world.load(driver);
    device.become(21);
    await world.world.advance(1_000_000);
    expect(told()).to.equal(0);
  });
});
