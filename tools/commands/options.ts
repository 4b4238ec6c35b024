import { InvalidArgumentError, Option } from 'commander';
import type { AllocationPolicy } from '../../lib/machine';
import { unknownName } from '../names';

/** An option with a range of values, for tests of its limits. */
export interface Ended {
  readonly ends: readonly string[];
}

/** An option with a whole number in a range. */
export class NumberOption extends Option implements Ended {
  readonly ends: readonly string[];

  constructor(flag: string, what: string, preset: number, least: number, most: number) {
    super(`${flag} <n>`, `${what}, ${String(least)} to ${String(most)}`);
    this.ends = [String(least), String(most)];
    this.default(preset).argParser((text) => {
      const value = Number(text);
      if (/^\d+$/.test(text) && value >= least && value <= most) return value;
      throw new InvalidArgumentError(`It must be a whole number from ${String(least)} to ${String(most)}.`);
    });
  }
}

/** How names are taken. */
export interface NameRules {
  /** What they are names of; default: what the flags say. */
  readonly kind?: string;
  /** What a name is called that is written otherwise. Default: as it is written. */
  readonly canonical?: (text: string) => string;
  /** Are they in the help? Default: yes. */
  readonly listed?: boolean;
}

/** An option with one of some names; with `...` in its flags, with some of them. */
export class NameOption extends Option implements Ended {
  readonly ends: readonly string[];

  constructor(flags: string, what: string, names: readonly string[], rules: NameRules = {}) {
    super(flags, what);
    const { kind = /<([a-z]+)/.exec(flags)?.[1] ?? '', canonical = (text: string) => text, listed = true } = rules;
    this.ends = [names[0] ?? '', names.at(-1) ?? ''];
    if (listed) this.choices(names);
    const checked = (text: string): string => {
      const name = canonical(text);
      if (names.includes(name)) return name;
      throw unknownName(kind, text, names);
    };
    if (this.variadic) this.argParser((text, before?: readonly string[]) => [...(before ?? []), checked(text)]);
    else this.argParser(checked);
  }
}

const POLICIES: readonly AllocationPolicy[] = ['lowest', 'recent', 'random'];

/** `--policy`; without `preset` there is no default. */
export function policyOption(what: string, preset?: AllocationPolicy): Option {
  const option = new NameOption('--policy <policy>', what, POLICIES);
  return preset === undefined ? option : option.default(preset);
}

/** `--seed` */
export function seedOption(what: string): Option {
  return new NumberOption('--seed', what, 1, 0, 0xffffffff);
}
