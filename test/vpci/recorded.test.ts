import { expect } from 'chai';
import { PciMachine, recorded } from './support';

const names = Object.keys(recorded.functions);

async function bootRecorded(): Promise<PciMachine> {
  return new PciMachine({ lastBus: 255 }).plugRecorded().boot();
}

/** Configuration spaces of a real machine, and what Linux 6.1.192 made of them. */
describe('vpci: the recorded x86 machine', () => {
  it('says what the real kernel said while it scanned, line by line', async () => {
    const { log } = await bootRecorded();
    // Lines of chip set quirks are left out: they are no business of the bus.
    const scan = log.filter((text) => /^pci 0000:[0-9a-f:.]+: (\[[0-9a-f]{4}:|BAR \d \[)/.test(text));
    expect(scan).to.deep.equal(recorded.scanLog);
  });

  it('reads the windows of the bridges as the real kernel did', async () => {
    const { log } = await bootRecorded();
    expect(log.filter((text) => /: ( {2}bridge window|PCI bridge to)/.test(text))).to.deep.equal(recorded.bridgeLog);
  });

  it('lists the functions in the order of the real kernel', async () => {
    const rig = await bootRecorded();
    expect(rig.names()).to.deep.equal(names);
  });

  it('finds every base register where firmware put it, with nothing to assign', async () => {
    const { log } = await bootRecorded();
    expect(log.filter((text) => /assign|claim|conflict/.test(text))).to.deep.equal([]);
  });

  for (const name of names) {
    const facts = recorded.functions[name];
    it(`gives ${name} the modalias, class, resources and event variables of the real kernel`, async () => {
      const rig = await bootRecorded();
      expect(await rig.cat(`bus/pci/devices/${name}/modalias`)).to.equal(`${String(facts?.modalias)}\n`);
      expect(await rig.cat(`bus/pci/devices/${name}/class`)).to.equal(`${String(facts?.class)}\n`);
      expect(await rig.cat(`bus/pci/devices/${name}/resource`)).to.equal(`${String(facts?.resource.join('\n'))}\n`);
      expect(await rig.cat(`bus/pci/devices/${name}/uevent`)).to.equal(`${String(facts?.uevent.join('\n'))}\n`);
    });
  }

  it('makes the buses behind the root ports', async () => {
    const rig = await bootRecorded();
    const below = ['pci_bus/0000:00', '0000:00:1c.0/pci_bus/0000:01', '0000:00:1c.1/pci_bus/0000:02'];
    const buses = below.map((path) => `devices/pci0000:00/${path}`);
    expect(buses.filter((path) => rig.exists(path))).to.deep.equal(buses);
    expect(rig.kernel.sysfs.readdir('/sys/class/pci_bus')).to.deep.equal(['0000:00', '0000:01', '0000:02']);
  });

  it('shows 4096 bytes of configuration where the real kernel did', async () => {
    const rig = await bootRecorded();
    const big = names.filter((name) => rig.device(name).cfgSize === 4096);
    expect(big).to.deep.equal(['0000:00:1c.0', '0000:00:1c.1']);
  });

  it('names its devices before there is any driver, and holds nothing', async () => {
    const rig = await bootRecorded();
    expect(rig.devices().filter((dev) => dev.driver !== null)).to.deep.equal([]);
    expect(rig.hv.claims.list()).to.deep.equal([]);
  });

  it('finds nothing new in a second scan', async () => {
    const rig = await bootRecorded();
    const before = rig.devices();
    rig.takeUevents();
    await rig.bus.rescan();
    expect(rig.devices()).to.deep.equal(before);
    expect(rig.takeUevents()).to.deep.equal([]);
  });
});
