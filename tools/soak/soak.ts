#!/usr/bin/env node
import { Command } from 'commander';
import { busesOption, fixturesOf } from '../commands/buses';
import { NumberOption } from '../commands/options';
import { progressBar } from '../commands/progress';
import { runProcess, runProgram } from '../run-program';
import { UsageError } from '../usage-error';
import { soak, soakText } from './measure';
import { SoakMachine } from './machine';

interface Options {
  readonly cycles: number;
  readonly warmUp: number;
  readonly preRun: number;
  readonly limit: number;
  readonly bus?: readonly string[];
}

function makeProgram(): Command {
  return new Command('soak')
    .description('devices are plugged, bound, used, unbound and unplugged, again and again: is anything left of them?')
    .addOption(new NumberOption('--cycles', 'how many devices come and go', 20_000, 2, 10_000_000))
    .addOption(new NumberOption('--warm-up', 'cycles before the heap is measured', 500, 1, 1_000_000))
    .addOption(
      new NumberOption('--pre-run', 'cycles on a machine of their own first, for the compiler', 2500, 0, 1_000_000),
    )
    .addOption(new NumberOption('--limit', 'KiB by which the heap may be larger at the end', 1024, 1, 1_000_000))
    .addOption(busesOption())
    .addHelpText('after', '\nExit code 1: something grew.')
    .action(run);
}

async function run({ cycles, warmUp, preRun, limit, bus }: Options): Promise<void> {
  if (warmUp >= cycles) throw new UsageError(`the warm-up has to end before the ${String(cycles)} cycles do`);
  const fixtures = fixturesOf(bus);
  const bar = progressBar('cycles');
  try {
    for (const [index, fixture] of fixtures.entries()) {
      await new SoakMachine(fixture).run(preRun);
      const onCycle = (done: number): void => bar.update(index * cycles + done, fixtures.length * cycles);
      const soaked = await soak(new SoakMachine(fixture), { cycles, warmUp, limit, onCycle });
      if (soaked.grown.length > 0) process.exitCode = 1;
      process.stdout.write(soakText(soaked));
    }
  } finally {
    bar.stop();
  }
}

/** Soaks as the arguments say; the exit code is left in `process.exitCode`. */
export async function main(args: readonly string[]): Promise<void> {
  await runProgram(makeProgram(), args);
}

if (require.main === module) runProcess(makeProgram());
