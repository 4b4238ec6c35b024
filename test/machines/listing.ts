import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Kernel } from '../../lib/base/kernel';

/**
 * A name in a directory as the recordings write it: `name/` for a directory, `name@` for a link, `name` for a file of
 * mode 0444, `name=644` for one of another mode.
 */
type Entry = string;

/** Names and modes of each directory. */
export type Listing = ReadonlyMap<string, readonly Entry[]>;

const DATA = join(__dirname, '..', 'data');

/** What a real machine had, from test/data/MACHINE/names.json. */
export function recordedListing(machine: string): Listing {
  const text = readFileSync(join(DATA, machine, 'names.json'), 'utf8');
  const { directories } = JSON.parse(text) as { readonly directories: Readonly<Record<string, string>> };
  return new Map(
    Object.entries(directories).map(([path, names]) => [path, names.split(' ').filter((name) => name !== '')]),
  );
}

/** What a kernel has in all of /sys. */
export function listingOf(kernel: Kernel): Listing {
  const listing = new Map<string, Entry[]>();
  const visit = (path: string): void => {
    const entries: Entry[] = [];
    listing.set(path, entries);
    for (const name of kernel.sysfs.readdir(path)) {
      const { kind, mode } = kernel.sysfs.stat(`${path}/${name}`);
      if (kind === 'dir') visit(`${path}/${name}`);
      const usual = kind === 'file' ? 0o444 : kind === 'dir' ? 0o755 : 0o777;
      const mark = { dir: '/', link: '@', file: '' }[kind];
      entries.push(`${name}${mark}${mode === usual ? '' : `=${mode.toString(8)}`}`);
    }
  };
  visit('/sys');
  return listing;
}

/** A name that only one of two has, or that they have otherwise. */
export interface Difference {
  readonly path: string;
  /** As recorded; null when the recording has no such name. */
  readonly recorded: Entry | null;
  /** As the kernel here has it; null when it has none. */
  readonly found: Entry | null;
}

function nameOf(entry: Entry): string {
  return entry.replace(/[/@]?(=\d+)?$/, '');
}

/** Entries by name. Files named as interrupts are counted: their numbers depend on what else has interrupts. */
function byName(dir: string, entries: readonly Entry[]): Map<string, Entry> {
  const isNumbers = dir.endsWith('/msi_irqs');
  const kept = isNumbers ? entries.map((entry, index) => entry.replace(/^\d+/, `+${String(index)}`)) : entries;
  return new Map(kept.map((entry) => [nameOf(entry), entry]));
}

/** Differences in the directories that both have, in the order of the recording's directories. */
export function compareListings(recorded: Listing, found: Listing): Difference[] {
  const differences: Difference[] = [];
  for (const [dir, entries] of recorded) {
    const ours = found.get(dir);
    if (ours === undefined) continue;
    const [theirs, here] = [byName(dir, entries), byName(dir, ours)];
    for (const name of [...new Set([...theirs.keys(), ...here.keys()])].sort()) {
      const pair = { recorded: theirs.get(name) ?? null, found: here.get(name) ?? null };
      if (pair.recorded !== pair.found) differences.push({ path: `${dir}/${name}`, ...pair });
    }
  }
  return differences;
}

/** For messages: `/sys/bus/pci/slots: recorded slots/, here nothing`. */
export function describeDifference({ path, recorded, found }: Difference): string {
  return `${path}: recorded ${recorded ?? 'nothing'}, here ${found ?? 'nothing'}`;
}
