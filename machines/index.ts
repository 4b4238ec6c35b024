/**
 * Machines from files: a host with devices, a guest with its kernel, as three recorded machines have them.
 *
 * @module linux-driver-model/machines
 */
import arm64Of from './files/arm64-of.json';
import ps3 from './files/ps3.json';
import s390xCcw from './files/s390x-ccw.json';
import x86Pci from './files/x86-pci.json';
import { BASES, type Base, type MachineDef } from './definition';
import type { FileReader } from './device-fields';
import { parseMachine } from './schema';

export { BASES, type Base, type DeviceDef, type MachineDef, type NamedDriverDef } from './definition';
export type { FileReader } from './device-fields';
export { MachineFileError } from './json';
export { VirtualMachine, type BootOptions } from './machine';
export { parseMachine } from './schema';

const FILES: Readonly<Record<Base, object>> = {
  'x86-pci': x86Pci,
  's390x-ccw': s390xCcw,
  'arm64-of': arm64Of,
  ps3,
};

const NO_FILES: FileReader = {
  read: () => {
    throw new Error('there are no files');
  },
};

/** Text of the file of a machine that is there without one of one's own. */
export function machineFile(name: Base): string {
  return `${JSON.stringify(FILES[name], null, 2)}\n`;
}

/** A machine that is there without a file of one's own; null for an unknown name. */
export function knownMachine(name: string): MachineDef | null {
  const base = BASES.find((each) => each === name);
  return base === undefined ? null : parseMachine(machineFile(base), NO_FILES);
}
