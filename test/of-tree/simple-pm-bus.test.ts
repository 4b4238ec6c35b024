import { expect } from 'chai';
import {
  ofPlatformDefaultPopulate,
  ofPlatformPopulate,
  ofState,
  platformBus,
  registerAmbaBus,
  registerPlatformBus,
  unflattenDeviceTree,
  writeFdt,
  type FdtNode,
  type PlatformDriver,
} from '../../buses/of-tree';
import { Kernel, type KernelOptions } from '../../lib/base/kernel';
import { World } from '../../lib/world';
import { node, OfMachine } from './support';

const one = { '#address-cells': [1], '#size-cells': [1] };

/** A kernel with the platform bus and this tree, no devices made yet. */
async function kernelWith(root: FdtNode, options: KernelOptions = {}): Promise<Kernel> {
  const kernel = new Kernel(new World(), options);
  await registerPlatformBus(kernel);
  unflattenDeviceTree(kernel, writeFdt({ root }));
  return kernel;
}

const names = (kernel: Kernel): Promise<string[]> => kernel.fs.readdir('/sys/bus/platform/devices');

describe('simple-pm-bus, built in with every device tree', () => {
  const pm = node('pm@1000', { compatible: 'simple-pm-bus', ...one, reg: [0x1000, 4], ranges: [0, 0x2000, 0x100] }, [
    node('dev@10', { compatible: 'd', reg: [0x10, 4] }),
    node('inner', { compatible: 'simple-bus', ...one, ranges: [] }, [node('deep', { compatible: 'd' })]),
  ]);

  it('regression: has devices made of the children of a simple-pm-bus, and of theirs not', async () => {
    const kernel = await kernelWith(node('', one, [pm]));
    await ofPlatformDefaultPopulate(kernel);
    expect(await names(kernel)).to.deep.equal(['1000.pm', '1000.pm:inner', '2010.dev']);
    expect(await kernel.fs.readlink('/sys/bus/platform/devices/2010.dev')).to.match(/\/1000\.pm\/2010\.dev$/);
    expect(await kernel.fs.readFile('/sys/devices/platform/1000.pm/uevent')).to.match(/^DRIVER=simple-pm-bus\n/);
  });

  it('is there after a boot, and a rescan makes nothing more', async () => {
    const rig = await OfMachine.of(node('', one, [pm])).boot();
    await rig.bus.rescan();
    expect(rig.names()).to.deep.equal(['1000.pm', '2010.dev', '1000.pm:inner']);
  });

  const plain: readonly (readonly [string | readonly string[], boolean])[] = [
    ['simple-bus', true],
    ['simple-mfd', true],
    ['isa', true],
    [['simple-bus', 'x'], true],
    ['arm,amba-bus', true],
    [['x', 'simple-bus'], false],
    [['x', 'simple-mfd'], false],
    ['x', false],
  ];
  for (const [compatible, bound] of plain) {
    it(`${bound ? 'takes' : 'leaves'} a plain bus that is ${JSON.stringify(compatible)}`, async () => {
      const kernel = await kernelWith(node('', one, [node('bus', { compatible, ...one, ranges: [] })]));
      await ofPlatformDefaultPopulate(kernel);
      expect((await kernel.fs.readdir('/sys/devices/platform/bus')).includes('driver')).to.equal(bound);
    });
  }

  it('takes any device that is told to use it, and makes no devices then', async () => {
    const kernel = await kernelWith(node('', one, [node('x', { compatible: 'x' }, [node('y', { compatible: 'y' })])]));
    await ofPlatformDefaultPopulate(kernel);
    await kernel.fs.writeFile('/sys/devices/platform/x/driver_override', 'simple-pm-bus');
    await kernel.fs.writeFile('/sys/bus/platform/drivers/simple-pm-bus/bind', 'x');
    expect(await names(kernel)).to.deep.equal(['x']);
    expect(await kernel.fs.readFile('/sys/devices/platform/x/uevent')).to.match(/^DRIVER=simple-pm-bus\n/);
  });
});

