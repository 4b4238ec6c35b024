import { LabError, need } from './lab-error';

/** Words that one line has at most. */
const MAX_WORDS = 28;

/** A line of a program, split at spaces: positional words, then KEY=VALUE. */
export class Words {
  constructor(
    readonly positional: readonly string[],
    readonly keys: ReadonlyMap<string, string>,
  ) {}

  /** A positional word; there is one at `index`, see {@link expect}. */
  at(index: number): string {
    const word = this.positional[index];
    if (word === undefined) throw new LabError('syntax');
    return word;
  }

  key(name: string): string | undefined {
    return this.keys.get(name);
  }

  /** Demands so many positional words and no other keys than these, none of them empty. */
  expect(count: number, keys: readonly string[] = []): void {
    need(this.positional.length === count);
    for (const [key, value] of this.keys) need(keys.includes(key) && value !== '');
  }
}

/** @throws LabError syntax for too many words, a key that is given twice, a positional word behind a key */
export function splitWords(line: string): Words {
  const positional: string[] = [];
  const keys = new Map<string, string>();
  for (const word of line.split(' ').filter((text) => text !== '')) {
    need(positional.length + keys.size < MAX_WORDS);
    const equals = word.indexOf('=');
    if (equals > 0) {
      const key = word.slice(0, equals);
      need(!keys.has(key));
      keys.set(key, word.slice(equals + 1));
    } else {
      need(keys.size === 0);
      positional.push(word);
    }
  }
  need(positional.length > 0);
  return new Words(positional, keys);
}
