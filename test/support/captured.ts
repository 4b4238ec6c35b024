import sinon from 'sinon';

/** What a command left: its output, its messages, its exit code. */
export interface Outcome {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

/** What a command finds its output to be. */
export interface Output {
  /** `COLUMNS` in its environment. Default: not set. */
  readonly columns?: number | string;
  /** Columns of the terminal that output and messages go to. Default: they go to files. */
  readonly terminal?: number;
}

/** Read by a function, since the compiler does not see commands set it. */
function exitCode(): number {
  return typeof process.exitCode === 'number' ? process.exitCode : 0;
}

/** Runs a command in this process, with its output kept. The terminal in which the tests run does not matter. */
export async function captured(command: () => Promise<unknown>, { columns, terminal }: Output = {}): Promise<Outcome> {
  const before = process.exitCode;
  const sandbox = sinon.createSandbox();
  const env = { ...process.env, COLUMNS: columns === undefined ? undefined : String(columns), NO_COLOR: undefined };
  sandbox.stub(process, 'env').value(env);
  const [out, err] = [process.stdout, process.stderr].map((stream) => {
    sandbox.define(stream, 'isTTY', terminal !== undefined);
    sandbox.define(stream, 'columns', terminal);
    return sandbox.stub(stream, 'write').returns(true);
  });
  const text = (stub: sinon.SinonStub | undefined): string => stub?.args.map(([chunk]) => String(chunk)).join('') ?? '';
  try {
    process.exitCode = undefined;
    await command();
    return { out: text(out), err: text(err), code: exitCode() };
  } finally {
    process.exitCode = before;
    sandbox.restore();
  }
}
