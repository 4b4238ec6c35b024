import type { Kernel } from '../../lib';

/** Directories that hold things without any program. `virtual` and `devlink` are always there on a real machine. */
const SHARED: Readonly<Record<string, readonly string[]>> = {
  devices: ['virtual/'],
  'devices/virtual': [],
  bus: [],
  class: ['devlink/'],
  'class/devlink': [],
  'dev/char': [],
};

/** What a listing leaves out because the kernel has it by itself. */
export class SharedNames {
  readonly #known = new Map<string, ReadonlySet<string>>();

  constructor(kernel: Kernel) {
    for (const [path, names] of Object.entries(SHARED)) {
      this.#known.set(path, new Set([...names, ...this.#present(kernel, path)]));
    }
  }

  has(path: string, entry: string): boolean {
    return this.#known.get(path)?.has(entry) === true;
  }

  #present(kernel: Kernel, path: string): string[] {
    try {
      return decorated(kernel, path);
    } catch {
      return [];
    }
  }
}

/** Entries of a directory, with `/` or `@` behind directories and links, sorted bytewise. @throws ErrnoError */
export function decorated(kernel: Kernel, path: string): string[] {
  const absolute = `/sys/${path}`;
  const entry = (name: string): string => {
    const { kind } = kernel.sysfs.lookup(`${absolute}/${name}`);
    return kind === 'dir' ? `${name}/` : kind === 'link' ? `${name}@` : name;
  };
  return kernel.sysfs.readdir(absolute).map(entry).sort(bytewise);
}

function bytewise(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
