import { expect } from 'chai';
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OutputFile } from '../../tools/output-file';
import { UsageError } from '../../tools/usage-error';

const ROOT = join(__dirname, '../..');

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly err: string;
}

/**
 * Runs a script in the folder of this project as a process.
 *
 * @param stdout a file, or "closed": a pipe that nobody reads
 */
function run(script: string, stdout: number | 'closed' = 'closed'): Promise<End> {
  const child = spawn(process.execPath, ['-r', 'ts-node/register', '-e', script], {
    cwd: ROOT,
    stdio: ['ignore', stdout === 'closed' ? 'pipe' : stdout, 'pipe'],
  });
  child.stdout?.destroy();
  let err = '';
  child.stderr?.on('data', (chunk) => (err += String(chunk)));
  return new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, err })));
}

describe('output that cannot be written', () => {
  /** What ldm and bench are made with, without what they load. */
  const program = `
    const { Command } = require('commander');
    const { runProcess } = require('./tools/run-program');
    runProcess(new Command('ldm').action(() => {
      process.stdout.write('x'.repeat(1_000_000));
      process.exitCode = 1;
    }));`;

  it('regression: ends a program with one line and exit code 2 when the disk is full', async function () {
    if (!existsSync('/dev/full')) this.skip();
    const err = 'ldm: cannot write the output: No space left on device\n';
    expect(await run(program, openSync('/dev/full', 'w'))).to.deep.equal({ code: 2, signal: null, err });
  });

  it('regression: ends a program with one line and exit code 2 when nobody reads', async () => {
    const err = 'ldm: cannot write the output: Broken pipe\n';
    expect(await run(program)).to.deep.equal({ code: 2, signal: null, err });
  });
});

describe('a file of output', () => {
  let dir = '';
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'ldm-'))));
  afterEach(() => rmSync(dir, { recursive: true }));

  it('is there with its whole text, or as it was', () => {
    const path = join(dir, 'x');
    const file = new OutputFile(path);
    expect(readdirSync(dir)).to.deep.equal([]);
    file.write('one');
    file.write('two');
    expect(readFileSync(path, 'utf8')).to.equal('two');
    expect(readdirSync(dir)).to.deep.equal(['x']);
  });

  it('regression: does not collide with another one, nor with what a process before has left', () => {
    writeFileSync(join(dir, `.ldm-${String(process.pid)}.part`), 'left');
    const files = [0, 1, 2].map((i) => new OutputFile(join(dir, String(i))));
    for (const [i, file] of files.entries()) file.write(String(i));
    for (const i of [0, 1, 2]) expect(readFileSync(join(dir, String(i)), 'utf8')).to.equal(String(i));
    expect(readdirSync(dir)).to.have.length(4);
  });

  it('keeps the mode of the file that was there, and is written where a link leads', () => {
    const [path, link] = [join(dir, 'x'), join(dir, 'link')];
    writeFileSync(path, 'old', { mode: 0o600 });
    symlinkSync('x', link);
    new OutputFile(link).write('new');
    expect(readFileSync(path, 'utf8')).to.equal('new');
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    expect(readdirSync(dir).sort()).to.deep.equal(['link', 'x']);
  });

  it('is refused before anything is done, by its name and the reason', () => {
    writeFileSync(join(dir, 'file'), '');
    mkdirSync(join(dir, 'directory'));
    const cases = [
      ['missing/x', 'No such file or directory'],
      ['directory', 'Is a directory'],
      ['file/x', 'Not a directory'],
      ['x'.repeat(300), 'File name too long'],
    ] as const;
    for (const [name, reason] of cases) {
      const path = join(dir, name);
      expect(() => new OutputFile(path)).to.throw(UsageError, `cannot write ${path}: ${reason}`);
    }
    expect(readdirSync(dir).sort()).to.deep.equal(['directory', 'file']);
  });

  it(
    'regression: a signal while it is written ends the process, with the file whole and ' + 'nothing beside it',
    async () => {
      const path = join(dir, 'x');
      const script = `
      const fs = require('node:fs');
      const { OutputFile } = require('./tools/output-file');
      const file = new OutputFile(${JSON.stringify(path)});
      const write = fs.writeFileSync;
      fs.writeFileSync = (...args) => {
        write(...args);
        process.kill(process.pid, 'SIGTERM');
      };
      file.write('text');
      setInterval(() => undefined, 1000);`;
      expect(await run(script)).to.deep.equal({ code: null, signal: 'SIGTERM', err: '' });
      expect(readdirSync(dir)).to.deep.equal(['x']);
      expect(readFileSync(path, 'utf8')).to.equal('text');
    },
  );
});

describe('a file of a user that never ends', () => {
  it('is told of in one line that names the file and what waits', async () => {
    const script = `
      const { inFile } = require('./tools/commands/why-load');
      void inFile('my.js', "module 'm'", () => new Promise(() => undefined));`;
    const err = "ldm: my.js: module 'm': it waits for something that never comes\n";
    expect(await run(script)).to.deep.equal({ code: 2, signal: null, err });
  });
});
