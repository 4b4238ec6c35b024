/** The findings that fail a test at its end, by name. */
export type FindingKind =
  /** A line of a kernel's log that is a warning or worse. */
  | 'warnings'
  /** An error in the hypervisor's log: a device model or a hypercall that threw. */
  | 'host-errors'
  | 'oopses'
  /** Tasks that wait for ever. */
  | 'hung-tasks'
  /** What is there when everything is unloaded and unplugged and was not before: memory, interrupts, objects, ... */
  | 'leftovers'
  /** A wait for a promise that the world does not know, of more than two seconds. */
  | 'foreign-waits'
  /** After a fault: a device that does not bind again. */
  | 'unbound';

/** The findings that a test allows: all of a kind, or those that a RegExp matches. */
export type Allowance = FindingKind | RegExp;

/** Something that a world must not end with. */
export interface Finding {
  readonly kind: FindingKind;
  /** One line that names guest and thing. */
  readonly text: string;
}

/** Lines that a message shows; a broken driver can fill a log. */
const SHOWN = 20;

/** A world that did not end as it should. */
export class NotClean extends Error {
  override readonly name = 'AssertionError';

  /** @param world the bus, for the message */
  constructor(
    world: string,
    readonly findings: readonly Finding[],
    /** Why devices had no driver: paragraphs. */
    why: readonly string[] = [],
  ) {
    super([message(world, findings), ...why].join('\n'));
  }
}

function message(world: string, findings: readonly Finding[]): string {
  const counts = new Map<string, number>();
  for (const { text } of findings) counts.set(text, (counts.get(text) ?? 0) + 1);
  const lines = [...counts]
    .slice(0, SHOWN)
    .map(([text, count]) => `  ${text}${count > 1 ? ` (${String(count)} times)` : ''}`);
  if (counts.size > SHOWN) lines.push(`  and ${String(counts.size - SHOWN)} more`);
  const kinds = [...new Set(findings.map(({ kind }) => `'${kind}'`))].join(', ');
  const how = `A test that wants that says so: allow: [${kinds}], or a RegExp that fits one line.`;
  return [`the world on ${world} did not end clean:`, ...lines, how].join('\n');
}

/** The findings that nothing allows. */
export function notAllowed(findings: readonly Finding[], allow: readonly Allowance[]): Finding[] {
  return findings.filter(
    ({ kind, text }) => !allow.some((one) => (one instanceof RegExp ? text.search(one) >= 0 : one === kind)),
  );
}
