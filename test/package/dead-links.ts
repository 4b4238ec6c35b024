import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** A link with the page that it stands in. */
interface Link {
  readonly page: string;
  readonly target: string;
}

/**
 * Links of pages that lead nowhere among the files that somebody has: to no file, or to a heading that is not there.
 *
 * @param root folder of the pages
 * @param hasFile is that path, relative to `root`, among the files? Default: all that there are
 * @returns "README.md: lib/world", sorted
 */
export function deadLinks(root: string, hasFile: (path: string) => boolean = () => true): string[] {
  const isThere = (path: string): boolean => hasFile(path) && existsSync(join(root, path));
  const links = pagesBelow(root, '')
    .filter(isThere)
    .flatMap((page) => linksOf(root, page));
  return links
    .filter((link) => isDead(root, link, isThere))
    .map(({ page, target }) => `${page}: ${target}`)
    .sort();
}

function pagesBelow(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory())
      return entry.name === 'node_modules' || entry.name.startsWith('.') ? [] : pagesBelow(root, path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

/** Links to other computers are not followed. */
function linksOf(root: string, page: string): Link[] {
  const text = proseOf(readFileSync(join(root, page), 'utf8'));
  const found = [...text.matchAll(/\]\(<?([^()\s>]+)>?[^)]*\)|^\[[^\]]+\]:\s*(\S+)|\b(?:href|src)="([^"]+)"/gm)];
  const targets = found.map(([, inline, defined, html]) => inline ?? defined ?? html ?? '');
  return targets.filter((target) => !/^[a-z][a-z+.-]*:/i.test(target)).map((target) => ({ page, target }));
}

/** A page without its code. */
function proseOf(text: string): string {
  return text
    .replace(/^(```|~~~)[^]*?^\1/gm, '')
    .replace(/^(?: {4}|\t).*$/gm, '')
    .replace(/`[^`\n]*`/g, 'code');
}

function isDead(root: string, { page, target }: Link, isThere: (path: string) => boolean): boolean {
  const [path = '', heading] = decodeURI(target).split('#');
  const file = path === '' ? page : posix.normalize(posix.join(posix.dirname(page), path)).replace(/\/$/, '');
  if (file.startsWith('..') || !isThere(file)) return true;
  if (heading === undefined || !file.endsWith('.md')) return false;
  return !anchorsOf(readFileSync(join(root, file), 'utf8')).includes(heading);
}

/** What GitHub calls the headings of a page. */
function anchorsOf(text: string): string[] {
  const headings = text.replace(/^(```|~~~)[^]*?^\1/gm, '').matchAll(/^#+ +(.*?) *#*$/gm);
  return [...headings].map(([, words = '']) => {
    const plain = words.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    return plain.replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');
  });
}
