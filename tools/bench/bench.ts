#!/usr/bin/env node
import { Command, InvalidArgumentError, Option } from 'commander';
import { busesOption, fixturesOf, withAdvice } from '../commands/buses';
import { NumberOption } from '../commands/options';
import { table } from '../commands/table';
import { heapUsed } from '../heap';
import { OutputFile } from '../output-file';
import { runProcess, runProgram } from '../run-program';
import { rangeOf, readClocks, type Range } from './figures';
import { ioText, measureIo, type IoSample } from './io';
import { figureKey, readKernelFigures, type KernelFigures } from './kernel-figures';
import { measureScale, scaleText, type ScaleSample } from './scale';
import { Benchmark, type Sample } from './workloads';

/** The figures of one size. */
interface Measurement {
  /** The median of each workload over all rounds. */
  readonly samples: readonly Sample[];
  /** Of the rounds' lives: median, least, most; ns by the clock. */
  readonly life: Range;
  /** Bytes. */
  readonly heapPerDevice: number;
}

interface Options {
  readonly devices?: readonly number[];
  readonly drivers: readonly number[];
  readonly rounds: number;
  readonly oneKernel: boolean;
  readonly kernel?: string;
  readonly json?: string;
  readonly io: boolean;
  readonly ioBytes: number;
  readonly scale: boolean;
  readonly bus?: readonly string[];
}

/** What is run before anything is measured, so that the compiler has come to rest. */
const WARM_UP = [
  { rounds: 20, devices: 2000 },
  { rounds: 6, devices: 10_000 },
];

/** One strategy of each bus: they differ in when a device is claimed, and not in how it is talked to. */
const IO_BUSES = ['vpci', 'ccw', 'of-tree', 'ps3-handle/at-probe'];

/** How many devices there are if nothing is said. */
const DEVICES = [1000, 10_000, 100_000, 1_000_000];
const SCALE_DEVICES = [10, 100, 1000, 4000];

const MOST_DEVICES = 1_000_000;

/** Rounds of so many devices take too long for more than three. */
const MANY_DEVICES = 1_000_000;

/** More matches than this in a row are not waited for: every driver that is added is matched with every device. */
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
      new Option(
        '--devices <n,...>',
        `how many devices; default: ${String(DEVICES)}, of --scale ${String(SCALE_DEVICES)}`,
      ).argParser(numbers),
    )
    .addOption(new Option('--drivers <n,...>', 'how many drivers').default([1, 100, 1000]).argParser(numbers))
    .addOption(new NumberOption('--rounds', 'rounds, whose median counts; three of a million devices', 7, 1, 1000))
    .addOption(new Option('--one-kernel', 'all rounds in one kernel, as in one that lives long').default(false))
    .addOption(new Option('--kernel <file>', "a real kernel's figures, as kbench/run prints them"))
    .addOption(new Option('--io', 'requests and bytes a second of disks and networks instead').default(false))
    .addOption(new NumberOption('--io-bytes', 'bytes that a round of --io moves', 32 * 1024 * 1024, 1, 2 ** 32))
    .addOption(
      new Option('--scale', 'the time to boot a machine with so many devices instead').default(false).conflicts('io'),
    )
    .addOption(busesOption())
    .addOption(new Option('--json <file>', 'write the figures as JSON'))
    .action(run);
}

async function run(options: Options): Promise<void> {
  const figures = options.kernel === undefined ? null : readKernelFigures(options.kernel);
  const output = options.json === undefined ? null : new OutputFile(options.json);
  const all = options.io || options.scale ? await measureBuses(options) : await measureAll(options, figures);
  output?.write(`${JSON.stringify(all, null, 2)}\n`);
}

async function measureBuses(options: Options): Promise<IoSample[] | ScaleSample[]> {
  return options.scale ? measureMachines(options) : measureRequests(options);
}

async function measureMachines({ bus, devices = SCALE_DEVICES, rounds }: Options): Promise<ScaleSample[]> {
  try {
    const samples = await measureScale({ fixtures: fixturesOf(bus), devices, rounds });
    process.stdout.write(scaleText(samples));
    return samples;
  } catch (error) {
    throw withAdvice(error);
  }
}

