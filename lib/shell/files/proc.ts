import { loadedModules } from '../../module';
import { blockDisks } from '../../subsystems/block';
import { utf8Encode } from '../../utf8';
import { moduleLine } from '../commands/modules';
import type { ShellMachine } from '../machine';
import { fixedDir, textFile } from './memory';
import type { DirNode, Node } from './node';

const text = (make: () => string): Node => textFile(make, utf8Encode);

/** /proc, as far as it is about devices. */
export function procDir(machine: ShellMachine): DirNode {
  const { kernel } = machine;
  const entries: Record<string, Node> = {
    cmdline: text(() => `${machine.commandLine}\n`),
    modules: text(() =>
      loadedModules(kernel)
        .map((mod) => `${moduleLine(mod)}\n`)
        .join(''),
    ),
    partitions: text(() => partitions(machine)),
    uptime: text(() => `${(kernel.world.now / 1e9).toFixed(2)} ${(kernel.world.now / 1e9).toFixed(2)}\n`),
    version: text(() => `Linux version ${machine.release}\n`),
  };
  if (machine.hasDeviceTree) {
    entries['device-tree'] = { kind: 'link', mode: 0o777, target: '/sys/firmware/devicetree/base' };
  }
  return fixedDir({ ...entries, ...machine.proc });
}

/** @see block/genhd.c show_partition */
function partitions({ kernel }: ShellMachine): string {
  const lines = blockDisks(kernel).map((disk) => {
    const { major, minor } = disk.devt ?? { major: 0, minor: 0 };
    const blocks = String(Math.floor(disk.capacity / 2)).padStart(10);
    return `${String(major).padStart(4)}  ${String(minor).padStart(7)} ${blocks} ${disk.name ?? ''}\n`;
  });
  return lines.length === 0 ? '' : `major minor  #blocks  name\n\n${lines.join('')}`;
}
