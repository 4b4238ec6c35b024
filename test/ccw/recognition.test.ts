import { expect } from 'chai';
import fc from 'fast-check';
import { virtioCcw } from '../../buses/ccw';
import { CcwMachine, IdleModel, PlainUnit, terminalDriver } from './support';

/** Boots a guest with this unit between two honest devices. */
async function between(unit: PlainUnit): Promise<CcwMachine> {
  const bench = new CcwMachine();
  bench.host.plugUnit(new PlainUnit({ cuType: 0x3270 }), bench.guest, { devno: 1 });
  bench.host.plugUnit(unit, bench.guest, { devno: 2 });
  bench.host.plugUnit(new PlainUnit({ cuType: 0x3270 }), bench.guest, { devno: 3 });
  return bench.boot(terminalDriver);
}

function senseIds(bench: CcwMachine): number {
  return bench.hv.log.calls().filter(({ name }) => name === 'ssch').length - 2;
}

describe('ccw recognition (S14): SENSE ID', () => {
  it('a device is known by what it says; the subchannel is closed again before', async () => {
    const bench = await between(new PlainUnit({ cuType: 0x3990, cuModel: 0xe9, devType: 0x3390, devModel: 0x0c }));
    const dir = '/sys/bus/ccw/devices/0.0.0002';
    expect(await bench.read(`${dir}/cutype`)).to.equal('3990/e9\n');
    expect(await bench.read(`${dir}/devtype`)).to.equal('3390/0c\n');
    expect(await bench.read(`${dir}/modalias`)).to.equal('ccw:t3990mE9dt3390dm0C\n');
    expect(await bench.read(`${dir}/uevent`)).to.equal(
      'CU_TYPE=3990\nCU_MODEL=E9\nDEV_TYPE=3390\nDEV_MODEL=0C\nMODALIAS=ccw:t3990mE9dt3390dm0C\n',
    );
    expect(bench.cdev('0.0.0002').sch.schib?.pmcw.ena).to.equal(false);
    expect(senseIds(bench)).to.equal(1);
  });

  it('add is sent when the device is recognised, not before', async () => {
    const bench = await between(new PlainUnit({}));
    const kinds = bench.events.map(({ env }) => `${env[0] ?? ''} ${env[2] ?? ''}`);
    expect(kinds.lastIndexOf('ACTION=bind SUBSYSTEM=css')).to.be.below(kinds.indexOf('ACTION=add SUBSYSTEM=ccw'));
  });

  it('one whose first byte is not 0xff is not made known: what it says is something else', async () => {
    const bench = await between(new PlainUnit(Uint8Array.of(0, 0x38, 0x32, 2, 0, 0, 0)));
    expect(bench.names('ccw')).to.deep.equal(['0.0.0001', '0.0.0003']);
    expect(bench.names('css')).to.deep.equal(['0.0.0000', '0.0.0001', '0.0.0002']);
    expect(senseIds(bench)).to.equal(1);
    expect(bench.kernel.dma?.list().map(({ owner }) => owner)).to.deep.equal(['css0', 'ccw 0.0.0001', 'ccw 0.0.0003']);
  });

  it('one that says too little, or type ffff, is asked 256 times and then given up', async () => {
    for (const bytes of [Uint8Array.of(0xff, 0x38), Uint8Array.of(0xff, 0xff, 0xff, 0, 0, 0, 0)]) {
      const bench = await between(new PlainUnit(bytes));
      expect(bench.names('ccw')).to.deep.equal(['0.0.0001', '0.0.0003']);
      expect(senseIds(bench)).to.equal(256);
    }
  });

  it('one that rejects the command is given up at once', async () => {
    const unit = new PlainUnit({});
    unit.command = (_code, data) => unit.operate(0xff, data);
    const bench = await between(unit);
    expect(bench.names('ccw')).to.deep.equal(['0.0.0001', '0.0.0003']);
    expect(senseIds(bench)).to.equal(1);
  });

  it('one that never answers is given up after 10 s, and boot waits for that', async () => {
    const unit = new PlainUnit({});
    unit.command = () => null;
    const bench = await between(unit);
    expect(bench.names('ccw')).to.deep.equal(['0.0.0001', '0.0.0003']);
    expect(bench.world.now).to.be.above(10e9);
    expect(bench.kernel.log.entries.map(({ text }) => text)).to.deep.equal([
      '0.0.0002: No interrupt was received within 10s (CS=00, DS=00, CHPID=0.00)',
    ]);
  });

  it('one that throws in the host is given up, and nothing else is touched', async () => {
    const unit = new PlainUnit({});
    unit.command = () => {
      throw new Error('no such micro code');
    };
    const bench = await between(unit);
    expect(bench.names('ccw')).to.deep.equal(['0.0.0001', '0.0.0003']);
    expect(bench.hv.log.errors[0]?.message).to.equal('control unit of subchannel 0.0.0001 threw');
  });

  it('one that says it is a virtio device and is not: its driver cannot use it, the others work', async () => {
    const bench = await between(new PlainUnit({ cuType: 0x3832, cuModel: 2 }));
    await bench.kernel.registerDriver(virtioCcw);
    await bench.settle();
    expect(await bench.read('/sys/bus/ccw/devices/0.0.0002/cutype')).to.equal('3832/02\n');
    expect(await bench.read('/sys/bus/virtio/devices/virtio0/features')).to.equal(`${'0'.repeat(64)}\n`);
    expect(await bench.read('/sys/bus/virtio/devices/virtio0/status')).to.equal('0x00000000\n');
    expect(await bench.echo('1', '/sys/bus/ccw/devices/0.0.0001/online')).to.equal('');
  });

  it('sense data are asked for where they do not come along', async () => {
    const unit = new PlainUnit({});
    Object.assign(unit, { concurrentSense: false });
    unit.command = (code, data) =>
      code === 0xe4 ? unit.operate(code, data) : PlainUnit.prototype.command.call(unit, code, data);
    const bench = await between(unit);
    expect(bench.names('ccw')).to.deep.equal(['0.0.0001', '0.0.0003']);
    expect(unit.seen).to.deep.equal([0x04]);
  });

  it('whatever a device says, boot ends, and the honest devices are there', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 48 }), async (bytes) => {
        const bench = await between(new PlainUnit(bytes));
        const known = bytes.length >= 4 && bytes[0] === 0xff && !(bytes[1] === 0xff && bytes[2] === 0xff);
        expect(bench.names('ccw').filter((name) => name !== '0.0.0002')).to.deep.equal(['0.0.0001', '0.0.0003']);
        expect(bench.names('ccw').includes('0.0.0002')).to.equal(known);
        expect(bench.world.oopses).to.deep.equal([]);
      }),
      { numRuns: 40 },
    );
  });
});

