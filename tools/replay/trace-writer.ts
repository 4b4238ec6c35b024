import type { Task, World } from '../../lib';
import { utf8Encode } from '../../lib/utf8';

/** Collects the lines of a trace. What does not run in the op itself gets a `~`. */
export class TraceWriter {
  readonly #world: World;
  readonly #lines: string[] = [];
  /** The task of the op that is being executed. */
  own: Task | null = null;

  constructor(world: World) {
    this.#world = world;
  }

  line(text: string): void {
    const { current } = this.#world;
    this.#lines.push(current !== null && current !== this.own ? `~${text}` : text);
  }

  /** Lines so far. */
  get length(): number {
    return this.#lines.length;
  }

  /** The trace so far, each line ended. */
  get text(): string {
    return this.#lines.map((line) => `${line}\n`).join('');
  }
}

/** Bytes of a store as a trace shows them: the first 60, with escapes. */
export function quote(data: string): string {
  return [...utf8Encode(data).subarray(0, 60)].map(quoteByte).join('');
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', ' ': '\\s', '\\': '\\\\' };

function quoteByte(byte: number): string {
  const char = String.fromCharCode(byte);
  if (byte < 32 || byte > 126) return ESCAPES[char] ?? `\\x${byte.toString(16).padStart(2, '0')}`;
  return ESCAPES[char] ?? char;
}
