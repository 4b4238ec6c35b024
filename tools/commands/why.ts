import { Option, type Command } from 'commander';
import { why, type Why, type WhyRule } from '../../lib';
import { unknownName } from '../names';
import { ReplayError } from '../replay/run';
import { readTextFile } from '../text-file';
import { UsageError } from '../usage-error';
import { BUS_NAMES, fixturesOf } from './buses';
import { NameOption } from './options';
import { prose } from './prose';
import { loadFile } from './why-load';
import { sceneOfBus, sceneOfProgram, type Scene } from './why-scene';

interface Options {
  readonly program?: string;
  readonly bus: string;
  readonly load?: readonly string[];
}

const BUS = 'ask in a machine with this bus and all drivers; of a bus with strategies, the first one unless named';
const LOAD = 'a JavaScript file that exports drivers or modules of your own, and devices: they are in that machine too';

/** `ldm why`: which rule decided that a device has a driver, or has it not. */
export function addWhy(program: Command): void {
  program
    .command('why')
    .description('tell which rule decided about a device and a driver; exit code 1 when one refuses')
    .argument('<device>', 'name of a device, or its handle in the program')
    .argument('<driver>', 'name of a driver, or its handle in the program')
    .addOption(
      new Option('-p, --program <file>', 'ask at the end of this program (NAME.dm)').conflicts(['bus', 'load']),
    )
    .addOption(new NameOption('--bus <bus>', BUS, BUS_NAMES).default('vpci'))
    .addOption(loadOption())
    .action(async (device: string, driver: string, options: Options) => {
      const answer = ask(await sceneOf(options), device, driver);
      process.stdout.write(page(answer));
      if (answer.outcome === 'refused') process.exitCode = 1;
    });
}

/** Not variadic, for names follow; but it may be given several times. */
function loadOption(): Option {
  const collect = (file: string, before?: readonly string[]): string[] => [...(before ?? []), file];
  return new Option('--load <file>', LOAD).argParser(collect);
}

async function sceneOf({ program, bus, load = [] }: Options): Promise<Scene> {
  if (program !== undefined) return sceneOfFile(program);
  const [fixture] = fixturesOf([bus]);
  if (fixture === undefined) throw new Error(`no fixture of bus ${bus}`);
  const files = [];
  for (const file of load) files.push(await loadFile(file));
  return sceneOfBus(fixture, files);
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
  throw unknownName(
    what,
    wanted,
    all.map(({ name }) => name),
  );
}

function page(answer: Why): string {
  const width = Math.max(...answer.rules.map(({ fn }) => fn.length));
  return `${[prose(headline(answer), 0, 2), '', ...answer.rules.flatMap((rule) => ruleLines(rule, width))].join('\n')}\n`;
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
  const indent = width + 9;
  const rule = `${fn.padEnd(width)}  ${text}`;
  const line = allows === null ? prose(rule, 7, indent) : prose(`${allows ? 'yes' : 'NO '}  ${rule}`, 2, indent);
  return [line, ...details.map((detail) => prose(detail, indent + 2, indent + 4))];
}
