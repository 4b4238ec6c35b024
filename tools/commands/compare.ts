import { Option, type Command } from 'commander';
import { compare, excerpt, INVARIANTS, wholeProof, type Comparison } from '../../lib/study';
import type { AllocationPolicy } from '../../lib/machine';
import { OutputFile } from '../output-file';
import { UsageError } from '../usage-error';
import { busesOption, fixturesOf, withAdvice } from './buses';
import { explanation } from './compare/explanation';
import { page } from './compare/html/page';
import { toJson } from './compare/json';
import { coloured, plain } from './compare/paint';
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
}

const EXPLAIN = 'print the lines of traces and logs that prove the cells of an invariant, I1 to I29';
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
  // Opened first: a comparison takes seconds, and a wrong name is known at once.
  const html = options.html === undefined ? null : new OutputFile(options.html);
  const result = await measure(options);
  html?.write(page(result));
  if (options.json === true) return `${JSON.stringify(toJson(result), null, 2)}\n`;
  const paint = process.stdout.isTTY && process.env['NO_COLOR'] === undefined ? coloured : plain;
  return options.explain === undefined ? report(result, paint) : explanation(result);
}

async function measure({ seed, devices, policy, bus, driver, explain, full }: Options): Promise<Comparison> {
  const workloads = WORKLOADS.filter((workload) => driver?.includes(workload.driver.name) ?? true);
  const progress = progressBar('steps');
  try {
    return await compare(
      { fixtures: fixturesOf(bus), workloads },
      { seed, devices, policy },
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
