import { expect } from 'chai';
import { PciFunction } from '../../buses/vpci';
import { bridgeConfig, expressFields, PciMachine, plainConfig } from './support';

type Fields = [number, number, number][];

const NAME = '0000:00:01.0';
const BEHIND = '0000:01:00.0';
const LINE = 0x3c;

const FLR: Fields = expressFields(0, { devcap: 0x1000_8001 });
const AF_FLR: Fields = [
  [6, 2, 0x10],
  [0x34, 1, 0x40],
  [0x40, 2, 0x0013],
  [0x43, 1, 3],
];
const PM: Fields = [
  [6, 2, 0x10],
  [0x34, 1, 0x40],
  [0x40, 2, 0x0001],
  [0x42, 2, 3],
];

/** A function, and a register of it that a user has changed. */
async function rigWith(fields: Fields, behind = false): Promise<{ rig: PciMachine; fn: PciFunction; dir: string }> {
  const rig = new PciMachine({ lastBus: 2 });
  const bridge = behind ? rig.plugBytes({ config: bridgeConfig() }, 8) : undefined;
  const fn = rig.plugBytes({ config: plainConfig([[LINE, 1, 7], ...fields]) }, behind ? 0 : 8, bridge);
  await rig.boot();
  await rig.world.advance(1e9);
  return { rig, fn, dir: `bus/pci/devices/${behind ? BEHIND : NAME}` };
}

