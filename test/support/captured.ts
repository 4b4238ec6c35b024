import sinon from 'sinon';

/** What a command left: its output, its messages, its exit code. */
export interface Outcome {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

/** Read by a function, as nobody sees commands set it. */
function exitCode(): number {
  return typeof process.exitCode === 'number' ? process.exitCode : 0;
}

/** Runs a command in this process, with its output kept. */
export async function captured(command: () => Promise<unknown>): Promise<Outcome> {
  const before = process.exitCode;
  const out = sinon.stub(process.stdout, 'write').returns(true);
  const err = sinon.stub(process.stderr, 'write').returns(true);
  const text = (stub: sinon.SinonStub): string => stub.args.map(([chunk]) => String(chunk)).join('');
  try {
    process.exitCode = undefined;
    await command();
    return { out: text(out), err: text(err), code: exitCode() };
  } finally {
    process.exitCode = before;
    out.restore();
    err.restore();
  }
}
