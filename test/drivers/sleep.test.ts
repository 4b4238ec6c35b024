import { expect } from 'chai';
import { virtioBlk } from '../../drivers/virtio_blk';
import { virtioConsole } from '../../drivers/virtio_console';
import { virtioNet } from '../../drivers/virtio_net';
import { virtioRng } from '../../drivers/virtio_rng';
import { BlockDevice, ConsoleDevice, EntropyDevice } from '../../lib/hypervisor';
import { blockDisk, hwrng, openChrdev } from '../../lib/subsystems';
import {
  blockWorkload,
  fixtureName,
  consoleWorkload,
  netWorkload,
  rngWorkload,
  type Workload,
} from '../../lib/machine';
import { utf8Encode } from '../../lib/utf8';
import { virtioDeviceFreeze, virtioDeviceRestore, type VirtioDevice } from '../../lib/virtio';
import { boundDevices, expectQuiet, held, machineOn } from '../support/class-machines';
import { code, SOON } from '../support/driver';
import { fixtures } from '../../buses';
import { frame, machineWithNet, MAC, PEER } from '../support/net';
import { VirtioMachine } from '../support/virtio';

const WORKLOADS: readonly (() => Workload)[] = [
  () => blockWorkload(virtioBlk),
  () => netWorkload(virtioNet),
  () => consoleWorkload(virtioConsole),
  () => rngWorkload(virtioRng),
];
const SLEEPING = fixtures.filter(({ bus }) => bus !== 'ccw');

/** Both devices serve. */
async function expectServed(machine: Awaited<ReturnType<typeof machineOn>>, workload: Workload): Promise<void> {
  const guest = machine.guest();
  const devices = boundDevices(guest, workload);
  expect(devices.length).to.equal(2);
  for (const dev of devices) expect(await workload.verify(guest, dev, machine.models), String(dev.name)).to.equal(true);
}

describe('drivers that sleep', () => {
  for (const makeWorkload of WORKLOADS) {
    for (const fixture of SLEEPING) {
      const { driver } = makeWorkload();
      it(`${driver.name} serves again after suspend, thaw and restore on another host [${fixtureName(fixture)}]`, async () => {
        const workload = makeWorkload();
        const machine = await machineOn(fixture, workload);
        const guest = machine.guest();
        const before = held(guest);
        await guest.loadDriver(workload.driver);
        await expectServed(machine, workload);
        expect(await guest.suspend()).to.equal(0);
        await guest.resume();
        await expectServed(machine, workload);
        expect(await guest.hibernate({ then: 'thaw' })).to.equal(0);
        await expectServed(machine, workload);
        expect(await guest.hibernate()).to.equal(0);
        machine.replaceHypervisor();
        await guest.restore();
        await expectServed(machine, workload);
        await guest.unloadDriver(workload.driver);
        expect(held(guest)).to.deep.equal(before);
        expectQuiet(machine);
      });
    }
  }

  const freeze = ({ world }: VirtioMachine, dev: VirtioDevice) => world.run(() => virtioDeviceFreeze(dev), 'freeze');
  const restore = ({ world }: VirtioMachine, dev: VirtioDevice) => world.run(() => virtioDeviceRestore(dev), 'restore');

  describe('virtio_blk', () => {
    async function machineWithDisk() {
      const machine = new VirtioMachine();
      await machine.kernel.registerDriver(virtioBlk);
      const model = new BlockDevice({ name: 'disk0', image: new Uint8Array(1024).fill(7) });
      const { dev } = await machine.plug(model);
      const disk = blockDisk(machine.kernel, 'vda');
      if (disk === null) throw new Error('there is no vda');
      return { machine, model, dev, disk };
    }

    it('lets requests in flight end first, and serves later ones when it is back', async () => {
      const { machine, model, dev, disk } = await machineWithDisk();
      const early = machine.world.spawn(() => disk.readSectors(0, 1));
      const frozen = machine.world.spawn(() => virtioDeviceFreeze(dev));
      expect((await early)[0]).to.equal(7);
      expect(await frozen).to.equal(0);
      expect(machine.held).to.deep.equal({ bytes: 0, interrupts: [] });
      const late = machine.world.spawn(() => disk.readSectors(1, 1));
      await machine.world.advance(SOON);
      expect(late.task.state).to.equal('blocked');
      expect(model.served).to.equal(1);
      expect(await restore(machine, dev)).to.equal(0);
      expect((await late)[0]).to.equal(7);
    });

    it('that does not come back ends with EIO what waits, when it is unbound', async () => {
      const { machine, dev, disk } = await machineWithDisk();
      await freeze(machine, dev);
      const late = machine.world.spawn(() => disk.readSectors(0, 1));
      await machine.world.settle();
      await machine.write('/sys/bus/virtio/drivers/virtio_blk/unbind', 'virtio0');
      expect(await code(() => late)).to.equal('EIO');
    });
  });

  it('virtio_net keeps what is sent meanwhile, stays up, and refuses to change', async () => {
    const { machine, net, heard, host, received, soon, dev } = await machineWithNet();
    await freeze(machine, dev);
    expect(machine.held).to.deep.equal({ bytes: 0, interrupts: [] });
    net.transmit(frame(PEER, MAC, 1));
    host.send(frame(MAC, PEER, 2));
    await soon();
    expect(heard.length).to.equal(0);
    expect(net.backlog).to.equal(1);
    expect(net.isUp).to.equal(true);
    expect(await machine.world.run(() => net.setMtu(1000))).to.equal(-19);
    expect(await restore(machine, dev)).to.equal(0);
    await soon();
    expect(heard).to.deep.equal([frame(PEER, MAC, 1)]);
    host.send(frame(MAC, PEER, 3));
    await soon();
    expect(received.at(-1)).to.deep.equal(frame(MAC, PEER, 3));
  });

  it('virtio_console keeps who has a port open, and tells the host again', async () => {
    const machine = new VirtioMachine();
    await machine.kernel.registerDriver(virtioConsole);
    const model = new ConsoleDevice({ name: 'console0', ports: [{ console: true }, { name: 'agent' }] });
    const { dev } = await machine.plug(model);
    await machine.world.advance(SOON);
    model.port(1).open();
    await machine.world.advance(SOON);
    const file = await openChrdev(machine.kernel, 'vport0p1');
    await freeze(machine, dev);
    expect(machine.held).to.deep.equal({ bytes: 0, interrupts: [] });
    expect(await restore(machine, dev)).to.equal(0);
    await machine.world.advance(SOON);
    await file.write(utf8Encode('still here'));
    await machine.world.advance(SOON);
    expect(String.fromCharCode(...model.port(1).take())).to.equal('still here');
    model.port(1).send(utf8Encode('so am I'));
    expect(String.fromCharCode(...(await file.read()))).to.equal('so am I');
  });

  it('virtio_rng leaves hw_random while it sleeps, and is there again under its name', async () => {
    const machine = new VirtioMachine();
    await machine.kernel.registerDriver(virtioRng);
    const { dev } = await machine.plug(new EntropyDevice({ name: 'rng0', seed: 1 }));
    await freeze(machine, dev);
    expect(hwrng(machine.kernel).available).to.deep.equal([]);
    await restore(machine, dev);
    expect(hwrng(machine.kernel).available).to.deep.equal(['virtio_rng.0']);
    expect((await hwrng(machine.kernel).read(16)).length).to.equal(16);
  });
});
