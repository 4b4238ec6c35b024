import { Option, type Command } from 'commander';
import { why, type Why, type WhyRule } from '../../lib';
import { columnName } from '../../lib/study';
import { nearNames } from '../near-names';
import { readTextFile } from '../text-file';
import { ReplayError } from '../replay/run';
import { UsageError } from '../usage-error';
import { FIXTURES } from './subjects';
import { sceneOfBus, sceneOfProgram, type Scene } from './why-scene';

interface Options {
  readonly program?: string;
  readonly bus: string;
}

/** `ldm why`: which rule decided that a device has a driver, or has it not. */
export function addWhy(program: Command): void {
  program
    .command('why')
    .description('tell which rule decided about a device and a driver; exit code 1 when one refuses')
    .argument('<device>', 'name of a device, or its handle in the program')
    .argument('<driver>', 'name of a driver, or its handle in the program')
    .addOption(new Option('-p, --program <file>', 'ask at the end of this program (NAME.dm)').conflicts('bus'))
    .addOption(
      new Option('--bus <name>', 'ask in a machine with this bus (or bus/strategy) and all drivers').default('vpci'),
    )
    .action(async (device: string, driver: string, options: Options) => {
      const answer = ask(await sceneOf(options), device, driver);
      process.stdout.write(page(answer));
      if (answer.outcome === 'refused') process.exitCode = 1;
    });
}

async function sceneOf({ program, bus }: Options): Promise<Scene> {
  if (program !== undefined) return sceneOfFile(program);
  const fixture = FIXTURES.find((known) => columnName(known) === bus) ?? FIXTURES.find((known) => known.bus === bus);
  if (fixture !== undefined) return sceneOfBus(fixture);
  throw new UsageError(`unknown bus '${bus}'; there are: ${FIXTURES.map(columnName).join(', ')}`);
}

async function sceneOfFile(file: string): Promise<Scene> {
  const text = readTextFile(file);
  try {
    return await sceneOfProgram(text);
  } catch (error) {
    if (error instanceof ReplayError) throw new UsageError(`${file}: ${error.message}`);
    throw error;
  }
}

/** Of several of a name, those that are on one bus. */
function ask(scene: Scene, device: string, driver: string): Why {
  const devices = named('device', device, scene.devices);
  const drivers = named('driver', driver, scene.drivers);
  const pairs = devices.flatMap((dev) => drivers.map((drv) => [dev, drv] as const));
  const [dev, drv] = pairs.find((pair) => pair[0].bus === pair[1].bus) ?? [devices[0], drivers[0]];
  return why(dev, drv);
}

/** @throws UsageError with names that are like it, when nothing has the name */
function named<T>(
  what: string,
  wanted: string,
  all: readonly { readonly name: string; readonly it: T }[],
): readonly [T, ...T[]] {
  const [first, ...rest] = all.filter(({ name }) => name === wanted).map(({ it }) => it);
  if (first !== undefined) return [first, ...rest];
  const near = nearNames(
    wanted,
    all.map(({ name }) => name),
  );
  throw new UsageError(
    `unknown ${what} '${wanted}'; ${near.length === 0 ? `there is no ${what}` : `there are: ${near.join(', ')}`}`,
  );
}

function page(answer: Why): string {
  const width = Math.max(...answer.rules.map(({ fn }) => fn.length));
  return `${[headline(answer), '', ...answer.rules.flatMap((rule) => ruleLines(rule, width))].join('\n')}\n`;
}

function headline({ device, driver, outcome, decidedBy }: Why): string {
  const about = `${device}, ${driver}`;
  switch (outcome) {
    case 'bound':
      return `${about}: bound`;
    case 'ready':
      return `${about}: not bound, but no rule refuses: asked again, the driver would probe the device`;
    case 'refused':
      return `${about}: not bound: ${decidedBy?.fn ?? ''}: ${decidedBy?.text ?? ''}`;
  }
}

function ruleLines({ fn, allows, text, details }: WhyRule, width: number): string[] {
  const mark = allows === null ? '   ' : allows ? 'yes' : 'NO ';
  const indent = ' '.repeat(width + 9);
  return [`  ${mark}  ${fn.padEnd(width)}  ${text}`, ...details.map((line) => `${indent}  ${line}`)];
}
