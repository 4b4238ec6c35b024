/**
 * Machines from files: a host with devices, a guest with its kernel, as three recorded machines have them.
 *
 * @module linux-driver-model/machines
 */
import { BASES, type MachineDef } from './definition';
import { machineFile } from './files';
import type { FileReader } from './device-fields';
import { parseMachine } from './schema';

export { BASES, type Base, type DeviceDef, type MachineDef, type NamedDriverDef } from './definition';
export type { FileReader } from './device-fields';
export { machineFile } from './files';
export { MachineFileError } from './json';
export { VirtualMachine, type BootOptions } from './machine';
export { parseMachine } from './schema';

const NO_FILES: FileReader = {
  read: () => {
    throw new Error('there are no files');
  },
};

/** A machine that is there without a file of one's own; null for an unknown name. */
export function knownMachine(name: string): MachineDef | null {
  const base = BASES.find((each) => each === name);
  return base === undefined ? null : parseMachine(machineFile(base), NO_FILES);
}
