import { LabError, need } from './lab-error';
import { show } from './show';

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
    if (word === undefined) throw new LabError('syntax', 'a word is missing');
    return word;
  }

  key(name: string): string | undefined {
    return this.keys.get(name);
  }

  /** Demands so many positional words. */
  expectWords(count: number): void {
    const { length } = this.positional;
    need(length === count, 'syntax', `it takes ${String(count)} words before the keys, here are ${String(length)}`);
  }

  /** Demands so many positional words and no other keys than these, none of them empty. */
  expect(count: number, keys: readonly string[] = []): void {
    this.expectWords(count);
    for (const [key, value] of this.keys) {
      const known = keys.length === 0 ? 'it has none' : `it has ${keys.join(', ')}`;
      need(keys.includes(key), 'syntax', `unknown key ${show(key)}; ${known}`);
      need(value !== '', 'syntax', `key ${show(key)} has no value`);
    }
  }
}

/** @throws LabError syntax for too many words, a key that is given twice, a positional word behind a key */
export function splitWords(line: string): Words {
  const positional: string[] = [];
  const keys = new Map<string, string>();
  for (const word of line.split(' ').filter((text) => text !== '')) {
    need(positional.length + keys.size < MAX_WORDS, 'syntax', `a line has ${String(MAX_WORDS)} words at most`);
    const equals = word.indexOf('=');
    if (equals > 0) {
      const key = word.slice(0, equals);
      need(!keys.has(key), 'syntax', `key ${show(key)} is given twice`);
      keys.set(key, word.slice(equals + 1));
    } else {
      need(keys.size === 0, 'syntax', `word ${show(word)} stands behind a key`);
      positional.push(word);
    }
  }
  need(positional.length > 0, 'syntax', 'it begins with a key');
  return new Words(positional, keys);
}
