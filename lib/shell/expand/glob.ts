import { ErrnoError } from '../../errno';
import { fnmatch } from '../../userspace/fnmatch';
import type { FileTree } from '../files/walk';
import { patternOf, textOf, type Segment } from './fields';

/** Does it name more than one thing? */
function isPattern(segments: readonly Segment[]): boolean {
  return segments.some(({ text, quoted }) => !quoted && /[*?[]/.test(text));
}

/**
 * The names that a field stands for, in byte order; the field itself when it is no pattern or nothing matches.
 *
 * @param cwd the directory that relative names begin at
 * @see POSIX.1-2017 §2.13.3
 */
export function expandPaths(tree: FileTree, cwd: string, segments: readonly Segment[]): readonly string[] {
  if (!isPattern(segments)) return [textOf(segments)];
  const pattern = patternOf(segments);
  const isAbsolute = pattern.startsWith('/');
  let found = [isAbsolute ? '/' : ''];
  const names = pattern.split('/').filter((name) => name !== '');
  for (const [index, name] of names.entries()) {
    const isLast = index === names.length - 1;
    found = found.flatMap((dir) => step(tree, cwd, dir, name, isLast));
  }
  const slash = pattern.endsWith('/') ? '/' : '';
  return found.length === 0 ? [textOf(segments)] : found.map((path) => path + slash);
}

function step(tree: FileTree, cwd: string, dir: string, pattern: string, isLast: boolean): string[] {
  const join = (name: string): string => `${dir}${name}${isLast ? '' : '/'}`;
  const plain = pattern.replace(/\\(.)/g, '$1');
  if (!/(^|[^\\])[*?[]/.test(pattern)) return isThere(tree, absolute(cwd, dir + plain), isLast) ? [join(plain)] : [];
  const matches = namesIn(tree, absolute(cwd, dir)).filter(
    (name) => (!name.startsWith('.') || pattern.startsWith('.')) && fnmatch(pattern, name),
  );
  const usable = isLast ? matches : matches.filter((name) => isDir(tree, absolute(cwd, dir + name)));
  return usable.sort(byBytes).map(join);
}

/** Order of texts by their bytes, as strcmp gives it. */
export function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A path that does not begin with a slash begins at the current directory. */
export function absolute(cwd: string, path: string): string {
  return path.startsWith('/') ? path : `${cwd === '/' ? '' : cwd}/${path}`;
}

function namesIn(tree: FileTree, path: string): string[] {
  return attempt(() => {
    const { node } = tree.lookup(path, true);
    return node.kind === 'dir' ? [...node.names()] : [];
  }, []);
}

function isDir(tree: FileTree, path: string): boolean {
  return attempt(() => tree.lookup(path, true).node.kind === 'dir', false);
}

function isThere(tree: FileTree, path: string, isLast: boolean): boolean {
  return isLast ? attempt(() => tree.lookup(path, false).path !== '', false) : isDir(tree, path);
}

function attempt<T>(body: () => T, otherwise: T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof ErrnoError) return otherwise;
    throw error;
  }
}
