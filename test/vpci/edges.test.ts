import { expect } from 'chai';
import { iomapRange, VirtioPciFunction } from '../../buses/vpci';
import { BRIDGE, COMMAND, ecamOffset, MACHINE, PCI } from '../../buses/vpci/layout';
import { EntropyDevice } from '../../lib/hypervisor';
import { between, eachMoment } from '../support/between';
import { HeldDevice } from '../support/held-device';
import { bridgeConfig, PciMachine, plainConfig } from './support';

const NAME = '0000:00:01.0';
const SOON = 1_000_000;
const PAGE = { index: 0, size: 0x1000, kind: 'mem32' } as const;

/** A register in the window of configuration spaces. */
function config(rig: PciMachine, bus: number, devfn: number, offset: number, width: 1 | 2 | 4 = 2): number {
  return rig.guest.port.read(MACHINE.ECAM + ecamOffset(bus, devfn, offset), width);
}

describe('vpci: the ends of configuration space', () => {
  it('the last function of the last bus is found and can be reached, to its last byte', async () => {
    const rig = new PciMachine({ lastBus: 1 });
    const bridge = rig.plugBytes({ config: bridgeConfig() }, 8);
    const bytes = new Uint8Array(4096);
    bytes.set(plainConfig([[PCI.HEADER_TYPE, 1, 0x80]]));
    bytes[4095] = 0x5a;
    rig.plugBytes({ config: plainConfig([[PCI.HEADER_TYPE, 1, 0x80]]) }, 0xf8, bridge);
    rig.plugBytes({ config: bytes, writable: new Map([[4095, 0x0f]]) }, 0xff, bridge);
    await rig.boot();
    expect(rig.names()).to.deep.equal([NAME, '0000:01:1f.0', '0000:01:1f.7']);
    expect(config(rig, 1, 0xff, 4095, 1)).to.equal(0x5a);
    expect(config(rig, 1, 0xff, 4092, 4)).to.equal(0x5a00_0000);
    rig.guest.port.write(MACHINE.ECAM + ecamOffset(1, 0xff, 4095), 1, 0xf3);
    expect(config(rig, 1, 0xff, 4095, 1)).to.equal(0x53);
    expect(config(rig, 1, 0xf8, 254, 2)).to.equal(0);
    expect(config(rig, 1, 0xf8, 255, 2)).to.equal(0xffff);
    expect(config(rig, 1, 0xf8, 256, 1)).to.equal(0xff);
  });

  it('a bus behind bridges that firmware has numbered is reached through them, whatever stands beside', async () => {
    const rig = new PciMachine({ lastBus: 4 });
    const numbered = (secondary: number, subordinate: number): Uint8Array =>
      bridgeConfig([
        [BRIDGE.SECONDARY_BUS, 1, secondary],
        [BRIDGE.SUBORDINATE_BUS, 1, subordinate],
      ]);
    const outer = rig.plugBytes({ config: numbered(2, 4) }, 8);
    const inner = rig.plugBytes({ config: numbered(4, 4) }, 0, outer);
    const other = rig.plugBytes({ config: numbered(1, 1) }, 16);
    const ids = (id: number): Uint8Array => plainConfig([[PCI.DEVICE_ID, 2, id]]);
    rig.plugBytes({ config: ids(0x0b04) }, 0, inner);
    rig.plugBytes({ config: ids(0x0b01) }, 0, other);
    expect([1, 2, 3, 4].map((bus) => config(rig, bus, 0, PCI.DEVICE_ID))).to.deep.equal([
      0x0b01, 0x0001, 0xffff, 0x0b04,
    ]);
  });

  it('registers of a device that has gone read as all ones, as many as were asked for', async () => {
    const rig = await new PciMachine().boot();
    const plugged = rig.plug(new EntropyDevice({ name: 'rng0', seed: 1 }));
    await rig.world.advance(SOON);
    const dev = rig.device(NAME);
    plugged.unplug();
    await rig.world.advance(SOON);
    const { exits } = rig.guest.counters;
    expect(dev.readConfig(0, 1)).to.equal(0xff);
    expect(dev.readConfig(0, 2)).to.equal(0xffff);
    expect(dev.readConfig(0, 4)).to.equal(0xffff_ffff);
    expect(rig.guest.counters.exits).to.equal(exits);
  });
});

