/** Variables of arithmetic expressions. */
export interface ArithmeticVariables {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}

/** Operators with two operands, those that bind least first. */
const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<=', '>=', '<', '>'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];
const ASSIGNMENTS = ['=', '+=', '-=', '*=', '/=', '%=', '<<=', '>>=', '&=', '^=', '|='];
const TOKEN = /\s*(0[xX][0-9a-fA-F]+|\d+|[A-Za-z_]\w*|<<=|>>=|&&|\|\||<<|>>|[-+*/%&^|!=<>]=|[-+*/%&^|!~<>=?:()])/y;
const DEEPEST = 100;

/**
 * The value of an expression in 64-bit numbers.
 *
 * @throws Error with what is wrong with it
 * @see POSIX.1-2017 §2.6.4
 */
export function evaluate(text: string, variables: ArithmeticVariables): bigint {
  return new Expression(text, variables).value();
}

class Expression {
  readonly #tokens: string[] = [];
  readonly #variables: ArithmeticVariables;
  #at = 0;
  #depth = 0;
  /** Not 0: what is read is not evaluated. */
  #skipped = 0;

  constructor(text: string, variables: ArithmeticVariables) {
    this.#variables = variables;
    TOKEN.lastIndex = 0;
    const trimmed = text.trimEnd();
    while (TOKEN.lastIndex < trimmed.length) {
      const match = TOKEN.exec(trimmed);
      if (match === null) throw new Error('arithmetic syntax error');
      this.#tokens.push(match[1] ?? '');
    }
  }

  value(): bigint {
    if (this.#tokens.length === 0) return 0n;
    const value = this.#assignment();
    if (this.#at < this.#tokens.length) throw new Error('arithmetic syntax error');
    return value;
  }

  #assignment(): bigint {
    if (++this.#depth > DEEPEST) throw new Error('expression recursion loop detected');
    const [name = '', op = ''] = this.#tokens.slice(this.#at, this.#at + 2);
    const isAssignment = /^[A-Za-z_]/.test(name) && ASSIGNMENTS.includes(op);
    const value = isAssignment ? this.#assign(name, op) : this.#condition();
    this.#depth -= 1;
    return value;
  }

  #assign(name: string, op: string): bigint {
    this.#at += 2;
    const right = this.#assignment();
    const value = op === '=' ? right : this.#compute(op.slice(0, -1), this.#variable(name), right);
    if (this.#skipped === 0) this.#variables.set(name, String(value));
    return value;
  }

  #condition(): bigint {
    const test = this.#binary(0);
    if (!this.#accept('?')) return test;
    const yes = this.#unless(test === 0n, () => this.#assignment());
    if (!this.#accept(':')) throw new Error('arithmetic syntax error');
    const no = this.#unless(test !== 0n, () => this.#assignment());
    return test === 0n ? no : yes;
  }

  #binary(level: number): bigint {
    const ops = LEVELS[level];
    if (ops === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const op = ops.find((each) => this.#accept(each));
      if (op === undefined) return left;
      const isDecided = (op === '||' && left !== 0n) || (op === '&&' && left === 0n);
      const before = left;
      const right = this.#unless(isDecided, () => this.#binary(level + 1));
      left = this.#compute(op, before, right);
    }
  }

  #unless(skip: boolean, read: () => bigint): bigint {
    if (skip) this.#skipped += 1;
    const value = read();
    if (skip) this.#skipped -= 1;
    return value;
  }

  #unary(): bigint {
    if (++this.#depth > DEEPEST) throw new Error('expression recursion loop detected');
    const value = this.#operand();
    this.#depth -= 1;
    return value;
  }

  #operand(): bigint {
    const token = this.#tokens[this.#at++] ?? '';
    switch (token) {
      case '-':
        return wrapped(-this.#unary());
      case '+':
        return this.#unary();
      case '!':
        return this.#unary() === 0n ? 1n : 0n;
      case '~':
        return ~this.#unary();
      case '(': {
        const value = this.#assignment();
        if (!this.#accept(')')) throw new Error('arithmetic syntax error');
        return value;
      }
    }
    if (/^[A-Za-z_]/.test(token)) return this.#variable(token);
    return number(token);
  }

  #variable(name: string): bigint {
    const text = this.#variables.get(name)?.trim() ?? '';
    if (text === '') return 0n;
    const [, sign = '', digits = ''] = /^([-+]?)(\w+)$/.exec(text) ?? [];
    const value = number(digits);
    return sign === '-' ? -value : value;
  }

  #compute(op: string, a: bigint, b: bigint): bigint {
    if ((op === '/' || op === '%') && b === 0n) {
      if (this.#skipped > 0) return 0n;
      throw new Error('divide by zero');
    }
    return wrapped(OPERATIONS[op]?.(a, b) ?? 0n);
  }

  #accept(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at += 1;
    return true;
  }
}

const bit = (value: boolean): bigint => (value ? 1n : 0n);

const OPERATIONS: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  '||': (a, b) => bit(a !== 0n || b !== 0n),
  '&&': (a, b) => bit(a !== 0n && b !== 0n),
  '|': (a, b) => a | b,
  '^': (a, b) => a ^ b,
  '&': (a, b) => a & b,
  '==': (a, b) => bit(a === b),
  '!=': (a, b) => bit(a !== b),
  '<=': (a, b) => bit(a <= b),
  '>=': (a, b) => bit(a >= b),
  '<': (a, b) => bit(a < b),
  '>': (a, b) => bit(a > b),
  '<<': (a, b) => a << (b & 63n),
  '>>': (a, b) => a >> (b & 63n),
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};

function wrapped(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

function number(token: string): bigint {
  if (/^0[0-7]+$/.test(token)) return wrapped(BigInt(`0o${token.slice(1)}`));
  if (/^(0[xX][0-9a-fA-F]+|\d+)$/.test(token) && !/^0\d/.test(token)) return wrapped(BigInt(token));
  throw new Error('arithmetic syntax error');
}
