import { InvalidArgumentError, Option, type Command } from 'commander';
import { explore, type Shard } from '../../lib/study';
import type { AllocationPolicy } from '../../lib/machine';
import { busesOption, fixturesOf } from './buses';
import { merge } from './explore-merge';
import { readPart, type Explored, type Part } from './explore-part';
import { exploredText } from './explore-text';
import { OutputFile } from '../output-file';
import { NumberOption, policyOption, seedOption, type Ended } from './options';
import { progressBar } from './progress';
import { WORKLOADS } from './subjects';

interface Options {
  readonly bound: number;
  readonly random: number;
  readonly devices: number;
  readonly drivers: number;
  readonly guests: number;
  readonly seed: number;
  readonly policy: AllocationPolicy;
  readonly shard: Shard;
  readonly bus?: readonly string[];
  readonly json?: string;
  readonly merge?: readonly string[];
}

/** Options that say what is run: results that are merged have been run already. */
const OF_A_RUN = ['bound', 'random', 'devices', 'drivers', 'guests', 'seed', 'policy', 'shard', 'bus'];

const WHOLE: Shard = { index: 1, of: 1 };

/** `ldm explore`: the same operations in different orders, on every bus. */
export function addExplore(program: Command): void {
  program
    .command('explore')
    .description('do the same operations in different orders on every bus, and count in how many states they end')
    .addOption(new NumberOption('--bound', 'operations of which every order is tried', 4, 1, 12))
    .addOption(new NumberOption('--random', 'how many longer orders are drawn', 100, 0, 100_000))
    .addOption(new NumberOption('--devices', 'devices that the hypervisor has', 3, 1, 3))
    .addOption(new NumberOption('--drivers', 'drivers in each guest (the transport, virtio_blk, virtio_rng)', 3, 1, 3))
    .addOption(new NumberOption('--guests', 'guests that compete', 2, 1, 2))
    .addOption(seedOption("seed of the drawn orders and of the hypervisor's random choices"))
    .addOption(policyOption('which free device is given', 'lowest'))
    .addOption(busesOption())
    .addOption(new ShardOption())
    .addOption(new Option('--json <file>', 'write the result to a file, to be merged with those of other parts'))
    .addOption(new Option('--merge <file...>', 'join the results of all parts of a run').conflicts(OF_A_RUN))
    .action(async (options: Options) => {
      process.stdout.write(await run(options));
    });
}

/** I/M, the I-th of M parts. */
class ShardOption extends Option implements Ended {
  readonly ends = ['1/1', '999999/999999'];

  constructor() {
    super('--shard <part>', 'only one part of the work, e.g. 2/8');
    this.default(WHOLE, '1/1').argParser((text): Shard => {
      const [, index = 0, of = 0] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []).map(Number);
      if (index >= 1 && index <= of) return { index, of };
      throw new InvalidArgumentError('It must be I/M, the I-th of M parts, from 1/M to M/M.');
    });
  }
}

async function run(options: Options): Promise<string> {
  const output = options.json === undefined ? null : new OutputFile(options.json);
  const part = options.merge === undefined ? await explorePart(options) : merge(options.merge.map(readPart));
  output?.write(`${JSON.stringify(part, null, 2)}\n`);
  return exploredText(part);
}

async function explorePart({ shard: part, bus, ...options }: Options): Promise<Part> {
  const { bound, random, devices, drivers, guests, seed, policy } = options;
  const explored: Explored = { bound, random, devices, drivers, guests, seed, policy };
  const scope = { devices, drivers, guests };
  const progress = progressBar('families of orders');
  try {
    const conditions = { seed, devices, policy };
    const subjects = { fixtures: fixturesOf(bus), workloads: WORKLOADS };
    const states = await explore(subjects, conditions, { bound, random, scope, shard: part }, progress.update);
    return { explored, shard: part, states };
  } finally {
    progress.stop();
  }
}
