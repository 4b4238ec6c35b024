import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { main } from '../../tools/ldm';
import { nearNames, unknownName } from '../../tools/names';
import { captured, type Outcome } from '../support/captured';

/** Runs `ldm` in this process. */
const ldm = (...args: string[]): Promise<Outcome> => captured(() => main(args));

const PROGRAM = 'bus add b\ndrv add r bus=b ids=x\ndev add d1 name=alpha bus=b id=x\ndev add d2 bus=b id=y\n';

describe('ldm why', () => {
  let dir: string;
  let program: string;

  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'ldm-'));
    program = file('x.dm', PROGRAM);
  });

  after(() => rmSync(dir, { recursive: true }));

  function file(name: string, content: string | Uint8Array): string {
    const path = join(dir, name);
    writeFileSync(path, content);
    return path;
  }

  it('says no with exit code 1, the rule that decides first, then all rules in order', async () => {
    const { out, err, code } = await ldm('why', '-p', program, 'd2', 'r');
    const lines = out.split('\n');
    expect({ err, code, first: lines[0] }).to.deep.equal({
      err: '',
      code: 1,
      first: 'd2, r: not bound: driver_match_device: match of bus b says no',
    });
    expect(lines.filter((line) => /^ {2}(yes|NO |   ) {2}\S/.test(line)).length).to.equal(14);
    expect(out).to.match(
      /^ {2}NO {3}driver_match_device +match of bus b says no\n +cb_match: no, ids: the device has y, the driver lists x$/m,
    );
  });

  it('says bound with exit code 0, for a handle and for a kernel name', async () => {
    for (const name of ['d1', 'alpha']) {
      const { out, code } = await ldm('why', '-p', program, name, 'r');
      expect(out.split('\n')[0]).to.equal('alpha, r: bound');
      expect(code).to.equal(0);
    }
  });

  it('says that nothing refuses with exit code 0', async () => {
    const free = file('free.dm', `${PROGRAM}dev release d1\n`);
    const { out, code } = await ldm('why', '-p', free, 'd1', 'r');
    expect(out.split('\n')[0]).to.equal(
      'alpha, r: not bound, but no rule refuses: asked again, the driver would probe the device',
    );
    expect(code).to.equal(0);
  });

  it('asks in a machine with a bus and all drivers; vpci by default', async () => {
    expect((await ldm('why', '0000:00:01.0', 'virtio-pci')).out.split('\n')[0]).to.equal(
      '0000:00:01.0, virtio-pci: bound',
    );
    expect((await ldm('why', '--bus', 'ccw', 'virtio0', 'virtio_blk')).out.split('\n')[0]).to.equal(
      'virtio0, virtio_blk: bound',
    );
    expect((await ldm('why', '--bus', 'ps3-handle/repository', 'sb_01', 'ps3_virtio')).code).to.equal(0);
    expect((await ldm('why', 'virtio0', 'virtio_rng')).code).to.equal(1);
  });

  it('of two devices of a name takes the one on the bus of the driver', async () => {
    const same = file(
      'same.dm',
      'bus add a\nbus add b\ndrv add r bus=b ids=x\nclass add c\ndev add p name=n bus=a\n' +
        'dev add q name=n class=c\ndev add o\ndev add d name=n bus=b parent=o id=x\n',
    );
    expect((await ldm('why', '-p', same, 'n', 'r')).out.split('\n')[0]).to.equal('n, r: bound');
  });

  describe('misuse: exit code 2, a message, and nothing on standard output', () => {
    const cases: [string, () => string[], RegExp][] = [
      ['no arguments', () => ['why'], /^ldm: missing required argument 'device'\n$/],
      [
        'an unknown device: the near names',
        () => ['why', '-p', program, 'd3', 'r'],
        /^ldm: unknown device 'd3'; did you mean d1 or d2\?\n$/,
      ],
      [
        'an unknown driver: the near names',
        () => ['why', 'virtio0', 'virtio-rng'],
        /^ldm: unknown driver 'virtio-rng'; did you mean virtio_rng\?\n$/,
      ],
      [
        'a driver where there is none',
        () => ['why', '-p', file('none.dm', 'dev add d\n'), 'd', 'r'],
        /^ldm: unknown driver 'r'; there is no driver\n$/,
      ],
      [
        'an unknown bus',
        () => ['why', '--bus', 'isa', 'x', 'y'],
        /^ldm: unknown bus 'isa'; there are: vpci, ccw, of-tree, vbus, ps3-handle, ps3-handle\/eager, .*\n$/,
      ],
      [
        'a program and a bus',
        () => ['why', '-p', program, '--bus', 'ccw', 'd1', 'r'],
        /^ldm: option '-p, --program <file>' cannot be used with option '--bus <bus>'\n$/,
      ],
      [
        'a file that is not there',
        () => ['why', '-p', join(dir, 'nowhere.dm'), 'd', 'r'],
        /nowhere\.dm: no such file\n$/,
      ],
      ['a directory', () => ['why', '-p', dir, 'd', 'r'], /: is a directory\n$/],
      [
        'a binary file',
        () => ['why', '-p', file('b.dm', Uint8Array.from([0x7f, 0x45, 0, 0xff])), 'd', 'r'],
        /b\.dm: not a text file: it has NUL bytes\n$/,
      ],
      [
        'an empty file',
        () => ['why', '-p', file('e.dm', ''), 'd', 'r'],
        /^ldm: unknown device 'd'; there is no device\n$/,
      ],
      ['replay of a file that is not there', () => ['replay', join(dir, 'nowhere.dm')], /nowhere\.dm: no such file\n$/],
      ['replay of a directory', () => ['replay', dir], /: is a directory\n$/],
      [
        'replay of a binary file',
        () => ['replay', file('c.dm', Uint8Array.from([0xc0, 0x80, 0x0a]))],
        /c\.dm: not a text file: /,
      ],
    ];
    for (const [what, args, message] of cases) {
      it(what, async () => {
        const { out, err, code } = await ldm(...args());
        expect({ out, code }).to.deep.equal({ out: '', code: 2 });
        expect(err).to.match(message);
      });
    }
  });

  it('lines that the lab refuses have no effect, and do not stop it', async () => {
    const odd = file('odd.dm', `frob\nbus add B\n${PROGRAM}dev add\nlink add d1 nobody\n`);
    expect((await ldm('why', '-p', odd, 'd1', 'r')).code).to.equal(0);
  });

  it('answers whatever names are asked for', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), async (device, driver) => {
        const { code } = await ldm('why', '-p', program, '--', device, driver);
        expect(code).to.be.oneOf([0, 1, 2]);
      }),
      { numRuns: 100 },
    );
  });
});

