import { expect } from 'chai';
import { virtioMmioDriver } from '../../buses/of-tree';
import { OfMachine, queueDriver } from './support';

const P = '/sys/devices/platform';
const DRIVER = '/sys/bus/platform/drivers/virtio-mmio';
const RNG = '/sys/bus/virtio/drivers/virtio_rng';
const ONE = 'a000400.virtio_mmio';
const EMPTY = 'a000a00.virtio_mmio';

/** Names that belong to parts of the kernel which are not here. */
const ELSEWHERE = ['power', 'module', 'waiting_for_supplier'];

function boot(): Promise<OfMachine> {
  return OfMachine.recorded().bootAll();
}

function ls(rig: OfMachine, path: string): string[] {
  return rig.ls(path).filter((name) => !ELSEWHERE.includes(name));
}

const OF_VARS = [
  'OF_NAME=virtio_mmio',
  'OF_FULLNAME=/virtio_mmio@a000400',
  'OF_COMPATIBLE_0=virtio,mmio',
  'OF_COMPATIBLE_N=1',
];
const MODALIAS = 'MODALIAS=of:Nvirtio_mmioT(null)Cvirtio,mmio';
const RNG_ALIAS = 'MODALIAS=virtio:d00000004v554D4551';

const child = (action: string, ...more: string[]): string[] => [
  `ACTION=${action}`,
  `DEVPATH=/devices/platform/${ONE}/virtio2`,
  'SUBSYSTEM=virtio',
  ...more,
];
const parent = (action: string, ...more: string[]): string[] => [
  `ACTION=${action}`,
  `DEVPATH=/devices/platform/${ONE}`,
  'SUBSYSTEM=platform',
  ...more,
];

const UNBOUND = [child('unbind'), child('remove', RNG_ALIAS), parent('unbind', ...OF_VARS)];
const BOUND = parent('bind', 'DRIVER=virtio-mmio', ...OF_VARS, MODALIAS);

