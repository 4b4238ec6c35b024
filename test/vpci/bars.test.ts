import { expect } from 'chai';
import { notingDriver } from './drivers';
import { PciMachine, plainConfig } from './support';
import { enableDevice } from '../../buses/vpci';
import { resourceSize } from '../../buses/vpci/guest/resource';

const NAME = '0000:00:01.0';
const PAGE = { index: 0, size: 0x1000, kind: 'mem32' } as const;

function bits(offset: number, value: number): (readonly [number, number])[] {
  return [0, 1, 2, 3].map((i) => [offset + i, Math.floor(value / 256 ** i) % 256] as const);
}

describe('vpci: base registers', () => {
  it('sizes memory of 32 and 64 bits and ports, and gives them places, the biggest first', async () => {
    const rig = new PciMachine();
    rig.plugBytes(
      {
        config: plainConfig(),
        bars: [
          { index: 0, size: 0x1000, kind: 'mem32' },
          { index: 1, size: 0x10_0000, kind: 'mem64', prefetchable: true },
          { index: 3, size: 0x40, kind: 'io' },
        ],
      },
      8,
    );
    await rig.boot();
    expect(rig.log.filter((text) => text.startsWith(`pci ${NAME}: BAR`))).to.deep.equal([
      `pci ${NAME}: BAR 0 [mem 0x00000000-0x00000fff]`,
      `pci ${NAME}: BAR 1 [mem 0x00000000-0x000fffff 64bit pref]`,
      `pci ${NAME}: BAR 3 [io  0x0000-0x003f]`,
      `pci ${NAME}: BAR 1 [mem 0xc0000000-0xc00fffff 64bit pref]: assigned`,
      `pci ${NAME}: BAR 0 [mem 0xc0100000-0xc0100fff]: assigned`,
      `pci ${NAME}: BAR 3 [io  0x1000-0x103f]: assigned`,
    ]);
    expect(rig.device(NAME).readConfig(0x10, 4)).to.equal(0xc010_0000);
    expect(rig.device(NAME).readConfig(0x1c, 4)).to.equal(0x1001);
  });

  it('puts a register above 4 GiB where its upper half says, if a window is there; else elsewhere', async () => {
    const rig = new PciMachine();
    rig.plugBytes({ config: plainConfig([[0x14, 4, 3]]), bars: [{ ...PAGE, kind: 'mem64' }] }, 8);
    await rig.boot();
    const refused = "[mem 0x300000000-0x300000fff 64bit]: can't claim; no compatible bridge window";
    expect(rig.log).to.include(`pci ${NAME}: BAR 0 ${refused}`);
    expect(rig.log).to.include(`pci ${NAME}: BAR 0 [mem 0xc0000000-0xc0000fff 64bit]: assigned`);
    expect(rig.device(NAME).readConfig(0x14, 4)).to.equal(0);
  });

  it('does not give one place to two devices, whatever firmware said', async () => {
    const rig = new PciMachine();
    const config = plainConfig([
      [4, 2, 2],
      [0x10, 4, 0xc100_0000],
    ]);
    for (const devfn of [8, 16]) rig.plugBytes({ config, bars: [PAGE] }, devfn);
    await rig.boot();
    const conflict = `address conflict with ${NAME} [mem 0xc1000000-0xc1000fff]`;
    expect(rig.log).to.include(`pci 0000:00:02.0: BAR 0 [mem 0xc1000000-0xc1000fff]: can't claim; ${conflict}`);
    expect(rig.device('0000:00:02.0').resource[0]?.start).to.equal(0xc000_0000n);
  });

  it('says so when there is no room; the device is then one without that register', async () => {
    const rig = new PciMachine();
    rig.plugBytes({ config: plainConfig(), bars: [{ index: 0, size: 0x8000_0000, kind: 'mem32' }] }, 8);
    await rig.boot();
    expect(rig.log).to.include(`pci ${NAME}: BAR 0 [mem size 0x80000000]: can't assign; no space`);
    expect(rig.log).to.include(`pci ${NAME}: BAR 0 [mem size 0x80000000]: failed to assign`);
    expect(rig.exists(`bus/pci/devices/${NAME}/resource0`)).to.equal(false);
    expect(enableDevice(rig.device(NAME))).to.equal(0);
    expect(rig.device(NAME).readConfig(4, 2)).to.equal(0);
  });

  it('does not move what is fixed; a device whose fixed ports somebody else has cannot be enabled', async () => {
    const rig = new PciMachine();
    for (const devfn of [8, 16])
      rig.plugBytes(
        {
          config: plainConfig([
            [8, 4, 0x0101_0000],
            [4, 2, 1],
          ]),
        },
        devfn,
      );
    await rig.boot();
    const second = '0000:00:02.0';
    const conflict = `address conflict with ${NAME} [io  0x01f0-0x01f7]`;
    expect(rig.log).to.include(`pci ${second}: BAR 0 [io  0x01f0-0x01f7]: can't claim; ${conflict}`);
    expect(rig.log).to.include(`pci ${second}: BAR 0 [io  size 0x0008] is immovable`);
    expect(enableDevice(rig.device(NAME))).to.equal(0);
    expect(enableDevice(rig.device(second))).to.equal(-22);
    expect(rig.log).to.include(`pci ${second}: BAR 0 [io  size 0x0008]: not assigned; can't enable device`);
  });

  it('regression: has its size whatever firmware left in bits that are wired to 0', async () => {
    const rig = new PciMachine();
    const bars = [
      { index: 0, size: 0x4000, kind: 'mem32' },
      { index: 4, size: 0x4000, kind: 'mem64' },
    ] as const;
    rig.plugBytes(
      {
        config: plainConfig([
          [0x10, 4, 0x1010],
          [0x20, 4, 0x2010],
        ]),
        bars,
      },
      8,
    );
    await rig.boot();
    const sizes = [0, 4].map((index) => Number(resourceSize(rig.device(NAME).resource[index])));
    expect(sizes).to.deep.equal([0x4000, 0x4000]);
  });

  it('turns decoding off while it sizes, and on again', async () => {
    const rig = new PciMachine();
    const seen: number[] = [];
    const fn = rig.plugBytes({ config: plainConfig([[4, 2, 3]]), bars: [PAGE] }, 8);
    const write = fn.writeConfig.bind(fn);
    fn.writeConfig = (offset, width, value) => {
      if (offset === 0x10) seen.push(fn.readConfig(4, 2, 0) & 3);
      write(offset, width, value);
    };
    await rig.boot();
    expect([...new Set(seen.slice(0, 2))]).to.deep.equal([0]);
    expect(rig.device(NAME).readConfig(4, 2) & 3).to.equal(3);
  });

  describe('that lie', () => {
    it('ones change nothing: a bug of the firmware, the register is ignored, the rest works', async () => {
      const rig = new PciMachine();
      rig.plugBytes({ config: plainConfig([[0x10, 4, 0xfe50_0000]]), bars: [{ ...PAGE, index: 2 }] }, 8);
      await rig.boot();
      expect(rig.log).to.include(`pci ${NAME}: [Firmware Bug]: BAR 0: invalid; can't size`);
      expect(rig.device(NAME).resource[0]?.flags).to.equal(0);
      expect(enableDevice(rig.device(NAME))).to.equal(0);
    });

    it('with a gap in the bits that can be written: the lowest of them is the size', async () => {
      const rig = new PciMachine();
      rig.plugBytes({ config: plainConfig(), writable: new Map(bits(0x14, 0xff0f_0000)) }, 8);
      await rig.boot();
      expect(rig.log).to.include(`pci ${NAME}: BAR 1 [mem 0x00000000-0x0000ffff]`);
    });

    it('of two words of which none can be written: the second one is looked at for itself too', async () => {
      const rig = new PciMachine();
      rig.plugBytes(
        {
          config: plainConfig([
            [0x10, 4, 0x0000_0004],
            [0x14, 4, 0x0000_1001],
          ]),
        },
        8,
      );
      await rig.boot();
      const bugs = [0, 1].map((bar) => `pci ${NAME}: [Firmware Bug]: BAR ${String(bar)}: invalid; can't size`);
      expect(rig.log.filter((text) => text.includes('Firmware Bug'))).to.deep.equal(bugs);
    });

    it('a register that does not keep its address is reported with both values', async () => {
      const rig = new PciMachine();
      const fn = rig.plugBytes({ config: plainConfig(), bars: [PAGE] }, 8);
      const write = fn.writeConfig.bind(fn);
      fn.writeConfig = (offset, width, value) => {
        write(offset, width, offset === 0x10 && value === 0xc000_0000 ? 0x1000 : value);
      };
      await rig.boot();
      expect(rig.log).to.include(`pci ${NAME}: BAR 0: error updating (0xc0000000 != 0x00001000)`);
    });
  });

  it('makes files for the registers that are there', async () => {
    const rig = new PciMachine();
    rig.plugBytes(
      {
        config: plainConfig(),
        bars: [
          { index: 0, size: 0x1000, kind: 'mem32' },
          { index: 4, size: 0x4000, kind: 'mem64', prefetchable: true },
        ],
      },
      8,
    );
    await rig.boot();
    const files = rig.kernel.sysfs.readdir(`/sys/bus/pci/devices/${NAME}`);
    expect(files.filter((file) => file.startsWith('resource'))).to.deep.equal([
      'resource',
      'resource0',
      'resource4',
      'resource4_wc',
    ]);
  });

  it('enables and disables by hand only without a driver', async () => {
    const rig = new PciMachine();
    rig.plugBytes({ config: plainConfig(), bars: [PAGE] }, 8);
    await rig.boot();
    const file = `bus/pci/devices/${NAME}/enable`;
    expect(await rig.echo('0', file)).to.equal('EIO');
    expect(await rig.echo('1', file)).to.equal('0');
    expect(await rig.cat(file)).to.equal('1\n');
    expect(await rig.echo('0', file)).to.equal('0');
    expect(await rig.echo('maybe', file)).to.equal('EINVAL');
    await rig.kernel.registerDriver(notingDriver('any', { idTable: [{ vendor: 0x1234 }] }));
    expect(await rig.echo('1', file)).to.equal('EBUSY');
  });
});