describe('vpci: the ends of base registers', () => {
  async function mapped(): Promise<{ rig: PciMachine; at: number; seen: string[] }> {
    const rig = new PciMachine();
    const seen: string[] = [];
    const handlers = {
      read: (offset: number, width: number) => (seen.push(`read ${String(offset)} ${String(width)}`), 7),
      write: (offset: number, width: number, value: number) =>
        void seen.push(`write ${String(offset)} ${String(width)} ${String(value)}`),
    };
    rig.plugBytes({ config: plainConfig(), bars: [{ ...PAGE, handlers }] }, 8);
    await rig.boot();
    const dev = rig.device(NAME);
    dev.writeConfig(PCI.COMMAND, 2, COMMAND.MEMORY);
    return { rig, at: Number(dev.resource[0]?.start), seen };
  }

  it('the last byte answers, and nothing behind it or across it', async () => {
    const { rig, at, seen } = await mapped();
    const { port } = rig.guest;
    expect(port.read(at + 0xfff, 1)).to.equal(7);
    expect(port.read(at + 0xffc, 4)).to.equal(7);
    port.write(at + 0xffe, 2, 0x12345);
    expect(seen).to.deep.equal(['read 4095 1', 'read 4092 4', 'write 4094 2 9029']);
    expect(port.read(at + 0x1000, 1)).to.equal(0xff);
    expect(port.read(at + 0xffd, 4)).to.equal(0xffff_ffff);
    expect(port.read(at - 1, 1)).to.equal(0xff);
    port.write(at + 0x1000, 1, 0);
    port.write(at + 0xfff, 2, 0);
    expect(seen.length).to.equal(3);
    expect(rig.hv.log.refusals.length).to.equal(5);
  });

  it('a piece may end with the register, not behind it', async () => {
    const { rig, at } = await mapped();
    const dev = rig.device(NAME);
    expect(iomapRange(dev, 0, 0xff0, 0x10)?.address).to.equal(at + 0xff0);
    expect(iomapRange(dev, 0, 0xff0, 0x11)).to.equal(undefined);
    expect(iomapRange(dev, 0, -1, 1)).to.equal(undefined);
    expect(iomapRange(dev, 1, 0, 1)).to.equal(undefined);
    expect(iomapRange(dev, 0, 0x1000, 0)?.length).to.equal(0);
  });

  it('answers while its command lets it, and where it was moved to', async () => {
    const { rig, at, seen } = await mapped();
    const dev = rig.device(NAME);
    dev.writeConfig(PCI.COMMAND, 2, 0);
    expect(rig.guest.port.read(at, 1)).to.equal(0xff);
    dev.writeConfig(PCI.BAR0, 4, at + 0x10_0000);
    dev.writeConfig(PCI.COMMAND, 2, COMMAND.MEMORY);
    expect(rig.guest.port.read(at, 1)).to.equal(0xff);
    expect(rig.guest.port.read(at + 0x10_0000, 1)).to.equal(7);
    expect(seen.length).to.equal(1);
  });
});

describe('vpci: what bridges are told, and what is behind them', () => {
  it('their window ends where the last of what is behind them does', async () => {
    const rig = new PciMachine({ lastBus: 1 });
    const bridge = rig.plugBytes({ config: bridgeConfig() }, 8);
    rig.plugBytes({ config: plainConfig(), bars: [{ ...PAGE, size: 0x20_0000 }] }, 0, bridge);
    await rig.boot();
    const window = rig.device(NAME).resource.find(({ start, end, flags }) => flags !== 0 && end - start >= 0x1f_ffffn);
    const [base, limit] = [config(rig, 0, 8, BRIDGE.MEMORY_BASE), config(rig, 0, 8, BRIDGE.MEMORY_LIMIT)];
    const behind = rig.device('0000:01:00.0').resource[0];
    expect(BigInt(base) << 16n).to.equal(window?.start);
    expect((BigInt(limit) << 16n) + 0xf_ffffn).to.equal(window?.end);
    expect(
      behind !== undefined && window !== undefined && behind.start >= window.start && behind.end <= window.end,
    ).to.equal(true);
  });

  it('a device that goes behind a bridge is missed at the interrupt', async () => {
    const rig = new PciMachine({ lastBus: 1 });
    const bridge = rig.plugBytes({ config: bridgeConfig() }, 8);
    const behind = rig.plugBytes({ config: plainConfig() }, 0, bridge);
    await rig.boot();
    rig.takeUevents();
    rig.complex.unplug(behind, { bridge, devfn: 0 });
    await rig.world.advance(SOON);
    expect(rig.names()).to.deep.equal([NAME]);
    expect(rig.takeUevents()).to.deep.equal([`remove /devices/pci0000:00/${NAME}/0000:01:00.0`]);
  });

  it('two users that scan at once, at any lock and switch, find a device once', async () => {
    for (const kind of ['lock', 'config'] as const) {
      await eachMoment(async (nth) => {
        const rig = await new PciMachine().boot();
        rig.guest.port.write(MACHINE.HOTPLUG + 4, 4, 0);
        const scan = (): PromiseLike<string> => rig.world.spawn(() => rig.echo('1', 'bus/pci/rescan'));
        const second: PromiseLike<string>[] = [];
        rig.plug(new EntropyDevice({ name: 'rng0', seed: 1 }));
        const wait = between(
          rig.guest,
          { kind, nth: kind === 'lock' ? nth : 20 * nth },
          () => void second.push(scan()),
        );
        expect(await scan()).to.equal('0');
        for (const other of second) expect(await other).to.equal('0');
        expect(rig.names()).to.deep.equal([NAME]);
        expect(rig.kernel.warnings).to.equal(0);
        expect(rig.world.oopses).to.deep.equal([]);
        return wait;
      });
    }
  });

  it('a rescan, an interrupt and a removal take the lock of all who add and remove', async () => {
    const rig = await new PciMachine().boot();
    const isRescan = ({ what }: { what: string }): boolean => what === 'pci_rescan_remove_lock';
    const locks = between(rig.guest, { kind: 'lock', nth: Infinity, matches: isRescan }, () => undefined);
    await rig.echo('1', 'bus/pci/rescan');
    expect(locks.seen).to.equal(1);
    rig.plug(new EntropyDevice({ name: 'rng0', seed: 1 }));
    await rig.world.advance(SOON);
    expect(locks.seen).to.equal(2);
    await rig.echo('1', `bus/pci/devices/${NAME}/remove`);
    expect(locks.seen).to.equal(3);
    locks.stop();
  });
});

