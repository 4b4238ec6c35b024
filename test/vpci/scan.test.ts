import { expect } from 'chai';
import { findCapability } from '../../buses/vpci';
import type { PciFunction } from '../../buses/vpci';
import { bridgeConfig, configBytes, PciMachine, plainConfig } from './support';

const MS = 1_000_000;

describe('vpci: scan', () => {
  describe('presence is one read', () => {
    for (const word of [0xffff_ffff, 0, 0x0000_ffff, 0xffff_0000]) {
      it(`0x${word.toString(16).padStart(8, '0')} is an empty slot`, async () => {
        const rig = new PciMachine();
        rig.plugBytes({ config: configBytes([[0, 4, word]]) }, 8);
        await rig.boot();
        expect(rig.names()).to.deep.equal([]);
      });
    }

    it('a bus without devices costs 32 reads', async () => {
      const rig = new PciMachine();
      const reads: number[] = [];
      rig.hv.log.onExit(({ kind, address }) => {
        if (kind === 'read' && address < 0xb010_0000) reads.push(address);
      });
      await rig.boot();
      expect(reads.length).to.equal(32);
      expect(rig.hv.log.refusals).to.deep.equal([]);
    });
  });

  it('looks at other functions only if the first one says that there are', async () => {
    const rig = new PciMachine();
    rig.plugBytes({ config: plainConfig([[0x0e, 1, 0x80]]) }, 8);
    for (const devfn of [9, 15, 17, 25]) rig.plugBytes({ config: plainConfig() }, devfn);
    rig.plugBytes({ config: plainConfig() }, 24);
    await rig.boot();
    // 02.1 has no function 0 beside it; 03.0 is not multifunction.
    expect(rig.names()).to.deep.equal(['0000:00:01.0', '0000:00:01.1', '0000:00:01.7', '0000:00:03.0']);
  });

  it('leaves out a header that nobody knows, and says so', async () => {
    const rig = new PciMachine();
    rig.plugBytes({ config: plainConfig([[0x0e, 1, 0x25]]) }, 8);
    rig.plugBytes({ config: plainConfig() }, 16);
    await rig.boot();
    expect(rig.names()).to.deep.equal(['0000:00:02.0']);
    expect(rig.log).to.include('pci 0000:00:01.0: unknown header type 25, ignoring device');
    expect(rig.takeUevents().filter((event) => event.includes('01.0'))).to.deep.equal([]);
  });

  it('keeps a device whose class does not fit its header, without its class', async () => {
    const rig = new PciMachine();
    rig.plugBytes({ config: plainConfig([[8, 4, 0x0604_0000]]) }, 8);
    await rig.boot();
    expect(rig.log).to.include("pci 0000:00:01.0: ignoring class 0x060400 (doesn't match header type 00)");
    expect(await rig.cat('bus/pci/devices/0000:00:01.0/class')).to.equal('0x000000\n');
  });

  describe('a function that is not ready', () => {
    it('is asked again after 1, 2, 4 ... ms of world time', async () => {
      const rig = new PciMachine();
      rig.plugBytes({ config: plainConfig(), readyAt: 5 * MS }, 8);
      await rig.boot();
      expect(rig.names()).to.deep.equal(['0000:00:01.0']);
      expect(Math.floor(rig.world.now / MS)).to.equal(7);
    });

    it('is waited for with a word in the log once a second has gone', async () => {
      const rig = new PciMachine();
      rig.plugBytes({ config: plainConfig(), readyAt: 3000 * MS }, 8);
      await rig.boot();
      expect(rig.log.filter((text) => text.includes('ready after'))).to.deep.equal([
        'pci 0000:00:01.0: not ready after 1023ms; waiting',
        'pci 0000:00:01.0: not ready after 2047ms; waiting',
        'pci 0000:00:01.0: ready after 4095ms',
      ]);
    });

    it('is given up after a minute, and the scan goes on', async () => {
      const rig = new PciMachine();
      rig.plugBytes({ config: plainConfig(), readyAt: Infinity }, 8);
      rig.plugBytes({ config: plainConfig() }, 16);
      await rig.boot();
      expect(rig.log).to.include('pci 0000:00:01.0: not ready after 65535ms; giving up');
      expect(rig.names()).to.deep.equal(['0000:00:02.0']);
    });
  });

  describe('capability lists', () => {
    it('one that loops is reported with its offset; what comes before the loop is found', async () => {
      const rig = new PciMachine();
      const config = plainConfig([
        [6, 2, 0x10],
        [0x34, 1, 0x40],
        [0x40, 2, 0x5011],
        [0x50, 2, 0x4001],
      ]);
      rig.plugBytes({ config }, 8);
      await rig.boot();
      const dev = rig.device('0000:00:01.0');
      expect(rig.log).to.include('pci 0000:00:01.0: the capability list loops at offset 0x40; the rest is ignored');
      expect([0x11, 0x01, 0x09].map((id) => findCapability(dev, id))).to.deep.equal([0x40, 0x50, 0]);
      expect(rig.log.filter((text) => text.includes('loops')).length).to.equal(1);
    });

    it('one that points into the header is reported', async () => {
      const rig = new PciMachine();
      rig.plugBytes(
        {
          config: plainConfig([
            [6, 2, 0x10],
            [0x34, 1, 0x40],
            [0x40, 2, 0x2001],
          ]),
        },
        8,
      );
      await rig.boot();
      const line = 'the capability list points into the header at offset 0x20; the rest is ignored';
      expect(rig.log).to.include(`pci 0000:00:01.0: ${line}`);
    });

    it('is not looked at without the bit that says that there is one', async () => {
      const rig = new PciMachine();
      rig.plugBytes(
        {
          config: plainConfig([
            [0x34, 1, 0x40],
            [0x40, 2, 0x0011],
          ]),
        },
        8,
      );
      await rig.boot();
      expect(findCapability(rig.device('0000:00:01.0'), 0x11)).to.equal(0);
    });
  });

  describe('bridges', () => {
    it('that nobody has set up get bus numbers and a window, and what is behind them gets places', async () => {
      const rig = new PciMachine({ lastBus: 8 });
      const bridge = rig.plugBytes({ config: bridgeConfig() }, 8);
      rig.plugBytes({ config: plainConfig(), bars: [{ index: 0, size: 0x1000, kind: 'mem32' }] }, 16, bridge);
      await rig.boot();
      expect(rig.names()).to.deep.equal(['0000:00:01.0', '0000:01:02.0']);
      expect(bridge.busRange).to.deep.equal([1, 1]);
      expect(rig.log).to.include('pci 0000:00:01.0: bridge configuration invalid ([bus 00-00]), reconfiguring');
      expect(rig.log).to.include('pci 0000:00:01.0: bridge window [mem 0xc0000000-0xc00fffff]: assigned');
      expect(rig.log).to.include('pci 0000:01:02.0: BAR 0 [mem 0xc0000000-0xc0000fff]: assigned');
      expect(rig.exists('devices/pci0000:00/0000:00:01.0/0000:01:02.0')).to.equal(true);
    });

    it('are scanned where firmware has set them up first, then the others', async () => {
      const rig = new PciMachine({ lastBus: 8 });
      const fresh = rig.plugBytes({ config: bridgeConfig() }, 8);
      const old = rig.plugBytes(
        {
          config: bridgeConfig([
            [0x19, 1, 3],
            [0x1a, 1, 4],
          ]),
        },
        16,
      );
      rig.plugBytes({ config: plainConfig() }, 0, fresh);
      rig.plugBytes({ config: plainConfig() }, 0, old);
      await rig.boot();
      expect(rig.names()).to.deep.equal(['0000:00:01.0', '0000:00:02.0', '0000:03:00.0', '0000:05:00.0']);
    });

    it('can stand behind bridges', async () => {
      const rig = new PciMachine({ lastBus: 8 });
      const outer = rig.plugBytes({ config: bridgeConfig() }, 8);
      const inner = rig.plugBytes({ config: bridgeConfig() }, 8, outer);
      rig.plugBytes({ config: plainConfig(), bars: [{ index: 0, size: 0x1000, kind: 'mem32' }] }, 0, inner);
      await rig.boot();
      expect(rig.names()).to.deep.equal(['0000:00:01.0', '0000:01:01.0', '0000:02:00.0']);
      expect(outer.busRange).to.deep.equal([1, 2]);
      expect(inner.busRange).to.deep.equal([2, 2]);
      expect(rig.device('0000:02:00.0').resource[0]?.claimed).to.equal(true);
    });

    it('get no numbers that they share, also when there are too few: what is behind them is not found', async () => {
      const rig = new PciMachine({ lastBus: 0 });
      const bridge = rig.plugBytes({ config: bridgeConfig() }, 8);
      rig.plugBytes({ config: plainConfig() }, 0, bridge);
      rig.plugBytes({ config: plainConfig() }, 16);
      await rig.boot();
      const outside = 'can not insert [bus 01-00] under [bus 00] (conflicts with (null) [bus 00])';
      expect(rig.log).to.include(`pci_bus 0000:01: busn_res: ${outside}`);
      expect(rig.names()).to.deep.equal(['0000:00:01.0', '0000:00:02.0']);
    });

    it('beyond the last bus number stay without one, and nothing else suffers', async () => {
      const rig = new PciMachine({ lastBus: 255 });
      rig.plugBytes(
        {
          config: bridgeConfig([
            [0x19, 1, 255],
            [0x1a, 1, 255],
          ]),
        },
        8,
      );
      rig.plugBytes({ config: bridgeConfig() }, 16);
      rig.plugBytes({ config: plainConfig() }, 24);
      await rig.boot();
      expect(rig.log).to.include('pci 0000:00:02.0: No bus number available for this bridge');
      expect(rig.names()).to.deep.equal(['0000:00:01.0', '0000:00:02.0', '0000:00:03.0']);
    });

    it('that lead to the same buses level after level do not keep the scan for ever', async () => {
      const rig = new PciMachine({ lastBus: 255 });
      let above: PciFunction | undefined;
      for (let level = 1; level <= 24; level++) {
        const config = bridgeConfig([
          [0x18, 1, level - 1],
          [0x19, 1, level],
          [0x1a, 1, 255],
        ]);
        const [first] = [8, 16].map((devfn) => rig.plugBytes({ config }, devfn, above));
        above = first;
      }
      await rig.boot();
      expect(rig.names().length).to.equal(48);
      expect(rig.log.filter((text) => text.includes('more than 1024 buses in one scan'))).to.have.length(1);
    });

    it('show their bus numbers', async () => {
      const rig = await new PciMachine({ lastBus: 255 }).plugRecorded().boot();
      expect(await rig.cat('bus/pci/devices/0000:00:1c.1/secondary_bus_number')).to.equal('2\n');
      expect(rig.exists('bus/pci/devices/0000:00:1f.0/secondary_bus_number')).to.equal(false);
    });
  });

  describe('the file config', () => {
    it('reads what the device says, from any offset', async () => {
      const rig = new PciMachine();
      rig.plugBytes({ config: plainConfig() }, 8);
      await rig.boot();
      const file = rig.kernel.sysfs.open('/sys/bus/pci/devices/0000:00:01.0/config', 'rw');
      const whole = (await rig.world.run(() => file.readBytes(0, 4096))) as Uint8Array;
      expect(whole.length).to.equal(256);
      expect([...whole.subarray(0, 4)]).to.deep.equal([0x34, 0x12, 0xe8, 0x11]);
      const part = (await rig.world.run(() => file.readBytes(1, 6))) as Uint8Array;
      expect([...part]).to.deep.equal([...whole.subarray(1, 7)]);
      expect(((await rig.world.run(() => file.readBytes(256, 4))) as Uint8Array).length).to.equal(0);
    });

    it('writes what may be written', async () => {
      const rig = new PciMachine();
      const fn = rig.plugBytes({ config: plainConfig() }, 8);
      await rig.boot();
      const file = rig.kernel.sysfs.open('/sys/bus/pci/devices/0000:00:01.0/config', 'rw');
      expect(await rig.world.run(() => file.writeBytes(0x3c, Uint8Array.of(42, 7)))).to.equal(2);
      expect(fn.config[0x3c]).to.equal(42);
      expect(fn.config[0x3d]).to.equal(0);
    });
  });

  it('sends add before any driver can match, and only then asks drivers', async () => {
    const rig = new PciMachine();
    rig.plugBytes({ config: plainConfig() }, 8);
    const atAdd: boolean[] = [];
    rig.kernel.uevents.subscribe(({ action, devpath }) => {
      if (action === 'add' && devpath.endsWith('01.0')) atAdd.push(rig.device('0000:00:01.0').matchDriver);
    });
    await rig.boot();
    expect(atAdd).to.deep.equal([false]);
    expect(rig.device('0000:00:01.0').matchDriver).to.equal(true);
  });
});
