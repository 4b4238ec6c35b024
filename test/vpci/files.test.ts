import { expect } from 'chai';
import { PciFunction, virtioPci, VirtioPciFunction } from '../../buses/vpci';
import { virtioBlk } from '../../drivers/virtio_blk';
import { BlockDevice } from '../../lib/hypervisor';
import { bridgeConfig, expressFields, PciMachine, plainConfig } from './support';

const NAME = '0000:00:01.0';
const BEHIND = '0000:01:00.0';
const dir = (name: string): string => `bus/pci/devices/${name}`;

async function oneDevice(...args: Parameters<typeof plainConfig>): Promise<PciMachine> {
  const rig = new PciMachine({ lastBus: 4 });
  rig.plugBytes({ config: plainConfig(...args) }, 8);
  return rig.boot();
}

/** A bridge in slot 1 with functions behind it. */
async function behindBridge(...devfns: number[]): Promise<PciMachine> {
  const rig = new PciMachine({ lastBus: 4 });
  const bridge = rig.plugBytes({ config: bridgeConfig() }, 8);
  for (const devfn of devfns) rig.plugBytes({ config: plainConfig() }, devfn, bridge);
  return rig.boot();
}

/** Writes each text and tells what the file then says; a refused one in brackets. */
async function stores(rig: PciMachine, file: string, texts: readonly string[]): Promise<string[]> {
  const seen: string[] = [];
  for (const text of texts) {
    const result = await rig.echo(text, file);
    seen.push(result === '0' ? String(await rig.cat(file)).trimEnd() : `(${result})`);
  }
  return seen;
}