describe('vpci: a virtio function comes and goes at any step', () => {
  it("that leaves at any access of its driver's bind: nothing is left", async () => {
    for (const kind of ['config', 'register'] as const) {
      const moments = await eachMoment(async (nth) => {
        const rig = await new PciMachine().boot();
        await rig.loadTransport();
        const plugged = rig.plug(new EntropyDevice({ name: 'rng0', seed: 1 }));
        const wait = between(rig.guest, { kind, nth }, () => plugged.unplug());
        await rig.world.advance(10 * SOON);
        if (!wait.fired) return wait;
        await rig.world.advance(5_000_000_000);
        const left = [rig.names(), rig.kernel.dma?.inUse, rig.kernel.irq.list().map(({ name }) => name)];
        expect(left, `${kind} ${String(nth)}`).to.deep.equal([[], 0, ['pci-hotplug']]);
        expect(rig.kernel.warnings, `${kind} ${String(nth)}`).to.equal(0);
        expect(rig.world.oopses, `${kind} ${String(nth)}`).to.deep.equal([]);
        return wait;
      });
      expect(moments).to.be.greaterThan(5);
    }
  });

  it('has its pin off while it has messages, and on again afterwards', async () => {
    const rig = new PciMachine();
    rig.plug(new HeldDevice([8]));
    await rig.boot();
    await rig.loadTransport();
    const off = (): boolean => (config(rig, 0, 8, PCI.COMMAND) & COMMAND.INTX_DISABLE) !== 0;
    const [vdev] = rig.devices('virtio');
    const { transport } = vdev as unknown as { transport: { findVqs(specs: unknown[]): unknown; delVqs(): void } };
    const states = [off()];
    await rig.world.run(() => void transport.findVqs([]));
    states.push(off());
    const vectors = rig.kernel.irq.list().map(({ vector }) => vector);
    await rig.world.run(() => transport.delVqs());
    states.push(off());
    expect(states).to.deep.equal([false, true, false]);
    // Who had the vectors gave them back once: somebody else's stay.
    rig.kernel.irq.request(vectors[1] ?? 0, () => undefined, 'another');
    await rig.world.run(() => transport.delVqs());
    expect(rig.kernel.irq.list().map(({ name }) => name)).to.include('another');
  });

  for (const [what, at, reason] of [
    ['interrupt status', 0x50, 'missing capabilities 64/0/112'],
    ['notifications', 0x70, 'missing capabilities 64/80/0'],
  ] as const) {
    it(`without the structure for ${what} is refused, and says what is missing`, async () => {
      const rig = new PciMachine();
      const fn = new VirtioPciFunction(new HeldDevice([8]), rig.guest, { pin: 0 });
      fn.config[at + 3] = 0x40;
      rig.complex.plug(fn, { devfn: 8 });
      await rig.boot();
      await rig.loadTransport();
      expect(rig.log).to.include(`virtio-pci ${NAME}: virtio_pci: ${reason}`);
      expect(rig.driverOf(NAME)).to.equal(null);
      expect(rig.log.some((text) => text.includes('failed with error -22'))).to.equal(true);
    });
  }

  it('whose notifications do not lie in their register is refused with EINVAL', async () => {
    const rig = new PciMachine();
    const fn = new VirtioPciFunction(new HeldDevice([8]), rig.guest, { pin: 0 });
    fn.config.set([0xff, 0x3f, 0, 0], 0x70 + 8);
    rig.complex.plug(fn, { devfn: 8 });
    await rig.boot();
    await rig.loadTransport();
    expect(rig.driverOf(NAME)).to.equal(null);
    expect(rig.log.some((text) => text.includes('failed with error -22'))).to.equal(true);
  });
});
