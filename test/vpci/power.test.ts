import { expect } from 'chai';
import {
  allocMsixVectors,
  enableDevice,
  pciBus,
  setMaster,
  vpci,
  type PciDevice,
  type PciDriver,
} from '../../buses/vpci';
import { virtioRng } from '../../drivers/virtio_rng';
import {
  EntropyDevice,
  enterSleep,
  leaveSleep,
  PM_FREEZE,
  PM_RESTORE,
  PM_RESUME,
  PM_SUSPEND,
  type ExitEvent,
} from '../../lib';
import { hwrng } from '../../lib/subsystems';
import { world, type KitOptions } from '../support/kit';

const rng = (name = 'rng0'): EntropyDevice => new EntropyDevice({ name, seed: 1 });
const HEADER = Array.from({ length: 16 }, (_, i) => 4 * i);
const COMMAND = 4;
const MEMORY = 2;
const MASTER = 4;

const header = (dev: PciDevice): number[] => HEADER.map((at) => dev.readConfig(at, 4));

async function machine(driver?: PciDriver, options: KitOptions = {}) {
  const made = world({ devices: () => [rng()], ...options, bus: vpci });
  await made.boot({ transport: driver === undefined });
  if (driver !== undefined) await made.load(driver);
  const dev = made.guest().device('0000:00:01.0') as PciDevice;
  return { made, guest: made.guest(), dev };
}

describe('vpci: system sleep', () => {
  it('gives a device that has forgotten its place its registers back, places before the command', async () => {
    const { made, guest, dev } = await machine();
    const before = header(dev);
    await guest.hibernate();
    made.replaceHypervisor();
    const writes: number[] = [];
    made.hypervisor.log.onExit(
      ({ kind, address }: ExitEvent) => void (kind === 'write' && writes.push(address & 0xfff)),
    );
    await made.kernel.resumeDevicesEarly(PM_RESTORE);
    expect(dev.powerState).to.equal('D0');
    const places = writes.filter((at) => at >= 0x10 && at < 0x28);
    expect(places.length).to.be.greaterThan(0);
    expect(writes.indexOf(COMMAND)).to.be.greaterThan(writes.lastIndexOf(places.at(-1) ?? 0));
    await made.kernel.resumeDevices(PM_RESTORE);
    expect(header(dev)).to.deep.equal(before);
    expect(dev.savedState).to.equal(null);
  });

  it('writes no register that has its value still', async () => {
    const { made, dev } = await machine();
    await enterSleep(made.kernel, PM_SUSPEND);
    expect(dev.powerState).to.equal('unknown');
    const writes: number[] = [];
    const config = { low: 0xb000_0000, high: 0xb000_0000 + (1 << 20) };
    made.hypervisor.log.onExit(
      ({ kind, address }) =>
        void (kind === 'write' && address >= config.low && address < config.high && writes.push(address)),
    );
    await made.kernel.resumeDevicesEarly(PM_RESUME);
    expect(writes).to.deep.equal([]);
    await made.kernel.resumeDevices(PM_RESUME);
  });

  it('a virtio function reaches no memory while it sleeps, and works afterwards', async () => {
    const { made, guest, dev } = await machine();
    await made.load(virtioRng);
    expect(dev.readConfig(COMMAND, 2) & MASTER).to.equal(MASTER);
    await guest.suspend();
    expect(dev.readConfig(COMMAND, 2) & MASTER).to.equal(0);
    expect(dev.enableCount).to.equal(0);
    await guest.resume();
    expect(dev.readConfig(COMMAND, 2) & MASTER).to.equal(MASTER);
    expect(dev.enableCount).to.equal(1);
    expect((await hwrng(made.kernel).read(8)).length).to.equal(8);
  });

  it('a driver without power management has its device disabled, and enabled as it was', async () => {
    const bare: PciDriver = {
      name: 'bare',
      bus: pciBus,
      idTable: [{ vendor: 0x1af4 }],
      probe(dev) {
        setMaster(dev);
        return enableDevice(dev);
      },
    };
    const { made, dev } = await machine(bare);
    await enterSleep(made.kernel, PM_FREEZE);
    expect(dev.readConfig(COMMAND, 2) & MASTER).to.equal(0);
    expect(dev.enableCount).to.equal(1);
    expect(dev.isBusMaster).to.equal(true);
    await leaveSleep(made.kernel, PM_RESTORE);
    expect(dev.readConfig(COMMAND, 2) & (MASTER | MEMORY)).to.equal(MASTER | MEMORY);
  });

  it('messages that a driver keeps over a hibernation go on', async () => {
    const keeping: PciDriver = {
      name: 'keeping',
      bus: pciBus,
      idTable: [{ vendor: 0x1af4 }],
      probe(dev) {
        const error = enableDevice(dev);
        const vectors = allocMsixVectors(dev, 1);
        return typeof vectors === 'number' ? vectors : error;
      },
    };
    const { made, guest, dev } = await machine(keeping);
    const control = (dev.msix?.cap ?? 0) + 2;
    const before = dev.readConfig(control, 2);
    expect(before & 0x8000).to.equal(0x8000);
    await guest.hibernate();
    made.replaceHypervisor();
    expect(dev.readConfig(control, 2) & 0x8000).to.equal(0);
    await guest.restore();
    expect(dev.readConfig(control, 2)).to.equal(before);
  });

  it('a driver that refuses keeps the machine awake', async () => {
    const refusing: PciDriver = {
      name: 'refusing',
      bus: pciBus,
      idTable: [{ vendor: 0x1af4 }],
      probe: () => 0,
      pm: { suspend: () => -16 },
    };
    const { guest, made } = await machine(refusing, {
      allow: [/refusing 0000:00:01.0: PM: failed to suspend: error -16$/],
    });
    expect(await guest.suspend()).to.equal(-16);
    await made.guest().write('/sys/bus/pci/drivers/refusing/unbind', '0000:00:01.0');
    expect(await guest.suspend()).to.equal(0);
  });

  it('a driver that refuses at the last step has its device as it was, and may sleep the next time', async () => {
    let answer = -16;
    const refusing: PciDriver = {
      name: 'late',
      bus: pciBus,
      idTable: [{ vendor: 0x1af4 }],
      probe: (it) => enableDevice(it),
      pm: { suspendNoirq: () => answer },
    };
    const { guest, dev } = await machine(refusing, {
      allow: [/late 0000:00:01.0: PM: failed to suspend noirq: error -16$/],
    });
    const before = header(dev);
    expect(await guest.suspend()).to.equal(-16);
    expect(dev.powerState).to.equal('D0');
    expect(header(dev)).to.deep.equal(before);
    answer = 0;
    expect(await guest.suspend()).to.equal(0);
    expect(dev.powerState).to.equal('unknown');
    await guest.resume();
    expect(dev.powerState).to.equal('D0');
  });

  it('hears of plugged devices after a restore', async () => {
    const { made, guest } = await machine();
    await guest.hibernate();
    made.replaceHypervisor();
    await guest.restore();
    made.plug(rng('rng1'));
    await made.settle();
    expect(guest.deviceNames()).to.deep.equal(['0000:00:01.0', '0000:00:02.0']);
  });
});
