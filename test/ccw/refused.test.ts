import { expect } from 'chai';
import { ccwBus, cssRescan, ENDED, type CcwDriver, type ControlUnit } from '../../buses/ccw';
import { ccwRequestStart } from '../../buses/ccw/guest/ccwreq';
import { Device } from '../../lib/base/device';
import type { Kobject } from '../../lib/kobject';
import { rejection } from '../support/errors';
import { BareMachine, CcwMachine, IdleModel, PlainUnit } from './support';

/** What is alive of what was made since. */
function watched(bench: CcwMachine): () => string[] {
  const kobjects = new Set<Kobject>();
  bench.kernel.kobjects = kobjects;
  return () => [...kobjects].map(({ name }) => name ?? '');
}

describe('ccw: what cannot be made known is forgotten', () => {
  it('a subchannel whose name is taken: nothing of it is left, and the next one is found', async () => {
    const bench = await new CcwMachine().boot();
    await new Device(bench.kernel, { name: '0.0.0000', parent: bench.css.root, release: () => undefined }).add();
    const alive = watched(bench);
    bench.host.plugUnit(new PlainUnit({}), bench.guest, { devno: 0x0500 });
    await bench.settle();
    expect(bench.names('css')).to.deep.equal([]);
    // The channel path is known, and stays.
    expect(alive()).to.deep.equal(['chp0.00']);
    expect(bench.kernel.dma?.list().map(({ owner }) => owner)).to.deep.equal(['css0']);
    bench.host.plugUnit(new PlainUnit({}), bench.guest, { devno: 0x0600 });
    await bench.settle();
    expect(bench.names('ccw')).to.deep.equal(['0.0.0600']);
  });

  it('a device that finds no memory takes its subchannel along; nothing of both is left', async () => {
    const bench = await new CcwMachine().boot();
    const alive = watched(bench);
    const { dma } = bench.kernel;
    if (dma === null) throw new Error('no memory for devices');
    const filler = [];
    for (let size = 1 << 22; size >= 8; size /= 2) {
      for (;;) {
        try {
          filler.push(dma.alloc(size, 8, 'filler'));
        } catch {
          break;
        }
      }
    }
    bench.host.plugUnit(new PlainUnit({}), bench.guest, { devno: 0x0500 });
    await bench.settle();
    expect(bench.names('css')).to.deep.equal([]);
    expect(bench.css.recognising).to.equal(0);
    // The channel path is known, and stays.
    expect(alive()).to.deep.equal(['chp0.00']);
    for (const buffer of filler) buffer.free();
    await bench.world.run(() => cssRescan(bench.css));
    expect(bench.names('ccw')).to.deep.equal(['0.0.0500']);
  });
});

describe('ccw: a unit and a device number belong to one device', () => {
  it('a unit that is plugged already: EBUSY; and a number that is taken: EEXIST', async () => {
    const bench = new CcwMachine();
    const unit: ControlUnit = new PlainUnit({});
    const { subchannel } = bench.host.plugUnit(unit, bench.guest, { devno: 1 });
    const css = bench.host.css(bench.guest);
    expect((await rejection(() => css.plug(unit, { devno: 2 }))).code).to.equal('EBUSY');
    expect((await rejection(() => css.plug(new PlainUnit({}), { devno: 1 }))).code).to.equal('EEXIST');
    expect(css.all()).to.have.length(1);
    css.unplug(subchannel);
    css.plug(unit, { devno: 1 });
    expect(css.all().filter((sch) => sch.unit !== null)).to.have.length(1);
  });

  it('the lowest number that is free is given again', () => {
    const bench = new CcwMachine();
    const css = bench.host.css(bench.guest);
    const [, second] = [1, 2, 3].map(() => css.plug(new PlainUnit({})));
    if (second !== undefined) css.unplug(second);
    expect(css.plug(new PlainUnit({})).pmcw.dev).to.equal(1);
    expect(css.plug(new PlainUnit({})).pmcw.dev).to.equal(3);
  });

  it('when all 65536 subchannels of a set have a device, the next one is refused with ENOSPC', async () => {
    const bench = new CcwMachine();
    const css = bench.host.css(bench.guest);
    const unit = new PlainUnit({});
    for (let i = 0; i < 65_536; i++) css.plug(i === 9 ? unit : new PlainUnit({}));
    const { code, message } = await rejection(() => css.plug(new PlainUnit({})));
    expect(code).to.equal('ENOSPC');
    expect(message).to.contain("'subchannel set 0 of guest g1': all 65536 subchannels are taken");
    expect(bench.hv.log.entries.at(-1)?.message).to.equal(message);
    css.plug(new PlainUnit({}), { ssid: 1 });
    const sch = css.all()[9];
    if (sch !== undefined) css.unplug(sch);
    expect(css.plug(unit).pmcw.dev).to.equal(9);
  });

  it('a virtio device whose id is more than the model of a control unit can be is refused', async () => {
    const bench = new CcwMachine();
    bench.host.plug(new IdleModel(255, 'last'), bench.guest);
    const refused = await rejection(() => bench.host.plug(new IdleModel(256, 'beyond'), bench.guest));
    expect(refused.code).to.be.a('string');
    await bench.boot();
    expect(await bench.read('/sys/bus/ccw/devices/0.0.0000/cutype')).to.equal('3832/ff\n');
  });
});

