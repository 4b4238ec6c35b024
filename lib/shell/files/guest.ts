import { EINVAL, ErrnoError } from '../../errno';
import { textOfBytes, utf8Encode } from '../../utf8';
import type { ShellMachine } from '../machine';
import { devDir } from './dev';
import { fixedDir, MemoryDir, textFile } from './memory';
import type { DirNode, FileNode, Node } from './node';
import { procDir } from './proc';
import { sysfsDir } from './sysfs-node';
import { FileTree } from './walk';

/** The files of a guest: /sys, /proc, /dev, its modules, and room for its own below /tmp. */
export function guestFiles(machine: ShellMachine, commands: () => readonly string[]): FileTree {
  const root = new MemoryDir();
  root.mount('bin', namesDir(commands, ''));
  root.mount('dev', devDir(machine.kernel));
  root.mount(
    'lib',
    namesDir(
      () => ['modules'],
      '',
      () => namesDir(() => [...machine.modules.keys()], '.ko'),
    ),
  );
  root.mount('proc', procDir(machine));
  root.mount('sys', sysfsDir(machine.kernel, new Map([['/sys/kernel/debug', debugDir(machine)]])));
  root.mount('tmp', new MemoryDir());
  return new FileTree(root);
}

/** Commands like `file dd.c +p` turn messages at debug level on or off, all of them. @see lib/dynamic_debug.c */
function dynamicDebug({ kernel: { log } }: ShellMachine): FileNode {
  return {
    kind: 'file',
    mode: 0o644,
    size: 0,
    open: () => ({
      read: () => new Uint8Array(0),
      write: (_offset, data) => {
        const [, sign] = /([-+=])p?\s*$/.exec(textOfBytes(data)) ?? [];
        if (sign === undefined) throw new ErrnoError(EINVAL, { syscall: 'write' });
        log.debug = sign !== '-';
        return data.length;
      },
    }),
  };
}

/** What debugfs shows of the driver core. @see drivers/base/dd.c deferred_probe_initcall */
function debugDir(machine: ShellMachine): DirNode {
  const { kernel } = machine;
  const waiting = (): string =>
    kernel.deferred
      .lines()
      .map((line) => `${line}\n`)
      .join('');
  return fixedDir({
    devices_deferred: textFile(waiting, utf8Encode),
    dynamic_debug: fixedDir({ control: dynamicDebug(machine) }),
  });
}

/** A directory of files whose content does not matter. */
function namesDir(names: () => readonly string[], suffix: string, node: () => Node = program): DirNode {
  return {
    kind: 'dir',
    mode: 0o755,
    names: () => names().map((name) => name + suffix),
    get: (name) =>
      name.endsWith(suffix) && names().includes(name.slice(0, name.length - suffix.length)) ? node() : undefined,
  };
}

function program(): Node {
  return textFile(() => '', utf8Encode, 0o755);
}
