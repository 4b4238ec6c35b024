import { expect } from 'chai';
import { notingDriver } from './drivers';
import { bridgeConfig, PciMachine, plainConfig } from './support';

const EDU = '0000:00:09.0';
const ANY = [{ vendor: 0x1234 }];

describe('vpci: remove and rescan', () => {
  it('remove unbinds and deletes; rescan finds a new device of the same name in the same place', async () => {
    const rig = await new PciMachine({ lastBus: 255 }).plugRecorded().boot();
    await rig.kernel.registerDriver(notingDriver('edu', { idTable: ANY }));
    const before = rig.device(EDU);
    rig.takeUevents();
    expect(await rig.echo('1', `bus/pci/devices/${EDU}/remove`)).to.equal('0');
    expect(rig.takeUevents()).to.deep.equal([`unbind /devices/pci0000:00/${EDU}`, `remove /devices/pci0000:00/${EDU}`]);
    expect(rig.exists(`devices/pci0000:00/${EDU}`)).to.equal(false);
    expect(before.refcount).to.equal(0);

    expect(await rig.echo('1', 'bus/pci/rescan')).to.equal('0');
    expect(rig.takeUevents()).to.deep.equal([`add /devices/pci0000:00/${EDU}`, `bind /devices/pci0000:00/${EDU}`]);
    expect(rig.device(EDU)).to.not.equal(before);
    const [bar] = rig.device(EDU).resource;
    expect(bar?.claimed).to.equal(true);
    expect(Number(bar?.end) - Number(bar?.start)).to.equal(0xf_ffff);

    expect(await rig.echo('1', 'bus/pci/rescan')).to.equal('0');
    expect(rig.takeUevents()).to.deep.equal([]);
  });

  it('removes the own file first: while the driver leaves it is gone', async () => {
    const rig = await new PciMachine({ lastBus: 255 }).plugRecorded().boot();
    const seen: boolean[] = [];
    const dir = `devices/pci0000:00/${EDU}`;
    const remove = (): void => void seen.push(rig.exists(`${dir}/remove`), rig.exists(`${dir}/vendor`));
    await rig.kernel.registerDriver(notingDriver('edu', { idTable: ANY, remove }));
    await rig.echo('1', `bus/pci/devices/${EDU}/remove`);
    expect(seen).to.deep.equal([false, true]);
  });

  it('takes 0 as no, and refuses what is no number with EINVAL', async () => {
    const rig = await new PciMachine({ lastBus: 255 }).plugRecorded().boot();
    for (const [text, errno] of [
      ['0', '0'],
      ['yes', 'EINVAL'],
      ['', 'EINVAL'],
      ['1 1', 'EINVAL'],
    ] as const) {
      expect(await rig.echo(text, `bus/pci/devices/${EDU}/remove`)).to.equal(errno);
      expect(await rig.echo(text, 'bus/pci/rescan')).to.equal(errno);
    }
    expect(rig.exists(`devices/pci0000:00/${EDU}`)).to.equal(true);
  });

  it('the device and its bus have rescan files too', async () => {
    const rig = await new PciMachine({ lastBus: 255 }).plugRecorded().boot();
    await rig.echo('1', `bus/pci/devices/${EDU}/remove`);
    await rig.echo('1', 'bus/pci/devices/0000:00:02.0/rescan');
    expect(rig.exists(`devices/pci0000:00/${EDU}`)).to.equal(true);
    await rig.echo('1', `bus/pci/devices/${EDU}/remove`);
    await rig.echo('1', 'class/pci_bus/0000:00/rescan');
    expect(rig.exists(`devices/pci0000:00/${EDU}`)).to.equal(true);
  });

  it('binds what it finds, also while drivers_autoprobe is 0', async () => {
    const rig = await new PciMachine({ lastBus: 255 }).plugRecorded().boot();
    await rig.kernel.registerDriver(notingDriver('edu', { idTable: ANY }));
    await rig.echo('1', `bus/pci/devices/${EDU}/remove`);
    await rig.echo('0', 'bus/pci/drivers_autoprobe');
    await rig.echo('1', 'bus/pci/rescan');
    expect(rig.driverOf(EDU)).to.equal('edu');
  });

  it('finds all again after everything was removed', async () => {
    const rig = await new PciMachine({ lastBus: 255 }).plugRecorded().boot();
    const names = rig.names();
    for (const name of names) await rig.echo('1', `bus/pci/devices/${name}/remove`);
    expect(rig.names()).to.deep.equal([]);
    expect(rig.kernel.sysfs.readdir('/sys/class/pci_bus')).to.deep.equal(['0000:00']);
    await rig.echo('1', 'bus/pci/rescan');
    expect(rig.names()).to.deep.equal(names);
  });

  it('of a bridge: drivers leave the last child first, devices go the first child first', async () => {
    const rig = new PciMachine({ lastBus: 8 });
    const bridge = rig.plugBytes({ config: bridgeConfig() }, 8);
    for (const devfn of [0, 8]) rig.plugBytes({ config: plainConfig() }, devfn, bridge);
    await rig.boot();
    await rig.kernel.registerDriver(notingDriver('any', { idTable: [{}] }));
    rig.takeUevents();
    await rig.echo('1', 'bus/pci/devices/0000:00:01.0/remove');
    const top = '/devices/pci0000:00/0000:00:01.0';
    expect(rig.takeUevents()).to.deep.equal([
      `unbind ${top}/0000:01:01.0`,
      `unbind ${top}/0000:01:00.0`,
      `unbind ${top}`,
      `remove ${top}/0000:01:00.0`,
      `remove ${top}/0000:01:01.0`,
      `remove ${top}/pci_bus/0000:01`,
      `remove ${top}`,
    ]);
    expect(rig.names()).to.deep.equal([]);
  });

  it('of one device by two at once: one removes it, the other finds it gone', async () => {
    const rig = await new PciMachine({ lastBus: 255 }).plugRecorded().boot();
    const file = rig.kernel.sysfs.open(`/sys/bus/pci/devices/${EDU}/remove`, 'w');
    const [one, other] = [rig.world.spawn(() => file.write('1')), rig.world.spawn(() => file.write('1'))];
    expect([await one, await other].sort()).to.deep.equal([-19, 1]);
    expect(rig.exists(`devices/pci0000:00/${EDU}`)).to.equal(false);
    expect(rig.kernel.warnings).to.equal(0);
  });

  it('gives the places of a removed device to others', async () => {
    const rig = new PciMachine();
    const bars = [{ index: 0, size: 0x1000, kind: 'mem32' }] as const;
    const fn = rig.plugBytes({ config: plainConfig(), bars }, 8);
    await rig.boot();
    await rig.echo('1', 'bus/pci/devices/0000:00:01.0/remove');
    rig.complex.unplug(fn, { devfn: 8 });
    rig.plugBytes({ config: plainConfig(), bars }, 16);
    await rig.echo('1', 'bus/pci/rescan');
    expect(rig.device('0000:00:02.0').resource[0]?.start).to.equal(0xc000_0000n);
  });
});