describe('ccw: data that a device moves bit by bit', () => {
  it('each piece goes behind the one before, within one area and into the next', async () => {
    const m = new BareMachine();
    const taken: number[] = [];
    const unit = new PlainUnit({}, (code, data) => {
      if (code === 0x01) for (const n of [1, 2, 3]) taken.push(...data.take(n));
      else for (const piece of [[1], [2, 3], [4, 5, 6]]) data.give(Uint8Array.from(piece));
      return ENDED;
    });
    m.host.plugUnit(unit, m.guest, { devno: 1 });
    m.msch({ ena: true });
    const { scsw } = await m.write({ count: 4, flags: 0x80 }, { count: 4, address: 0x3100, flags: 0x20 }).start();
    expect(m.bytes(0x3000, 5)).to.deep.equal([1, 2, 3, 4, 0]);
    expect(m.bytes(0x3100, 3)).to.deep.equal([5, 6, 0]);
    expect(scsw.count).to.equal(2);
    m.guest.memory.write(0x3000, Uint8Array.of(9, 8, 7, 6, 5, 4));
    await m.write({ command: 0x01, count: 6 }).start();
    expect(taken).to.deep.equal([9, 8, 7, 6, 5, 4]);
  });
});

describe("ccw: a request of the device's own goes from path to path", () => {
  const PATHS = 0xc0;

  /** A device with two paths, of which `works` are operational; and how a request on all of them ends. */
  async function asked(works: number, singlePath: boolean): Promise<{ result: number | undefined; starts: number }> {
    const bench = new CcwMachine();
    const { subchannel } = bench.host.plugUnit(new PlainUnit({}), bench.guest, { devno: 1 });
    const driver: CcwDriver = {
      name: 'test',
      bus: ccwBus,
      ids: [{ cuType: 0x1234 }],
      probe: () => undefined,
      setOnline: () => undefined,
      setOffline: () => undefined,
    };
    await bench.boot(driver);
    await bench.echo('1', '/sys/bus/ccw/devices/0.0.0001/online');
    const dev = bench.cdev('0.0.0001');
    subchannel.pmcw = { ...subchannel.pmcw, pam: works };
    dev.sch.lpm = PATHS;
    dev.state = 'verify';
    const before = bench.hv.log.calls().filter(({ name }) => name === 'ssch').length;
    const results: number[] = [];
    ccwRequestStart(dev, {
      cp: dev.writeProgram({ command: 3, flags: 0x20, count: 0, address: 0 }),
      timeout: 1e9,
      maxRetries: 3,
      lpm: PATHS,
      singlePath,
      callback: (_cdev, result) => results.push(result),
    });
    await bench.settle();
    const starts = bench.hv.log.calls().filter(({ name }) => name === 'ssch').length - before;
    return { result: results[0], starts };
  }

  it('the first that works ends it', async () => {
    expect(await asked(0xc0, true)).to.deep.equal({ result: 0, starts: 1 });
    expect(await asked(0x80, true)).to.deep.equal({ result: 0, starts: 1 });
  });

  it('one that is not operational is passed over, with its tries', async () => {
    expect(await asked(0x40, true)).to.deep.equal({ result: 0, starts: 2 });
  });

  it('all at once are one path', async () => {
    expect(await asked(0x40, false)).to.deep.equal({ result: 0, starts: 1 });
  });

  it('without any that works: ENODEV, for none is left', async () => {
    expect(await asked(0, true)).to.deep.equal({ result: -19, starts: 2 });
    expect(await asked(0, false)).to.deep.equal({ result: -19, starts: 1 });
  });
});
