import { expect } from 'chai';
import { bootBus } from '../../buses/vbus/guest/boot';
import { VBUS, vbusType } from '../../buses/vbus';
import { virtioRng } from '../../drivers/virtio_rng';
import { Kernel } from '../../lib/base/kernel';
import { why } from '../../lib/base/why';
import { World } from '../../lib/world';
import { codeOf } from '../support/errors';
import { bootedWorld, device, file, opens, rng } from './support';

describe('vbus in a guest', () => {
  it('lists all devices without opening one', async () => {
    const made = await bootedWorld({ devices: 3 });
    expect(made.guest().deviceNames()).to.deep.equal(['vbus1', 'vbus2', 'vbus3']);
    expect(opens(made)).to.equal(0);
  });

  it('names the class in modalias and in the event', async () => {
    const made = await bootedWorld({ devices: 1 });
    expect(await file(made.guest(), 'devices/vbus1/modalias')).to.equal('vbus:c4\n');
    expect(await file(made.guest(), 'devices/vbus1/uevent')).to.match(/^MODALIAS=vbus:c4$/m);
  });

  it('tells in files who has a device and how many are free', async () => {
    const made = await bootedWorld({ guests: 2 });
    const [g1, g2] = [made.guest(), made.guest(1)];
    expect(await file(g1, 'free')).to.equal('2\n');
    await g1.loadTransport();
    await g1.bindFile('unbind', 'vbus2');
    expect(await file(g1, 'devices/vbus1/state')).to.equal('open\n');
    expect(await file(g2, 'devices/vbus1/state')).to.equal('busy\n');
    expect(await file(g2, 'devices/vbus2/state')).to.equal('free\n');
    expect(await file(g2, 'free')).to.equal('1\n');
  });

  it('says of a device that has left the host that it is removed', async () => {
    const made = await bootedWorld();
    const g1 = made.guest();
    g1.guest.isOff = true;
    made.unplugAll();
    await made.settle();
    g1.guest.isOff = false;
    expect(await file(g1, 'devices/vbus1/state')).to.equal('removed\n');
  });

  it('is matched by class, and by all where a driver names none', async () => {
    const made = await bootedWorld({ devices: 1 });
    const bound: string[] = [];
    const driver = (name: string, classes?: readonly number[]) => ({
      name,
      bus: vbusType,
      ...(classes === undefined ? {} : { classes }),
      probe: () => {
        bound.push(name);
        return -19;
      },
    });
    for (const def of [driver('disks', [2]), driver('entropy', [4]), driver('any')]) await made.load(def);
    expect(bound).to.deep.equal(['entropy', 'any']);
    const disks = made.kernel.busOf(vbusType)?.findDriver('disks');
    if (disks == null) throw new Error('no driver disks');
    const { decidedBy } = why(device(made.guest(), 'vbus1'), disks);
    expect(decidedBy?.details.join()).to.include('class 2 is wanted, the device has 4');
  });

  it('adds what was plugged and removes what was pulled out, by event', async () => {
    const made = await bootedWorld({ devices: 1 });
    const g1 = made.guest();
    await g1.loadTransport();
    await g1.loadDriver(virtioRng);
    const plugged = made.plug(rng(7));
    await made.settle();
    expect(g1.boundNames()).to.deep.equal(['vbus1', 'vbus2']);
    plugged.unplug();
    await made.settle();
    expect(g1.deviceNames()).to.deep.equal(['vbus1']);
    expect(made.held).to.equal(1);
  });

  it('finds by a rescan what it was not told of', async () => {
    const made = await bootedWorld({ devices: 1 });
    const g1 = made.guest();
    const old = device(g1, 'vbus1');
    g1.guest.isOff = true;
    made.plugged[0]?.unplug();
    for (const index of [1, 2]) made.plug(rng(index));
    await made.settle();
    g1.guest.isOff = false;
    expect(g1.deviceNames()).to.deep.equal(['vbus1']);
    await g1.rescan();
    expect(g1.deviceNames()).to.deep.equal(['vbus2', 'vbus3']);
    expect(old.isRegistered).to.equal(false);
    const devices = g1.devices();
    await g1.rescan();
    expect(g1.devices()).to.deep.equal(devices);
  });

  it('closes a device that was pulled out while it was open', async () => {
    const made = await bootedWorld({ devices: 1 });
    const g1 = made.guest();
    await g1.loadTransport();
    await g1.loadDriver(virtioRng);
    made.plugged[0]?.unplug();
    await made.settle();
    expect(g1.deviceNames()).to.deep.equal([]);
    const closes = made.hypervisor.log.calls().filter(({ nr }) => nr === VBUS.CLOSE);
    expect(closes.map(({ args, status }) => ({ args, status }))).to.deep.equal([{ args: [1], status: 0 }]);
  });

  it('has the old device leave before the one comes that was plugged with its id', async () => {
    const made = await bootedWorld({ devices: 1 });
    const g1 = made.guest();
    await g1.loadTransport();
    await g1.loadDriver(virtioRng);
    const old = device(g1, 'vbus1');
    made.plugged[0]?.unplug();
    const plugged = made.host.host.plug(rng(9), g1.guest, 0);
    await made.settle();
    expect(device(g1, 'vbus1')).not.to.equal(old);
    expect(g1.boundNames()).to.deep.equal(['vbus1']);
    expect(made.hypervisor.claims.list().map((claim) => claim.device.name)).to.deep.equal(['rng9']);
    plugged.unplug();
    await made.settle();
  });

  it('closes at shutdown what is open, and calls nothing for the rest', async () => {
    const made = await bootedWorld({ devices: 2 });
    const g1 = made.guest();
    await g1.loadTransport();
    await g1.bindFile('unbind', 'vbus2');
    const before = made.hypervisor.log.calls().length;
    await g1.kernel.shutdownDevices();
    expect(made.held).to.equal(0);
    const later = made.hypervisor.log.calls().slice(before);
    expect(later.filter(({ nr }) => nr === VBUS.CLOSE)).to.have.length(1);
  });

  it('has the next kernel of a guest open again what the one before had when it died', async () => {
    const made = await bootedWorld({ devices: 2, guests: 2 });
    const g1 = made.guest();
    await g1.loadTransport();
    g1.die();
    expect(made.held).to.equal(2);
    await g1.boot();
    await g1.loadTransport();
    await g1.loadDriver(virtioRng);
    expect(g1.boundNames()).to.deep.equal(['vbus1', 'vbus2']);
    expect(made.held).to.equal(2);
  });

  it('has each guest find its own where devices are private, and open them', async () => {
    const made = await bootedWorld({ devices: 3, guests: 2, ownership: 'private' }, []);
    for (const guest of made.guests) await guest.loadTransport();
    expect(made.guest().boundNames()).to.deep.equal(['vbus1', 'vbus3']);
    expect(made.guest(1).boundNames()).to.deep.equal(['vbus2']);
  });

  it('is not there without a hypervisor', async () => {
    expect(await codeOf(() => bootBus(new Kernel(new World())))).to.equal('ENODEV');
  });

  it('regression: closes nothing on a host that has refused to open it again', async () => {
    const made = await bootedWorld({ devices: 1, guests: 2 }, [/failed to restore: error -16/]);
    const [g1, g2] = [made.guest(), made.guest(1)];
    await g1.loadTransport();
    await g1.hibernate();
    made.replaceHypervisor();
    await g2.boot();
    await g2.loadTransport();
    await g1.restore();
    await made.settle();
    expect(device(g1, 'vbus1').isBound).to.equal(false);
    expect(made.hypervisor.log.calls('g1').filter(({ nr }) => nr === VBUS.CLOSE)).to.deep.equal([]);
    await g2.bindFile('unbind', 'vbus1');
    expect(device(g1, 'vbus1').isBound, 'when it is free').to.equal(true);
  });
});
