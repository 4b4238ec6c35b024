import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import * as ts from 'typescript';
import { Device, Kernel, World, type BusType, type DeviceDriver } from '../../lib';

export const ROOT = join(__dirname, '../..');

/** A folder, or a file that stands for itself, with the files in it. */
export interface Layer {
  readonly name: string;
  readonly files: readonly string[];
  readonly lines: number;
  /** Names of the layers that it imports from, with the names that it takes from there and in how many places. */
  readonly imports: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/** Files that stand for themselves: what host and guest share, and the numbers of a specification. */
const SINGLE: readonly (readonly [string, RegExp])[] = [
  ['the port', /^lib\/hypervisor\/(port|memory)\.ts$/],
  ['VIRTIO spec', /^lib\/virtio\/spec\.ts$/],
];

function layerOf(file: string): string {
  const single = SINGLE.find(([, pattern]) => pattern.test(file));
  if (single !== undefined) return single[0];
  const [top = '', folder = '', inner = ''] = file.split('/');
  if (top !== 'lib') return top;
  if (inner === 'styles') return `lib/${folder}/styles`;
  // The loose files of lib are what everything stands on, as the world is.
  return folder.endsWith('.ts') ? 'lib/world' : `lib/${folder}`;
}

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`)
    .filter((name) => name !== 'lib/index.ts')
    .sort();
}

interface Import {
  readonly to: string;
  readonly names: readonly string[];
}

function importsOf(file: string, known: ReadonlySet<string>): Import[] {
  const source = ts.createSourceFile(file, readFileSync(join(ROOT, file), 'utf8'), ts.ScriptTarget.Latest);
  return source.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) return [];
    const path = normalize(join(dirname(file), statement.moduleSpecifier.text));
    const to = [`${path}.ts`, `${path}/index.ts`].find((candidate) => known.has(candidate));
    const bindings = statement.importClause?.namedBindings;
    const names =
      bindings !== undefined && ts.isNamedImports(bindings) ? bindings.elements.map((e) => e.name.text) : [];
    return to === undefined ? [] : [{ to, names }];
  });
}

/** The layers with what each imports, from the sources themselves. */
export function readLayers(): Layer[] {
  const files = ['lib', 'drivers', 'buses', 'machines', 'tools'].flatMap(sources);
  const known = new Set(files);
  const names = [...new Set(files.map(layerOf))];
  return names.map((name) => {
    const own = files.filter((file) => layerOf(file) === name);
    const taken = new Map<string, Map<string, number>>();
    for (const { to, names: words } of own.flatMap((file) => importsOf(file, known))) {
      if (layerOf(to) === name) continue;
      const counts = taken.get(layerOf(to)) ?? new Map<string, number>();
      for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
      taken.set(layerOf(to), counts);
    }
    const lines = own.reduce((sum, file) => sum + readFileSync(join(ROOT, file), 'utf8').split('\n').length - 1, 0);
    return { name, files: own, lines, imports: taken };
  });
}

/** A rule of the dependency cruiser, as far as paths go. */
interface Rule {
  readonly from: { readonly path?: string; readonly pathNot?: string };
  readonly to: { readonly path?: string; readonly pathNot?: string; readonly circular?: boolean };
}

/** Would an import from one file to the other be refused by a rule about folders? */
export function isForbidden(from: string, to: string): boolean {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { forbidden } = require(join(ROOT, '.dependency-cruiser.cjs')) as { forbidden: readonly Rule[] };
  return forbidden.some((rule) => {
    if (rule.to.path === undefined || rule.to.circular !== undefined) return false;
    const match = rule.from.path === undefined ? [''] : new RegExp(rule.from.path).exec(from);
    if (match === null || (rule.from.pathNot !== undefined && new RegExp(rule.from.pathNot).test(from))) return false;
    const path = rule.to.path.replaceAll(/\$(\d)/g, (_, at: string) => match[Number(at)] ?? '');
    return new RegExp(path).test(to) && (rule.to.pathNot === undefined || !new RegExp(rule.to.pathNot).test(to));
  });
}

/** How many layers it stands on, one upon the other. */
export function floorOf(name: string, layers: readonly Layer[]): number {
  const layer = layers.find((one) => one.name === name);
  return Math.max(-1, ...[...(layer?.imports.keys() ?? [])].map((to) => floorOf(to, layers))) + 1;
}

/** The files of lib that a bind, a late bind and an unbind pass through, in the order in which they are entered. */
export async function bindingPath(): Promise<string[]> {
  const stacks: string[] = [];
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 200;
  const kernel = new Kernel(new World());
  const bus: BusType = { name: 'path' };
  await kernel.registerBus(bus);
  const note = (): void => void stacks.push(new Error().stack ?? '');
  const def: DeviceDriver = { name: 'driver', bus, probe: note, remove: note };
  const early = await kernel.registerDriver(def);
  const dev = new Device(kernel, { name: 'device', bus, release: () => undefined });
  await dev.add();
  await early.unregister();
  const late = await kernel.registerDriver(def);
  await dev.unregister();
  await late.unregister();
  Error.stackTraceLimit = limit;
  const frames = stacks.flatMap((stack) => [...stack.matchAll(/\(?(\/[^():]+\.ts):\d+:\d+\)?$/gm)].reverse());
  const files = frames.map(([, path]) => relative(ROOT, path ?? '')).filter((file) => file.startsWith('lib/'));
  return [...new Set(files)];
}

const BOX = { width: 236, height: 70, gapX: 26, gapY: 34, top: 12 };

/** What stands on the right of its row: the host's half. */
const RIGHT = ['lib/hypervisor', 'the port', 'VIRTIO spec'];

interface Placed {
  readonly layer: Layer;
  readonly x: number;
  readonly y: number;
}

/** The picture as SVG: the same for the same sources. */
export async function drawLayers(): Promise<string> {
  const layers = readLayers();
  const path = await bindingPath();
  const placed = place(layers);
  const width = Math.max(...placed.map(({ x }) => x)) + BOX.width + BOX.gapX;
  const height = Math.max(...placed.map(({ y }) => y)) + BOX.height + 60;
  const lines = placed.flatMap((from) => directly(from.layer, layers).map((to) => line(from, find(placed, to))));
  const note = (y: number, words: string): string => `<text class="s" x="16" y="${String(height - y)}">${words}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(width)} ${String(height)}" font-family="sans-serif">`,
    '<style>text{font-size:15px;fill:#222}.s{font-size:11px;fill:#555}rect{fill:#fff;stroke:#667}',
    'path{fill:none;stroke:#99a}.p{stroke:#c40;stroke-width:2}.b{font-size:11px;fill:#c40}</style>',
    `<rect x="0" y="0" width="${String(width)}" height="${String(height)}" style="stroke:none"/>`,
    ...lines,
    ...placed.map((one) => box(one, layers, path)),
    note(
      26,
      'A layer imports from layers below it and from no other; a line leads to the ' +
        'nearest ones. Under its name: what others',
    ),
    note(
      10,
      'take from it most. Red: layers that the bind and the unbind of a device pass ' +
        'through, and in how many of their files.',
    ),
    '</svg>',
    '',
  ].join('\n');
}

