import { expect } from 'chai';
import { virtioPci } from '../../buses/vpci';
import type { DeviceDriver } from '../../lib/base/types';
import { notingDriver, type NotingDriver } from './drivers';
import { PciMachine, plainConfig } from './support';

const EDU = '0000:00:09.0';
const RNG = '0000:00:04.0';
const STUB = 'bus/pci/drivers/pci-stub';

/** The recorded machine with a driver that has no table, as pci-stub. */
async function rigWithStub(): Promise<PciMachine> {
  const rig = await new PciMachine({ lastBus: 255 }).plugRecorded().boot();
  await rig.kernel.registerDriver(notingDriver('pci-stub'));
  rig.takeUevents();
  return rig;
}

describe('vpci: which driver may have a device', () => {
  describe('new_id and remove_id, as the real kernel answered', () => {
    it('are files of the driver from its registration on', async () => {
      const rig = await rigWithStub();
      const files = rig.kernel.sysfs.readdir(`/sys/${STUB}`);
      expect(files).to.deep.equal(['bind', 'new_id', 'remove_id', 'uevent', 'unbind']);
    });

    it('a new id makes the driver take the device at once', async () => {
      const rig = await rigWithStub();
      expect(await rig.echo('1234 11e8', `${STUB}/new_id`)).to.equal('0');
      expect(rig.driverOf(EDU)).to.equal('pci-stub');
      expect(rig.takeUevents()).to.deep.equal([`bind /devices/pci0000:00/${EDU}`]);
    });

    it('refuses an id that is there with EEXIST, fewer than two fields and no number with EINVAL', async () => {
      const rig = await rigWithStub();
      await rig.echo('1234 11e8', `${STUB}/new_id`);
      expect(await rig.echo('1234 11e8', `${STUB}/new_id`)).to.equal('EEXIST');
      expect(await rig.echo('1234', `${STUB}/new_id`)).to.equal('EINVAL');
      expect(await rig.echo('zork', `${STUB}/new_id`)).to.equal('EINVAL');
      expect(await rig.echo('', `${STUB}/new_id`)).to.equal('EINVAL');
    });

    it('a removed id leaves the device bound, but it cannot be bound again', async () => {
      const rig = await rigWithStub();
      await rig.echo('1234 11e8', `${STUB}/new_id`);
      expect(await rig.echo('1234 11e8', `${STUB}/remove_id`)).to.equal('0');
      expect(rig.driverOf(EDU)).to.equal('pci-stub');
      expect(await rig.echo('1234 11e8', `${STUB}/remove_id`)).to.equal('ENODEV');
      expect(await rig.echo('1234', `${STUB}/remove_id`)).to.equal('EINVAL');
      expect(await rig.echo(EDU, `${STUB}/unbind`)).to.equal('0');
      expect(await rig.echo(EDU, `${STUB}/bind`)).to.equal('ENODEV');
    });

    it('refuses what the table has already with EEXIST', async () => {
      const rig = await rigWithStub();
      await rig.kernel.registerDriver(notingDriver('tabled', { idTable: [{ vendor: 0x1234 }] }));
      expect(await rig.echo('1234 5678', 'bus/pci/drivers/tabled/new_id')).to.equal('EEXIST');
    });

    it('takes driver data only if the table has it', async () => {
      const rig = await rigWithStub();
      const drv = notingDriver('tabled', { idTable: [{ vendor: 0x4242, driverData: 7 }] });
      await rig.kernel.registerDriver(drv);
      const file = 'bus/pci/drivers/tabled/new_id';
      expect(await rig.echo('1234 11e8', file)).to.equal('EINVAL');
      expect(await rig.echo('1234 11e8 ffffffff ffffffff 0 0 8', file)).to.equal('EINVAL');
      expect(await rig.echo('1234 11e8 ffffffff ffffffff 0 0 7', file)).to.equal('0');
      expect(drv.ids.map((id) => id?.driverData)).to.deep.equal([7]);
    });

    it('does not look for a double when all seven fields are given', async () => {
      const rig = await rigWithStub();
      const id = '1234 11e8 ffffffff ffffffff 0 0 0';
      expect(await rig.echo(id, `${STUB}/new_id`)).to.equal('0');
      expect(await rig.echo(id, `${STUB}/new_id`)).to.equal('0');
    });

    it('reads numbers with 0x, after tabs, and stops at what is none', async () => {
      const rig = await rigWithStub();
      expect(await rig.echo('\t0x1234\t0X11E8 junk', `${STUB}/new_id`)).to.equal('0');
      expect(rig.driverOf(EDU)).to.equal('pci-stub');
    });

    it('matches by class and mask', async () => {
      const rig = await rigWithStub();
      expect(await rig.echo('ffffffff ffffffff ffffffff ffffffff 060400 ffff00', `${STUB}/new_id`)).to.equal('0');
      const bound = rig.devices().filter((dev) => dev.driver !== null);
      expect(bound.map((dev) => dev.name)).to.deep.equal(['0000:00:1c.0', '0000:00:1c.1']);
    });
  });

  it('asks added ids before the table', async () => {
    const rig = await new PciMachine({ lastBus: 255 }).plugRecorded().boot();
    const idTable = [
      { vendor: 0x1234, driverData: 1 },
      { vendor: 0x4242, driverData: 2 },
    ];
    const drv = notingDriver('both', { idTable });
    await rig.kernel.registerDriver(drv);
    await rig.echo(EDU, 'bus/pci/drivers/both/unbind');
    await rig.echo('1234 11e8 ffffffff ffffffff 0 0 2', 'bus/pci/drivers/both/new_id');
    expect(drv.ids.map((id) => id?.driverData)).to.deep.equal([1, 2]);
  });

  it('looks the id up again at probe: one that is gone by then gives ENODEV', async () => {
    const rig = await rigWithStub();
    // The bus's notifier comes between match and probe.
    rig.kernel.busOf(virtioPci.bus)?.registerNotifier(async (event) => {
      if (event === 'bind-driver') await rig.echo('1234 11e8', `${STUB}/remove_id`);
    });
    await rig.echo('1234 11e8', `${STUB}/new_id`);
    expect(rig.driverOf(EDU)).to.equal(null);
    const [stub] = [...(rig.kernel.busOf(virtioPci.bus)?.drivers() ?? [])];
    expect((stub?.def as NotingDriver | undefined)?.notes).to.deep.equal([]);
  });

  describe('driver_override, as the real kernel answered', () => {
    it('lets a driver without an id take the device, with an id that takes anything', async () => {
      const rig = await new PciMachine({ lastBus: 255 }).plugRecorded().boot();
      const stub = notingDriver('pci-stub');
      await rig.kernel.registerDriver(stub);
      const file = `bus/pci/devices/${EDU}/driver_override`;
      expect(await rig.cat(file)).to.equal('(null)\n');
      expect(await rig.echo(EDU, `${STUB}/bind`)).to.equal('ENODEV');
      expect(await rig.echo('pci-stub', file)).to.equal('0');
      expect(await rig.cat(file)).to.equal('pci-stub\n');
      expect(rig.driverOf(EDU)).to.equal(null);
      expect(await rig.echo(EDU, 'bus/pci/drivers_probe')).to.equal('0');
      expect(rig.driverOf(EDU)).to.equal('pci-stub');
      expect(stub.ids).to.deep.equal([{}]);
    });

    it('cleared, leaves the device bound but does not let it be bound again', async () => {
      const rig = await rigWithStub();
      const file = `bus/pci/devices/${EDU}/driver_override`;
      await rig.echo('pci-stub', file);
      await rig.echo(EDU, 'bus/pci/drivers_probe');
      expect(await rig.echo('', file)).to.equal('0');
      expect(await rig.cat(file)).to.equal('(null)\n');
      expect(rig.driverOf(EDU)).to.equal('pci-stub');
      expect(await rig.echo(EDU, `${STUB}/unbind`)).to.equal('0');
      expect(await rig.echo(EDU, `${STUB}/bind`)).to.equal('ENODEV');
    });

    it('keeps every other driver away', async () => {
      const rig = await rigWithStub();
      await rig.kernel.registerDriver(notingDriver('other', { idTable: [{ vendor: 0x1af4 }] }));
      expect(rig.driverOf(RNG)).to.equal('other');
      await rig.echo('nosuch', `bus/pci/devices/${RNG}/driver_override`);
      await rig.echo(RNG, 'bus/pci/drivers/other/unbind');
      expect(await rig.echo(RNG, 'bus/pci/drivers/other/bind')).to.equal('ENODEV');
      expect(await rig.echo(RNG, 'bus/pci/drivers_probe')).to.equal('0');
      expect(rig.driverOf(RNG)).to.equal(null);
    });

    it('is needed for a row that is for overrides only', async () => {
      const rig = await rigWithStub();
      const row = { vendor: 0x1234, driverData: 9, overrideOnly: true };
      const drv = notingDriver('vfio', { idTable: [row] });
      await rig.kernel.registerDriver(drv);
      expect(rig.driverOf(EDU)).to.equal(null);
      await rig.echo('vfio', `bus/pci/devices/${EDU}/driver_override`);
      await rig.echo(EDU, 'bus/pci/drivers_probe');
      expect(drv.ids).to.deep.equal([row]);
    });
  });

  describe('bind and unbind with what cannot work, as the real kernel answered', () => {
    for (const [what, text, file, errno] of [
      ['bind a bound device', RNG, 'bind', 'EBUSY'],
      ['bind what is not there', '0000:00:1e.0', 'bind', 'ENODEV'],
      ['bind what does not match', EDU, 'bind', 'ENODEV'],
      ['unbind what is not there', '0000:00:1e.0', 'unbind', 'ENODEV'],
      ['unbind what is not bound', EDU, 'unbind', 'ENODEV'],
      ['bind nothing', '', 'bind', 'ENODEV'],
    ] as const) {
      it(`${what}: ${errno}`, async () => {
        const rig = await new PciMachine({ lastBus: 255 }).plugRecorded().boot();
        await rig.kernel.registerDriver(notingDriver('taker', { idTable: [{ vendor: 0x1af4 }] }));
        expect(await rig.echo(text, `bus/pci/drivers/taker/${file}`)).to.equal(errno);
      });
    }
  });

  it('warns of a positive result of probe and takes the device as bound', async () => {
    const rig = new PciMachine();
    rig.plugBytes({ config: plainConfig() }, 8);
    await rig.boot();
    await rig.kernel.registerDriver(notingDriver('odd', { idTable: [{ vendor: 0x1234 }], probe: () => 3 }));
    expect(rig.driverOf('0000:00:01.0')).to.equal('odd');
    expect(rig.log).to.include('odd 0000:00:01.0: Driver probe function unexpectedly returned 3');
  });

  it('asks the next driver when probe refuses', async () => {
    const rig = new PciMachine();
    rig.plugBytes({ config: plainConfig() }, 8);
    await rig.boot();
    await rig.kernel.registerDriver(notingDriver('first', { idTable: [{ vendor: 0x1234 }], probe: () => -5 }));
    await rig.kernel.registerDriver(notingDriver('second', { idTable: [{ vendor: 0x1234 }] }));
    expect(rig.driverOf('0000:00:01.0')).to.equal('second');
    expect(rig.log).to.include('first: probe of 0000:00:01.0 failed with error -5');
  });

  it('has no warning for drivers that the bus calls', async () => {
    const rig = await rigWithStub();
    expect(rig.log.filter((text) => text.includes('needs updating'))).to.deep.equal([]);
  });

  it('does not compile with a driver of another bus', () => {
    interface OtherDevice extends PciRigOther {
      readonly subchannel: string;
    }
    type PciRigOther = import('../../lib/base/device').Device;
    // @ts-expect-error a driver for other devices is no driver of this bus
    const wrong: DeviceDriver<OtherDevice> = { name: 'wrong', bus: virtioPci.bus };
    expect(wrong.bus.name).to.equal('pci');
  });
});
