/** Names with commas. */
export function listed(names: readonly (string | null)[]): string {
  return names.length === 0 ? 'none' : names.map((name) => name ?? 'nothing').join(', ');
}

/** `blk_00 is disk0, blk_01 is disk1`; the order is that of the map. */
export function mapped(map: ReadonlyMap<string, string>): string {
  return map.size === 0 ? 'no names' : [...map].map(([name, marker]) => `${name} is ${marker}`).join(', ');
}
