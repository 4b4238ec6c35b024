import { fixtureName } from '../../../lib/machine';
import { ABILITIES, PHASES, type AccessComparison, type AccessRun, type Phase } from '../../../lib/study/access';
import { legend, prose } from '../prose';
import { table } from '../table';
import type { CostModel } from './cost-model';
import type { Paint } from './paint';

const MEANING: Readonly<Record<Phase, string>> = {
  scan: 'the guest boots and finds the device',
  attach: 'the driver gets it, features are agreed on, queues are set up',
  request: 'one read of 4 KiB',
  detach: 'the drivers are unloaded',
};

/** Two tables and what is left between them. */
export function accessText({ runs, additive, abilities }: AccessComparison, model: CostModel, paint: Paint): string {
  const [{ driver } = { driver: '' }] = runs;
  const own = runs.filter((run) => run.driver === driver);
  const parts = [
    paint('bold', prose(`What finding a device costs, in exits, by bus (${driver}, one device):`)),
    probingTable(own),
    paint('bold', prose('What talking to it costs, in exits, by style of access:')),
    accessTable(own),
    legend(PHASES.map((phase) => [phase, MEANING[phase]])),
    paint('bold', prose(`Time of one run in us, found+talked, by the cost model ${model.name}:`)),
    timeTable(runs, model),
    prose(sources(model)),
    paint('bold', prose('What is left of cost(bus, style) - a(bus) - b(style):')),
    ...residualText(additive),
    paint('bold', prose('What a style can do besides, found by trying:')),
    abilityTable(abilities),
    legend(ABILITIES.map(({ title, meaning }) => [title, meaning])),
    prose(verified(runs)),
  ];
  return `${parts.join('\n\n')}\n`;
}

const right = (column: number): boolean => column > 0;

/** A line for each bus, whatever the style, and one for its native transport. */
function probingTable(runs: readonly AccessRun[]): string {
  const columns: readonly Phase[] = ['scan', 'attach', 'detach'];
  const cost = (some: readonly AccessRun[]): string[] =>
    columns.map((phase) => range(some.map((run) => run.phases[phase].probing)));
  const rows = names(runs).flatMap((bus) => {
    const own = runs.filter((run) => fixtureName(run) === bus);
    return [
      [bus, ...cost(own.filter(({ access }) => access !== 'native'))],
      [`${bus}, native`, ...cost(own.filter(({ access }) => access === 'native'))],
    ];
  });
  return table([['bus', ...columns], ...rows], { right });
}

/** A line for each style, whatever the bus; native transports belong to their bus. */
function accessTable(runs: readonly AccessRun[]): string {
  const columns: readonly Phase[] = ['attach', 'request', 'detach'];
  const line = (title: string, some: readonly AccessRun[]): string[] => [
    title,
    ...columns.map((phase) => range(some.map((run) => run.phases[phase].access))),
  ];
  const styles = [...new Set(runs.map(({ access }) => access))].filter((access) => access !== 'native');
  const native = runs.filter(({ access }) => access === 'native');
  return table(
    [
      ['style', ...columns],
      ...styles.map((style) =>
        line(
          style,
          runs.filter(({ access }) => access === style),
        ),
      ),
      ...native.map((run) => line(`${fixtureName(run)}, native`, [run])),
    ],
    { right },
  );
}

function names(runs: readonly AccessRun[]): string[] {
  return [...new Set(runs.map(fixtureName))];
}

/** One number, or the smallest and the largest. */
function range(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? String(low) : `${String(low)}-${String(high)}`;
}

/** A line for each bus and style, a column for each driver. */
function timeTable(runs: readonly AccessRun[], model: CostModel): string {
  const drivers = [...new Set(runs.map(({ driver }) => driver))];
  const lines = new Map<string, string[]>();
  for (const run of runs) {
    const { probing, access } = run.cost;
    const title = `${fixtureName(run)}, ${run.access}`;
    const cells = lines.get(title) ?? [title];
    lines.set(title, [...cells, `${time(probing, model)}+${time(access, model)}`]);
  }
  return table([['bus, style', ...drivers], ...lines.values()], { right });
}

function time(cost: AccessRun['cost']['probing'], model: CostModel): string {
  const exits = cost.exits - cost.hypercalls;
  const copied = cost.bytesCopiedHost + cost.bytesCopiedGuest;
  const ns =
    exits * model.exit.ns +
    cost.hypercalls * model.hypercall.ns +
    cost.interrupts * model.interrupt.ns +
    copied * model.byteCopied.ns;
  return (ns / 1000).toFixed(0);
}

function sources({ exit, hypercall, interrupt, byteCopied }: CostModel): string {
  const parts = { exit, hypercall, interrupt, 'byte copied': byteCopied };
  const texts = Object.entries(parts).map(([name, { ns, source }]) => `${name} ${String(ns)} ns (${source})`);
  return `The model: ${texts.join('; ')}.`;
}

function residualText({ residuals, cells, reference }: AccessComparison['additive']): string[] {
  const zero = cells - residuals.length;
  const head = prose(
    `Relative to ${reference.bus} with ${reference.access}, ${String(zero)} of ${String(cells)} cells are 0: ` +
      'there the cost of finding does not depend on the style, nor that of talking on the bus.',
  );
  if (residuals.length === 0) return [head];
  const rows = residuals.map(({ bus, access, phase, exits, reason }) => [
    `${bus}, ${access}, ${phase}`,
    String(exits),
    reason ?? 'not explained',
  ]);
  const isExplained = residuals.every(({ reason }) => reason !== null);
  const tail = isExplained ? 'Each of the others has a reason that the numbers bear out.' : 'Some are not explained.';
  return [
    head,
    table([['bus, style, phase', 'exits', 'why'], ...rows], { right: (column) => column === 1 }),
    prose(tail),
  ];
}

function abilityTable(abilities: AccessComparison['abilities']): string {
  const titles = ABILITIES.map(({ title }) => title);
  const rows = abilities.map(({ style, can }) => [
    style,
    ...titles.map((title) => (can.get(title) === true ? 'yes' : 'no')),
  ]);
  return table([['style', ...titles], ...rows]);
}

function verified(runs: readonly AccessRun[]): string {
  const good = runs.filter(({ bound, ioVerified }) => bound && ioVerified).length;
  return `${String(good)} of ${String(runs.length)} runs bound the device and gave back what was written.`;
}

/** What programs may rely on, and no more. */
export function accessJson({ runs, additive, abilities }: AccessComparison): object {
  return {
    runs: runs.map(({ bus, strategy, access, driver, bound, ioVerified, cost, phases }) => ({
      bus,
      strategy,
      access,
      driver,
      bound,
      ioVerified,
      cost,
      phases,
    })),
    residuals: additive.residuals,
    abilities: abilities.map(({ style, can }) => ({ style, ...Object.fromEntries(can) })),
  };
}
