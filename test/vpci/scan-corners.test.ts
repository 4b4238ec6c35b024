import { expect } from 'chai';
import { bridgeConfig, configBytes, expressFields, PciMachine, plainConfig } from './support';

type Fields = readonly (readonly [number, number, number])[];

const dir = (name: string): string => `bus/pci/devices/${name}`;

/** Types of PCI Express port. PCI Express Base 4.0 §7.5.3.2 */
const PORT = { ROOT: 4, UPSTREAM: 5, DOWNSTREAM: 6, TO_PCI: 7, FROM_PCI: 8 };

/** A PCI-X capability with bits of its status register; it is at another place in a bridge. */
function pcix(status: number): Fields {
  return [
    [6, 2, 0x10],
    [0x34, 1, 0x60],
    [0x60, 1, 0x07],
    [0x64, 4, status],
  ];
}

/** A bridge to a slot in which cards are changed. */
function hotplugFields(type: number): Fields {
  return expressFields(type, { slot: 0x40 });
}

/** A bridge whose numbers are its own (Enhanced Allocation). */
function builtFor(secondary: number, subordinate: number): Fields {
  return [
    [6, 2, 0x10],
    [0x34, 1, 0x50],
    [0x50, 1, 0x14],
    [0x54, 1, secondary],
    [0x55, 1, subordinate],
  ];
}

async function busNumbers(rig: PciMachine, name: string): Promise<string> {
  const texts = await Promise.all(['secondary', 'subordinate'].map((end) => rig.cat(`${dir(name)}/${end}_bus_number`)));
  return texts.map((text) => String(text).trimEnd()).join('-');
}

