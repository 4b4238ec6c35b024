import { ErrnoError } from '../../errno';
import { CommandError, type Call, type CommandDef } from '../run/command';
import { absolute } from '../expand/glob';
import type { Node } from '../files/node';
import { formatted } from './printf';
import { escaped } from './escapes';

/** `echo [-neE] WORD...`: one write of all. @see coreutils/echo.c */
const echo: CommandDef = {
  name: 'echo',
  usage: '[-neE] WORD...',
  help: 'writes its words and a newline',
  builtin: true,
  run: async ({ args, out }) => {
    let newline = true;
    let escapes = false;
    let at = 0;
    for (; /^-[neE]+$/.test(args[at] ?? ''); at++) {
      for (const flag of (args[at] ?? '').slice(1)) {
        if (flag === 'n') newline = false;
        else escapes = flag === 'e';
      }
    }
    const text = args.slice(at).join(' ');
    const { text: shown, ends } = escapes ? escaped(text) : { text, ends: false };
    await out(`${shown}${newline && !ends ? '\n' : ''}`);
    return 0;
  },
};

const printf: CommandDef = {
  name: 'printf',
  usage: 'FORMAT ARG...',
  help: 'writes its arguments as the format says',
  builtin: true,
  run: async ({ args: [format, ...args], out, complain }) => {
    if (format === undefined) {
      await complain('printf: usage: printf FORMAT [ARG...]');
      return 2;
    }
    const { text, problems } = formatted(format, args);
    await out(text);
    for (const problem of problems) await complain(problem);
    return problems.length === 0 ? 0 : 1;
  },
};

function fixed(name: string, status: number, help: string): CommandDef {
  return { name, usage: '', help, builtin: true, run: () => status };
}

/** What a path leads to; undefined where nothing is. */
function nodeAt({ shell }: Call, path: string, follow: boolean): Node | undefined {
  try {
    return path === '' ? undefined : shell.tree.lookup(absolute(shell.cwd, path), follow).node;
  } catch (error) {
    if (error instanceof ErrnoError) return undefined;
    throw error;
  }
}

type FileTest = (call: Call, path: string) => boolean;

function kind(wanted: Node['kind']): FileTest {
  return (call, path) => nodeAt(call, path, true)?.kind === wanted;
}

/** Root may read and write whatever has a mode for it; to execute, one bit is enough. */
function mode(bits: number): FileTest {
  return (call, path) => {
    const node = nodeAt(call, path, true);
    return node !== undefined && (bits !== 0o111 || (node.mode & bits) !== 0);
  };
}

const isLink: FileTest = (call, path) => nodeAt(call, path, false)?.kind === 'link';

const FILE_TESTS: Readonly<Record<string, FileTest>> = {
  '-e': (call, path) => nodeAt(call, path, true) !== undefined,
  '-f': kind('file'),
  '-d': kind('dir'),
  '-b': kind('block'),
  '-c': kind('char'),
  '-L': isLink,
  '-h': isLink,
  '-r': mode(0o444),
  '-w': mode(0o222),
  '-x': mode(0o111),
  '-s': (call, path) => {
    const node = nodeAt(call, path, true);
    return node?.kind === 'dir' || (node !== undefined && node.kind !== 'link' && node.size > 0);
  },
  '-p': () => false,
  '-S': () => false,
};

const NUMBER_TESTS: Readonly<Record<string, (a: bigint, b: bigint) => boolean>> = {
  '-eq': (a, b) => a === b,
  '-ne': (a, b) => a !== b,
  '-lt': (a, b) => a < b,
  '-le': (a, b) => a <= b,
  '-gt': (a, b) => a > b,
  '-ge': (a, b) => a >= b,
};

const TEXT_TESTS: Readonly<Record<string, (a: string, b: string) => boolean>> = {
  '=': (a, b) => a === b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
};

/** @see coreutils/test.c */
class TestExpression {
  readonly #call: Call;
  readonly #args: readonly string[];
  #at = 0;

  constructor(call: Call, args: readonly string[]) {
    this.#call = call;
    this.#args = args;
  }

  value(): boolean {
    if (this.#args.length === 0) return false;
    const value = this.#or();
    const extra = this.#args[this.#at];
    if (extra !== undefined) throw new CommandError(`${extra}: unknown operand`, 2);
    return value;
  }

  #or(): boolean {
    let value = this.#and();
    while (this.#accept('-o')) value = this.#and() || value;
    return value;
  }

  #and(): boolean {
    let value = this.#not();
    while (this.#accept('-a')) value = this.#not() && value;
    return value;
  }

  #not(): boolean {
    if (this.#args[this.#at] === '!' && this.#args.length - this.#at > 1 && !this.#isBinary()) {
      this.#at += 1;
      return !this.#not();
    }
    return this.#primary();
  }

  #primary(): boolean {
    const [first, second] = this.#args.slice(this.#at, this.#at + 2);
    if (first === undefined) throw new CommandError('argument expected', 2);
    if (this.#isBinary()) return this.#binary();
    if (first === '(' && second !== undefined) {
      this.#at += 1;
      const value = this.#or();
      if (!this.#accept(')')) throw new CommandError('closing paren expected', 2);
      return value;
    }
    const test = FILE_TESTS[first];
    if (second !== undefined && (test !== undefined || first === '-n' || first === '-z')) {
      this.#at += 2;
      return test?.(this.#call, second) ?? (second === '') === (first === '-z');
    }
    this.#at += 1;
    return first !== '';
  }

  #isBinary(): boolean {
    const op = this.#args[this.#at + 1];
    const isOperator = op !== undefined && (op in NUMBER_TESTS || op in TEXT_TESTS);
    return isOperator && this.#args[this.#at + 2] !== undefined;
  }

  #binary(): boolean {
    const [a = '', op = '', b = ''] = this.#args.slice(this.#at, this.#at + 3);
    this.#at += 3;
    return TEXT_TESTS[op]?.(a, b) ?? NUMBER_TESTS[op]?.(numberOf(a), numberOf(b)) ?? false;
  }

  #accept(word: string): boolean {
    if (this.#args[this.#at] !== word) return false;
    this.#at += 1;
    return true;
  }
}

function numberOf(text: string): bigint {
  if (!/^\s*[-+]?\d+\s*$/.test(text)) throw new CommandError(`${text}: bad number`, 2);
  return BigInt(text.trim().replace('+', ''));
}

const test: CommandDef = {
  name: 'test',
  usage: 'EXPRESSION',
  help: 'is it so? -e FILE, -d FILE, -L FILE, -n TEXT, TEXT = TEXT, NUMBER -eq NUMBER, ! EXPRESSION',
  builtin: true,
  run: (call) => (new TestExpression(call, call.args).value() ? 0 : 1),
};

const bracket: CommandDef = {
  ...test,
  name: '[',
  usage: 'EXPRESSION ]',
  run: (call) => {
    if (call.args.at(-1) !== ']') throw new CommandError('missing ]', 2);
    return new TestExpression(call, call.args.slice(0, -1)).value() ? 0 : 1;
  },
};

export const wordCommands: readonly CommandDef[] = [
  echo,
  printf,
  test,
  bracket,
  fixed('true', 0, 'succeeds'),
  fixed(':', 0, 'succeeds'),
  fixed('false', 1, 'fails'),
];
