/**
 * What the recorded programs reach of lib/base, from c8's coverage/coverage-final.json: the lines with code that runs,
 * so without comments, types and imports. Writes the table in Documentation/conformance.md. Exit code 1 when less than
 * LEAST percent of what the kernel has is reached, or when a file is below it and REASONS does not say why.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '../..');
const PAGE = join(ROOT, 'Documentation/conformance.md');
const BASE = join(ROOT, 'lib/base');
const TABLE = /(<!-- npm run coverage -->\n)[^]*?(?=<!-- end -->)/;
/** Percent. */
const LEAST = 90;

/** Files that the kernel has not, or that no program of the language can reach, and why. */
const OURS: Readonly<Record<string, string>> = {
  'why/': 'not in the kernel: `ldm why` explains afterwards',
  'guard.ts': 'not in the kernel: what a callback throws becomes an errno or an oops',
  'key-index.ts': 'not in the kernel: the index of drivers by key; a bus of the language names no keys',
  'links/fw-devlink.ts':
    'not recorded here: the kernel that records has no firmware nodes; see [device trees](#device-trees)',
  'links/fw-devlink-cycles.ts': 'as fw-devlink.ts',
  'links/fwnode.ts': 'as fw-devlink.ts',
  'printk.ts': "not in the kernel: reading the log; the language hides the log's lines",
};

/** What is not reached of the kernel's own files. */
const REASONS: Readonly<Record<string, string>> = {
  'steps.ts': 'not in the kernel: faults that tests inject, traces of steps, names in messages',
  'device-uevent.ts': 'not in the kernel: a callback that throws or sleeps; nobody listens to events',
  'really-probe.ts': 'not in the kernel: a probe that throws. Not recorded: CONFIG_DEBUG_TEST_DRIVER_REMOVE, off there',
  'device-attrs.ts': 'not recorded: files of devices with a firmware node',
  'driver-register.ts':
    'not recorded: a bus or a driver that is not registered is a lab error; drivers get no single files',
  'dd.ts': 'not in the kernel: a match that throws or sleeps',
  'deferred.ts': 'not recorded: the end of boot. Not in the kernel: traces',
  'kernel-core.ts': 'not recorded: initcalls. Not in the kernel: reports, a killed kernel',
  'module-kobject.ts': 'not recorded: the language has no modules',
  'module-links.ts': 'not recorded: the language has no modules',
  'ratelimit.ts': 'not recorded: nothing in the core limits its messages, drivers do',
  'power/system-sleep.ts': 'not in the kernel as one call: the op `pm` calls its parts',
  'power/sysfs.ts':
    'not recorded: what the files in power/ give and take; the kernel that records is built without them',
  'power/pm-ops.ts':
    'not recorded: SIMPLE_DEV_PM_OPS, and a bus that passes phases on to the driver; the language has neither',
};

interface FileCoverage {
  readonly statementMap: Readonly<Record<string, { readonly start: { readonly line: number } }>>;
  readonly s: Readonly<Record<string, number>>;
}

interface Row {
  readonly file: string;
  readonly lines: number;
  readonly reached: number;
}

/** The numbers of the lines with a token that is part of neither an import, a type nor a comment. */
function codeLines(path: string): Set<number> {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022, true);
  const lines = new Set<number>();
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeNode(node)) return;
    if (ts.isTypeAliasDeclaration(node) || ts.isExportDeclaration(node) || ts.isJSDoc(node)) return;
    const inner = node.getChildren(source);
    if (inner.length > 0) inner.forEach(visit);
    else if (node.end > node.getStart(source))
      lines.add(source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1);
  };
  visit(source);
  return lines;
}

function rowOf(path: string, { statementMap, s }: FileCoverage): Row {
  const code = codeLines(path);
  const missed = Object.entries(statementMap).filter(([id, { start }]) => s[id] === 0 && code.has(start.line));
  return { file: relative(BASE, path), lines: code.size, reached: code.size - missed.length };
}

function percent(rows: readonly Row[]): number {
  const sum = (of: (row: Row) => number): number => rows.reduce((all, row) => all + of(row), 0);
  return (100 * sum(({ reached }) => reached)) / sum(({ lines }) => lines);
}

function ours({ file }: Row): string | undefined {
  return Object.entries(OURS).find(([place]) => file.startsWith(place))?.[1];
}

function line(row: Row, why: string): string {
  return `| ${row.file} | ${String(row.lines)} | ${percent([row]).toFixed(0)} % | ${why} |`;
}

const coverage = JSON.parse(readFileSync(join(ROOT, 'coverage/coverage-final.json'), 'utf8')) as Record<
  string,
  FileCoverage
>;
const rows = Object.entries(coverage)
  .map(([path, file]) => rowOf(path, file))
  .sort((a, b) => percent([a]) - percent([b]) || (a.file < b.file ? -1 : 1));
const kernels = rows.filter((row) => ours(row) === undefined);
const unexplained = kernels.filter((row) => percent([row]) < LEAST && REASONS[row.file] === undefined);
const summary =
  `Of ${String(rows.length)} files ${percent(rows).toFixed(1)} %; of the ${String(kernels.length)} that the kernel has and ` +
  `the language can reach ${percent(kernels).toFixed(1)} %.`;
const table = rows.flatMap((row) => {
  const why = ours(row) ?? REASONS[row.file];
  return why !== undefined && row.reached < row.lines ? [line(row, why)] : [];
});
const text = [
  '',
  summary,
  '',
  '| file | lines | reached | what is not |',
  '| --- | --- | --- | --- |',
  ...table,
  '',
  '',
].join('\n');
writeFileSync(PAGE, readFileSync(PAGE, 'utf8').replace(TABLE, `$1${text}`));
console.log(text);
for (const row of unexplained) console.error(`${row.file}: ${percent([row]).toFixed(0)} %, and no reason is given`);
if (percent(kernels) < LEAST || unexplained.length > 0) process.exitCode = 1;
