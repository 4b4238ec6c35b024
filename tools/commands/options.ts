import { InvalidArgumentError, Option } from 'commander';
import type { AllocationPolicy } from '../../lib/study';
import { UsageError } from '../usage-error';

/** For commander: a whole number in a range. */
function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`It must be a whole number from ${String(least)} to ${String(most)}.`);
    }
    return value;
  };
}

/** `--policy`; without `preset` there is no default. */
export function policyOption(what: string, preset?: AllocationPolicy): Option {
  const option = new Option('--policy <policy>', what).choices(['lowest', 'recent', 'random']);
  return preset === undefined ? option : option.default(preset);
}

/** `--seed` */
export function seedOption(what: string): Option {
  return numberOption('--seed', what, 1, 0, 0xffffffff);
}

/** An option with a whole number in a range. */
export function numberOption(flag: string, what: string, preset: number, least: number, most: number): Option {
  return new Option(`${flag} <n>`, what).default(preset).argParser(wholeNumber(least, most));
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