describe('of_platform_default_populate_init', () => {
  it('regression: makes the frame buffer of /chosen, once, before the other nodes', async () => {
    const kernel = await kernelWith(
      node('', one, [
        node('a', { compatible: 'a' }),
        node('chosen', { ...one, ranges: [] }, [
          node('other@1', { compatible: 'other', reg: [1, 1] }),
          node('fb@1000', { compatible: ['v,fb', 'simple-framebuffer'], reg: [0x1000, 0x100] }),
          node('fb@2000', { compatible: 'simple-framebuffer', reg: [0x2000, 0x100] }),
        ]),
        node('firmware', {}, [node('fw', { compatible: 'fw' })]),
        node('reserved', {}, [node('log@3000', { compatible: 'ramoops', reg: [0x3000, 1] })]),
      ]),
    );
    await ofPlatformDefaultPopulate(kernel);
    const order = [...(kernel.busOf(platformBus)?.devices() ?? [])].map((dev) => dev.name);
    expect(order).to.deep.equal(['reserved:log@3000', 'firmware:fw', '1000.fb', 'a']);
  });

  it('a frame buffer that is off is no device', async () => {
    const fb = node('fb', { compatible: 'simple-framebuffer', status: 'disabled' });
    const kernel = await kernelWith(node('', one, [node('chosen', {}, [fb])]));
    await ofPlatformDefaultPopulate(kernel);
    expect(await names(kernel)).to.deep.equal([]);
  });

  it('regression: without the amba bus PrimeCells are no devices, and arm,amba-bus is no bus', async () => {
    const tree = node('', one, [
      node('amba', { compatible: 'arm,amba-bus', ...one, ranges: [] }, [
        node('cell@1000', { compatible: 'arm,primecell', reg: [0x1000, 0x1000], 'arm,primecell-periphid': [7] }),
        node('dev@2000', { compatible: 'd', reg: [0x2000, 4] }),
      ]),
    ]);
    const without = await kernelWith(tree);
    await ofPlatformDefaultPopulate(without);
    expect(await names(without)).to.deep.equal(['amba']);
    const kernel = await kernelWith(tree);
    await registerAmbaBus(kernel);
    await ofPlatformDefaultPopulate(kernel);
    expect(await names(kernel)).to.deep.equal(['2000.dev', 'amba']);
    expect(await kernel.fs.readFile('/sys/bus/amba/devices/1000.cell/id')).to.equal('00000007\n');
  });
});

describe('populate and sync_state', () => {
  const pair = node('', {}, [node('power', { compatible: 'x,supplier' }), node('disk', { compatible: 'x,consumer' })]);

  async function tell(kernel: Kernel): Promise<string[]> {
    const told: string[] = [];
    const driver = (name: string): PlatformDriver => ({
      name,
      bus: platformBus,
      ofMatchTable: [{ compatible: name }],
      probe: (dev) => void told.push(`probe ${String(dev.name)}`),
      syncState: (dev) => void told.push(`sync_state ${String(dev.name)}`),
    });
    await kernel.registerDriver(driver('x,supplier'));
    await kernel.registerDriver({ ...driver('x,consumer'), syncState: () => undefined });
    return told;
  }

  it('regression: no supplier is told before all devices of a populate are made', async () => {
    const kernel = await kernelWith(pair);
    const told = await tell(kernel);
    const { root } = ofState(kernel);
    if (root !== null) await ofPlatformPopulate(root);
    expect(told).to.deep.equal(['probe power', 'probe disk', 'sync_state power']);
  });

  it('regression: at boot none is told before late_initcall_sync', async () => {
    const kernel = await kernelWith(pair, { booting: true });
    const told = await tell(kernel);
    await ofPlatformDefaultPopulate(kernel);
    expect(told).to.deep.equal(['probe power', 'probe disk']);
    await kernel.lateInitcall();
    expect(told.slice(2)).to.deep.equal(['sync_state power']);
  });

  it('a kernel that does not boot tells them when the tree is made', async () => {
    const kernel = await kernelWith(pair);
    const told = await tell(kernel);
    await ofPlatformDefaultPopulate(kernel);
    expect(told.slice(2)).to.deep.equal(['sync_state power']);
  });
});