describe('vpci: files of a function', () => {
  describe('regression: numa_node', () => {
    it('takes the one node and none, in the notation of C; everything else is EINVAL', async () => {
      const rig = await oneDevice();
      const file = `${dir(NAME)}/numa_node`;
      expect(rig.kernel.sysfs.stat(`/sys/${file}`).mode).to.equal(0o644);
      const texts = ['0', '-1', '0x0', '+0', '1', '1024', '-2', ' 0', '', '99999999999'];
      const refused = '(EINVAL)';
      const wanted = ['0', '-1', '0', '0', refused, refused, refused, refused, refused, refused];
      expect(await stores(rig, file, texts)).to.deep.equal(wanted);
      expect(await rig.cat(file)).to.equal('0\n');
    });

    it('tells whose fault it is', async () => {
      const rig = await oneDevice();
      await rig.echo('0', `${dir(NAME)}/numa_node`);
      const line = '[Firmware Bug]: Overriding NUMA node to 0.  Contact your vendor for updates.';
      expect(rig.log).to.include(`pci ${NAME}: ${line}`);
    });

    it('of a bridge counts for what is found behind it from then on', async () => {
      const rig = await behindBridge(0);
      await rig.echo('0', `${dir(NAME)}/numa_node`);
      expect(await rig.cat(`${dir(BEHIND)}/numa_node`)).to.equal('-1\n');
      await rig.echo('1', `${dir(BEHIND)}/remove`);
      await rig.echo('1', `${dir(NAME)}/rescan`);
      expect(await rig.cat(`${dir(BEHIND)}/numa_node`)).to.equal('0\n');
    });
  });

  describe('regression: msi_bus', () => {
    it('of a device is about the device, of a bridge about the bus behind it; both say so', async () => {
      const rig = await behindBridge(0);
      await rig.echo('0', `${dir(NAME)}/msi_bus`);
      expect(rig.log.at(-1)).to.equal(
        'pci_bus 0000:01: MSI/MSI-X disallowed for future drivers of devices on this bus',
      );
      expect(await rig.cat(`${dir(NAME)}/msi_bus`)).to.equal('0\n');
      expect(await rig.cat(`${dir(BEHIND)}/msi_bus`)).to.equal('1\n');
      await rig.echo('0', `${dir(BEHIND)}/msi_bus`);
      expect(rig.log.at(-1)).to.equal(`pci ${BEHIND}: MSI/MSI-X disallowed for future drivers`);
      expect(rig.device(NAME).noMsi).to.equal(false);
      expect(rig.device(BEHIND).noMsi).to.equal(true);
    });

    async function diskBehind(off: readonly string[]): Promise<PciMachine> {
      const rig = new PciMachine({ lastBus: 4 });
      const outer = rig.plugBytes({ config: bridgeConfig() }, 8);
      const inner = rig.plugBytes({ config: bridgeConfig() }, 0, outer);
      const disk = new BlockDevice({ name: 'd', image: new Uint8Array(512) });
      const fn = new VirtioPciFunction(disk, rig.guest, { pin: rig.complex.allocPin() });
      rig.complex.plug(fn, { devfn: 0, bridge: inner });
      await rig.boot();
      for (const name of off) await rig.echo('0', `${dir(name)}/msi_bus`);
      for (const driver of [virtioPci, virtioBlk]) await rig.kernel.registerDriver(driver as typeof virtioPci);
      await rig.world.settle();
      return rig;
    }

    it('0 on any bridge above means no messages: the virtio driver takes the pin', async () => {
      const disk = '0000:02:00.0';
      const withMessages = await diskBehind([]);
      expect(withMessages.exists(`${dir(disk)}/msi_irqs`)).to.equal(true);
      for (const off of [NAME, BEHIND, disk]) {
        const rig = await diskBehind([off]);
        expect(rig.exists(`${dir(disk)}/msi_irqs`), off).to.equal(false);
        expect(rig.exists('class/block/vda'), off).to.equal(true);
      }
    });

    it('goes on for buses that are found behind one without messages', async () => {
      const rig = new PciMachine({ lastBus: 4 });
      const outer = rig.plugBytes({ config: bridgeConfig() }, 8);
      await rig.boot();
      await rig.echo('0', `${dir(NAME)}/msi_bus`);
      rig.plugBytes({ config: bridgeConfig() }, 0, outer);
      await rig.bus.rescan();
      expect(await rig.cat(`${dir(BEHIND)}/msi_bus`)).to.equal('0\n');
    });
  });

  for (const file of ['broken_parity_status', 'd3cold_allowed', 'msi_bus']) {
    it(`${file} takes any number for on and off, and EINVAL is all that it refuses with`, async () => {
      const rig = await oneDevice();
      const texts = ['1', '0', '2', '0x10', '-1', 'x', '', '18446744073709551616'];
      const refused = ['(EINVAL)', '(EINVAL)', '(EINVAL)', '(EINVAL)'];
      expect(await stores(rig, `${dir(NAME)}/${file}`, texts)).to.deep.equal(['1', '0', '1', '1', ...refused]);
    });
  }

  it('boot_vga is for displays only, and the first that firmware has turned on is it', async () => {
    const rig = new PciMachine();
    const vga = [8, 4, 0x0300_0000] as const;
    rig.plugBytes({ config: plainConfig([vga]) }, 8);
    rig.plugBytes({ config: plainConfig([vga, [4, 2, 3]]) }, 16);
    rig.plugBytes({ config: plainConfig([vga, [4, 2, 3]]) }, 24);
    rig.plugBytes({ config: plainConfig() }, 32);
    await rig.boot();
    const texts = ['01', '02', '03'].map((slot) => rig.cat(`${dir(`0000:00:${slot}.0`)}/boot_vga`));
    expect(await Promise.all(texts)).to.deep.equal(['0\n', '1\n', '0\n']);
    expect(rig.exists(`${dir('0000:00:04.0')}/boot_vga`)).to.equal(false);
  });

  it('files of a link of a device that has gone cannot be read', async () => {
    const rig = new PciMachine();
    rig.plugBytes({ config: plainConfig(expressFields(0)) }, 8);
    await rig.boot();
    rig.device(NAME).disconnected = true;
    const read = async (file: string): Promise<string | number> => rig.cat(`${dir(NAME)}/${file}`);
    expect(await read('current_link_speed')).to.equal(-22);
    expect(await read('current_link_width')).to.equal(-22);
  });

  it('turns off messages that firmware left on', async () => {
    const msi = [
      [6, 2, 0x10],
      [0x34, 1, 0x40],
      [0x40, 2, 0x5005],
      [0x42, 2, 1],
      [0x50, 2, 0x11],
      [0x52, 2, 0x8000],
    ];
    const fn = new PciFunction({
      config: plainConfig(msi as [number, number, number][]),
      writable: new Map([
        [0x42, 1],
        [0x53, 0x80],
      ]),
    });
    const rig = new PciMachine();
    rig.complex.plug(fn, { devfn: 8 });
    await rig.boot();
    expect(fn.config[0x42]).to.equal(0);
    expect(fn.config[0x53]).to.equal(0);
  });
});

