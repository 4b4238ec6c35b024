import { InvalidArgumentError } from 'commander';
import { UsageError } from '../usage-error';

/** For commander: a whole number in a range. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`It must be a whole number from ${String(least)} to ${String(most)}.`);
    }
    return value;
  };
}

/** Picks by name; every name must be known. */
export function pick<T>(
  what: string,
  wanted: readonly string[] | undefined,
  all: readonly T[],
  nameOf: (item: T) => string,
): readonly T[] {
  if (wanted === undefined) return all;
  for (const name of wanted) {
    const known = all.some((item) => nameOf(item) === name);
    if (!known)
      throw new UsageError(`unknown ${what} '${name}'; there are: ${[...new Set(all.map(nameOf))].join(', ')}`);
  }
  return all.filter((item) => wanted.includes(nameOf(item)));
}
