import { Option, type Command } from 'commander';
import {
  columnName,
  differences,
  play,
  SCENARIOS,
  type AllocationPolicy,
  type BusFixture,
  type Conditions,
  type Played,
  type Scenario,
} from '../../lib/study';
import { nearNames } from '../near-names';
import { UsageError } from '../usage-error';
import { policyOption, seedOption } from './options';
import { everywhere, list, sideBySide } from './scenario-report';
import { FIXTURES, WORKLOADS } from './subjects';

interface Options {
  readonly list?: boolean;
  readonly all?: boolean;
  readonly json?: boolean;
  readonly control: string;
  readonly strategy?: string;
  readonly policy?: AllocationPolicy;
  readonly seed: number;
}

/** Devices of each class that the hypervisor has. */
const DEVICES = 4;

const CONTROLS = FIXTURES.filter(({ strategy }) => strategy === null);
const SUBJECTS = FIXTURES.filter(({ strategy }) => strategy !== null);

/** `ldm scenario`: something that surprises who knows Linux, on a control bus and on ps3-handle side by side. */
export function addScenario(program: Command): void {
  program
    .command('scenario')
    .description('play a scenario that surprises on ps3-handle, beside a bus on which it does not')
    .argument('[name]', 'name of a scenario')
    .option('--list', 'print names and titles')
    .addOption(
      new Option('--control <bus>', 'the bus beside it').choices(CONTROLS.map(({ bus }) => bus)).default('vpci'),
    )
    .addOption(
      new Option('--strategy <strategy>', 'of ps3-handle; default: the one that the scenario is about').choices(
        SUBJECTS.map(({ strategy }) => strategy ?? ''),
      ),
    )
    .addOption(policyOption('which free device the hypervisor gives; default: the scenario says'))
    .addOption(seedOption('seed of all chance'))
    .option('--all', 'what is measured on every bus and strategy')
    .option('--json', 'print everything as JSON')
    .action(async (name: string | undefined, options: Options) => {
      process.stdout.write(await run(name, options));
    });
}

async function run(name: string | undefined, options: Options): Promise<string> {
  if (options.list === true) return options.json === true ? json(SCENARIOS.map(named)) : list(SCENARIOS);
  const scenario = known(name);
  const conditions: Conditions = {
    seed: options.seed,
    devices: DEVICES,
    policy: options.policy ?? scenario.policy ?? 'lowest',
  };
  const on = (fixture: BusFixture): Promise<Played> => playOn(scenario, fixture, conditions);
  if (options.all === true) {
    const sides: Played[] = [];
    for (const fixture of FIXTURES) sides.push(await on(fixture));
    return options.json === true
      ? json({ ...named(scenario), conditions, sides })
      : everywhere(scenario, conditions, sides);
  }
  const control = await on(fixtureOf(CONTROLS, ({ bus }) => bus === options.control));
  const subject = await on(fixtureOf(SUBJECTS, ({ strategy }) => strategy === (options.strategy ?? scenario.strategy)));
  if (options.json !== true) return sideBySide(scenario, conditions, control, subject);
  const { about, measures, why } = scenario;
  const different = differences(scenario, control, subject);
  return json({ ...named(scenario), about, measures, why, conditions, control, subject, differences: different });
}

async function playOn(scenario: Scenario, fixture: BusFixture, conditions: Conditions): Promise<Played> {
  const [workload] = WORKLOADS;
  if (workload === undefined) throw new Error(`no driver for ${columnName(fixture)}`);
  return play(scenario, fixture, conditions, workload);
}

function known(name: string | undefined): Scenario {
  if (name === undefined) throw new UsageError('name a scenario, or see which there are with --list');
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found !== undefined) return found;
  const near = nearNames(name, SCENARIOS.map((scenario) => scenario.name));
  throw new UsageError(`unknown scenario '${name}'; there are: ${near.join(', ')}`);
}

function fixtureOf(fixtures: readonly BusFixture[], is: (fixture: BusFixture) => boolean): BusFixture {
  const found = fixtures.find(is);
  if (found === undefined) throw new UsageError('there is no such bus');
  return found;
}

function named({ name, title }: Scenario): { name: string; title: string } {
  return { name, title };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
