import { expect } from 'chai';
import { ErrnoError, strerror } from '../../lib/errno';
import { recorded, recordedMachine, RECORDED_DEVICES, type CcwMachine } from './support';

/** What a user sees of a path: text, link, or error. */
async function seen(
  bench: CcwMachine,
  path: string,
): Promise<{ mode?: string; text?: string; to?: string; error?: string }> {
  const stat = await bench.kernel.fs.lstat(path);
  if (stat.isSymbolicLink()) return { to: await bench.kernel.fs.readlink(path) };
  const mode = (stat.mode & 0o777).toString(8);
  try {
    return { mode, text: await bench.read(path) };
  } catch (error) {
    if (error instanceof ErrnoError) return { mode, error: strerror(error.errno) };
    throw error;
  }
}

describe('ccw: a machine as a real kernel saw it', () => {
  it('has every file of the subchannels, devices and paths, with the same mode, text, link or error', async () => {
    const bench = await recordedMachine();
    const files = recorded();
    const found: Record<string, unknown> = {};
    for (const path of Object.keys(files)) found[path] = await seen(bench, path);
    expect(found).to.deep.equal(files);
  });

  it('finds subchannels in the order of their numbers, and names devices by device number', async () => {
    const bench = await recordedMachine();
    expect(bench.names('css')).to.deep.equal(Array.from({ length: 7 }, (_, i) => `0.0.000${String(i)}`));
    expect(bench.names('ccw')).to.deep.equal([
      '0.0.1000',
      '0.0.0a00',
      '0.0.0f00',
      '0.0.0010',
      '0.0.0200',
      '0.0.0300',
      '0.0.0009',
    ]);
    expect(bench.names('virtio')).to.deep.equal(['virtio0', 'virtio1', 'virtio2', 'virtio3', 'virtio4', 'virtio5']);
  });

  it('numbers virtio devices in the order in which they go online', async () => {
    const bench = await recordedMachine();
    const links = await Promise.all(
      RECORDED_DEVICES.map((_, i) => bench.kernel.fs.readlink(`/sys/bus/virtio/devices/virtio${String(i)}`)),
    );
    expect(links).to.deep.equal([
      '../../../devices/css0/0.0.0000/0.0.1000/virtio0',
      '../../../devices/css0/0.0.0001/0.0.0a00/virtio1',
      '../../../devices/css0/0.0.0002/0.0.0f00/virtio2',
      '../../../devices/css0/0.0.0003/0.0.0010/virtio3',
      '../../../devices/css0/0.0.0004/0.0.0200/virtio4',
      '../../../devices/css0/0.0.0005/0.0.0300/virtio5',
    ]);
  });

  it('lists the directories as ls does', async () => {
    const { kernel } = await recordedMachine();
    expect(await kernel.fs.readdir('/sys/bus/ccw/devices/0.0.0f00')).to.deep.equal([
      'availability',
      'cmb_enable',
      'cutype',
      'devtype',
      'driver',
      'modalias',
      'online',
      'subsystem',
      'uevent',
      'virtio2',
    ]);
    expect(await kernel.fs.readdir('/sys/bus/css/devices/0.0.0002')).to.deep.equal([
      '0.0.0f00',
      'chpids',
      'dev_busid',
      'driver',
      'driver_override',
      'logging',
      'modalias',
      'pimpampom',
      'subsystem',
      'type',
      'uevent',
      'vpm',
    ]);
    expect(await kernel.fs.readdir('/sys/devices/css0')).to.include.members([
      'chp0.00',
      'chp0.01',
      'defunct',
      'real_cssid',
      'rescan',
      'uevent',
    ]);
    expect(await kernel.fs.readdir('/sys/bus/ccw')).to.deep.equal([
      'devices',
      'drivers',
      'drivers_autoprobe',
      'drivers_probe',
      'uevent',
    ]);
    expect(await kernel.fs.readdir('/sys/bus/css/drivers/io_subchannel')).to.include.members([
      '0.0.0006',
      'bind',
      'uevent',
      'unbind',
    ]);
  });

  it('binds and unbinds with the errors of the real kernel', async () => {
    const bench = await recordedMachine();
    bench.events.length = 0;
    const ccw = '/sys/bus/ccw/drivers/virtio_ccw';
    const results = [
      await bench.echo('0.0.0f00', `${ccw}/bind`),
      await bench.echo('0.0.0009', `${ccw}/bind`),
      await bench.echo('0.0.0009', `${ccw}/unbind`),
      await bench.echo('0.0.9999', `${ccw}/bind`),
      await bench.echo('0.0.9999', `${ccw}/unbind`),
      await bench.echo('0f00', `${ccw}/unbind`),
      await bench.echo('', `${ccw}/bind`),
      await bench.echo('0.0.0002', '/sys/bus/css/drivers/io_subchannel/bind'),
      await bench.echo('0.0.0099', '/sys/bus/css/drivers/io_subchannel/unbind'),
    ];
    expect(results).to.deep.equal([
      'EBUSY',
      'ENODEV',
      'ENODEV',
      'ENODEV',
      'ENODEV',
      'ENODEV',
      'ENODEV',
      'EBUSY',
      'ENODEV',
    ]);
    expect(bench.events).to.have.length(0);
  });

  it('lets a subchannel driver leave, and takes its device along', async () => {
    const bench = await recordedMachine();
    const override = '/sys/bus/css/devices/0.0.0002/driver_override';
    expect(await bench.echo('nosuch', override)).to.equal('');
    expect(await bench.read(override)).to.equal('nosuch\n');
    expect(await bench.echo('0.0.0002', '/sys/bus/css/drivers/io_subchannel/unbind')).to.equal('');
    expect(bench.names('ccw')).to.not.include('0.0.0f00');
    expect(bench.names('virtio')).to.deep.equal(['virtio0', 'virtio1', 'virtio3', 'virtio4', 'virtio5']);
    expect(await bench.echo('0.0.0002', '/sys/bus/css/drivers/io_subchannel/bind')).to.equal('ENODEV');
    expect(await bench.echo('0.0.0002', '/sys/bus/css/drivers_probe')).to.equal('');
    expect(bench.names('ccw')).to.not.include('0.0.0f00');
    expect(await bench.echo('', override)).to.equal('');
    bench.events.length = 0;
    expect(await bench.echo('0.0.0002', '/sys/bus/css/drivers_probe')).to.equal('');
    expect(bench.takeEvents('ccw')).to.deep.equal([
      'ACTION=add DEVPATH=/devices/css0/0.0.0002/0.0.0f00 SUBSYSTEM=ccw CU_TYPE=3832 ' +
        'CU_MODEL=04 DEV_TYPE=0000 DEV_MODEL=00 MODALIAS=ccw:t3832m04dtdm',
      'ACTION=bind DEVPATH=/devices/css0/0.0.0002/0.0.0f00 SUBSYSTEM=ccw ' +
        'DRIVER=virtio_ccw CU_TYPE=3832 CU_MODEL=04 DEV_TYPE=0000 DEV_MODEL=00 ' +
        'MODALIAS=ccw:t3832m04dtdm',
    ]);
    expect(await bench.kernel.fs.readlink('/sys/bus/virtio/devices/virtio2')).to.equal(
      '../../../devices/css0/0.0.0002/0.0.0f00/virtio2',
    );
  });

  it('needs nothing of the host for what was found: rescan finds the same', async () => {
    const bench = await recordedMachine();
    bench.events.length = 0;
    expect(await bench.echo('1', '/sys/devices/css0/rescan')).to.equal('');
    expect(bench.events).to.deep.equal([]);
    expect(bench.names('ccw')).to.have.length(7);
  });
});
