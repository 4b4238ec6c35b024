import { expect } from 'chai';
import { virtioBlk } from '../../drivers/virtio_blk';
import { virtioConsole } from '../../drivers/virtio_console';
import { virtioNet } from '../../drivers/virtio_net';
import { virtioRng } from '../../drivers/virtio_rng';
import { BlockDevice, ConsoleDevice, NetworkDevice, NetworkHub, type DeviceModel } from '../../lib/hypervisor';
import {
  blockWorkload,
  fixtureName,
  consoleWorkload,
  netWorkload,
  rngWorkload,
  type Workload,
} from '../../lib/machine';
import { virtioConfigChanged, virtioDeviceFreeze, VirtioDevice, type VirtioDriver } from '../../lib/virtio';
import { boundDevices, machineOn } from '../support/class-machines';
import { SOON } from '../support/driver';
import { fixtures } from '../../buses';
import { MAC } from '../support/net';
import { VirtioMachine } from '../support/virtio';

const WORKLOADS: readonly (() => Workload)[] = [
  () => blockWorkload(virtioBlk),
  () => netWorkload(virtioNet),
  () => consoleWorkload(virtioConsole),
  () => rngWorkload(virtioRng),
];

/** The device's status each time that its queues are about to be given up. */
function watchDelVqs({ transport }: VirtioDevice): number[] {
  const seen: number[] = [];
  const delVqs = transport.delVqs.bind(transport);
  transport.delVqs = async () => {
    seen.push(await transport.getStatus());
    await delVqs();
  };
  return seen;
}

describe('a driver that leaves', () => {
  for (const makeWorkload of WORKLOADS) {
    const { driver } = makeWorkload();
    for (const fixture of fixtures) {
      it(`has the device forget its queues before their memory is given back: ${driver.name} [${fixtureName(fixture)}]`, async () => {
        const workload = makeWorkload();
        const machine = await machineOn(fixture, workload, 1);
        const guest = machine.guest();
        await guest.loadDriver(workload.driver);
        const [dev] = boundDevices(guest, workload);
        if (!(dev instanceof VirtioDevice)) throw new Error('nothing is bound');
        const seen = watchDelVqs(dev);
        await guest.write(`/sys/bus/virtio/drivers/${driver.name}/unbind`, String(dev.name));
        expect(seen).to.deep.equal([0]);
        await guest.write(`/sys/bus/virtio/drivers/${driver.name}/bind`, String(dev.name));
        if (fixture.bus === 'ccw') return;
        expect(await guest.suspend()).to.equal(0);
        expect(seen).to.deep.equal([0, 0]);
        await guest.resume();
      });
    }
  }

  const CHANGING: readonly (readonly [VirtioDriver, () => DeviceModel])[] = [
    [virtioBlk, () => new BlockDevice({ name: 'disk0', image: new Uint8Array(512) })],
    [virtioNet, () => new NetworkDevice({ name: 'net0', hub: new NetworkHub(), mac: MAC })],
    [virtioConsole, () => new ConsoleDevice({ name: 'console0', multiport: false })],
  ];
  for (const [driver, makeModel] of CHANGING) {
    for (const how of ['remove', 'freeze'] as const) {
      it(`first ends the reading of a changed configuration: ${driver.name}, ${how}`, async () => {
        const machine = new VirtioMachine();
        await machine.kernel.registerDriver(driver);
        const { dev, transport, remove } = await machine.plug(makeModel());
        await machine.world.advance(SOON);
        const getConfig = transport.getConfig.bind(transport);
        // Longer than all else that a driver does when it leaves.
        transport.getConfig = async (offset, length) => {
          await machine.world.sleep(100_000);
          return getConfig(offset, length);
        };
        transport.calls.length = 0;
        virtioConfigChanged(dev);
        await machine.world.settle();
        await machine.world.run(() => (how === 'remove' ? remove() : virtioDeviceFreeze(dev)));
        await machine.world.advance(SOON);
        const at = transport.calls.indexOf('delVqs');
        expect(at).to.be.greaterThan(0);
        expect(transport.calls.slice(at).filter((call) => /^(getConfig|generation)/.test(call))).to.deep.equal([]);
        expect(machine.world.oopses).to.deep.equal([]);
      });
    }
  }
});
