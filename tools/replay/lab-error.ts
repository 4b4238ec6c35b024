/** Why the lab itself refuses an op. */
export type LabCode = 'syntax' | 'exists' | 'limit' | 'unknown' | 'state' | 'busy';

/** Ends an op without effect; the trace shows it as `lab:CODE`. The reason is for the author of the program. */
export class LabError extends Error {
  constructor(
    readonly code: LabCode,
    readonly reason: string,
  ) {
    super(`lab:${code}: ${reason}`);
    this.name = 'LabError';
  }
}

/** Ends the op with that lab error unless `condition` holds. */
export function need(condition: boolean, code: LabCode, reason: string): asserts condition {
  if (!condition) throw new LabError(code, reason);
}
