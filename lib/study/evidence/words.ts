/** "1 device", "2 devices". */
export function counted(n: number, what: string, ending = 's'): string {
  return `${String(n)} ${what}${n === 1 ? '' : ending}`;
}

/** The name at the end of a path. */
export function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
