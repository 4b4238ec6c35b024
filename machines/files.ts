import arm64Of from './files/arm64-of.json';
import ps3 from './files/ps3.json';
import s390xCcw from './files/s390x-ccw.json';
import x86Pci from './files/x86-pci.json';
import type { Base } from './definition';

const FILES: Readonly<Record<Base, object>> = {
  'x86-pci': x86Pci,
  's390x-ccw': s390xCcw,
  'arm64-of': arm64Of,
  ps3,
};

/** Text of the file of a machine that is there without one of one's own. */
export function machineFile(name: Base): string {
  return `${JSON.stringify(FILES[name], null, 2)}\n`;
}
