import { fixtureName, type Conditions } from '../../lib/machine';
import { differences, partingAt, type Fact, type Played, type Scenario, type ScenarioStep } from '../../lib/study';
import { counted } from '../../lib/study/evidence/words';
import { lineWidth } from '../terminal';
import { legend, prose, quoted, wrap } from './prose';
import { table, type Cell } from './table';

/** Of the numbers of steps. */
const NUMBER_WIDTH = 4;
/** Lines that both traces have before they part. */
const CONTEXT = 3;

const SURPRISE = 'does it happen, or is the trace another one than that of the control bus?';

/** Names and titles. */
export function list(scenarios: readonly Scenario[]): string {
  return scenarios.map(({ name, title }) => `${name}\n${prose(title, 4)}\n`).join('');
}

/** One scenario on two buses. */
export function sideBySide(scenario: Scenario, conditions: Conditions, control: Played, subject: Played): string {
  const parts = [
    `${scenario.name}\n${prose(scenario.title)}`,
    `${prose(`What was done, with ${circumstances(conditions)}:`)}\n${prose(scenario.about, 2)}`,
    stepTable(control, subject),
    ...partingOf(control, subject),
    `Why:\n${scenario.why.map((cause) => `${prose(cause.rule, 2)}\n${place(cause)}`).join('\n')}`,
    `Difference:\n${differenceText(scenario, control, subject)}`,
    prose(`Surprise: ${[control, subject].map(verdict).join(', ')}.`),
  ];
  return `${parts.join('\n\n')}\n`;
}

function verdict(side: Played): string {
  return `${side.happens ? 'on' : 'not on'} ${fixtureName(side)}`;
}

/** What a scenario measures, on each bus. */
export function everywhere(scenario: Scenario, conditions: Conditions, sides: readonly Played[]): string {
  const names = Object.keys(scenario.measures);
  const head = ['bus', 'surprise', ...names];
  const rows = sides.map((side) => [
    fixtureName(side),
    side.happens ? 'YES' : 'no',
    ...names.map((name) => factText(side.facts[name])),
  ]);
  const meanings = names.map((name) => [name, scenario.measures[name] ?? ''] as const);
  const title = prose(`${scenario.name}, with ${circumstances(conditions)}`);
  return `${title}\n\n${table([head, ...rows])}\n\n${legend([['surprise', SURPRISE], ...meanings])}\n`;
}

function circumstances({ devices, policy, seed }: Conditions): string {
  return `${counted(devices, 'device')}, policy ${policy}, seed ${String(seed)}`;
}

function place({ kernel, file, name }: Scenario['why'][number]): string {
  return prose(`${kernel === null ? '' : `${kernel}; `}here ${file}, ${name}`, 4);
}

/** A line for each operation, and below it what came of it on either side. */
function stepTable(control: Played, subject: Played): string {
  const width = Math.floor((lineWidth() - NUMBER_WIDTH - 4) / 2);
  const rows: Cell[][] = [['', fixtureName(control), fixtureName(subject)]];
  for (let i = 0; i < Math.max(control.steps.length, subject.steps.length); i++) {
    const [left, right] = [control.steps[i], subject.steps[i]];
    const what = { content: wrap(left?.what ?? right?.what ?? '', 2 * width), colSpan: 2 };
    rows.push([String(i + 1), what], ['', stepText(left, width), stepText(right, width)]);
  }
  return table(rows, { widths: [NUMBER_WIDTH, width + 1, width] });
}

function stepText(step: ScenarioStep | undefined, width: number): string {
  if (step === undefined) return '';
  const evidence = step.evidence.map((line) => wrap(line, width, '      ', '  '));
  return [wrap(step.outcome, width), ...evidence].join('\n');
}

/** Where two traces part; nothing for scenarios without. */
function partingOf(control: Played, subject: Played): string[] {
  if (control.trace.length === 0 && subject.trace.length === 0) return [];
  const from = partingAt(control.trace, subject.trace);
  if (from === null) return [`Traces: all ${String(control.trace.length)} lines are equal.`];
  const before = control.trace.slice(Math.max(0, from - CONTEXT), from).map((line) => quoted(line, 4));
  const sides = [control, subject].map((side) => {
    const line = side.trace[from] ?? '(the end)';
    return quoted(`> ${line}    [${fixtureName(side)}]`, 2);
  });
  const head = `Traces: the first ${String(from)} lines are equal, then they part:`;
  return [[head, ...before, ...sides].join('\n')];
}

function differenceText(scenario: Scenario, control: Played, subject: Played): string {
  const found = differences(scenario, control, subject);
  if (found.length === 0) return '  none: what was measured is the same.';
  const [a, b] = [fixtureName(control), fixtureName(subject)];
  return found
    .map(({ measure, values }) =>
      prose(`${measure}: ${factText(values[0])} on ${a}, ${factText(values[1])} on ${b}`, 2, 4),
    )
    .join('\n');
}

function factText(fact: Fact | undefined): string {
  if (fact === null || fact === undefined) return '-';
  if (typeof fact === 'boolean') return fact ? 'yes' : 'no';
  return String(fact);
}