describe('nearNames', () => {
  it('gives what was meant first, the nearest first', () => {
    expect(nearNames('virtio_bkl', ['virtio_rng', 'virtio_blk', 'virtio_net'])[0]).to.equal('virtio_blk');
    expect(nearNames('blk', ['virtio_rng', 'virtio_blk'])).to.deep.equal(['virtio_blk']);
    expect(nearNames('ps3-handle/at-prob', ['ps3-handle', 'ps3-handle/at-probe', 'ps3-handle/at-online'])[0]).to.equal(
      'ps3-handle/at-probe',
    );
    expect(nearNames('VPCI', ['ccw', 'vpci'])).to.deep.equal(['vpci']);
  });

  it('gives nothing when nothing is near: then all names are told, many of them by their number', () => {
    expect(nearNames('zzz', ['a', 'b', 'a'])).to.deep.equal([]);
    expect(nearNames('', ['a', 'b'])).to.deep.equal([]);
    expect(unknownName('bus', 'zzz', ['a', 'b', 'a']).message).to.equal("unknown bus 'zzz'; there are: a, b");
    expect(unknownName('bus', 'zzz', []).message).to.equal("unknown bus 'zzz'; there is no bus");
    const many = Array.from({ length: 1000 }, (_, i) => `device${String(i)}`);
    expect(unknownName('device', 'zzz', many).message).to.match(/, device49 and 950 more$/);
  });

  it('gives only names that there are, and at most five', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string()), (wanted, names) => {
        const near = nearNames(wanted, names);
        expect(near.length).to.be.at.most(5);
        expect(near.every((name) => names.includes(name))).to.equal(true);
        if (wanted !== '' && names.includes(wanted)) expect(near[0]?.toLowerCase()).to.equal(wanted.toLowerCase());
      }),
    );
  });
});
