#!/usr/bin/env node
import Table from 'cli-table3';
import { Command, InvalidArgumentError, Option } from 'commander';
import { NumberOption } from '../commands/options';
import { heapUsed } from '../heap';
import { OutputFile } from '../output-file';
import { runProcess, runProgram } from '../run-program';
import { figureKey, readKernelFigures, type KernelFigures } from './kernel-figures';
import { Benchmark, type Clocks, type Sample } from './workloads';

/** The figures of one size. */
interface Measurement {
  readonly samples: readonly Sample[];
  /** Bytes. */
  readonly heapPerDevice: number;
}

interface Options {
  readonly devices: readonly number[];
  readonly drivers: readonly number[];
  readonly rounds: number;
  readonly kernel?: string;
  readonly json?: string;
}

/** What is run before anything is measured, so that the compiler has come to rest. */
const WARM_UP = { rounds: 20, devices: 2000 };

/** More devices than this at once, or in all rounds together, take too long; but three rounds are run of any number. */
const MOST_DEVICES = 1_000_000;

/** More matches than this in a row are not waited for: every driver that is added asks every device. */
const MOST_PAIRS = 200_000_000;

/** For commander: whole numbers from 1 on, as many as there is memory for. */
function numbers(text: string): number[] {
  const list = text.split(',');
  if (list.some((part) => !/^[1-9]\d{0,6}$/.test(part) || Number(part) > MOST_DEVICES)) {
    const most = String(MOST_DEVICES);
    throw new InvalidArgumentError(`It must be whole numbers from 1 to ${most}, with commas between them.`);
  }
  return list.map(Number);
}

function makeProgram(): Command {
  return new Command('bench')
    .description('the eight workloads of test/oracle/kbench on this driver core, ns per operation')
    .addOption(
      new Option('--devices <n,...>', 'how many devices')
        .default([1000, 10_000, 100_000, 1_000_000])
        .argParser(numbers),
    )
    .addOption(new Option('--drivers <n,...>', 'how many drivers').default([1, 100, 1000]).argParser(numbers))
    .addOption(new NumberOption('--rounds', 'rounds at most, of which the best counts', 20, 1, 1000))
    .addOption(new Option('--kernel <file>', "a real kernel's figures, as kbench/run prints them"))
    .addOption(new Option('--json <file>', 'write the figures as JSON'))
    .action(run);
}

async function run(options: Options): Promise<void> {
  const figures = options.kernel === undefined ? null : readKernelFigures(options.kernel);
  const output = options.json === undefined ? null : new OutputFile(options.json);
  const all = await measureAll(options, figures);
  output?.write(`${JSON.stringify(all, null, 2)}\n`);
}

async function measureAll({ devices, drivers, rounds }: Options, figures: KernelFigures | null): Promise<object[]> {
  const all: object[] = [];
  const sizes = devices.flatMap((count) => drivers.map((of) => ({ count, of })));
  for (const { count, of } of sizes.filter((size) => size.of <= size.count && size.of * size.count <= MOST_PAIRS)) {
    const result = await best(count, of, rounds);
    print(result, figures);
    all.push(...result.samples.map((sample) => ({ ...sample, heapPerDevice: result.heapPerDevice })));
  }
  return all;
}

/**
 * The round whose whole life was the shortest: what disturbs a round makes it longer. All of them run compiled code,
 * with what the rounds before left for the collector.
 */
async function best(devices: number, drivers: number, rounds: number): Promise<Measurement> {
  const bench = (count = devices): Benchmark => new Benchmark(count, drivers, readClocks);
  for (let round = 0; round < WARM_UP.rounds; round++) await bench(Math.max(WARM_UP.devices, drivers)).run();
  let samples: readonly Sample[] = [];
  for (let round = 0; round < Math.min(rounds, Math.max(3, MOST_DEVICES / devices)); round++) {
    const measured = await bench().run();
    if (round === 0 || life(measured) < life(samples)) samples = measured;
  }
  return { samples, heapPerDevice: await bench().heapPerDevice(heapUsed) };
}

function readClocks(): Clocks {
  const { user, system } = process.cpuUsage();
  return { wall: Number(process.hrtime.bigint()), cpu: (user + system) * 1000 };
}

function print({ samples, heapPerDevice }: Measurement, figures: KernelFigures | null): void {
  const [first] = samples;
  const table = new Table({
    head: ['ns per operation', 'clock', 'processor', ...(figures === null ? [] : ['kernel', 'clock : kernel'])],
    colAligns: ['left', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const sample of samples) {
    table.push([sample.workload, sample.nsPerOp, sample.cpuNsPerOp, ...beside(sample, figures)]);
  }
  const sum = life(samples);
  const cpu = life(samples, (sample) => sample.cpuNsPerOp);
  table.push(['a whole life', sum, cpu, ...lifeBeside(samples, sum, figures)]);
  const size = `${String(first?.devices ?? 0)} devices, ${String(first?.drivers ?? 0)} drivers`;
  process.stdout.write(`${size}, ${String(heapPerDevice)} bytes of heap for each bound device\n${table.toString()}\n`);
}

const LIFE = ['device_register_probe', 'unbind', 'rebind', 'device_unregister_bound'];

/** Register with probe, unbind, rebind, unregister. */
function life(samples: readonly Sample[], valueOf = (sample: Sample): number => sample.nsPerOp): number {
  return samples.filter(({ workload }) => LIFE.includes(workload)).reduce((sum, sample) => sum + valueOf(sample), 0);
}

function beside(sample: Sample, figures: KernelFigures | null): (string | number)[] {
  if (figures === null) return [];
  const kernel = figures.get(figureKey(sample));
  return kernel === undefined ? ['', ''] : [kernel, (sample.nsPerOp / kernel).toFixed(2)];
}

function lifeBeside(samples: readonly Sample[], sum: number, figures: KernelFigures | null): (string | number)[] {
  if (figures === null) return [];
  const kernel = life(samples, (sample) => figures.get(figureKey(sample)) ?? NaN);
  return Number.isNaN(kernel) ? ['', ''] : [kernel, (sum / kernel).toFixed(2)];
}

/** Measures as the arguments say; the exit code is left in `process.exitCode`. */
export async function main(args: readonly string[]): Promise<void> {
  await runProgram(makeProgram(), args);
}

if (require.main === module) runProcess(makeProgram());
