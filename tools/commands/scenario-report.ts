import type { Cell } from 'cli-table3';
import {
  columnName,
  differences,
  type Conditions,
  type Fact,
  type Played,
  type Scenario,
  type Step,
} from '../../lib/study';
import { counted } from '../../lib/study/words';
import { table, WIDTH, wrap } from './compare/table';

/** Text of one bus. */
const COLUMN = 46;
/** Lines that both traces have before they part. */
const CONTEXT = 3;

/** Names and titles. */
export function list(scenarios: readonly Scenario[]): string {
  return scenarios.map(({ name, title }) => `${name}\n${indented(title, 4)}\n`).join('');
}

/** One scenario on two buses. */
export function sideBySide(scenario: Scenario, conditions: Conditions, control: Played, subject: Played): string {
  const parts = [
    `${scenario.name}\n${wrap(scenario.title, WIDTH)}`,
    `What was done, with ${circumstances(conditions)}:\n${indented(scenario.about)}`,
    stepTable(control, subject),
    ...partingOf(control, subject),
    `Why:\n${scenario.why.map((cause) => `${indented(cause.rule)}\n${place(cause)}`).join('\n')}`,
    `Difference:\n${differenceText(scenario, control, subject)}`,
    `Surprise: ${[control, subject].map(verdict).join(', ')}.`,
  ];
  return `${parts.join('\n\n')}\n`;
}

function verdict(side: Played): string {
  return `${side.happens ? 'on' : 'not on'} ${columnName(side)}`;
}

/** What a scenario measures, on each bus. */
export function everywhere(scenario: Scenario, conditions: Conditions, sides: readonly Played[]): string {
  const names = Object.keys(scenario.measures);
  const head = ['', 'surprise', ...names];
  const rows = sides.map((side) => [
    columnName(side),
    side.happens ? 'YES' : 'no',
    ...names.map((name) => factText(side.facts[name])),
  ]);
  const legend = names.map((name) => indented(`${name}: ${scenario.measures[name] ?? ''}`));
  return `${scenario.name}, with ${circumstances(conditions)}\n\n${table([head, ...rows])}\n\n${legend.join('\n')}\n`;
}

function circumstances({ devices, policy, seed }: Conditions): string {
  return `${counted(devices, 'device')}, policy ${policy}, seed ${String(seed)}`;
}

function indented(text: string, depth = 2): string {
  const indent = ' '.repeat(depth);
  return indent + wrap(text, WIDTH - depth, indent);
}

function place({ kernel, file, name }: Scenario['why'][number]): string {
  return indented(`${kernel === null ? '' : `${kernel}; `}here ${file}, ${name}`, 4);
}

/** A line for each operation, and below it what came of it on either side. */
function stepTable(control: Played, subject: Played): string {
  const rows: Cell[][] = [['', columnName(control), columnName(subject)]];
  for (let i = 0; i < Math.max(control.steps.length, subject.steps.length); i++) {
    const [left, right] = [control.steps[i], subject.steps[i]];
    const what = { content: left?.what ?? right?.what ?? '', colSpan: 2 };
    rows.push([String(i + 1), what], ['', stepText(left), stepText(right)]);
  }
  return table(rows, { widths: [4, COLUMN + 1, COLUMN] });
}

function stepText(step: Step | undefined): string {
  if (step === undefined) return '';
  const evidence = step.evidence.map((line) => `  ${wrap(line, COLUMN - 2, '    ')}`);
  return [wrap(step.outcome, COLUMN), ...evidence].join('\n');
}

/** Where two traces part; nothing for scenarios without. */
function partingOf(control: Played, subject: Played): string[] {
  if (control.trace.length === 0 && subject.trace.length === 0) return [];
  const at = control.trace.findIndex((line, i) => line !== subject.trace[i]);
  if (at < 0 && control.trace.length === subject.trace.length)
    return [`Traces: all ${String(control.trace.length)} lines are equal.`];
  const from = at < 0 ? control.trace.length : at;
  const before = control.trace.slice(Math.max(0, from - CONTEXT), from).map((line) => `    ${line}`);
  const sides = [control, subject].map((side) => `  > ${side.trace[from] ?? '(the end)'}    [${columnName(side)}]`);
  return [[`Traces: the first ${String(from)} lines are equal, then they part:`, ...before, ...sides].join('\n')];
}

function differenceText(scenario: Scenario, control: Played, subject: Played): string {
  const found = differences(scenario, control, subject);
  if (found.length === 0) return '  none: what was measured is the same.';
  const [a, b] = [columnName(control), columnName(subject)];
  return found
    .map(({ measure, values }) =>
      indented(`${measure}: ${factText(values[0])} on ${a}, ${factText(values[1])} on ${b}`),
    )
    .join('\n');
}

function factText(fact: Fact | undefined): string {
  if (fact === null || fact === undefined) return '-';
  if (typeof fact === 'boolean') return fact ? 'yes' : 'no';
  return String(fact);
}