describe('ccw scan (CC-01, CC-02, CC-13)', () => {
  it('ends each set at the first condition code 3: one look behind the last subchannel', async () => {
    const bench = new CcwMachine();
    for (const name of ['a', 'b', 'c']) bench.host.plug(new IdleModel(4, name), bench.guest);
    await bench.boot();
    const looked = bench.hv.log
      .calls()
      .filter(({ name, values }) => name === 'stsch' && values?.[0] === 3)
      .map(({ args }) => Number(args?.[0]).toString(16));
    expect(looked).to.deep.equal(['10003', '30000', '50000', '70000']);
  });

  it('finds nothing in an empty machine, with four looks', async () => {
    const bench = await new CcwMachine().boot();
    expect(bench.names('css')).to.deep.equal([]);
    expect(bench.hv.log.calls().filter(({ name }) => name === 'stsch')).to.have.length(4);
  });

  it('goes on over subchannels without a device', async () => {
    const bench = new CcwMachine();
    const first = bench.host.plug(new IdleModel(4, 'a'), bench.guest, { devno: 0x10 });
    bench.host.plug(new IdleModel(4, 'b'), bench.guest, { devno: 0x20 });
    first.unplug();
    await bench.boot();
    expect(bench.names('css')).to.deep.equal(['0.0.0001']);
    expect(bench.names('ccw')).to.deep.equal(['0.0.0020']);
  });

  it('scans further sets', async () => {
    const bench = new CcwMachine();
    bench.host.plug(new IdleModel(4, 'a'), bench.guest, { devno: 0x10, ssid: 2 });
    bench.host.plug(new IdleModel(4, 'b'), bench.guest, { devno: 0x10 });
    await bench.boot(virtioCcw);
    expect(bench.names('css')).to.deep.equal(['0.0.0000', '0.2.0000']);
    expect(bench.names('ccw')).to.deep.equal(['0.0.0010', '0.2.0010']);
    expect(bench.names('virtio')).to.deep.equal(['virtio0', 'virtio1']);
  });

  it('each guest has subchannels of its own', async () => {
    const one = new CcwMachine();
    one.host.plug(new IdleModel(4, 'a'), one.guest);
    const other = one.hv.createGuest({ name: 'g2' });
    await one.boot();
    expect(one.names('ccw')).to.have.length(1);
    expect(one.host.css(other).all()).to.deep.equal([]);
  });

  it('a device number that is taken or cannot be is refused to the host', () => {
    const bench = new CcwMachine();
    bench.host.plug(new IdleModel(4, 'a'), bench.guest, { devno: 0x10 });
    expect(() => bench.host.plug(new IdleModel(4, 'b'), bench.guest, { devno: 0x10 })).to.throw(
      /^EEXIST.*device 0\.0\.0010 of guest g1/,
    );
    expect(() => bench.host.plug(new IdleModel(4, 'b'), bench.guest, { devno: 0x10000 })).to.throw(/^EINVAL/);
    expect(() => bench.host.plug(new IdleModel(4, 'b'), bench.guest, { ssid: 4 })).to.throw(/^EINVAL/);
  });
});
