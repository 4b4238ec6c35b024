import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../tools/ldm';
import { captured, type Outcome } from '../support/captured';

const run = (...args: string[]): Promise<Outcome> => captured(() => main(['shell', ...args]));
const PUBLIC = join(__dirname, '../machines/scripts/s390x-ccw');

describe('ldm shell', () => {
  let dir = '';

  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'ldm-shell-'));
  });

  after(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  const write = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };

  it('prints the transcript of a script, that of the real machine', async () => {
    const name = join(PUBLIC, '12-insmod-order');
    const recorded = readFileSync(`${name}.out`, 'utf8');
    expect(await run('-m', 's390x-ccw', `${name}.sh`)).to.deep.equal({ out: recorded, err: '', code: 0 });
  });

  it('takes a machine of the user, and files from the folder of its file', async () => {
    write('disk.img', 'hello'.padEnd(512, '\n'));
    const devices = '[{ "type": "virtio-blk", "image": "disk.img" }]';
    const machine = write('one.json', `{ "base": "ps3", "devices": ${devices} }`);
    const script = write('read.sh', 'head -n 1 /dev/vda\n');
    expect(await run('-m', machine, script)).to.deep.equal({ out: '$ head -n 1 /dev/vda\nhello\n', err: '', code: 0 });
  });

  it('refuses what is wrong with file and line, and builds nothing', async () => {
    const script = write('wrong.sh', 'echo before\nfor x in a; do echo $x\n');
    const machine = write('wrong.json', '{\n  "base": "x86-pci",\n  "devices": [{ "type": "virtio-toaster" }]\n}\n');
    const outcomes = [
      await run(script),
      await run('-m', machine, script),
      await run('-m', 'x86', script),
      await run(join(dir, 'none.sh')),
    ];
    expect(outcomes.map(({ out, code }) => [out, code])).to.deep.equal(outcomes.map(() => ['', 2]));
    expect(outcomes.map(({ err }) => err.replace(dir, 'DIR').split('\n')[0])).to.deep.equal([
      'ldm: DIR/wrong.sh:3: syntax error: unexpected end of file (expecting "done")',
      'ldm: DIR/wrong.json:3: x86-pci has no device "virtio-toaster"; it has virtio-blk, virtio-net, virtio-rng, ' +
        'virtio-console, virtio-balloon, pcie-root-port, pci-function',
      "ldm: unknown machine 'x86'; did you mean x86-pci?; a file is named with its ending",
      'ldm: DIR/none.sh: no such file',
    ]);
  });

  it('a command that fails is in the transcript, not in the exit code', async () => {
    const { out, code } = await run(write('fails.sh', 'cat /sys/none\n'));
    expect({ out, code }).to.deep.equal({
      out: "$ cat /sys/none\ncat: can't open '/sys/none': No such file or directory\n[status 1]\n",
      code: 0,
    });
  });
});

describe('ldm tour', () => {
  it('leads through ten steps, each with a command, its result and the reason', async () => {
    const { out, err, code } = await captured(() => main(['tour']));
    expect({ err, code }).to.deep.equal({ err: '', code: 0 });
    expect(out.match(/^\d+\. /gm)).to.have.lengthOf(10);
    expect(out.match(/^\$ /gm)).to.have.lengthOf(10);
    expect(out).not.to.match(/not found|can't|No such/);
  });
});