async function measureRequests({ bus, rounds, ioBytes }: Options): Promise<IoSample[]> {
  const samples = await measureIo({ fixtures: fixturesOf(bus ?? IO_BUSES), rounds, bytes: ioBytes });
  process.stdout.write(ioText(samples));
  return samples;
}

async function measureAll(options: Options, figures: KernelFigures | null): Promise<object[]> {
  const all: object[] = [];
  const sizes = (options.devices ?? DEVICES).flatMap((count) => options.drivers.map((of) => ({ count, of })));
  for (const { count, of } of sizes.filter((size) => size.of <= size.count && size.of * size.count <= MOST_PAIRS)) {
    const result = await measure(count, of, options);
    print(result, figures);
    all.push(...result.samples.map((sample) => ({ ...sample, heapPerDevice: result.heapPerDevice })));
  }
  return all;
}

/**
 * The median of each workload, and of the lives, over rounds that run compiled code. The first is dropped, as of the
 * kernel's: memory is got from the operating system in it.
 */
async function measure(devices: number, drivers: number, { rounds, oneKernel }: Options): Promise<Measurement> {
  const bench = (count = devices): Benchmark => new Benchmark(count, drivers, readClocks);
  for (const { rounds: times, devices: most } of WARM_UP)
    for (let round = 0; round < times; round++) await bench(Math.max(Math.min(most, devices), drivers)).run();
  const same = bench();
  const all: (readonly Sample[])[] = [];
  for (let round = 0; round <= (devices < MANY_DEVICES ? rounds : Math.min(rounds, 3)); round++)
    all.push(await (oneKernel ? same : bench()).run());
  const counted = all.slice(1);
  const samples = (counted[0] ?? []).map((sample, at) => ({
    ...sample,
    nsPerOp: rangeOf(counted.map((round) => round[at]?.nsPerOp ?? NaN)).median,
    cpuNsPerOp: rangeOf(counted.map((round) => round[at]?.cpuNsPerOp ?? NaN)).median,
  }));
  const life = rangeOf(counted.map((round) => lifeOf(round, ({ nsPerOp }) => nsPerOp)));
  return { samples, life, heapPerDevice: await bench().heapPerDevice(heapUsed) };
}

function print({ samples, life, heapPerDevice }: Measurement, figures: KernelFigures | null): void {
  const [first] = samples;
  const head = ['ns per operation', 'clock', 'processor', ...(figures === null ? [] : ['kernel', 'clock : kernel'])];
  const rows = samples.map((sample) => [
    sample.workload,
    String(sample.nsPerOp),
    String(sample.cpuNsPerOp),
    ...beside(sample, figures),
  ]);
  const cpu = lifeOf(samples, ({ cpuNsPerOp }) => cpuNsPerOp);
  const whole = { devices: first?.devices ?? 0, drivers: first?.drivers ?? 0, workload: 'life', nsPerOp: life.median };
  rows.push(['a whole life', String(life.median), String(cpu), ...beside(whole, figures)]);
  const size = `${String(whole.devices)} devices, ${String(whole.drivers)} drivers`;
  const range = `a life of ${String(life.least)} to ${String(life.most)} ns`;
  process.stdout.write(`${size}, ${String(heapPerDevice)} bytes of heap for each bound device, ${range}\n`);
  process.stdout.write(`${table([head, ...rows], { right: (column) => column > 0 })}\n`);
}

const LIFE = ['device_register_probe', 'unbind', 'rebind', 'device_unregister_bound'];

/** Register with probe, unbind, rebind, unregister. */
function lifeOf(samples: readonly Sample[], valueOf: (sample: Sample) => number): number {
  return samples.filter(({ workload }) => LIFE.includes(workload)).reduce((sum, sample) => sum + valueOf(sample), 0);
}

function beside(sample: Omit<Sample, 'cpuNsPerOp'>, figures: KernelFigures | null): string[] {
  if (figures === null) return [];
  const kernel = figures.get(figureKey(sample));
  return kernel === undefined ? ['', ''] : [String(kernel), (sample.nsPerOp / kernel).toFixed(2)];
}

/** Measures as the arguments say; the exit code is left in `process.exitCode`. */
export async function main(args: readonly string[]): Promise<void> {
  await runProgram(makeProgram(), args);
}

if (require.main === module) runProcess(makeProgram());
