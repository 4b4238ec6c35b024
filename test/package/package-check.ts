/**
 * Packs the project as npm publishes it, installs it into an empty folder and uses it as users do: by require, by
 * import with types, in a mocha project of their own. Then publint and attw look at the package. Exit code 1 with the
 * first thing that is wrong.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { CONSUMERS, LOADED, PRINTED } from './consumers';
import { deadLinks } from './dead-links';

const ROOT = join(__dirname, '../..');
/** What a clean checkout has not. */
const LEFT_OUT = new Set(['node_modules', 'dist', 'docs', '.git']);
/** What nobody needs who installs the package. Sources are in it, for pages and declarations lead to them. */
const UNWANTED = [
  /^(?!(dist|lib|drivers|buses|machines|tools|Documentation|test\/support\/kit)\/|LICENSE$|README\.md$|package\.json$)/,
  /\.test\./,
  /^dist\/test\/(?!support\/kit\/)/,
];

function run(cwd: string, command: string, ...args: readonly string[]): string {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${basename(command)} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

/** A tool of this project, run with Node. */
function tool(cwd: string, script: string, ...args: readonly string[]): string {
  return run(cwd, process.execPath, join(ROOT, 'node_modules', script), ...args);
}

/** A copy as it would be checked out, built and packed; what was built before cannot get into the package. */
function pack(folder: string): string {
  cpSync(ROOT, folder, { recursive: true, filter: (path) => !LEFT_OUT.has(basename(path)) });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  run(folder, 'npm', 'pack');
  const file = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (file === undefined) throw new Error('npm pack made no file');
  return join(folder, file);
}

function checkContents(tarball: string): void {
  const files = run(tmpdir(), 'tar', '-tzf', tarball)
    .trim()
    .split('\n')
    .map((path) => path.replace(/^package\//, ''));
  const unwanted = files.filter((path) => UNWANTED.some((pattern) => pattern.test(path)));
  if (unwanted.length > 0) throw new Error(`the package has files that nobody needs:\n${unwanted.join('\n')}`);
}

function installInto(folder: string, tarball: string): void {
  for (const [name, text] of Object.entries(CONSUMERS)) writeFileSync(join(folder, name), text);
  run(folder, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', tarball);
  if (!existsSync(join(folder, 'node_modules/linux-driver-model/dist/lib/index.js')))
    throw new Error('nothing was installed');
}

function checkLinks(folder: string): void {
  const dead = deadLinks(join(folder, 'node_modules/linux-driver-model'));
  if (dead.length > 0) throw new Error(`links that lead nowhere in the package:\n${dead.join('\n')}`);
}

function useIt(folder: string): void {
  tool(folder, 'typescript/bin/tsc', '-p', '.');
  for (const [program, expected] of Object.entries(PRINTED)) {
    const printed = run(folder, process.execPath, program).trim();
    if (printed !== expected) throw new Error(`${program} printed "${printed}", not "${expected}"`);
  }
  tool(folder, 'mocha/bin/mocha.js', '--no-config', 'user.test.mjs');
  const ldm = join(folder, 'node_modules/.bin/ldm');
  run(folder, ldm, '--help');
  for (const file of LOADED) {
    const answer = run(folder, ldm, 'why', '--load', `./${file}`, 'led0', 'led');
    if (!answer.startsWith('led0, led: bound\n')) throw new Error(`ldm why --load ${file} printed:\n${answer}`);
  }
}

function main(): void {
  const folder = mkdtempSync(join(tmpdir(), 'package-check-'));
  const [build, consumer] = [mkdtempSync(join(folder, 'build-')), mkdtempSync(join(folder, 'consumer-'))];
  const stage = (name: string, body: () => void): void => {
    body();
    console.log(`ok  ${name}`);
  };
  let tarball = '';
  try {
    stage('pack', () => void (tarball = pack(build)));
    stage('contents', () => checkContents(tarball));
    stage('install', () => installInto(consumer, tarball));
    stage('links', () => checkLinks(consumer));
    stage('require, import, types, mocha, ldm', () => useIt(consumer));
    stage('publint', () => void tool(ROOT, 'publint/src/cli.js', 'run', tarball, '--strict'));
    // node16: what resolves no "exports" at all is older than the Node versions that are supported.
    stage('attw', () => void tool(ROOT, '@arethetypeswrong/cli/dist/index.js', tarball, '--profile', 'node16'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
