import { parse } from './syntax/parser';
import { ShellSyntaxError } from './syntax/error';
import type { List } from './syntax/ast';
import { Leave } from './run/signals';
import { Kept, NO_INPUT, type Stream } from './run/io';
import type { ShellSession } from './session';

/** A comment, or a command of one or more lines. */
type Chunk = { readonly comment: string } | { readonly text: string; readonly list: List };

/**
 * Splits a script as a recording does: a command is as many lines as make it complete.
 *
 * @throws ShellSyntaxError
 */
export function chunksOf(script: string): readonly Chunk[] {
  const chunks: Chunk[] = [];
  let begun: string[] = [];
  const lines = script.replace(/\n$/, '').split('\n');
  for (const [index, line] of lines.entries()) {
    if (begun.length === 0 && line.trim() === '') continue;
    if (begun.length === 0 && line.trimStart().startsWith('#')) {
      chunks.push({ comment: line });
      continue;
    }
    begun.push(line);
    const list = parsed(begun, index + 1 - (begun.length - 1), index === lines.length - 1);
    if (list === null) continue;
    chunks.push({ text: begun.join('\n'), list });
    begun = [];
  }
  return chunks;
}

/** Null when more lines are needed. */
function parsed(lines: readonly string[], firstLine: number, isLast: boolean): List | null {
  try {
    return parse(`${lines.join('\n')}\n`, firstLine);
  } catch (error) {
    if (error instanceof ShellSyntaxError && error.incomplete && !isLast) return null;
    throw error;
  }
}

/** `# modules: LIST` of a script: what is loaded before it runs. Default: all. */
export function modulesOf(script: string): string {
  const lines = script.split('\n').flatMap((line) => /^# modules: *(.*)$/.exec(line)?.[1]?.trim() ?? []);
  return lines.at(-1) ?? 'all';
}

/**
 * Runs a script and writes down its commands with what they print: comments as they are, commands behind `$ `, their
 * further lines behind `> `, and `[status N]` where the status is not 0.
 *
 * @throws ShellSyntaxError before anything is run
 */
export async function transcriptOf(session: ShellSession, script: string): Promise<string> {
  const kept = new Kept();
  await writeTranscript(session, script, (text) => kept.write(text));
  return kept.text;
}

/** {@link transcriptOf}, piece by piece. @returns the status of the script */
export async function writeTranscript(
  session: ShellSession,
  script: string,
  write: (text: string) => void,
): Promise<number> {
  const chunks = chunksOf(script);
  const output = { output: { write } };
  session.notice = write;
  const shell = session.newShell(
    new Map<number, Stream>([
      [0, { input: NO_INPUT }],
      [1, output],
      [2, output],
    ]),
  );
  const tellStatus = (): void => {
    if (shell.status !== 0) write(`[status ${String(shell.status)}]\n`);
  };
  for (const chunk of chunks) {
    tellStatus();
    if ('comment' in chunk) write(`${chunk.comment}\n`);
    else {
      write(`$ ${chunk.text.replaceAll('\n', '\n> ')}\n`);
      try {
        await shell.run(chunk.list);
      } catch (error) {
        if (!(error instanceof Leave)) throw error;
        return error.status;
      }
    }
  }
  tellStatus();
  return shell.status;
}
