import { expect } from 'chai';
import { iomemResource, resourceLines } from '../../buses/of-tree';
import { OfMachine, recorded } from './support';

const names = recorded.devices.map(({ name }) => name);
const PLATFORM = '/sys/devices/platform';

/** The device tree of a real machine, and what Linux 6.1.192 made of it. */
describe('of-tree: the recorded arm64 machine', () => {
  it('makes the devices of the real kernel, in its order, on both buses', async () => {
    const rig = await OfMachine.recorded().boot();
    const [root] = [...rig.kernel.devicesKset.list].filter((kobj) => kobj.name === 'platform');
    const children = [...(rig.device('psci').parent?.children() ?? [])].map((dev) => dev.name);
    expect(root?.name).to.equal('platform');
    expect(children).to.deep.equal(names);
    expect(rig.names()).to.deep.equal(recorded.devices.filter(({ bus }) => bus === 'platform').map(({ name }) => name));
    expect(rig.names('amba')).to.deep.equal(
      recorded.devices.filter(({ bus }) => bus === 'amba').map(({ name }) => name),
    );
  });

  it('makes 32 transports, and no device of the nodes that early drivers take or that have no compatible', async () => {
    const rig = await OfMachine.recorded().boot();
    expect(rig.names().filter((name) => name.endsWith('.virtio_mmio'))).to.have.length(32);
    expect(rig.ls(PLATFORM).filter((name) => /intc|apb-pclk|memory|cpus|chosen/.test(name))).to.deep.equal([]);
  });

  for (const { name, bus, ofNode, modalias, id, resource, uevent } of recorded.devices) {
    it(`gives ${name} the modalias, event variables and links of the real kernel`, async () => {
      const rig = await OfMachine.recorded().boot();
      const path = `${PLATFORM}/${name}`;
      expect(await rig.cat(`${path}/uevent`)).to.equal(uevent.map((line) => `${line}\n`).join(''));
      expect(rig.readlink(`${path}/of_node`)).to.equal(ofNode);
      expect(rig.readlink(`${path}/subsystem`)).to.equal(`../../../bus/${bus}`);
      expect(await rig.cat(`${path}/driver_override`)).to.equal('(null)\n');
      if (modalias !== undefined) expect(await rig.cat(`${path}/modalias`)).to.equal(`${modalias}\n`);
      if (id !== undefined) expect(await rig.cat(`${path}/id`)).to.equal(`${id}\n`);
      if (resource !== undefined) expect(await rig.cat(`${path}/resource`)).to.equal(resource);
    });
  }

  it('shows the tree in /sys with the names and bytes of the real one', async () => {
    const rig = await OfMachine.recorded().boot();
    const base = '/sys/firmware/devicetree/base';
    for (const [path, content] of Object.entries(recorded.tree)) {
      const found = rig.kernel.sysfs.lookup(`${base}/${path}`);
      expect(found.kind, path).to.equal(content === null ? 'dir' : 'file');
      if (content === null) continue;
      const bytes = await rig.world.run(() => rig.kernel.sysfs.open(`${base}/${path}`, 'r').readBytes(0, 4096));
      expect(typeof bytes === 'number' ? bytes : Buffer.from(bytes).toString('base64'), path).to.equal(content);
    }
    const shown = rig.ls(base).filter((name) => name !== 'chosen');
    const known = Object.keys(recorded.tree)
      .filter((path) => /^[^/]+\/?$/.test(path))
      .map((path) => path.replace('/', ''));
    expect(shown).to.deep.equal(known.sort());
  });

  it('finds virtio devices in places 0 1 2 3 4 6 and numbers them in the order of the tree', async () => {
    const rig = await OfMachine.recorded().boot();
    await rig.kernel.registerDriver(rig.bus.transport);
    const found = rig.devices('virtio').map((dev) => [dev.name, dev.parent?.name]);
    expect(found).to.deep.equal(recorded.virtio.map(({ name, below }) => [name, `${below}.virtio_mmio`]));
    for (const { name, id } of recorded.virtio) {
      expect(await rig.cat(`/sys/bus/virtio/devices/${name}/modalias`)).to.equal(
        `virtio:d0000000${String(id)}v554D4551\n`,
      );
    }
    expect(rig.log.filter((text) => /error|fail/i.test(text))).to.deep.equal([]);
  });

  it('has the windows of /proc/iomem: those of bound transports and of PrimeCells', async () => {
    const rig = await OfMachine.recorded().bootAll();
    // The drivers of the PrimeCells are not here, so the lines that they add are not either.
    const expected = recorded.iomem.filter((line) => !line.startsWith('  '));
    expect(resourceLines(iomemResource(rig.kernel)).filter((line) => /^(09|0a)/.test(line))).to.deep.equal(expected);
  });

  it('takes the interrupts of the real machine: SPI 16 and following are 48 and following', async () => {
    const rig = await OfMachine.recorded().bootAll();
    const found = rig.kernel.irq.list().map(({ vector, name }) => `${String(vector)} ${name}`);
    expect(found).to.deep.equal(['48 virtio0', '49 virtio1', '50 virtio2', '51 virtio3', '52 virtio4', '54 virtio5']);
  });

  it('does so without any hypercall and without a refused access', async () => {
    const rig = await OfMachine.recorded().bootAll();
    expect(rig.guest.port.counters().hypercalls).to.equal(0);
    expect(rig.refusals).to.deep.equal([]);
  });

  it('also where everything at the port is cloned', async () => {
    const rig = await OfMachine.recorded({ isolate: true }).bootAll();
    expect(rig.names('virtio')).to.deep.equal(recorded.virtio.map(({ name }) => name));
  });
});
