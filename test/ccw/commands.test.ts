import { expect } from 'chai';
import { unpackOrb, virtioCcw, VIRTIO_CMD, type CommandData, type Orb } from '../../buses/ccw';
import { unpackThinint } from '../../buses/ccw/layout/virtio';
import { cioStart } from '../../buses/ccw/guest/cio';
import { virtioBus, type VirtioDevice, type VirtioDriver } from '../../lib/virtio';
import { between, type GuestStep } from '../support/between';
import { CcwMachine, IdleModel, PlainUnit } from './support';

const NAMES = new Map(Object.entries(VIRTIO_CMD).map(([name, code]) => [code as number, name]));

/** A driver of the idle device that takes its queue and gives it back. */
const taking: VirtioDriver = {
  name: 'taking',
  bus: virtioBus,
  idTable: [{ device: 42 }],
  async probe(dev: VirtioDevice) {
    await dev.findVqs([{ name: 'q' }]);
  },
  async remove(dev: VirtioDevice) {
    await dev.reset();
    await dev.delVqs();
  },
};

/** A machine with a virtio device, and the commands that it gets with their data. */
class Listening extends CcwMachine {
  readonly commands: string[] = [];
  readonly data: { name: string; bytes: Uint8Array }[] = [];

  constructor(place: { maxRevision?: number } = {}) {
    super();
    const { subchannel } = this.host.plug(new IdleModel(42, 'idle0'), this.guest, { devno: 1, ...place });
    const { unit } = subchannel;
    if (unit === null) throw new Error('no unit');
    const command = unit.command.bind(unit);
    unit.command = (code, data) => {
      const name = NAMES.get(code);
      if (name === undefined) return command(code, data);
      const line: { name: string; bytes: Uint8Array } = { name, bytes: new Uint8Array(0) };
      this.data.push(line);
      this.commands.push(name);
      const listening: CommandData = {
        ...data,
        take: (n) => (line.bytes = data.take(n)),
        give: (bytes) => data.give(bytes),
        peek: (n) => data.peek(n),
      };
      return command(code, listening);
    };
  }

  taken(): string[] {
    return this.commands.splice(0);
  }
}

describe('ccw: which commands a virtio device gets, in which order (VIRTIO 1.2 §3.1, §4.3.2, §4.3.3)', () => {
  it('revision first; features, queues, indicators; reset before indicators and queues are taken back', async () => {
    const bench = new Listening();
    await bench.boot(virtioCcw);
    expect(bench.taken(), 'set online').to.deep.equal(['SET_VIRTIO_REV', 'VDEV_RESET', 'READ_STATUS', 'WRITE_STATUS']);
    const driver = await bench.kernel.registerDriver(taking);
    await bench.settle();
    expect(bench.taken(), 'bind').to.deep.equal([
      'READ_STATUS',
      'WRITE_STATUS',
      'READ_FEAT',
      'READ_FEAT',
      'WRITE_FEAT',
      'WRITE_FEAT',
      'READ_STATUS',
      'WRITE_STATUS',
      'READ_STATUS',
      'READ_VQ_CONF',
      'SET_VQ',
      'SET_IND_ADAPTER',
      'SET_CONF_IND',
      'READ_STATUS',
      'READ_STATUS',
      'WRITE_STATUS',
    ]);
    await driver.unregister();
    await bench.settle();
    expect(bench.taken(), 'unbind').to.deep.equal([
      'VDEV_RESET',
      'SET_IND_ADAPTER',
      'SET_VQ',
      'READ_STATUS',
      'READ_STATUS',
      'WRITE_STATUS',
    ]);
    await bench.echo('0', '/sys/bus/ccw/devices/0.0.0001/online');
    expect(bench.taken(), 'offline').to.deep.equal([]);
  });

  it(
    'a legacy device is asked for lower revisions first, then for half of the features; ' + 'its status is never read',
    async () => {
      const bench = new Listening({ maxRevision: 0 });
      await bench.boot(virtioCcw);
      expect(bench.taken(), 'set online').to.deep.equal([
        'SET_VIRTIO_REV',
        'SET_VIRTIO_REV',
        'SET_VIRTIO_REV',
        'VDEV_RESET',
        'WRITE_STATUS',
      ]);
      await bench.kernel.registerDriver(taking);
      await bench.settle();
      expect(bench.taken(), 'bind').to.deep.equal([
        'WRITE_STATUS',
        'READ_FEAT',
        'WRITE_FEAT',
        'READ_VQ_CONF',
        'SET_VQ',
        'SET_IND_ADAPTER',
        'SET_CONF_IND',
        'WRITE_STATUS',
      ]);
    },
  );

  it('a queue is taken back by size 0, indicators by address 0, both with what they are of', async () => {
    const bench = new Listening();
    await bench.boot(virtioCcw);
    const driver = await bench.kernel.registerDriver(taking);
    await bench.settle();
    await driver.unregister();
    await bench.settle();
    const blocks = (name: string): Uint8Array[] =>
      bench.data.filter((line) => line.name === name).map(({ bytes }) => bytes);
    const [set, taken] = blocks('SET_IND_ADAPTER').map((bytes) => unpackThinint(bytes));
    const { airq } = bench.css;
    expect(set).to.deep.equal({ summary: airq.summary, indicator: airq.indicator, bit: 0, isc: 3 });
    expect(taken).to.deep.equal({ summary: airq.summary, indicator: 0, bit: 0, isc: 3 });
    const hexes = blocks('SET_VQ').map((bytes) => Buffer.from(bytes).toString('hex'));
    expect(hexes[0]).to.match(/^0{8}[0-9a-f]{8}0{8}00000008/);
    expect(hexes[1]).to.equal('0'.repeat(64));
    expect(blocks('WRITE_STATUS').map(([status]) => status)).to.deep.equal([1, 3, 11, 15, 1]);
  });
});