describe('vpci: files of the bus and of buses', () => {
  it('the bus has an empty directory for slots', async () => {
    const rig = await oneDevice();
    expect(rig.kernel.sysfs.readdir('/sys/bus/pci/slots')).to.deep.equal([]);
  });

  it('a scan from a bus with nothing on it finds what was removed, and enables its bridge', async () => {
    const rig = await behindBridge(0, 8);
    for (const name of [BEHIND, '0000:01:01.0']) await rig.echo('1', `${dir(name)}/remove`);
    expect(await rig.echo('x', 'class/pci_bus/0000:01/rescan')).to.equal('EINVAL');
    expect(await rig.echo('0', 'class/pci_bus/0000:01/rescan')).to.equal('0');
    expect(rig.names()).to.deep.equal([NAME]);
    await rig.echo('1', 'class/pci_bus/0000:01/rescan');
    expect(rig.names()).to.deep.equal([NAME, BEHIND, '0000:01:01.0']);
    expect(rig.device(NAME).isBusMaster).to.equal(true);
  });

  it('a bus that goes gives its numbers back', async () => {
    const rig = await behindBridge();
    await rig.echo('1', `${dir(NAME)}/remove`);
    expect(rig.log).to.include('pci_bus 0000:01: busn_res: [bus 01] is released');
  });

  describe('resource_alignment', () => {
    /** Finds the second of two functions with a page and 256 bytes again, and tells where they are. */
    async function foundAgain(param: string): Promise<{ readonly places: string[]; readonly rig: PciMachine }> {
      const rig = new PciMachine();
      const bars = [
        { index: 0, size: 0x1000, kind: 'mem32' },
        { index: 2, size: 0x100, kind: 'mem32' },
      ] as const;
      for (const devfn of [8, 16]) rig.plugBytes({ config: plainConfig(), bars }, devfn);
      await rig.boot();
      await rig.echo('1', `${dir('0000:00:02.0')}/remove`);
      expect(await rig.echo(param, 'bus/pci/resource_alignment')).to.equal('0');
      await rig.echo('1', 'bus/pci/rescan');
      const lines = String(await rig.cat(`${dir('0000:00:02.0')}/resource`)).split('\n');
      return { rig, places: [0, 2].map((at) => (lines[at] ?? '').slice(10, 37).replace(' 0x00000000', '-')) };
    }

    const page = ['c0001000-c0001fff', 'c0002100-c00021ff'];
    const mib = ['c0100000-c01fffff', 'c0200000-c02fffff'];

    for (const [param, places] of [
      ['20@0000:00:02.0', mib],
      ['20@00:02.0', mib],
      ['20@pci:1234:11e8', mib],
      ['0000:00:01.0;20@0000:00:02.0', mib],
      ['pci:1:2,20@pci:1234:11e8:1af4:1100', mib],
      ['20@pci:0:0', mib],
      ['20@0000:00:01.0', page],
      ['20@pci:1234:11e8:1:1', page],
      ['20@0000:00:01.0/02.0', page],
      ['8@0000:00:02.0', page],
    ] as const) {
      it(`${param}: ${places === mib ? 'makes registers as big and gives them other places' : 'is about others'}`, async () => {
        expect((await foundAgain(param)).places).to.deep.equal(places);
      });
    }

    it('shows what was written, up to the end of its line, and nothing after an empty line', async () => {
      const rig = await oneDevice();
      const file = 'bus/pci/resource_alignment';
      expect(await rig.cat(file)).to.equal('');
      expect(await stores(rig, file, ['12@pci:1:2', 'anything', ''])).to.deep.equal(['12@pci:1:2', 'anything', '']);
      expect(await rig.echo('x'.repeat(4094), file)).to.equal('EINVAL');
    });

    it('says what it cannot read, and what is no alignment', async () => {
      expect((await foundAgain('bogus')).rig.log).to.include("PCI: Can't parse resource_alignment parameter: bogus");
      const { rig } = await foundAgain('99@pci:0:0');
      expect(rig.log).to.include('PCI: Invalid requested alignment (order 99)');
      expect(rig.log).to.include('pci 0000:00:02.0: BAR 2 [mem 0xc0002100-0xc00021ff]: requesting alignment to 0x1000');
    });

    it('leaves host bridges alone', async () => {
      const rig = new PciMachine();
      rig.plugBytes({ config: plainConfig([[8, 4, 0x0600_0000]]) }, 8);
      await rig.boot();
      await rig.echo('1', `${dir(NAME)}/remove`);
      await rig.echo('12@pci:0:0', 'bus/pci/resource_alignment');
      await rig.bus.rescan();
      expect(rig.log).to.include(`pci ${NAME}: Can't reassign resources to host bridge`);
    });
  });
});
