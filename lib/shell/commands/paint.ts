import type { Node } from '../files/node';

/** As ls colours names: directories blue, links cyan, device nodes yellow; files that cannot be read red. */
export function painted(name: string, { kind, mode }: Node): string {
  const colour = { dir: '1;34', link: '1;36', char: '1;33', block: '1;33', file: mode & 0o444 ? '' : '31' }[kind];
  const shade = colour === '' && (mode & 0o222) !== 0 ? '32' : colour;
  return shade === '' ? name : `\x1b[${shade}m${name}\x1b[0m`;
}
