import { expect } from 'chai';
import { ccwBus, ccwDeviceSetOffline, ccwDeviceSetOnline, type CcwDriver } from '../../buses/ccw';
import { ErrnoError } from '../../lib/errno';
import { otherwise, recordedWrites } from '../support/attribute-writes';
import { CcwMachine, PlainUnit, recordedMachine } from './support';

const ONLINE = '/sys/bus/ccw/devices/0.0.0f00/online';

/** A machine with one device, and a driver whose setOnline and setOffline give what a test wants. */
async function withDriver(driver: Partial<CcwDriver>): Promise<CcwMachine> {
  const bench = new CcwMachine();
  bench.host.plugUnit(new PlainUnit({}), bench.guest, { devno: 0x0f00 });
  return bench.boot({ name: 'test', bus: ccwBus, ids: [{ cuType: 0x1234 }], probe: () => undefined, ...driver });
}

describe('ccw online (CC-04)', () => {
  it('offline takes the virtio device away and keeps the driver; online makes it again', async () => {
    const bench = await recordedMachine();
    expect(await bench.read(ONLINE)).to.equal('1\n');
    expect(await bench.echo('0', ONLINE)).to.equal('');
    expect(await bench.read(ONLINE)).to.equal('0\n');
    expect(await bench.kernel.fs.readlink('/sys/bus/ccw/devices/0.0.0f00/driver')).to.equal(
      '../../../../bus/ccw/drivers/virtio_ccw',
    );
    expect(bench.names('virtio')).to.deep.equal(['virtio0', 'virtio1', 'virtio3', 'virtio4', 'virtio5']);
    expect(await bench.read('/sys/bus/ccw/devices/0.0.0f00/availability')).to.equal('good\n');
    expect(bench.takeEvents('virtio')).to.deep.equal([
      'ACTION=remove DEVPATH=/devices/css0/0.0.0002/0.0.0f00/virtio2 SUBSYSTEM=virtio ' +
        'MODALIAS=virtio:d00000004v00003832',
    ]);
    expect(await bench.echo('1', ONLINE)).to.equal('');
    expect(await bench.read(ONLINE)).to.equal('1\n');
    expect(await bench.kernel.fs.readlink('/sys/bus/virtio/devices/virtio2')).to.equal(
      '../../../devices/css0/0.0.0002/0.0.0f00/virtio2',
    );
    expect(bench.takeEvents('virtio')).to.deep.equal([
      'ACTION=add DEVPATH=/devices/css0/0.0.0002/0.0.0f00/virtio2 SUBSYSTEM=virtio MODALIAS=virtio:d00000004v00003832',
    ]);
    expect(bench.events).to.deep.equal([]);
  });

  it('takes what a real kernel takes and refuses the rest with EINVAL', async () => {
    const bench = await recordedMachine();
    const refused: string[] = [];
    for (const text of ['1', '2', 'x', '', 'force', '1 1', '0', '0', 'force'])
      refused.push(await bench.echo(text, ONLINE));
    expect(refused).to.deep.equal(['EINVAL', 'EINVAL', 'EINVAL', 'EINVAL', '', 'EINVAL', '', 'EINVAL', '']);
    expect(await bench.read(ONLINE)).to.equal('1\n');
    expect(await bench.echo('0.0.0f00', '/sys/bus/ccw/drivers/virtio_ccw/unbind')).to.equal('');
    expect(await bench.echo('1', ONLINE)).to.equal('EINVAL');
    expect(await bench.read(ONLINE)).to.equal('0\n');
  });

  it('regression: takes and refuses what a real kernel does, text by text', async () => {
    const { kernel } = await recordedMachine();
    const dirs: Record<string, string> = {
      status: '/sys/devices/css0/chp0.00',
      configure: '/sys/devices/css0/chp0.00',
    };
    const rows = recordedWrites('s390x-ccw', 'ccw');
    expect(rows.length).to.equal(68);
    expect(
      await otherwise(kernel.fs, rows, (file) => `${dirs[file] ?? '/sys/bus/ccw/devices/0.0.0f00'}/${file}`),
    ).to.deep.equal([]);
  });

  it('numbers are hexadecimal, as kstrtoul reads them with base 16', async () => {
    const bench = await recordedMachine();
    const write = (text: string): Promise<string> =>
      bench.kernel.fs.writeFile(ONLINE, text).then(
        () => '',
        (error: unknown) => (error as ErrnoError).code,
      );
    expect(await write('0x0\n')).to.equal('');
    expect(await write('+1')).to.equal('');
    expect(await write('00')).to.equal('');
    expect(await write('f')).to.equal('');
    expect(await write('10\n')).to.equal('EINVAL');
    expect(await write('force\n\0x')).to.equal('');
    expect(await write('force\0')).to.equal('EINVAL');
    expect(await write('0\0x')).to.equal('');
    expect(await write('1\n\0')).to.equal('');
    expect(await write('\x000')).to.equal('EINVAL');
    expect(await write('0\n\n')).to.equal('EINVAL');
  });

  it('unbind closes the device; bind opens it again by itself', async () => {
    const bench = await recordedMachine();
    expect(await bench.echo('0.0.0f00', '/sys/bus/ccw/drivers/virtio_ccw/unbind')).to.equal('');
    expect(await bench.read(ONLINE)).to.equal('0\n');
    expect(bench.takeEvents('ccw')).to.deep.equal([
      'ACTION=unbind DEVPATH=/devices/css0/0.0.0002/0.0.0f00 SUBSYSTEM=ccw CU_TYPE=3832 ' +
        'CU_MODEL=04 DEV_TYPE=0000 DEV_MODEL=00',
    ]);
    expect(bench.names('virtio')).to.not.include('virtio2');
    bench.takeEvents('virtio');
    expect(await bench.echo('0.0.0f00', '/sys/bus/ccw/drivers/virtio_ccw/bind')).to.equal('');
    expect(await bench.read(ONLINE)).to.equal('1\n');
    expect(bench.takeEvents('ccw')).to.deep.equal([
      'ACTION=bind DEVPATH=/devices/css0/0.0.0002/0.0.0f00 SUBSYSTEM=ccw ' +
        'DRIVER=virtio_ccw CU_TYPE=3832 CU_MODEL=04 DEV_TYPE=0000 DEV_MODEL=00 ' +
        'MODALIAS=ccw:t3832m04dtdm',
    ]);
    expect(bench.takeEvents('virtio')).to.have.length(1);
  });

  it('drivers_probe binds and opens; ENODEV for a device that is not there', async () => {
    const bench = await recordedMachine();
    expect(await bench.echo('0.0.0f00', '/sys/bus/ccw/drivers_probe')).to.equal('');
    expect(await bench.echo('0.0.9999', '/sys/bus/ccw/drivers_probe')).to.equal('ENODEV');
    await bench.echo('0.0.0f00', '/sys/bus/ccw/drivers/virtio_ccw/unbind');
    expect(await bench.echo('0.0.0f00', '/sys/bus/ccw/drivers_probe')).to.equal('');
    expect(await bench.read(ONLINE)).to.equal('1\n');
  });

  it('binding alone does not open a device', async () => {
    const bench = await withDriver({ setOnline: () => undefined, setOffline: () => undefined });
    expect(await bench.read(ONLINE)).to.equal('0\n');
    expect(bench.cdev('0.0.0f00').sch.schib?.pmcw.ena).to.equal(false);
    expect(await bench.echo('1', ONLINE)).to.equal('');
    expect(bench.cdev('0.0.0f00').sch.schib?.pmcw.ena).to.equal(true);
    expect(await bench.read('/sys/bus/css/devices/0.0.0000/vpm')).to.equal('80\n');
  });

  it('holds a reference while it is online', async () => {
    const bench = await withDriver({ setOnline: () => undefined, setOffline: () => undefined });
    const cdev = bench.cdev('0.0.0f00');
    const before = cdev.refcount;
    await bench.echo('1', ONLINE);
    expect(cdev.refcount).to.equal(before + 1);
    await bench.echo('0', ONLINE);
    expect(cdev.refcount).to.equal(before);
  });

  it('needs a driver that can: EINVAL without setOnline', async () => {
    const bench = await withDriver({});
    expect(await bench.echo('1', ONLINE)).to.equal('EINVAL');
    expect(await bench.echo('0', ONLINE)).to.equal('EINVAL');
  });

  it('a driver that refuses leaves the device closed, and its error is what the writer sees', async () => {
    const bench = await withDriver({
      setOnline: () => {
        throw new ErrnoError('ENOMEM');
      },
    });
    const cdev = bench.cdev('0.0.0f00');
    const before = cdev.refcount;
    expect(await bench.echo('1', ONLINE)).to.equal('ENOMEM');
    expect(cdev).to.include({ online: false, state: 'offline', refcount: before });
    expect(cdev.sch.schib?.pmcw.ena).to.equal(false);
  });

  it('a driver that refuses to close keeps the device online', async () => {
    const bench = await withDriver({ setOnline: () => undefined, setOffline: () => -16 });
    await bench.echo('1', ONLINE);
    expect(await bench.echo('0', ONLINE)).to.equal('EBUSY');
    expect(await bench.read(ONLINE)).to.equal('1\n');
  });

  it('EAGAIN while something else is done to the device', async () => {
    const bench = await withDriver({ setOnline: (cdev) => cdev.kernel.world.sleep(1000), setOffline: () => undefined });
    const first = bench.world.spawn(() => bench.kernel.fs.writeFile(ONLINE, '1\n').then(() => 'taken'));
    const second = bench.world.spawn(() =>
      bench.kernel.fs.writeFile(ONLINE, '1\n').then(
        () => '',
        (error: unknown) => (error as ErrnoError).code,
      ),
    );
    expect(await second).to.equal('EAGAIN');
    expect(await first).to.equal('taken');
  });

  it('a device whose paths do not work cannot be opened: ENODEV, and it goes', async () => {
    const bench = new CcwMachine();
    let broken = false;
    const unit = new PlainUnit({});
    unit.command = (code, data) => (broken ? null : PlainUnit.prototype.command.call(unit, code, data));
    bench.host.plugUnit(unit, bench.guest, { devno: 0x0f00 });
    await bench.boot({
      name: 'test',
      bus: ccwBus,
      ids: [{ cuType: 0x1234 }],
      probe: () => undefined,
      setOnline: () => undefined,
    });
    broken = true;
    const error = await bench.world.run(() => ccwDeviceSetOnline(bench.cdev('0.0.0f00')));
    expect(error).to.equal(-19);
  });

  it('the public functions give -EINVAL for a device that is already so', async () => {
    const bench = await withDriver({ setOnline: () => undefined, setOffline: () => undefined });
    const cdev = bench.cdev('0.0.0f00');
    const run = (body: () => Promise<number>): Promise<number> => Promise.resolve(bench.world.run(body));
    expect(await run(() => ccwDeviceSetOffline(cdev))).to.equal(-22);
    expect(await run(() => ccwDeviceSetOnline(cdev))).to.equal(0);
    expect(await run(() => ccwDeviceSetOnline(cdev))).to.equal(-22);
    expect(await run(() => ccwDeviceSetOffline(cdev))).to.equal(0);
  });
});
