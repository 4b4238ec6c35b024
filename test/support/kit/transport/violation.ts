/** The contract is not kept. */
class Violation extends Error {
  override readonly name = 'Violation';
}

/** @throws Violation */
export function ensure(holds: boolean, what: string | (() => string)): asserts holds {
  if (!holds) throw new Violation(typeof what === 'string' ? what : what());
}

/** Numbers, bigints, texts, bytes, and lists of them. @throws Violation when they differ */
export function same(found: unknown, expected: unknown, what: string): void {
  ensure(show(found) === show(expected), () => `${what}: ${show(found)} instead of ${show(expected)}`);
}

function show(value: unknown): string {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  return String(value);
}
