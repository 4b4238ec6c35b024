import { expect } from 'chai';
import fc from 'fast-check';
import { virtioPci, VirtioPciFunction } from '../../buses/vpci';
import { virtioBlk } from '../../drivers/virtio_blk';
import { BlockDevice } from '../../lib/hypervisor';
import { notingDriver } from './drivers';
import { PciMachine, plainConfig } from './support';

const spaces = fc.uint8Array({ minLength: 256, maxLength: 256 });
/** Which bits the guest may write: none, some, all. */
const masks = fc.oneof(fc.constant(0), fc.constant(0xff), fc.integer({ min: 0, max: 255 }));
const manyMasks = fc.array(masks, { minLength: 256, maxLength: 256 });
/** Spaces whose header is a known one, so that the scan goes on behind it. */
const headed = fc.tuple(spaces, fc.constantFrom(0, 1, 2, 0x80, 0x81)).map(([bytes, header]) => {
  const config = bytes.slice();
  config.set([0xf4, 0x1a, 0x42, 0x10, 0, 0, 0x10], 0);
  config[0x0e] = header;
  return config;
});

function disk(name: string): BlockDevice {
  return new BlockDevice({ name, image: new Uint8Array(4096), serial: name });
}

describe('vpci: whatever a device says', () => {
  it('the scan ends, throws nothing, and finds the device beside it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(spaces, headed), manyMasks, async (config, writable) => {
        const rig = new PciMachine({ lastBus: 3 });
        rig.plugBytes({ config, writable: new Map(writable.entries()) }, 8);
        rig.plugBytes({ config: plainConfig(), bars: [{ index: 0, size: 0x1000, kind: 'mem32' }] }, 16);
        await rig.boot();
        await rig.kernel.registerDriver(virtioPci);
        await rig.bus.rescan();
        expect(rig.names()).to.include('0000:00:02.0');
        expect(rig.device('0000:00:02.0').resource[0]?.claimed).to.equal(true);
        expect(rig.kernel.warnings).to.equal(0);
        expect(rig.world.oopses.length).to.equal(0);
        expect(rig.hv.log.errors).to.deep.equal([]);
      }),
      { numRuns: 60 },
    );
  });

  it('behind bridges as well', async () => {
    await fc.assert(
      fc.asyncProperty(headed, headed, async (outer, inner) => {
        const rig = new PciMachine({ lastBus: 5 });
        outer[0x0e] = 1;
        const bridge = rig.plugBytes({ config: outer }, 8);
        const below = rig.plugBytes({ config: inner }, 0, bridge);
        rig.plugBytes({ config: plainConfig() }, 8, below);
        await rig.boot();
        for (const dir of rig.names().map((name) => `bus/pci/devices/${name}`)) {
          if (rig.exists(dir)) await rig.echo('1', `${dir}/remove`);
        }
        expect(rig.names()).to.deep.equal([]);
        expect(rig.kernel.warnings).to.equal(0);
        expect(rig.world.oopses.length).to.equal(0);
      }),
      { numRuns: 40 },
    );
  });

  it('a virtio function with any byte changed binds or is refused, and the disk beside it works', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 0xaf }), fc.integer({ min: 0, max: 255 }), async (at, value) => {
        const rig = new PciMachine();
        const bad = new VirtioPciFunction(disk('bad'), rig.guest, { pin: 16 });
        bad.config[at] = value;
        rig.complex.plug(bad, { devfn: 8 });
        rig.plug(disk('good'));
        await rig.boot();
        await rig.loadTransport();
        await rig.kernel.registerDriver(virtioBlk);
        const [vdev] = [...rig.device('0000:00:02.0').children()];
        const good = `devices/pci0000:00/0000:00:02.0/${String(vdev?.name)}/block`;
        const [vdx] = rig.kernel.sysfs.readdir(`/sys/${good}`);
        expect(await rig.cat(`${good}/${String(vdx)}/serial`)).to.equal('good');
        expect(rig.kernel.warnings).to.equal(0);
        expect(rig.world.oopses.length).to.equal(0);
      }),
      { numRuns: 60 },
    );
  });
});

describe('vpci: whatever a user writes', () => {
  it('new_id and remove_id answer 0 or an error, and never break the driver', async () => {
    const odd = fc.constantFrom('0x', '-1', ' ', '\t', '\0', 'g', 'ffffffffffffffffffff');
    const texts = fc.oneof(
      fc.string({ maxLength: 80 }),
      fc
        .array(
          fc.oneof(
            fc.nat().map((n) => n.toString(16)),
            odd,
          ),
        )
        .map((words) => words.join(' ')),
    );
    const rig = new PciMachine();
    rig.plugBytes({ config: plainConfig() }, 8);
    await rig.boot();
    await rig.kernel.registerDriver(notingDriver('any'));
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const allowed = ['0', 'EINVAL', 'EEXIST', 'ENODEV'];
        expect(allowed).to.include(await rig.echo(text, 'bus/pci/drivers/any/new_id'));
        expect(allowed).to.include(await rig.echo(text, 'bus/pci/drivers/any/remove_id'));
      }),
      { numRuns: 200 },
    );
    expect(rig.kernel.warnings).to.equal(0);
    expect(rig.world.oopses.length).to.equal(0);
  });

  it('an id of two numbers that was written can be removed once', async () => {
    const u16 = fc.integer({ min: 0, max: 0xffff });
    await fc.assert(
      fc.asyncProperty(u16, u16, fc.boolean(), async (vendor, device, prefix) => {
        const rig = await new PciMachine().boot();
        await rig.kernel.registerDriver(notingDriver('any'));
        const text = [vendor, device].map((n) => `${prefix ? '0x' : ''}${n.toString(16)}`).join(' ');
        expect(await rig.echo(text, 'bus/pci/drivers/any/new_id')).to.equal('0');
        expect(await rig.echo(text, 'bus/pci/drivers/any/new_id')).to.equal('EEXIST');
        expect(await rig.echo(text, 'bus/pci/drivers/any/remove_id')).to.equal('0');
        expect(await rig.echo(text, 'bus/pci/drivers/any/remove_id')).to.equal('ENODEV');
      }),
      { numRuns: 30 },
    );
  });
});
