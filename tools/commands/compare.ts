import { Option, type Command } from 'commander';
import { compare, excerpt, INVARIANTS, wholeProof, type Comparison } from '../../lib/study';
import type { AllocationPolicy, BusFixture, Ownership } from '../../lib/machine';
import { compareAccess } from '../../lib/study/access';
import { OutputFile } from '../output-file';
import { UsageError } from '../usage-error';
import { busesOption, fixturesOf, withAdvice } from './buses';
import { explanation } from './compare/explanation';
import { page } from './compare/html/page';
import { toJson } from './compare/json';
import { accessJson, accessText } from './compare/access';
import { costModel } from './compare/cost-model';
import { coloured, plain, type Paint } from './compare/paint';
import { report } from './compare/report';
import { NameOption, NumberOption, policyOption, seedOption } from './options';
import { progressBar } from './progress';
import { WORKLOADS } from './subjects';

interface Options {
  readonly seed: number;
  readonly devices: number;
  readonly policy: AllocationPolicy;
  readonly bus?: readonly string[];
  readonly driver?: readonly string[];
  readonly explain?: string;
  readonly full?: boolean;
  readonly html?: string;
  readonly json?: boolean;
  readonly access?: boolean;
  readonly ownership?: Ownership;
  readonly costs?: string;
}

const EXPLAIN = 'print the lines of traces and logs that prove the cells of an invariant, I1 to I29';
const ACCESS = 'compare styles of access instead: what finding costs by bus, what talking costs by style';
const COSTS = 'with --access: the cost model, a JSON file as Documentation/cost-model.json';
const OWNERSHIP =
  'whose devices are: of one guest by configuration, or of anybody until claimed; only buses where that can be';
const HTML = 'besides the report, write everything into one page for a browser';

/** `ldm compare`: the same drivers and the same script on every bus. */
export function addCompare(program: Command): void {
  const drivers = WORKLOADS.map(({ driver }) => driver.name);
  program
    .command('compare')
    .description('boot a world for each bus, run the same drivers on it, and compare')
    .addOption(seedOption("seed of the hypervisor's random choices"))
    .addOption(new NumberOption('--devices', 'devices of each class', 4, 1, 65_536))
    .addOption(policyOption('which free device the hypervisor gives', 'lowest'))
    .addOption(busesOption())
    .addOption(new NameOption('--driver <driver...>', 'only these drivers', drivers))
    .addOption(explainOption().conflicts('json'))
    .option('--full', 'with --explain: every line, not an excerpt')
    .addOption(new Option('--html <file>', HTML).conflicts(['json', 'explain']))
    .option('--json', 'print everything as JSON')
    .addOption(new Option('--access', ACCESS).conflicts(['html', 'explain', 'ownership']))
    .addOption(new Option('--costs <file>', COSTS).implies({ access: true }))
    .addOption(new NameOption('--ownership <kind>', OWNERSHIP, ['private', 'shared']))
    .action(async (options: Options) => {
      process.stdout.write(await run(options));
    });
}

function explainOption(): Option {
  const ids = INVARIANTS.map(({ id }) => id);
  const canonical = (text: string): string => text.toUpperCase();
  return new NameOption('--explain <invariant>', EXPLAIN, ids, { canonical, listed: false });
}

async function run(options: Options): Promise<string> {
  if (options.full === true && options.explain === undefined) {
    throw new UsageError("option '--full' does nothing without option '--explain <invariant>'");
  }
  if (options.access === true) return measureAccess(options);
  // Opened first: a comparison takes seconds, and a wrong name is known at once.
  const html = options.html === undefined ? null : new OutputFile(options.html);
  const result = await measure(options);
  html?.write(page(result));
  if (options.json === true) return `${JSON.stringify(toJson(result), null, 2)}\n`;
  return options.explain === undefined ? report(result, paintOf()) : explanation(result);
}

async function measure({ seed, devices, policy, bus, driver, explain, full, ownership }: Options): Promise<Comparison> {
  const workloads = WORKLOADS.filter((workload) => driver?.includes(workload.driver.name) ?? true);
  const progress = progressBar('steps');
  try {
    return await compare(
      { fixtures: ownedBy(fixturesOf(bus), ownership), workloads },
      { seed, devices, policy, ...(ownership === undefined ? {} : { ownership }) },
      explain === undefined ? undefined : [explain],
      full === true ? wholeProof : excerpt,
      progress.update,
    );
  } catch (error) {
    throw withAdvice(error);
  } finally {
    progress.stop();
  }
}

function paintOf(): Paint {
  return process.stdout.isTTY && process.env['NO_COLOR'] === undefined ? coloured : plain;
}

/** Buses whose devices can be owned so. @throws UsageError when there is none */
function ownedBy(fixtures: readonly BusFixture[], ownership: Ownership | undefined): readonly BusFixture[] {
  if (ownership === undefined) return fixtures;
  const found = fixtures.filter(({ ownership: kinds = ['private'] }) => kinds.includes(ownership));
  if (found.length > 0) return found;
  throw new UsageError(`no bus of these has devices that are ${ownership}`);
}

/** One strategy stands for ps3-handle unless buses are named: access does not depend on it. */
async function measureAccess({ bus, driver, json, costs }: Options): Promise<string> {
  const model = costModel(costs);
  const workloads = WORKLOADS.filter((workload) => driver?.includes(workload.driver.name) ?? true);
  const isUsual = ({ strategy }: BusFixture): boolean => strategy === null || strategy === 'at-probe';
  const fixtures = bus === undefined ? fixturesOf().filter(isUsual) : fixturesOf(bus);
  const progress = progressBar('runs');
  try {
    const result = await compareAccess(fixtures, workloads, progress.update);
    return json === true ? `${JSON.stringify(accessJson(result), null, 2)}\n` : accessText(result, model, paintOf());
  } finally {
    progress.stop();
  }
}