function place(layers: readonly Layer[]): Placed[] {
  const floors = layers.map(({ name }) => floorOf(name, layers));
  const top = Math.max(...floors);
  const rows = Array.from({ length: top + 1 }, (_, floor) => layers.filter((_layer, at) => floors[at] === floor));
  const widest = Math.max(...rows.map(({ length }) => length)) * (BOX.width + BOX.gapX);
  return rows.flatMap((row, floor) => {
    const isRight = ({ name }: Layer): number => (RIGHT.includes(name) ? 1 : 0);
    const left = BOX.gapX + (widest - row.length * (BOX.width + BOX.gapX)) / 2;
    return [...row]
      .sort((a, b) => isRight(a) - isRight(b))
      .map((layer, at) => ({
        layer,
        x: left + at * (BOX.width + BOX.gapX),
        y: BOX.top + (top - floor) * (BOX.height + BOX.gapY),
      }));
  });
}

function find(placed: readonly Placed[], name: string): Placed {
  const found = placed.find(({ layer }) => layer.name === name);
  if (found === undefined) throw new Error(`there is no layer ${name}`);
  return found;
}

/** What it imports from, without what it reaches through another layer anyway. */
function directly(layer: Layer, layers: readonly Layer[]): string[] {
  const below = [...layer.imports.keys()];
  const reaches = (name: string): ReadonlySet<string> => {
    const next = [...(layers.find((one) => one.name === name)?.imports.keys() ?? [])];
    return new Set(next.flatMap((to) => [to, ...reaches(to)]));
  };
  return below.filter((to) => !below.some((other) => reaches(other).has(to)));
}

function line({ x, y }: Placed, to: Placed): string {
  const half = BOX.width / 2;
  return `<path d="M${String(x + half)} ${String(y + BOX.height)}L${String(to.x + half)} ${String(to.y)}"/>`;
}

/** The names that files of other layers take from it, the most used first. */
function given(layer: Layer, layers: readonly Layer[]): string[] {
  const counts = new Map<string, number>();
  for (const other of layers)
    for (const [word, uses] of other.imports.get(layer.name) ?? []) counts.set(word, (counts.get(word) ?? 0) + uses);
  return [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([word]) => word);
}

function box({ layer, x, y }: Placed, layers: readonly Layer[], path: readonly string[]): string {
  const passed = path.filter((file) => layer.files.includes(file)).length;
  const label = layer.name === 'lib/world' ? 'lib/world, lib/*.ts' : layer.name;
  // Roughly, so that the picture is another one only when something is.
  const lines = `some ${String(Math.max(1, Math.round(layer.lines / 1000)))},000 lines`;
  const text = (dx: number, dy: number, kind: string, words: string): string =>
    `<text class="${kind}" x="${String(x + dx)}" y="${String(y + dy)}">${words}</text>`;
  return [
    `<rect${passed > 0 ? ' class="p"' : ''} x="${String(x)}" y="${String(y)}" width="${String(BOX.width)}" ` +
      `height="${String(BOX.height)}" rx="5"/>`,
    text(12, 22, '', label),
    text(12, 42, 's', given(layer, layers).slice(0, 3).join(', ')),
    text(12, 60, 's', lines),
    passed > 0 ? text(150, 60, 'b', `bind: ${String(passed)} files`) : '',
  ].join('');
}

if (require.main === module)
  void drawLayers().then((svg) => writeFileSync(join(ROOT, 'Documentation/layers.svg'), svg));
