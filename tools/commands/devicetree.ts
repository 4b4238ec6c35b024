import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { deviceListing, treeListing } from '../devicetree/listing';
import { machineOf } from '../devicetree/machine';
import { firstDifference } from '../replay/diff';
import { readBytes } from '../text-file';

interface Options {
  readonly diff?: boolean;
}

/** Adds `ldm devicetree`. */
export function addDevicetree(program: Command): void {
  program
    .command('devicetree')
    .description('make the devices of flattened device trees and list them')
    .argument('<file...>', 'flattened trees (NAME.dtb)')
    .option('--diff', 'compare with the lists NAME.dev and, if it is there, NAME.tree beside each tree')
    .action((files: string[], { diff = false }: Options) => (diff ? compareFiles(files) : listFiles(files)));
}

/** Names are bytes, one character for each. */
const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');
const textOf = (file: string): string => Buffer.from(readBytes(file)).toString('latin1');

/** A tree that is refused has no devices. */
async function listFiles(files: readonly string[]): Promise<void> {
  for (const [file, blob] of files.map((name) => [name, readBytes(name)] as const)) {
    const { kernel, refused } = await machineOf(blob);
    if (refused !== null) printRefusal(file, refused);
    process.stdout.write(bytesOf(await deviceListing(kernel)));
  }
}

function printRefusal(file: string, refused: string): void {
  process.stderr.write(`ldm: ${file}: ${refused}\n`);
  process.exitCode = 1;
}

interface Recorded {
  readonly file: string;
  readonly devices: string;
  /** Null where it was not recorded. */
  readonly tree: string | null;
}

async function compareFiles(files: readonly string[]): Promise<void> {
  const all = files.map(readRecorded);
  const count = all.reduce((sum, { devices }) => sum + (devices.match(/^D /gm)?.length ?? 0), 0);
  let different = 0;
  for (const recorded of all) {
    const difference = await differenceOf(recorded);
    if (difference === null) continue;
    different++;
    process.stdout.write(bytesOf(`${recorded.file}: ${difference}\n`));
  }
  const equal = files.length - different;
  process.stdout.write(`${String(equal)} equal, ${String(different)} different; ${String(count)} devices recorded\n`);
  if (different > 0) process.exitCode ??= 1;
}

function readRecorded(file: string): Recorded {
  const beside = (ending: string): string => file.replace(/(\.dtb)?$/, ending);
  const tree = existsSync(beside('.tree')) ? textOf(beside('.tree')) : null;
  return { file, devices: textOf(beside('.dev')), tree };
}

async function differenceOf({ file, devices, tree }: Recorded): Promise<string | null> {
  const { kernel } = await machineOf(readBytes(file));
  const inDevices = firstDifference(devices, await deviceListing(kernel));
  if (inDevices !== null || tree === null) return inDevices?.text ?? null;
  const inTree = firstDifference(tree, await treeListing(kernel));
  return inTree === null ? null : `files of the tree: ${inTree.text}`;
}
