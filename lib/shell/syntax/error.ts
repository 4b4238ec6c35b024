/** A script that is no script: what is wrong, and in which line. */
export class ShellSyntaxError extends Error {
  /**
   * @param reason without file and line
   * @param line of the text that was parsed, from 1
   * @param incomplete true: more lines could make it right
   */
  constructor(
    readonly reason: string,
    readonly line: number,
    readonly incomplete = false,
  ) {
    super(`syntax error: ${reason}`);
    this.name = 'ShellSyntaxError';
  }
}