describe('vpci: reset of a function', () => {
  for (const [name, fields, behind] of [
    ['flr', FLR, false],
    ['af_flr', AF_FLR, false],
    ['pm', PM, false],
    ['bus', [], true],
  ] as const) {
    it(`${name}: the function is as after power-on, and its header is as before`, async () => {
      const { rig, fn, dir } = await rigWith([...fields], behind);
      expect(await rig.cat(`${dir}/reset_method`)).to.equal(`${name}\n`);
      fn.config[0xf0] = 99;
      rig.device(behind ? BEHIND : NAME).writeConfig(LINE, 1, 5);
      expect(await rig.echo('1', `${dir}/reset`)).to.equal('0');
      expect(fn.config[0xf0]).to.equal(0);
      expect(fn.config[LINE]).to.equal(5);
      expect(rig.device(behind ? BEHIND : NAME).savedState).to.equal(null);
    });
  }

  it('takes time of the world: the function is given 100 ms to come back', async () => {
    const { rig, dir } = await rigWith(FLR);
    const before = rig.world.now;
    await rig.echo('1', `${dir}/reset`);
    expect(rig.world.now - before)
      .to.be.greaterThan(100e6)
      .and.lessThan(101e6);
  });

  it('without a way of doing it has no files', async () => {
    const { rig, dir } = await rigWith([]);
    expect(rig.exists(`${dir}/reset`)).to.equal(false);
    expect(rig.exists(`${dir}/reset_method`)).to.equal(false);
  });

  it('through the bus is for the first function of it, as long as it is alone', async () => {
    const rig = new PciMachine({ lastBus: 2 });
    const bridge = rig.plugBytes({ config: bridgeConfig() }, 8);
    for (const devfn of [0, 8]) rig.plugBytes({ config: plainConfig() }, devfn, bridge);
    await rig.boot();
    expect(rig.exists('bus/pci/devices/0000:01:01.0/reset')).to.equal(false);
    expect(await rig.cat(`bus/pci/devices/${BEHIND}/reset_method`)).to.equal('bus\n');
    expect(await rig.echo('1', `bus/pci/devices/${BEHIND}/reset`)).to.equal('ENOTTY');
  });

  it('refuses every number but 1', async () => {
    const { rig, dir } = await rigWith(FLR);
    const results = await Promise.all(['0', '2', 'x', ''].map((text) => rig.echo(text, `${dir}/reset`)));
    expect(results).to.deep.equal(['EINVAL', 'EINVAL', 'EINVAL', 'EINVAL']);
  });

  it('gives up a function that does not answer any more after a minute', async () => {
    const { rig, fn, dir } = await rigWith(FLR);
    fn.reset = () => rig.complex.unplug(fn, { devfn: 8 });
    expect(await rig.echo('1', `${dir}/reset`)).to.equal('ENOTTY');
    expect(rig.log).to.include(`pci ${NAME}: not ready 65535ms after FLR; giving up`);
    await rig.world.advance(1e9);
    expect(rig.names()).to.deep.equal([]);
  });

  describe('reset_method', () => {
    it('says which ways are tried, in their order; a user changes both', async () => {
      const { rig, dir } = await rigWith([...PM, [0x41, 1, 0x50], [0x50, 2, 0x0013], [0x53, 1, 3]], true);
      const show = async (text: string): Promise<string | number> => {
        const result = await rig.echo(text, `${dir}/reset_method`);
        return result === '0' ? rig.cat(`${dir}/reset_method`) : result;
      };
      expect(await rig.cat(`${dir}/reset_method`)).to.equal('af_flr pm bus\n');
      expect(await show('bus  pm')).to.equal('bus pm\n');
      expect(await show(' pm')).to.equal('pm\n');
      expect(await show('flr')).to.equal('EINVAL');
      expect(await show('reset')).to.equal('EINVAL');
      expect(await show('bus bus pm bus pm bus pm')).to.equal('EINVAL');
      expect(rig.log.slice(-3)).to.deep.equal([
        `pci ${BEHIND}: Unsupported reset method 'flr'`,
        `pci ${BEHIND}: Invalid reset method 'reset'`,
        `pci ${BEHIND}: Too many reset methods`,
      ]);
      expect(await rig.cat(`${dir}/reset_method`)).to.equal('pm\n');
      expect(await show('default')).to.equal('af_flr pm bus\n');
    });

    it('nothing means that the function is not reset', async () => {
      const { rig, dir } = await rigWith(FLR);
      expect(await rig.echo('', `${dir}/reset_method`)).to.equal('0');
      expect(rig.log.at(-1)).to.equal(`pci ${NAME}: All device reset methods disabled by user`);
      expect(await rig.cat(`${dir}/reset_method`)).to.equal('');
      expect(await rig.echo('1', `${dir}/reset`)).to.equal('ENOTTY');
    });
  });

  describe('reset_subordinate of a bridge', () => {
    async function twoBehind(): Promise<{ rig: PciMachine; fns: PciFunction[] }> {
      const rig = new PciMachine({ lastBus: 4 });
      const outer = rig.plugBytes({ config: bridgeConfig() }, 8);
      const inner = rig.plugBytes({ config: bridgeConfig() }, 8, outer);
      const fns = [
        rig.plugBytes({ config: plainConfig(PM) }, 0, outer),
        rig.plugBytes({ config: plainConfig(), bars: [{ index: 0, size: 0x1000, kind: 'mem32' }] }, 0, inner),
      ];
      await rig.boot();
      await rig.world.advance(1e9);
      return { rig, fns };
    }

    it('resets all that is behind it; numbers of buses and places are as before', async () => {
      const { rig, fns } = await twoBehind();
      const place = rig.device('0000:02:00.0').readConfig(0x10, 4);
      for (const fn of fns) fn.config[0xf0] = 99;
      expect(await rig.echo('1', `bus/pci/devices/${NAME}/reset_subordinate`)).to.equal('0');
      expect(fns.map((fn) => fn.config[0xf0])).to.deep.equal([0, 0]);
      expect(rig.device('0000:02:00.0').readConfig(0x10, 4)).to.equal(place);
      expect(rig.names()).to.deep.equal([NAME, BEHIND, '0000:01:01.0', '0000:02:00.0']);
    });

    it('does nothing for 0, EINVAL for no number, EAGAIN while somebody holds a device', async () => {
      const { rig, fns } = await twoBehind();
      const file = `bus/pci/devices/${NAME}/reset_subordinate`;
      for (const fn of fns) fn.config[0xf0] = 99;
      expect(await rig.echo('0', file)).to.equal('0');
      expect(await rig.echo('x', file)).to.equal('EINVAL');
      const held = rig.world.run(async () => {
        await rig.device('0000:02:00.0').lock();
        await rig.world.sleep(1e9);
        rig.device('0000:02:00.0').unlock();
      }, 'holder');
      expect(await rig.echo('1', file)).to.equal('EAGAIN');
      await held;
      expect(fns.map((fn) => fn.config[0xf0])).to.deep.equal([99, 99]);
    });

    it('is there for bridges only, and cannot be read', async () => {
      const { rig } = await twoBehind();
      expect(rig.exists('bus/pci/devices/0000:02:00.0/reset_subordinate')).to.equal(false);
      expect(rig.kernel.sysfs.stat(`/sys/bus/pci/devices/${NAME}/reset_subordinate`).mode).to.equal(0o200);
    });
  });
});
