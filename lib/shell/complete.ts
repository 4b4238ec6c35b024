import { byBytes } from './expand/glob';
import { normalize } from './files/walk';
import { loadedModules } from '../module';
import type { Shell } from './run/command';

/** What could stand where the cursor is. */
export interface Completion {
  readonly matches: readonly string[];
  /** The part of the line that they replace. */
  readonly word: string;
}

/** Completes the last word of a line: a command, a path, or what the command takes. */
export function complete(shell: Shell, line: string): Completion {
  const segment = /(?:^|.*[|;&(]|.*\b(?:do|then|else|if|while)\s)\s*(.*)$/s.exec(line)?.[1] ?? line;
  const words = segment.split(/\s+/);
  const word = (words.at(-1) ?? '').replace(/^[<>]+/, '');
  const isTarget = /[<>]\s*\S*$/.test(segment);
  const candidates =
    words.length <= 1 && !isTarget && !word.includes('/') ? commands(shell) : special(shell, words, isTarget);
  const matches = candidates?.filter((each) => each.startsWith(word)).sort(byBytes) ?? paths(shell, word);
  return { matches, word };
}

function commands({ world, functions }: Shell): string[] {
  return [...world.commands.keys(), ...functions.keys()].filter((name) => /^\w/.test(name)).map((name) => `${name} `);
}

/** Arguments that are no paths; null for all others. */
function special({ world }: Shell, words: readonly string[], isTarget: boolean): string[] | null {
  if (isTarget) return null;
  const { kernel, modules } = world.machine;
  switch (words[0]) {
    case 'rmmod':
      return loadedModules(kernel).map(({ def }) => def.name);
    case 'modprobe':
    case 'modinfo':
      return [...modules.keys()];
    case 'help':
      return [...world.commands.keys()];
    case 'trace':
      return ['on', 'off'];
    case 'host':
      return words.length === 2 ? ['device_add ', 'device_del '] : null;
    case 'why':
      return words.length === 2
        ? [...kernel.devicesKset.list].map(({ name }) => `${name ?? ''} `)
        : [...kernel.buses.values()].flatMap((bus) => [...bus.drivers()].map(({ def }) => def.name));
    default:
      return null;
  }
}

/** Directories end with a slash. */
function paths({ tree, cwd }: Shell, word: string): string[] {
  const slash = word.lastIndexOf('/');
  const [dir, begin] = [word.slice(0, slash + 1), word.slice(slash + 1)];
  const at = dir.startsWith('/') ? dir : `${cwd}/${dir}`;
  try {
    const { node } = tree.lookup(normalize(at), true);
    if (node.kind !== 'dir') return [];
    const names = [...node.names()].filter((name) => name.startsWith(begin)).sort(byBytes);
    return names.map((name) => `${dir}${name}${isDir(tree, `${normalize(at)}/${name}`) ? '/' : ' '}`);
  } catch {
    return [];
  }
}

function isDir(tree: Shell['tree'], path: string): boolean {
  try {
    return tree.lookup(path, true).node.kind === 'dir';
  } catch {
    return false;
  }
}
