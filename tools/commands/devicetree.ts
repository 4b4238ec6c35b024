import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { deviceListing, treeListing } from '../devicetree/listing';
import { machineOf } from '../devicetree/machine';
import { readBytes } from '../text-file';
import { firstDifference } from '../replay/diff';

interface Options {
  readonly diff?: boolean;
}

/** Adds `ldm devicetree`. */
export function addDevicetree(program: Command): void {
  program
    .command('devicetree')
    .description('make the devices of flattened device trees and list them')
    .argument('<file...>', 'flattened trees (NAME.dtb)')
    .option('--diff', 'compare each list with the NAME.dev beside the tree, and NAME.tree if there is one')
    .action((files: string[], { diff = false }: Options) => (diff ? compare(files) : list(files)));
}

async function list(files: readonly string[]): Promise<void> {
  for (const file of files) {
    const { kernel, refused } = await machineOf(readBytes(file));
    if (refused !== null) {
      process.stderr.write(`ldm: ${file}: ${refused}\n`);
      process.exitCode = 1;
    }
    process.stdout.write(Buffer.from(await deviceListing(kernel), 'latin1'));
  }
}

async function compare(files: readonly string[]): Promise<void> {
  let different = 0;
  for (const file of files) {
    const { kernel } = await machineOf(readBytes(file));
    const difference = firstDifference(recorded(file, '.dev'), await deviceListing(kernel));
    if (difference === null) continue;
    different++;
    process.stdout.write(`${file}: ${difference}\n`);
  }
  process.stdout.write(`${String(files.length - different)} equal, ${String(different)} different\n`);
  if (different > 0) process.exitCode ??= 1;
}

function recorded(file: string, ending: string): string {
  return Buffer.from(readBytes(file.replace(/(\.dtb)?$/, ending))).toString('latin1');
}
