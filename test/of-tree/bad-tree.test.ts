import { expect } from 'chai';
import fc from 'fast-check';
import {
  bootOfTree,
  FdtError,
  iomemResource,
  platformDeviceRegister,
  platformGetIrqOptional,
  registerPlatformBus,
  resourceLines,
  writeFdt,
} from '../../buses/of-tree';
import { Kernel } from '../../lib/base/kernel';
import { Hypervisor } from '../../lib/hypervisor';
import { World } from '../../lib/world';
import { rejection } from '../support/errors';
import { machineDtb, node, OfMachine } from './support';

const AT = 0x10_0000;

/** A guest that finds these bytes in its memory, and nothing of what they say in the machine. */
function guestWith(blob: Uint8Array): { readonly kernel: Kernel; readonly hv: Hypervisor } {
  const world = new World();
  const hv = new Hypervisor(world);
  const guest = hv.createGuest({ name: 'g1', memory: 2 << 20 });
  guest.memory.write(AT, blob);
  return { kernel: new Kernel(world, { port: guest.port }), hv };
}

const windows = { '#address-cells': [1], '#size-cells': [1] };
const names = (rig: OfMachine): string[] => rig.names();

describe('a device tree that is wrong', () => {
  it('truncated: no tree, no device, an error with the place, and the kernel works on', async () => {
    const blob = machineDtb();
    new DataView(blob.buffer).setUint32(36, 0x300);
    const { kernel } = guestWith(blob);
    const error = await rejection(() => bootOfTree(kernel, { fdt: AT }));
    expect(error).to.be.instanceOf(FdtError);
    expect(error.message).to.match(/node \/virtio_mmio@[0-9a-f]+: /);
    expect(kernel.log.entries.map(({ text }) => text)[0]).to.match(/^OF: fdt: .*node \/virtio_mmio@/);
    expect(kernel.buses.size).to.equal(0);
    await registerPlatformBus(kernel);
    const dev = await platformDeviceRegister(kernel, { name: 'led' });
    expect(dev.isRegistered).to.equal(true);
  });

  it('at an address outside memory', async () => {
    const { kernel } = guestWith(machineDtb());
    expect((await rejection(() => bootOfTree(kernel, { fdt: 0x7fff_0000 }))).message).to.match(/outside memory/);
    expect((await rejection(() => bootOfTree(kernel, { fdt: (2 << 20) - 8 }))).message).to.match(/outside memory/);
  });

  it('a total size beyond memory', async () => {
    const blob = machineDtb();
    new DataView(blob.buffer).setUint32(4, 0x7fff_ffff);
    const { kernel } = guestWith(blob);
    expect((await rejection(() => bootOfTree(kernel, { fdt: AT }))).message).to.match(
      /total size 0x7fffffff, but there are/,
    );
  });

  it('the host refuses a file that is no tree', () => {
    expect(() => new OfMachine({ dtb: new Uint8Array(100) })).to.throw(FdtError, /magic is 0x0/);
  });

  it('a ring of interrupt-parents leaves its device without interrupt, and only that', async () => {
    const rig = OfMachine.of(
      node('', windows, [
        node('a', { compatible: 'x,a', phandle: [1], 'interrupt-parent': [2], interrupts: [5] }),
        node('b', { compatible: 'x,b', phandle: [2], 'interrupt-parent': [1], interrupts: [5] }),
      ]),
    );
    await rig.boot();
    expect(names(rig)).to.deep.equal(['a', 'b']);
    expect(platformGetIrqOptional(rig.pdev('a'), 0)).to.equal(-6);
  });

  it('reg, cells and ranges that lie: a device without windows, named by its node', async () => {
    const rig = OfMachine.of(
      node('', windows, [
        node('short@1', { compatible: 'x', reg: [1] }),
        node('bus@2', { compatible: 'simple-bus', '#address-cells': [9], '#size-cells': [1], ranges: [] }, [
          node('child@1', { compatible: 'x', reg: [1, 1] }),
        ]),
        node('bus@3', { compatible: 'simple-bus', '#address-cells': [1], '#size-cells': [1], ranges: [0, 0x1000] }, [
          node('child@1', { compatible: 'x', reg: [1, 1] }),
        ]),
        node(
          'bus@4',
          { compatible: 'simple-bus', '#address-cells': [0xffff_ffff], '#size-cells': [0xffff_ffff], ranges: [1] },
          [node('child', { compatible: 'x', reg: [1, 1] })],
        ),
      ]),
    );
    await rig.boot();
    expect(names(rig)).to.deep.equal([
      '1.short',
      'bus@2',
      'bus@2:child@1',
      'bus@3',
      'bus@3:child@1',
      'bus@4',
      'bus@4:child',
    ]);
  });

  it('two nodes of one name: both are shown, the second device is refused as Linux does', async () => {
    const twin = node('twin', { compatible: 'x' });
    const rig = OfMachine.of(node('', windows, [twin, twin, node('after', { compatible: 'x' })]));
    await rig.boot();
    expect(names(rig)).to.deep.equal(['twin', 'after']);
    expect(rig.ls('/sys/firmware/devicetree/base').filter((name) => name.startsWith('twin'))).to.deep.equal([
      'twin',
      'twin#1',
    ]);
    expect(rig.log.some((text) => text.includes('Duplicate name in base, renamed to "twin#1"'))).to.equal(true);
  });

  it('a node without name is refused, others are not', async () => {
    const rig = OfMachine.of(node('', windows, [node('', { compatible: 'x' }), node('good', { compatible: 'x' })]));
    await rig.boot();
    expect(names(rig)).to.deep.equal(['good']);
  });

  it('deeper than 64: what lies below is left out, with a warning', async () => {
    let deep = node('n', { compatible: 'simple-bus', ranges: [] });
    for (let i = 0; i < 100; i += 1) deep = node('n', { compatible: 'simple-bus', ranges: [] }, [deep]);
    const rig = OfMachine.of(node('', windows, [deep]));
    await rig.boot();
    expect(names(rig)).to.have.length(62);
    expect(rig.log.filter((text) => text.includes('deeper than 64'))).to.have.length(1);
  });

  it('a virtio window where there is nothing, in RAM, or without magic: the device stays without driver', async () => {
    const slot = (at: number, size = 0x200): ReturnType<typeof node> =>
      node(`virtio_mmio@${at.toString(16)}`, { compatible: 'virtio,mmio', reg: [at, size], interrupts: [0, 16, 1] });
    const rig = OfMachine.of(
      node('', windows, [slot(0x1000), slot(0x0a00_0000, 0), slot(0x0b00_0000, 0x200), slot(0x0b00_0100, 0x200)]),
    );
    await rig.boot();
    await rig.kernel.registerDriver(rig.bus.transport);
    expect(rig.devices().filter(({ driver }) => driver !== null)).to.deep.equal([]);
    expect(rig.refusals[0]).to.match(/the tree of guest g1: EBUSY.*0x1000, 512 bytes/);
    expect(rig.log.filter((text) => text.includes('Wrong magic value')).length).to.be.greaterThan(0);
    expect(resourceLines(iomemResource(rig.kernel))).to.deep.equal([]);
  });

  it('two PrimeCells in one window: the second is refused and told', async () => {
    const cell = (name: string): ReturnType<typeof node> =>
      node(name, { compatible: ['arm,pl011', 'arm,primecell'], reg: [0x900_0000, 0x1000] });
    const rig = OfMachine.of(node('', windows, [cell('one@9000000'), cell('two@9000000')]));
    await rig.boot();
    expect(rig.names('amba')).to.deep.equal(['9000000.one']);
    expect(rig.log).to.include('OF: amba_device_add() failed (-16) for /two@9000000');
  });

  it('a PrimeCell that does not say who it is sends no event and makes its driver wait', async () => {
    const cell = node('x@9000000', { compatible: ['x', 'arm,primecell'], reg: [0x900_0000, 0x1000] });
    const rig = OfMachine.of(node('', windows, [cell]));
    await rig.boot();
    expect(rig.device('9000000.x', 'amba').ueventSuppress).to.equal(true);
    expect(rig.takeUevents().flat()).to.not.include('DEVPATH=/devices/platform/9000000.x');
  });

  it('any change of the recorded blob boots or is refused, never more, and leaves the kernel usable', async () => {
    const good = machineDtb();
    const change = fc.record({ at: fc.integer({ min: 40, max: good.length - 1 }), value: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
        const blob = good.slice();
        for (const { at, value } of changes) blob[at] = value;
        const { kernel, hv } = guestWith(blob);
        try {
          const { transport } = await bootOfTree(kernel, { fdt: AT });
          await kernel.registerDriver(transport);
        } catch (error) {
          expect(error).to.be.instanceOf(FdtError);
        }
        await registerPlatformBus(kernel);
        await platformDeviceRegister(kernel, { name: 'after' });
        expect(kernel.world.oopses).to.deep.equal([]);
        expect(hv.log.errors).to.deep.equal([]);
      }),
      { numRuns: 60 },
    );
  });

  it('any tree of any properties boots', async () => {
    const key = fc.constantFrom(
      'compatible',
      'reg',
      'ranges',
      '#address-cells',
      '#size-cells',
      'interrupts',
      'interrupt-parent',
      'phandle',
      'status',
      'device_type',
      'reg-names',
      'mask',
      '#interrupt-cells',
      'interrupts-extended',
    );
    const value = fc.oneof(
      fc.uint8Array({ maxLength: 24 }),
      fc.array(fc.constantFrom(0, 1, 2, 3, 0x0a00_0000, 0x200, 0xffff_ffff), { maxLength: 6 }),
      fc.constantFrom('virtio,mmio', 'simple-bus', 'arm,primecell', 'arm,cortex-a15-gic', 'okay', 'disabled', 'pci'),
    );
    const properties = fc.dictionary(key, value, { maxKeys: 8 });
    const leaf = fc
      .tuple(fc.constantFrom('a', 'b@1', 'isa', 'pcie', 'aliases'), properties)
      .map(([name, p]) => node(name, p));
    const inner = fc
      .tuple(properties, fc.array(leaf, { maxLength: 4 }))
      .map(([p, children]) => node('bus', { ...p, compatible: 'simple-bus' }, children));
    const root = fc
      .tuple(properties, fc.array(fc.oneof(leaf, inner), { maxLength: 4 }))
      .map(([p, children]) => node('', p, children));
    await fc.assert(
      fc.asyncProperty(root, async (tree) => {
        const { kernel } = guestWith(writeFdt({ root: tree }));
        const { transport } = await bootOfTree(kernel, { fdt: AT });
        await kernel.registerDriver(transport);
        expect(kernel.world.oopses).to.deep.equal([]);
      }),
      { numRuns: 100 },
    );
  });
});
