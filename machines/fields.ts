import { MachineFileError, type Located } from './json';

/** What a message calls a value. */
function kindOf({ value }: Located): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return `a ${typeof value}`;
  return value instanceof Map ? 'an object' : 'a list';
}

/** Reads the members of one object, each by its type; members that nobody reads are refused at the end. */
export class Fields {
  readonly line: number;
  readonly #members: ReadonlyMap<string, Located>;
  readonly #known = new Set<string>();

  /** @throws MachineFileError when it is no object */
  constructor(
    located: Located,
    readonly what: string,
  ) {
    this.line = located.line;
    if (!(located.value instanceof Map))
      throw new MachineFileError(`${what} is ${kindOf(located)}, not an object`, located.line);
    this.#members = located.value as ReadonlyMap<string, Located>;
  }

  has(name: string): boolean {
    return this.#members.has(name);
  }

  get(name: string): Located | undefined {
    this.#known.add(name);
    return this.#members.get(name);
  }

  /** @throws MachineFileError when it is missing */
  must(name: string): Located {
    const located = this.get(name);
    if (located === undefined) return this.fail(`${this.what} has no "${name}"`);
    return located;
  }

  lineOf(name: string): number {
    return this.#members.get(name)?.line ?? this.line;
  }

  text(name: string): string | undefined {
    return this.#typed(name, 'string', 'text');
  }

  flag(name: string): boolean | undefined {
    return this.#typed(name, 'boolean', 'true or false');
  }

  /** A number, or a text like `"0x1af4"`. */
  number(name: string, least = 0, most = 0xffff_ffff): number | undefined {
    const located = this.get(name);
    if (located === undefined) return undefined;
    const { value } = located;
    const number = typeof value === 'string' && /^0x[0-9a-f]+$/i.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most) return number;
    const range = `a whole number from ${String(least)} to ${String(most)}`;
    throw new MachineFileError(`"${name}" of ${this.what} is not ${range}`, located.line);
  }

  list(name: string): readonly Located[] | undefined {
    const located = this.get(name);
    if (located === undefined) return undefined;
    if (Array.isArray(located.value)) return located.value as readonly Located[];
    throw new MachineFileError(`"${name}" of ${this.what} is ${kindOf(located)}, not a list`, located.line);
  }

  /** @throws MachineFileError for the first member that nobody has asked for */
  done(): void {
    for (const [name, { line }] of this.#members) {
      if (!this.#known.has(name)) throw new MachineFileError(`${this.what} has no member "${name}"`, line);
    }
  }

  fail(reason: string): never {
    throw new MachineFileError(reason, this.line);
  }

  #typed<T extends 'string' | 'boolean'>(
    name: string,
    type: T,
    wanted: string,
  ): (T extends 'string' ? string : boolean) | undefined {
    const located = this.get(name);
    if (located === undefined) return undefined;
    if (typeof located.value === type) return located.value as never;
    throw new MachineFileError(`"${name}" of ${this.what} is ${kindOf(located)}, not ${wanted}`, located.line);
  }
}
