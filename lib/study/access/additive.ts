import { fixtureName } from '../../machine';
import { PHASES, type Access, type AccessRun, type Phase } from './measure';

/** What is left of a cost when those of bus and style are taken off. */
interface Residual {
  readonly bus: string;
  readonly access: Access;
  readonly phase: Phase;
  readonly exits: number;
  /** Why that is so, as far as it can be computed; null: not explained. */
  readonly reason: string | null;
}

/** Costs in exits as sums: of the bus, and of the style. */
export interface Additive {
  /** What the bus costs with the style of reference. */
  readonly ofBus: ReadonlyMap<string, Readonly<Record<Phase, number>>>;
  /** What the style costs more or less than that of reference, on the bus of reference. */
  readonly ofStyle: ReadonlyMap<Access, Readonly<Record<Phase, number>>>;
  readonly reference: { readonly bus: string; readonly access: Access };
  /** Those that are not zero. */
  readonly residuals: readonly Residual[];
  /** How many there are, zero or not. */
  readonly cells: number;
}

/** Runs in a style, looked up by bus and style. */
class Costs {
  readonly buses: readonly string[];
  readonly styles: readonly Access[];
  readonly #runs: ReadonlyMap<string, AccessRun>;

  constructor(runs: readonly AccessRun[]) {
    const styled = runs.filter(({ access }) => access !== 'native');
    this.buses = [...new Set(styled.map(fixtureName))];
    this.styles = [...new Set(styled.map(({ access }) => access))];
    this.#runs = new Map(styled.map((run) => [`${fixtureName(run)} ${run.access}`, run]));
  }

  run(bus: string, access: Access): AccessRun | undefined {
    return this.#runs.get(`${bus} ${access}`);
  }

  exits(bus: string, access: Access, phase: Phase): number {
    const cost = this.run(bus, access)?.phases[phase];
    return cost === undefined ? NaN : cost.probing + cost.access;
  }
}

/**
 * Is cost(bus, style) = a(bus) + b(style)? Native transports belong to one bus and take no part.
 *
 * @param runs of one driver
 * @param bus of reference, by name; default the first
 */
export function additive(runs: readonly AccessRun[], bus?: string): Additive {
  const costs = new Costs(runs);
  const { buses, styles } = costs;
  const reference = { bus: bus ?? buses[0] ?? '', access: styles[0] ?? 'native' };
  const b = (access: Access, phase: Phase): number =>
    costs.exits(reference.bus, access, phase) - costs.exits(reference.bus, reference.access, phase);
  const residual = (name: string, access: Access, phase: Phase): number =>
    costs.exits(name, access, phase) - costs.exits(name, reference.access, phase) - b(access, phase);
  const residuals = buses.flatMap((name) =>
    PHASES.flatMap((phase) => {
      const left = styles.map((access) => ({ bus: name, access, phase, exits: residual(name, access, phase) }));
      const reason = explain(costs, reference.access, name, phase, residual);
      return left.filter(({ exits }) => exits !== 0).map((one) => ({ ...one, reason }));
    }),
  );
  return {
    ofBus: new Map(buses.map((name) => [name, each((phase) => costs.exits(name, reference.access, phase))])),
    ofStyle: new Map(styles.map((access) => [access, each((phase) => b(access, phase))])),
    reference,
    residuals,
    cells: buses.length * styles.length * PHASES.length,
  };
}

function each(of: (phase: Phase) => number): Record<Phase, number> {
  return { scan: of('scan'), attach: of('attach'), request: of('request'), detach: of('detach') };
}

/** Two reasons are known; each is checked against the numbers of all styles, or it is none. */
function explain(
  costs: Costs,
  usual: Access,
  bus: string,
  phase: Phase,
  residual: (bus: string, access: Access, phase: Phase) => number,
): string | null {
  const { styles } = costs;
  const hasWindow = (access: Access): boolean => (costs.run(bus, access)?.window ?? 0) > 0;
  const without = styles.filter((access) => !hasWindow(access)).map((access) => residual(bus, access, phase));
  const isSame = new Set(without).size === 1 && styles.every((a) => !hasWindow(a) || residual(bus, a, phase) === 0);
  if (phase === 'scan' && isSame) return 'its scan looks at windows, and these styles have none';
  const asks = (access: Access): number => costs.run(bus, access)?.identify ?? NaN;
  const isAsked = styles.every((access) => residual(bus, access, phase) === asks(access) - asks(usual));
  if (phase === 'attach' && isAsked) return 'it does not know what the device is, and has the style ask';
  return null;
}