/** What a real Linux 6.1.192 printed for the same commands on the same machine. */
describe('of-tree: transcripts of the recorded arm64 machine', () => {
  it('01 the attributes of a platform device', async () => {
    const rig = await boot();
    expect(ls(rig, `${P}/${ONE}`)).to.deep.equal([
      'driver',
      'driver_override',
      'modalias',
      'of_node',
      'subsystem',
      'uevent',
      'virtio2',
    ]);
    expect(await rig.cat(`${P}/${ONE}/uevent`)).to.equal(['DRIVER=virtio-mmio', ...OF_VARS, MODALIAS, ''].join('\n'));
    expect(ls(rig, `${P}/${EMPTY}`)).to.deep.equal(['driver_override', 'modalias', 'of_node', 'subsystem', 'uevent']);
    expect(() => rig.kernel.sysfs.open(`${P}/${ONE}/modalias`, 'w')).to.throw(/EACCES/);
  });

  it('02 the attributes of its virtio child', async () => {
    const rig = await boot();
    const dir = `${P}/${ONE}/virtio2`;
    const texts = [];
    for (const file of ['device', 'vendor', 'status', 'modalias']) texts.push(await rig.cat(`${dir}/${file}`));
    expect(texts).to.deep.equal(['0x0004\n', '0x554d4551\n', '0x0000000f\n', 'virtio:d00000004v554D4551\n']);
    expect(await rig.cat(`${dir}/features`)).to.equal(
      '0000000000000000000000000000110010000000000000000000000000000000\n',
    );
  });

  it('03 the links', async () => {
    const rig = await boot();
    expect(rig.readlink(`/sys/bus/platform/devices/${ONE}`)).to.equal(`../../../devices/platform/${ONE}`);
    expect(rig.readlink('/sys/bus/virtio/devices/virtio2')).to.equal(`../../../devices/platform/${ONE}/virtio2`);
    expect(rig.readlink(`${P}/${ONE}/driver`)).to.equal('../../../bus/platform/drivers/virtio-mmio');
    expect(rig.readlink(`${P}/${ONE}/subsystem`)).to.equal('../../../bus/platform');
    expect(rig.readlink(`${P}/${ONE}/of_node`)).to.equal('../../../firmware/devicetree/base/virtio_mmio@a000400');
    expect(rig.readlink(`${P}/${ONE}/virtio2/driver`)).to.equal('../../../../bus/virtio/drivers/virtio_rng');
    expect(rig.exists(`${P}/${ONE}/virtio2/of_node`)).to.equal(false);
    expect(ls(rig, DRIVER)).to.deep.equal([
      'a000000.virtio_mmio',
      'a000200.virtio_mmio',
      ONE,
      'a000600.virtio_mmio',
      'a000800.virtio_mmio',
      'a000c00.virtio_mmio',
      'bind',
      'uevent',
      'unbind',
    ]);
    expect(ls(rig, RNG)).to.deep.equal(['bind', 'uevent', 'unbind', 'virtio2', 'virtio5']);
    expect(rig.ls('/sys/bus/platform')).to.deep.equal([
      'devices',
      'drivers',
      'drivers_autoprobe',
      'drivers_probe',
      'uevent',
    ]);
  });

  it('05 unbind and bind of the virtio driver', async () => {
    const rig = await boot();
    const dev = '/sys/bus/virtio/devices/virtio2';
    expect(await rig.echo('virtio2', `${RNG}/unbind`)).to.equal('0');
    expect(rig.exists(dev)).to.equal(true);
    expect(rig.exists(`${dev}/driver`)).to.equal(false);
    expect(await rig.cat(`${dev}/status`)).to.equal('0x00000001\n');
    expect(rig.takeUevents()).to.deep.equal([child('unbind')]);
    expect(await rig.echo('virtio2', `${RNG}/bind`)).to.equal('0');
    expect(await rig.cat(`${dev}/status`)).to.equal('0x0000000f\n');
    expect(rig.takeUevents()).to.deep.equal([child('bind', 'DRIVER=virtio_rng', RNG_ALIAS)]);
  });

  it('06 unbind of virtio-mmio removes the virtio child; bind brings one back', async () => {
    const rig = await boot();
    expect(await rig.echo(ONE, `${DRIVER}/unbind`)).to.equal('0');
    expect(rig.ls('/sys/bus/virtio/devices')).to.deep.equal(['virtio0', 'virtio1', 'virtio3', 'virtio4', 'virtio5']);
    expect(rig.exists(`${P}/${ONE}/driver`)).to.equal(false);
    expect(rig.takeUevents()).to.deep.equal(UNBOUND);
    expect(await rig.echo(ONE, `${DRIVER}/bind`)).to.equal('0');
    expect(rig.readlink('/sys/bus/virtio/devices/virtio2')).to.equal(`../../../devices/platform/${ONE}/virtio2`);
    expect(rig.takeUevents()).to.deep.equal([
      child('add', RNG_ALIAS),
      child('bind', 'DRIVER=virtio_rng', RNG_ALIAS),
      BOUND,
    ]);
  });

  describe('07 bind and unbind with what cannot work', () => {
    const cases = [
      [ONE, `${DRIVER}/bind`, 'EBUSY'],
      [EMPTY, `${DRIVER}/bind`, 'ENODEV'],
      ['a0ff000.virtio_mmio', `${DRIVER}/bind`, 'ENODEV'],
      ['gpio-keys', `${DRIVER}/bind`, 'ENODEV'],
      [EMPTY, `${DRIVER}/unbind`, 'ENODEV'],
      ['a0ff000.virtio_mmio', `${DRIVER}/unbind`, 'ENODEV'],
      ['4010000000.pcie', `${DRIVER}/unbind`, 'ENODEV'],
      ['', `${DRIVER}/bind`, 'ENODEV'],
      ['virtio2', `${RNG}/bind`, 'EBUSY'],
      ['virtio0', `${RNG}/bind`, 'ENODEV'],
      ['virtio0', `${RNG}/unbind`, 'ENODEV'],
      ['virtio99', `${RNG}/bind`, 'ENODEV'],
    ] as const;
    for (const [name, path, errno] of cases) {
      it(`echo ${name} > ${path}: ${errno}, and no event`, async () => {
        const rig = await boot();
        expect(await rig.echo(name, path)).to.equal(errno);
        expect(rig.takeUevents()).to.deep.equal([]);
      });
    }
  });

  it('08 driver_override makes a driver match, or keeps every other one away', async () => {
    const rig = await boot();
    const override = `${P}/${ONE}/driver_override`;
    const probe = '/sys/bus/platform/drivers_probe';
    expect(await rig.cat(override)).to.equal('(null)\n');
    expect(await rig.echo('nosuch', override)).to.equal('0');
    expect(await rig.cat(override)).to.equal('nosuch\n');
    expect(rig.exists(`${P}/${ONE}/driver`)).to.equal(true);
    expect(await rig.echo(ONE, `${DRIVER}/unbind`)).to.equal('0');
    expect(await rig.echo(ONE, `${DRIVER}/bind`)).to.equal('ENODEV');
    expect(await rig.echo(ONE, probe)).to.equal('0');
    expect(rig.exists(`${P}/${ONE}/driver`)).to.equal(false);
    expect(await rig.echo('', override)).to.equal('0');
    expect(await rig.cat(override)).to.equal('(null)\n');
    expect(await rig.echo(ONE, probe)).to.equal('0');
    expect(rig.exists(`${P}/${ONE}/driver`)).to.equal(true);
    expect(await rig.echo('gpio-keys', `${DRIVER}/bind`)).to.equal('ENODEV');
    expect(await rig.echo('virtio-mmio', `${P}/gpio-keys/driver_override`)).to.equal('0');
    expect(await rig.echo('gpio-keys', `${DRIVER}/bind`)).to.equal('EINVAL');
    expect(await rig.echo('gpio-keys', probe)).to.equal('0');
    expect(rig.exists(`${P}/gpio-keys/driver`)).to.equal(false);
    expect(await rig.echo('virtio-mmio', `${P}/${EMPTY}/driver_override`)).to.equal('0');
    expect(await rig.echo(EMPTY, probe)).to.equal('0');
    expect(rig.exists(`${P}/${EMPTY}/driver`)).to.equal(false);
  });

  it('09 drivers_probe and drivers_autoprobe', async () => {
    const rig = await boot();
    const probe = '/sys/bus/platform/drivers_probe';
    expect(await rig.cat('/sys/bus/platform/drivers_autoprobe')).to.equal('1\n');
    expect(await rig.echo(ONE, probe)).to.equal('0');
    expect(await rig.echo(EMPTY, probe)).to.equal('0');
    expect(await rig.echo('a0ff000.virtio_mmio', probe)).to.equal('ENODEV');
    expect(await rig.echo(ONE, `${DRIVER}/unbind`)).to.equal('0');
    expect(await rig.echo(ONE, probe)).to.equal('0');
    expect(await rig.echo('0', '/sys/bus/virtio/drivers_autoprobe')).to.equal('0');
    expect(await rig.echo(ONE, `${DRIVER}/unbind`)).to.equal('0');
    expect(await rig.echo(ONE, `${DRIVER}/bind`)).to.equal('0');
    expect(await rig.cat('/sys/bus/virtio/devices/virtio2/status')).to.equal('0x00000001\n');
    expect(await rig.echo('virtio2', '/sys/bus/virtio/drivers_probe')).to.equal('0');
    expect(await rig.echo('virtio99', '/sys/bus/virtio/drivers_probe')).to.equal('ENODEV');
    const bind = child('bind', 'DRIVER=virtio_rng', RNG_ALIAS);
    const add = child('add', RNG_ALIAS);
    expect(rig.takeUevents()).to.deep.equal([...UNBOUND, add, bind, BOUND, ...UNBOUND, add, BOUND, bind]);
  });

  it('10 properties may not be written', async () => {
    const rig = await boot();
    const reg = '/sys/firmware/devicetree/base/virtio_mmio@a000400/reg';
    expect(() => rig.kernel.sysfs.open(reg, 'w')).to.throw(/EACCES/);
    expect(rig.ls('/sys/firmware/devicetree/base/virtio_mmio@a000400')).to.deep.equal([
      'compatible',
      'dma-coherent',
      'interrupts',
      'name',
      'reg',
    ]);
    const bytes = await rig.cat(reg);
    expect(bytes).to.equal('\0\0\0\0\x0a\0\x04\0\0\0\0\0\0\0\x02\0');
  });

  it('12 devices are there before their drivers; the transport binds what matches, in order', async () => {
    const rig = await OfMachine.recorded().boot();
    rig.takeUevents();
    expect(rig.exists(DRIVER)).to.equal(false);
    await rig.kernel.registerDriver(virtioMmioDriver);
    const seen = rig.takeUevents().map(([action, path]) => `${String(action)} ${String(path)}`);
    const bound = (place: string, n: number): string[] => [
      `ACTION=add DEVPATH=/devices/platform/${place}.virtio_mmio/virtio${String(n)}`,
      `ACTION=bind DEVPATH=/devices/platform/${place}.virtio_mmio`,
    ];
    const places = ['a000000', 'a000200', 'a000400', 'a000600', 'a000800', 'a000c00'];
    const expected = [...places.flatMap(bound), 'ACTION=add DEVPATH=/bus/platform/drivers/virtio-mmio'];
    // The virtio bus is a module of its own here; in the recorded kernel it is built in.
    expect(seen.filter((line) => line !== 'ACTION=add DEVPATH=/bus/virtio')).to.deep.equal(expected);
    expect(await rig.cat('/sys/bus/virtio/devices/virtio2/features')).to.equal(`${'0'.repeat(64)}\n`);
    await rig.kernel.registerDriver(queueDriver('virtio_rng', 4));
    expect(rig.ls(RNG)).to.include.members(['virtio2', 'virtio5']);
  });

  it('13 without the transport its devices are gone, the last bound first', async () => {
    const rig = await boot();
    await rig.kernel.busOf(virtioMmioDriver.bus)?.findDriver(virtioMmioDriver.name)?.unregister();
    expect(rig.names('virtio')).to.deep.equal([]);
    const unbound = rig
      .takeUevents()
      .map(([action, path]) => `${String(action)} ${String(path)}`)
      .filter((line) => line.startsWith('ACTION=unbind') && line.endsWith('_mmio'));
    expect(unbound.map((line) => line.slice(-19))).to.deep.equal([
      'a000c00.virtio_mmio',
      'a000800.virtio_mmio',
      'a000600.virtio_mmio',
      ONE,
      'a000200.virtio_mmio',
      'a000000.virtio_mmio',
    ]);
    expect(rig.kernel.irq.list()).to.deep.equal([]);
    expect(rig.kernel.dma?.inUse).to.equal(0);
  });

  it('14 writes to uevent files make synthetic events', async () => {
    const rig = await boot();
    expect(await rig.echo('add', `/sys/bus/platform/devices/${ONE}/uevent`)).to.equal('0');
    expect(rig.takeUevents()).to.deep.equal([
      parent('add', 'SYNTH_UUID=0', 'DRIVER=virtio-mmio', ...OF_VARS, MODALIAS),
    ]);
    expect(await rig.echo('garbage', `/sys/bus/platform/devices/${ONE}/uevent`)).to.equal('EINVAL');
  });
});
