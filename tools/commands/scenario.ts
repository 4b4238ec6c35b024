import { Argument, Option, type Command } from 'commander';
import { besideControl, differences, play, SCENARIOS, type Played, type Scenario } from '../../lib/study';
import { fixtureName, type AllocationPolicy, type BusFixture, type Conditions } from '../../lib/machine';
import { unknownName } from '../names';
import { UsageError } from '../usage-error';
import { NameOption, policyOption, seedOption } from './options';
import { everywhere, list, sideBySide } from './scenario-report';
import { fixtures } from '../../buses';
import { WORKLOADS } from './subjects';

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

const CONTROLS = fixtures.filter(({ strategy }) => strategy === null);
const SUBJECTS = fixtures.filter(({ strategy }) => strategy !== null);

/** Options that say what is played: a list plays nothing. */
const OF_A_PLAY = ['all', 'control', 'strategy', 'policy', 'seed'];

/** `ldm scenario`: a behaviour that surprises a Linux user, on a control bus and on ps3-handle side by side. */
export function addScenario(program: Command): void {
  program
    .command('scenario')
    .description('play a scenario that surprises on ps3-handle, beside a bus on which it does not')
    .addArgument(new Argument('[name]', 'name of a scenario'))
    .addOption(new Option('--list', 'print names and titles').conflicts(OF_A_PLAY))
    .addOption(controlOption())
    .addOption(strategyOption())
    .addOption(policyOption('which free device the hypervisor gives; default: the scenario says'))
    .addOption(seedOption('seed of all chance'))
    .addOption(new Option('--all', 'print what is measured on every bus').conflicts(['control', 'strategy']))
    .option('--json', 'print everything as JSON')
    .action(async (name: string | undefined, options: Options) => {
      process.stdout.write(await run(name, options));
    });
}

function controlOption(): Option {
  const names = CONTROLS.map(({ bus }) => bus);
  return new NameOption('--control <bus>', 'the bus beside it', names, { kind: 'control bus' }).default('vpci');
}

/** Reports call a strategy by bus and strategy: that is taken as well. */
function strategyOption(): Option {
  const what = 'strategy of ps3-handle; default: the one that the scenario is about';
  const names = SUBJECTS.map(({ strategy }) => strategy ?? '');
  const canonical = (text: string): string => SUBJECTS.find((known) => fixtureName(known) === text)?.strategy ?? text;
  return new NameOption('--strategy <strategy>', what, names, { canonical });
}

async function run(name: string | undefined, options: Options): Promise<string> {
  if (options.list === true) return listed(name, options);
  const scenario = known(name);
  const conditions: Conditions = {
    seed: options.seed,
    devices: DEVICES,
    policy: options.policy ?? scenario.policy ?? 'lowest',
  };
  const on = (fixture: BusFixture): Promise<Played> => playOn(scenario, fixture, conditions);
  const control = await on(fixtureOf(CONTROLS, ({ bus }) => bus === options.control));
  if (options.all === true) {
    const sides: Played[] = [];
    for (const fixture of fixtures) sides.push(besideControl(control, await on(fixture)));
    return options.json === true
      ? json({ ...named(scenario), conditions, sides })
      : everywhere(scenario, conditions, sides);
  }
  const strategy = options.strategy ?? scenario.strategy;
  const subject = besideControl(control, await on(fixtureOf(SUBJECTS, (fixture) => fixture.strategy === strategy)));
  if (options.json !== true) return sideBySide(scenario, conditions, control, subject);
  const { about, measures, why } = scenario;
  const different = differences(scenario, control, subject);
  return json({ ...named(scenario), about, measures, why, conditions, control, subject, differences: different });
}

function listed(name: string | undefined, { json: asJson }: Options): string {
  if (name !== undefined) throw new UsageError(`option '--list' takes no name of a scenario, but '${name}' was given`);
  return asJson === true ? json(SCENARIOS.map(named)) : list(SCENARIOS);
}

async function playOn(scenario: Scenario, fixture: BusFixture, conditions: Conditions): Promise<Played> {
  const [workload] = WORKLOADS;
  if (workload === undefined) throw new Error(`no driver for ${fixtureName(fixture)}`);
  return play(scenario, fixture, conditions, workload);
}

function known(name: string | undefined): Scenario {
  if (name === undefined) throw new UsageError('name a scenario, or see which there are with --list');
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found !== undefined) return found;
  throw unknownName(
    'scenario',
    name,
    SCENARIOS.map((scenario) => scenario.name),
  );
}

function fixtureOf(fixtures: readonly BusFixture[], is: (fixture: BusFixture) => boolean): BusFixture {
  const found = fixtures.find(is);
  if (found === undefined) throw new Error('there is no such bus');
  return found;
}

function named({ name, title }: Scenario): { name: string; title: string } {
  return { name, title };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
