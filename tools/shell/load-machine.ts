import { dirname, resolve } from 'node:path';
import {
  BASES,
  knownMachine,
  MachineFileError,
  parseMachine,
  VirtualMachine,
  type BootOptions,
  type MachineDef,
} from '../../machines';
import { ErrnoError } from '../../lib';
import { advice } from '../names';
import { readBytes, readTextFile } from '../text-file';
import { UsageError } from '../usage-error';

/**
 * A machine by its name, or from a file; paths in a file begin at its folder. Nothing is built.
 *
 * @throws UsageError naming the file and the line
 */
export function machineNamed(name: string): MachineDef {
  const known = knownMachine(name);
  if (known !== null) return known;
  if (!/[./]/.test(name)) {
    throw new UsageError(
      `unknown machine '${name}'; ${advice('machine', name, BASES)}; a file is named with its ending`,
    );
  }
  try {
    return parseMachine(readTextFile(name), { read: (path) => readBytes(resolve(dirname(name), path)) });
  } catch (error) {
    if (error instanceof MachineFileError) throw new UsageError(`${name}:${String(error.line)}: ${error.reason}`);
    throw error;
  }
}

/** Boots a machine. @throws UsageError what of it cannot be */
export async function bootMachine(name: string, def: MachineDef, options: BootOptions = {}): Promise<VirtualMachine> {
  try {
    return await VirtualMachine.boot(def, options);
  } catch (error) {
    if (error instanceof ErrnoError) throw new UsageError(`${name}: the machine does not boot: ${error.message}`);
    throw error;
  }
}
