import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Command } from 'commander';
import { addReplay } from '../../tools/commands/replay';
import { UsageError } from '../../tools/usage-error';
import { captured, type Outcome } from '../support/captured';
import { errorOf } from '../support/errors';

const PROGRAMS = join(__dirname, 'programs');
const GOOD = join(PROGRAMS, 'bus-name-with-slash.dm');
const SECOND = join(PROGRAMS, 'driver-then-device-binds.dm');

/** Runs `ldm replay` in this process. */
function replay(...args: string[]): Promise<Outcome> {
  const program = new Command('ldm').exitOverride();
  addReplay(program);
  return captured(() => program.parseAsync(['replay', ...args], { from: 'user' }));
}

function trace(program: string): string {
  return readFileSync(program.replace(/dm$/, 'trace'), 'utf8');
}

describe('ldm replay', () => {
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'ldm-'));
  });

  afterEach(() => rmSync(dir, { recursive: true }));

  function file(name: string, content: string | Uint8Array): string {
    const path = join(dir, name);
    writeFileSync(path, content);
    return path;
  }

  it('writes the trace of one program to standard output', async () => {
    expect(await replay(GOOD)).to.deep.equal({ out: trace(GOOD), err: '', code: 0 });
  });

  it('writes many to a folder that it makes, and nothing else there', async () => {
    const target = join(dir, 'new', 'folder');
    expect(await replay('-o', target, GOOD, SECOND)).to.deep.equal({ out: '', err: '', code: 0 });
    expect(readdirSync(target)).to.deep.equal(['bus-name-with-slash.trace', 'driver-then-device-binds.trace']);
    expect(readFileSync(join(target, 'driver-then-device-binds.trace'), 'utf8')).to.equal(trace(SECOND));
  });

  it('--diff counts, and shows the first difference with its surroundings', async () => {
    const bad = file('bad.dm', 'bus add b\nbus del b\n');
    writeFileSync(join(dir, 'bad.trace'), trace(GOOD).split('\n').slice(0, 3).join('\n'));
    expect(await replay('--diff', GOOD, SECOND)).to.deep.equal({ out: '2 equal, 0 different\n', err: '', code: 0 });
    const { out, code } = await replay('--diff', GOOD, bad);
    expect(code).to.equal(1);
    expect(out.split('\n').slice(0, 6)).to.deep.equal([
      `${bad}: first difference in line 4`,
      '  > bus add b',
      '  netlink add@/bus/b ACTION=add DEVPATH=/bus/b SUBSYSTEM=bus',
      '  < 0',
      '+ > bus del b',
      '+ netlink remove@/bus/b ACTION=remove DEVPATH=/bus/b SUBSYSTEM=bus',
    ]);
    expect(out.endsWith('\n1 equal, 1 different\n')).to.equal(true);
  });

  it('tells on standard error why a line is a lab error; the trace has the code only', async () => {
    const bad = file('bad.dm', '# nothing\nbus add b\nbus ad c\n\nbus del q\n');
    const { out, err, code } = await replay(bad);
    expect(out).to.include('> bus ad c\n< lab:syntax\n> bus del q\n< lab:unknown\n');
    expect(err).to.equal(
      `${bad}:3: "bus ad c": lab:syntax: unknown op "bus ad"; did you mean bus add?\n${bad}:5: "bus del q": lab:unknown: no bus has the handle q\n`,
    );
    expect(code).to.equal(0);
    expect(await replay('-o', join(dir, 'out'), bad)).to.deep.equal({ out: '', err, code: 0 });
  });

  it('--diff gives the reasons of the lines that it shows', async () => {
    const bad = file('bad.dm', `frob\n${'deferred\n'.repeat(9)}bus ad c\n`);
    writeFileSync(
      join(dir, 'bad.trace'),
      `> frob\n< lab:syntax\n${'> deferred\n< 0\n'.repeat(9)}> bus ad c\n< 0\n> reset\n< 0\n`,
    );
    const { out, err, code } = await replay('--diff', bad);
    expect(out.split('\n').slice(-3)).to.deep.equal([
      `${bad}:11: "bus ad c": lab:syntax: unknown op "bus ad"; did you mean bus add?`,
      '0 equal, 1 different',
      '',
    ]);
    expect(out).not.to.include('"frob"');
    expect(err).to.equal('');
    expect(code).to.equal(1);
  });

  describe('bad input', () => {
    const cases: [string, (path: (name: string, content: string | Uint8Array) => string) => string[], RegExp][] = [
      ['a file that is not there', () => ['no-such.dm'], /^no-such\.dm: no such file$/],
      ['a folder', () => [PROGRAMS], /programs: is a directory$/],
      ['a device', () => ['/dev/zero'], /^\/dev\/zero: is not a file$/],
      [
        'bytes that are no text',
        (path) => [path('x.dm', Uint8Array.from([0x62, 0xff, 0x0a]))],
        /x\.dm: not a text file: /,
      ],
      ['NUL bytes', (path) => [path('x.dm', 'bus\0\n')], /x\.dm: not a text file: it has NUL bytes$/],
      ['several programs without a place for them', () => [GOOD, SECOND], /^several programs need -o DIR or --diff$/],
      [
        'two programs of one name',
        (path) => ['-o', 'x', GOOD, path('bus-name-with-slash.dm', '')],
        /has the same name as /,
      ],
      ['a trace that is missing', (path) => ['--diff', GOOD, path('x.dm', '')], /x\.trace: no such file$/],
      ['a folder that cannot be made', (path) => ['-o', join(path('f', ''), 'sub'), GOOD], /[/]f: is not a directory$/],
    ];
    for (const [what, args, message] of cases) {
      it(`${what}: a message, and nothing written`, async () => {
        const target = join(dir, 'x');
        const error = await errorOf(() => replay(...args(file)));
        expect(error).to.be.instanceOf(UsageError);
        expect(error.message).to.match(message);
        expect(existsSync(target)).to.equal(false);
      });
    }

    it('one bad name among good ones: nothing is written', async () => {
      const target = join(dir, 'out');
      await errorOf(() => replay('-o', target, GOOD, join(dir, 'none.dm')));
      expect(existsSync(target)).to.equal(false);
    });

    it('a file of the name of the folder stays as it is', async () => {
      const target = file('taken', 'mine');
      expect(await errorOf(() => replay('-o', target, GOOD)))
        .to.be.instanceOf(UsageError)
        .with.property('message', `${target}: is not a directory`);
      expect(readFileSync(target, 'utf8')).to.equal('mine');
      mkdirSync(join(dir, 'sub'));
    });
  });

  it('exits with 2 for misuse', () => {
    const command = ['-r', 'ts-node/register', join(__dirname, '../../tools/ldm.ts'), 'replay', '--frob'];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, {
      encoding: 'utf8',
      cwd: join(__dirname, '../..'),
    });
    expect({ status, stdout, stderr: stderr.split('\n')[0] }).to.deep.equal({
      status: 2,
      stdout: '',
      stderr: "ldm: unknown option '--frob'; there are: --output, --diff, --help",
    });
  });
});
