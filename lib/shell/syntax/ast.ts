/** The parts of a script. @see POSIX.1-2017 §2.9, §2.10 */

/** A piece of a word. Quoted pieces are neither split nor taken for patterns. */
export type Part =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  | ParamPart
  | { readonly kind: 'command'; readonly body: List; readonly quoted: boolean }
  | { readonly kind: 'arith'; readonly expression: Word; readonly quoted: boolean };

/** What follows the name in `${name...}`. */
export type ParamOp = '' | '-' | ':-' | '=' | ':=' | '+' | ':+' | '?' | ':?' | '#' | '##' | '%' | '%%' | 'length';

/** `$name`, `${name}`, `${name:-word}` and the like. */
export interface ParamPart {
  readonly kind: 'param';
  readonly name: string;
  readonly op: ParamOp;
  readonly word: Word;
  readonly quoted: boolean;
}

export type Word = readonly Part[];

export type RedirectOp = '>' | '>>' | '>|' | '<' | '<>' | '>&' | '<&' | '<<';

export interface Redirect {
  readonly fd: number;
  readonly op: RedirectOp;
  /** The file, the number of a descriptor, or the text of a here-document. */
  target: Word;
}

interface Line {
  /** Of the script, from 1. */
  readonly line: number;
}

export interface Assignment {
  readonly name: string;
  readonly value: Word;
}

export interface SimpleCommand extends Line {
  readonly kind: 'simple';
  readonly assignments: readonly Assignment[];
  readonly words: readonly Word[];
  readonly redirects: readonly Redirect[];
}

export interface ForCommand extends Line {
  readonly kind: 'for';
  readonly name: string;
  /** Absent: the arguments. */
  readonly words: readonly Word[] | null;
  readonly body: List;
  readonly redirects: readonly Redirect[];
}

export interface IfCommand extends Line {
  readonly kind: 'if';
  readonly branches: readonly { readonly test: List; readonly body: List }[];
  readonly otherwise: List | null;
  readonly redirects: readonly Redirect[];
}

export interface LoopCommand extends Line {
  readonly kind: 'while' | 'until';
  readonly test: List;
  readonly body: List;
  readonly redirects: readonly Redirect[];
}

export interface CaseCommand extends Line {
  readonly kind: 'case';
  readonly word: Word;
  readonly arms: readonly { readonly patterns: readonly Word[]; readonly body: List }[];
  readonly redirects: readonly Redirect[];
}

interface GroupCommand extends Line {
  readonly kind: 'group' | 'subshell';
  readonly body: List;
  readonly redirects: readonly Redirect[];
}

interface FunctionCommand extends Line {
  readonly kind: 'function';
  readonly name: string;
  readonly body: Command;
}

export type Command =
  SimpleCommand | ForCommand | IfCommand | LoopCommand | CaseCommand | GroupCommand | FunctionCommand;

export interface Pipeline {
  readonly negated: boolean;
  readonly commands: readonly Command[];
}

/** `a && b || c` */
export interface AndOr {
  readonly first: Pipeline;
  readonly rest: readonly { readonly op: '&&' | '||'; readonly pipeline: Pipeline }[];
}

export type List = readonly AndOr[];