describe('ccw: what a start asks the machine for', () => {
  const PLAIN = {
    intparm: 0,
    key: 0,
    spnd: false,
    format1: true,
    pfch: true,
    ssic: false,
    c64: true,
    i2k: false,
    ils: false,
  };

  async function started(options: Parameters<typeof cioStart>[3], lpm = 0): Promise<Orb> {
    const bench = new CcwMachine();
    bench.host.plugUnit(new PlainUnit({}, () => null), bench.guest, { devno: 2 });
    await bench.boot();
    const { sch } = bench.cdev('0.0.0002');
    const orbs: (Orb | undefined)[] = [];
    const matches = ({ args }: GuestStep): boolean => {
      orbs.push(unpackOrb(bench.guest.memory.read(Number(args?.[1]), 32)));
      return true;
    };
    between(bench.guest, { kind: 'program', matches, before: true }, () => undefined);
    await bench.world.run(() => void cioStart(sch, 0x1000, lpm, options));
    const [orb] = orbs;
    if (orb === undefined) throw new Error('nothing was started');
    expect(orb.intparm).to.equal(sch.token);
    return { ...orb, intparm: 0 };
  }

  it('nothing more: format 1, prefetch, 64-bit addresses, all paths', async () => {
    expect(await started({})).to.deep.equal({ ...PLAIN, lpm: 0x80, cpa: 0x1000 });
  });

  it('the paths that were asked for, and no others', async () => {
    expect(await started({}, 0x40)).to.deep.equal({ ...PLAIN, lpm: 0x40, cpa: 0x1000 });
  });

  it('each option alone; interruptions of a suspension are suppressed only where one is allowed', async () => {
    const rest = { lpm: 0x80, cpa: 0x1000 };
    expect(await started({ allowSuspend: true })).to.deep.equal({ ...PLAIN, ...rest, spnd: true });
    expect(await started({ denyPrefetch: true })).to.deep.equal({ ...PLAIN, ...rest, pfch: false });
    expect(await started({ suppressInter: true })).to.deep.equal({ ...PLAIN, ...rest });
    const both = { allowSuspend: true, suppressInter: true };
    expect(await started(both)).to.deep.equal({ ...PLAIN, ...rest, spnd: true, ssic: true });
  });
});
