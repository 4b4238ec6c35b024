import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../tools/ldm';
import { captured, type Outcome } from '../support/captured';

/** What a file begins with that somebody else writes, in a folder of his own. */
const LIB = `const { BlockDevice, ErrnoError, virtioBus } = require(${JSON.stringify(join(__dirname, '../../lib'))});\n`;

const DRIVER = "{ name: 'mine', bus: virtioBus, idTable: [{ device: 2 }], probe() {} }";

describe('ldm why --load', () => {
  let dir = '';
  before(() => (dir = mkdtempSync(join(tmpdir(), 'ldm-'))));
  after(() => rmSync(dir, { recursive: true }));

  let files = 0;
  function file(text: string, ending = 'js'): string {
    const path = join(dir, `${String(++files)}.${ending}`);
    writeFileSync(path, text);
    return path;
  }

  const why = (path: string, device: string, driver: string, ...more: string[]): Promise<Outcome> =>
    captured(() => main(['why', '--load', path, ...more, device, driver]));

  it('has a driver of the file in the machine, on whatever bus', async () => {
    const path = file(`${LIB}exports.driver = { ...${DRIVER}, idTable: [{ device: 77 }] };`);
    for (const bus of ['vpci', 'ccw', 'of-tree', 'ps3-handle/repository']) {
      const { out, err, code } = await why(path, 'virtio0', 'mine', '--bus', bus);
      expect({ err, code }).to.deep.equal({ err: '', code: 1 });
      expect(out).to.match(/^virtio0, mine: not bound: driver_match_device: match of bus virtio says no\n/);
      expect(out.replace(/\s+/g, ' ')).to.contain('id table, row 0: device 0x004d is wanted, the device has 0x0002');
    }
  });

  it('plugs devices of the file, and binds its drivers to what is free', async () => {
    const path = file(`${LIB}class Odd extends BlockDevice { deviceId = 44; }
exports.device = new Odd({ name: 'own', image: new Uint8Array(512) });
exports.driver = { ...${DRIVER}, idTable: [{ device: 44 }] };`);
    expect(await why(path, 'virtio8', 'mine')).to.deep.include({ code: 0, err: '' });
  });

  it('takes what an ES module exports, also by default and in an array', async () => {
    const importing = `import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\n${LIB}`;
    for (const how of [
      `export default ${DRIVER};`,
      `export const drivers = [${DRIVER}];`,
      `export const mine = ${DRIVER};`,
    ]) {
      const { out, err } = await why(file(importing + how, 'mjs'), 'virtio0', 'mine');
      expect(err).to.equal('');
      expect(out).to.match(/^virtio0, mine: not bound: __driver_probe_device: bound to virtio_blk: -EBUSY\n/);
    }
  });

  it('takes modules, which may bring a bus with devices and drivers', async () => {
    const path = file(`const { Device } = require(${JSON.stringify(join(__dirname, '../../lib'))});
const bus = { name: 'lab', match: (dev, drv) => dev.name === drv.def.wants };
module.exports = {
  name: 'lab',
  async init(kernel) {
    await kernel.registerBus(bus);
    await new Device(kernel, { name: 'led0', bus, release() {} }).add();
    await kernel.registerDriver({ name: 'led', bus, wants: 'led0', probe() {} });
    await kernel.registerDriver({ name: 'lamp', bus, wants: 'lamp0', probe() {} });
  },
};`);
    expect((await why(path, 'led0', 'led')).out).to.match(/^led0, led: bound\n/);
    expect(await why(path, 'led0', 'lamp')).to.include({ code: 1, err: '' });
  });

  it('takes several files', async () => {
    const lab = file("exports.bus = { name: 'lab', init: (kernel) => void kernel.registerBus({ name: 'lab' }) };");
    const { out, err } = await why(lab, 'virtio0', 'mine', '--load', file(`${LIB}exports.mine = ${DRIVER};`));
    expect(err).to.equal('');
    expect(out).to.match(/^virtio0, mine: not bound: /);
  });

  describe(
    'a file that is wrong: exit code 2, one line with the file and the place, and ' + 'nothing on standard output',
    () => {
      const cases: readonly [string, string, RegExp][] = [
        ['does not parse', 'exports.x = ;', /:1: cannot be loaded: SyntaxError: Unexpected token ';'$/],
        ['throws', "\n\nthrow new Error('no');", /:3: cannot be loaded: Error: no$/],
        ['throws what is no error', "throw 'no';", /: cannot be loaded: no$/],
        [
          'requires what is not there',
          "require('./nowhere');",
          /: cannot be loaded: Error: Cannot find module '\.\/nowhere'/,
        ],
        ['exports nothing', '', /: exports no driver and no module$/],
        [
          'exports other things',
          'exports.a = 1; exports.b = { name: 3 }; exports.c = null;',
          /: exports no driver and no module$/,
        ],
        [
          'has a driver of a bus that is not there',
          "exports.d = { name: 'd', bus: { name: 'isa' } };",
          /: driver 'd': Error: bus 'isa' is not in this machine; there are: /,
        ],
        [
          'has a driver of a bus of another copy',
          "exports.d = { name: 'd', bus: { name: 'virtio' } };",
          /: driver 'd': Error: bus 'virtio' is not in this machine: the file has it from another copy of linux-driver-model/,
        ],
        [
          'has a driver whose name is taken',
          `${LIB}exports.d = { ...${DRIVER}, name: 'virtio_blk' };`,
          /: driver 'virtio_blk': ErrnoError: E[A-Z]+: .*'virtio_blk'$/,
        ],
        [
          'has a driver that oopses',
          `${LIB}exports.d = { name: 'd', bus: virtioBus, idTable: [{ device: 44 }],\n probe() { nowhere(); } };
class Odd extends BlockDevice { deviceId = 44; }
exports.m = new Odd({ name: 'own', image: new Uint8Array(512) });`,
          /:3: driver 'd': ReferenceError: nowhere is not defined$/,
        ],
        [
          'has a module that is refused',
          `${LIB}exports.m = { name: 'm', init() { throw new ErrnoError('ENODEV'); } };`,
          /: module 'm': ErrnoError: ENODEV: No such device/,
        ],
        [
          'has a device whose name is taken',
          `${LIB}exports.m = new BlockDevice({ name: 'disk0', image: new Uint8Array(512) });`,
          /: device 'disk0': ErrnoError: EEXIST: File exists, plug_device 'disk0': another device of that name/,
        ],
      ];
      for (const [what, text, message] of cases) {
        it(what, async () => {
          const path = file(text);
          const { out, err, code } = await why(path, 'virtio0', 'd');
          expect({ out, code }, err).to.deep.equal({ out: '', code: 2 });
          expect(err.split('\n')).to.have.length(2);
          expect(err.startsWith(`ldm: ${path}`), err).to.equal(true);
          expect(err.trimEnd().slice('ldm: '.length + path.length)).to.match(message);
        });
      }

      it('is not there, or is a directory', async () => {
        expect(await why(join(dir, 'none.js'), 'a', 'b')).to.include({
          out: '',
          code: 2,
          err: `ldm: ${join(dir, 'none.js')}: no such file\n`,
        });
        expect(await why(dir, 'a', 'b')).to.include({ out: '', code: 2, err: `ldm: ${dir}: is a directory\n` });
      });

      it('is not asked for together with a program', async () => {
        const { out, err, code } = await why(file(''), 'a', 'b', '--program', 'x.dm');
        expect({ out, code }).to.deep.equal({ out: '', code: 2 });
        expect(err).to.match(/^ldm: option '-p, --program <file>' cannot be used with option '--load <file>'\n$/);
      });
    },
  );

  it('proposes the names of the file', async () => {
    const path = file(`${LIB}exports.d = { ...${DRIVER}, name: 'my_counter' };`);
    expect((await why(path, 'virtio0', 'my_conter')).err).to.equal(
      "ldm: unknown driver 'my_conter'; did you mean my_counter?\n",
    );
  });
});
