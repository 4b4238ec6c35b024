import { Option, type Command } from 'commander';
import { compare, excerpt, INVARIANTS, wholeProof, type AllocationPolicy, type Comparison } from '../../lib/study';
import { OutputFile } from '../output-file';
import { UsageError } from '../usage-error';
import { explanation } from './compare/explanation';
import { page } from './compare/html/page';
import { toJson } from './compare/json';
import { coloured, plain } from './compare/paint';
import { report } from './compare/report';
import { numberOption, pick, policyOption, seedOption } from './options';
import { FIXTURES, WORKLOADS } from './subjects';

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

const EXPLAIN = 'print the trace and call-log lines that prove the cells of an invariant, e.g. I6';
const HTML = 'write everything into one page for a browser as well';

/** `ldm compare`: the same drivers and the same script on every bus. */
export function addCompare(program: Command): void {
  program
    .command('compare')
    .description('boot a world for each bus, run the same drivers on it, and compare')
    .addOption(seedOption("seed of the hypervisor's random choices"))
    .addOption(numberOption('--devices', 'devices of each class', 4, 1, 16))
    .addOption(policyOption('which free device the hypervisor gives', 'lowest'))
    .addOption(new Option('--bus <name...>', 'only these buses'))
    .addOption(new Option('--driver <name...>', 'only these drivers'))
    .addOption(new Option('--explain <invariant>', EXPLAIN).conflicts('json'))
    .option('--full', 'with --explain: every line, not an excerpt')
    .addOption(new Option('--html <file>', HTML).conflicts(['json', 'explain']))
    .option('--json', 'print everything as JSON')
    .action(async (options: Options) => {
      process.stdout.write(await run(options));
    });
}

async function run(options: Options): Promise<string> {
  const { explain } = options;
  const only = explain === undefined ? undefined : [knownInvariant(explain)];
  const paint = process.stdout.isTTY && process.env['NO_COLOR'] === undefined ? coloured : plain;
  if (options.html !== undefined) return report(await withPage(options.html, () => measure(options)), paint);
  const result = await measure(options, only);
  if (options.json === true) return `${JSON.stringify(toJson(result), null, 2)}\n`;
  return explain === undefined ? report(result, paint) : explanation(result);
}

async function measure(options: Options, only?: readonly string[]): Promise<Comparison> {
  const { seed, devices, policy } = options;
  const fixtures = pick('bus', options.bus, FIXTURES, (fixture) => fixture.bus);
  const workloads = pick('driver', options.driver, WORKLOADS, (workload) => workload.driver.name);
  return compare(
    { fixtures, workloads },
    { seed, devices, policy },
    only,
    options.full === true ? wholeProof : excerpt,
  );
}

/** The file is opened first: a comparison takes seconds, and a wrong name is known at once. */
async function withPage(path: string, make: () => Promise<Comparison>): Promise<Comparison> {
  const file = new OutputFile(path);
  try {
    const result = await make();
    file.write(page(result));
    return result;
  } finally {
    file.discard();
  }
}

function knownInvariant(text: string): string {
  const id = text.toUpperCase();
  if (INVARIANTS.some((invariant) => invariant.id === id)) return id;
  throw new UsageError(`unknown invariant '${text}'; there are: ${INVARIANTS.map((known) => known.id).join(', ')}`);
}