describe('vpci: corners of the scan', () => {
  describe('regression: a CardBus bridge', () => {
    const cardbus: Fields = [
      [0, 2, 0x1217],
      [2, 2, 0x7136],
      [8, 4, 0x0607_0000],
      [0x0e, 1, 2],
      [6, 2, 0x10],
      [0x14, 1, 0x80],
      [0x80, 4, 0xfe02_0001],
      [0x40, 4, 0x143d_10cf],
    ];
    const boot = async (more: Fields = []): Promise<PciMachine> => {
      const rig = new PciMachine({ lastBus: 255 });
      rig.plugBytes({ config: configBytes([...cardbus, ...more]) }, 8);
      return rig.boot();
    };
    const name = '0000:00:01.0';

    it('has its subsystem at 0x40 and its capabilities from 0x14 on', async () => {
      const rig = await boot();
      expect(await rig.cat(`${dir(name)}/modalias`)).to.equal(
        'pci:v00001217d00007136sv000010CFsd0000143Dbc06sc07i00\n',
      );
      expect(rig.device(name).subsystemVendor).to.equal(0x10cf);
      expect(rig.device(name).pmCap).to.equal(0x80);
    });

    it('has a bus, and keeps numbers for bridges on cards; what is behind is left to its driver', async () => {
      const rig = await boot();
      expect(rig.exists('class/pci_bus/0000:01')).to.equal(true);
      expect(await busNumbers(rig, name)).to.equal('1-4');
      expect(rig.device(name).readConfig(0x1b, 1)).to.equal(176);
    });

    it('of another class is a device without a class', async () => {
      const rig = await boot([[8, 4, 0x0604_0000]]);
      expect(await rig.cat(`${dir(name)}/class`)).to.equal('0x000000\n');
      expect(rig.log).to.include(`pci ${name}: ignoring class 0x060400 (doesn't match header type 02)`);
    });
  });

  it('a header of no known type is no device', async () => {
    const rig = new PciMachine();
    rig.plugBytes({ config: plainConfig([[0x0e, 1, 3]]) }, 8);
    await rig.boot();
    expect(rig.names()).to.deep.equal([]);
    expect(rig.log).to.include('pci 0000:00:01.0: unknown header type 03, ignoring device');
  });

  describe('regression: IDE in compatibility mode', () => {
    const PORTS = ['1f0-1f7', '3f6-3f6', '170-177', '376-376'];
    for (const [mode, fixed] of [
      [0x80, [0, 1, 2, 3]],
      [0x8a, [0, 1, 2, 3]],
      [0x81, [2, 3]],
      [0x84, [0, 1]],
      [0x85, []],
    ] as [number, number[]][]) {
      it(`of mode ${mode.toString(16)} has ${String(fixed.length)} fixed ranges of ports`, async () => {
        const rig = new PciMachine();
        rig.plugBytes({ config: plainConfig([[8, 4, 0x0101_0001 + mode * 0x100]]) }, 8);
        await rig.boot();
        const lines = String(await rig.cat(`${dir('0000:00:01.0')}/resource`))
          .trimEnd()
          .split('\n');
        const ranges = lines.map((line) =>
          line
            .split(' ')
            .slice(0, 2)
            .map((word) => Number(word).toString(16))
            .join('-'),
        );
        expect(ranges.slice(0, 4)).to.deep.equal(PORTS.map((ports, index) => (fixed.includes(index) ? ports : '0-0')));
      });
    }
  });

  describe('regression: behind a bridge', () => {
    for (const [what, type, names] of [
      ['from PCI to PCI Express', PORT.FROM_PCI, ['0000:01:00.0']],
      ['that is a root port', PORT.ROOT, ['0000:01:00.0']],
      ['from PCI Express to PCI', PORT.TO_PCI, ['0000:01:00.0', '0000:01:01.0']],
    ] as const) {
      it(`${what} ${names.length === 1 ? 'only device 0' : 'every device'} is looked for`, async () => {
        const rig = new PciMachine({ lastBus: 4 });
        const bridge = rig.plugBytes({ config: bridgeConfig(expressFields(type)) }, 8);
        for (const devfn of [0, 8]) rig.plugBytes({ config: plainConfig() }, devfn, bridge);
        await rig.boot();
        expect(rig.names()).to.deep.equal(['0000:00:01.0', ...names]);
      });
    }
  });

  describe('regression: the size of the configuration space', () => {
    for (const [what, config, size] of [
      ['PCI', plainConfig(), 256],
      ['PCI-X of 133 MHz', plainConfig(pcix(0)), 256],
      ['PCI-X of 266 MHz', plainConfig(pcix(0x4000_0000)), 4096],
      ['PCI-X of 533 MHz', plainConfig(pcix(0x8000_0000)), 4096],
      ['PCI Express', plainConfig(expressFields(0)), 4096],
      ['a host bridge', plainConfig([[8, 4, 0x0600_0000]]), 4096],
    ] as const) {
      it(`of ${what} is ${String(size)} bytes`, async () => {
        const rig = new PciMachine();
        const bytes = new Uint8Array(4096);
        bytes.set(config);
        rig.plugBytes({ config: bytes }, 8);
        await rig.boot();
        expect(rig.device('0000:00:01.0').cfgSize).to.equal(size);
        const file = rig.kernel.sysfs.open(`/sys/${dir('0000:00:01.0')}/config`, 'r');
        expect(((await rig.world.run(() => file.readBytes(0, 5000))) as Uint8Array).length).to.equal(size);
      });
    }

    it('is 256 bytes behind a bridge that passes on no more', async () => {
      const rig = new PciMachine({ lastBus: 4 });
      const bridge = rig.plugBytes({ config: bridgeConfig() }, 8);
      const bytes = new Uint8Array(4096);
      bytes.set(plainConfig(expressFields(0)));
      rig.plugBytes({ config: bytes }, 0, bridge);
      await rig.boot();
      expect(rig.log).to.include('pci_bus 0000:01: extended config space not accessible');
      expect(rig.device('0000:01:00.0').cfgSize).to.equal(256);
    });
  });

  describe('regression: bus numbers', () => {
    /** A switch below a root port that firmware gave numbers to, with slots of which some take other cards later. */
    async function bootSwitch(slots: readonly Fields[]): Promise<PciMachine> {
      const rig = new PciMachine({ lastBus: 255 });
      const numbers: Fields = [
        [0x19, 1, 1],
        [0x1a, 1, 16],
      ];
      const root = rig.plugBytes({ config: bridgeConfig([...hotplugFields(PORT.ROOT), ...numbers]) }, 8);
      const up = rig.plugBytes({ config: bridgeConfig(expressFields(PORT.UPSTREAM)) }, 0, root);
      for (const [at, fields] of slots.entries()) rig.plugBytes({ config: bridgeConfig(fields) }, at * 8, up);
      return rig.boot();
    }

    it('are kept for bridges with hot-plug, as many for each', async () => {
      const rig = await bootSwitch([PORT.DOWNSTREAM, PORT.DOWNSTREAM].map(hotplugFields));
      expect(await busNumbers(rig, '0000:02:00.0')).to.equal('3-9');
      expect(await busNumbers(rig, '0000:02:01.0')).to.equal('10-16');
    });

    it('are kept for no other bridge', async () => {
      const rig = await bootSwitch([expressFields(PORT.DOWNSTREAM), hotplugFields(PORT.DOWNSTREAM)]);
      expect(await busNumbers(rig, '0000:02:00.0')).to.equal('3-3');
      expect(await busNumbers(rig, '0000:02:01.0')).to.equal('4-16');
    });

    it('of a bridge that is built for some are these', async () => {
      const rig = new PciMachine({ lastBus: 255 });
      rig.plugBytes({ config: bridgeConfig(builtFor(5, 6)) }, 8);
      rig.plugBytes({ config: bridgeConfig() }, 16);
      await rig.boot();
      expect(await busNumbers(rig, '0000:00:01.0')).to.equal('5-6');
      expect(await busNumbers(rig, '0000:00:02.0')).to.equal('7-7');
    });
  });

  describe('regression: a bridge whose buses nobody can reach is told of', () => {
    /** A bridge on bus 4, which is one of 4 to 6, with numbers of its own. */
    async function bootInner(inner: Fields): Promise<string[]> {
      const rig = new PciMachine({ lastBus: 255 });
      const outer = rig.plugBytes(
        {
          config: bridgeConfig([
            [0x19, 1, 4],
            [0x1a, 1, 6],
          ]),
        },
        8,
      );
      rig.plugBytes({ config: bridgeConfig(inner) }, 0, outer);
      await rig.boot();
      return rig.log.filter((text) => text.includes('unusable'));
    }
    const numbers = (secondary: number, subordinate: number): Fields => [
      [0x18, 1, 4],
      [0x19, 1, secondary],
      [0x1a, 1, subordinate],
    ];
    const line = (buses: string): string =>
      `pci 0000:04:00.0: devices behind bridge are unusable because [bus ${buses}] cannot be assigned for them`;

    it('when they begin behind the last one', async () => {
      expect(await bootInner(numbers(8, 9))).to.deep.equal([line('08-09')]);
    });

    it('when they end behind the last one', async () => {
      expect(await bootInner(numbers(5, 9))).to.deep.equal([line('05-09')]);
    });

    it('when they lie before the first one', async () => {
      expect(await bootInner(builtFor(2, 3))).to.deep.equal([line('02-03')]);
    });

    it('when they begin before the first one', async () => {
      expect(await bootInner(builtFor(2, 5))).to.deep.equal([line('02-05')]);
    });

    it('and not when all of them are among those of the bridge above', async () => {
      expect(await bootInner(numbers(5, 6))).to.deep.equal([]);
    });

    it('also for a bridge that has its numbers from here', async () => {
      const rig = new PciMachine({ lastBus: 255 });
      const outer = rig.plugBytes(
        {
          config: bridgeConfig([
            [0x19, 1, 4],
            [0x1a, 1, 4],
          ]),
        },
        8,
      );
      rig.plugBytes({ config: bridgeConfig() }, 0, outer);
      await rig.boot();
      expect(rig.log.filter((text) => text.includes('unusable'))).to.deep.equal([line('05')]);
    });
  });
});
