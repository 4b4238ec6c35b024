import { Kernel, World, type Uevent, type WorldOptions } from '../../lib';

/** A kernel without a host, and its events as lines. */
export class ModuleBench {
  readonly world: World;
  readonly kernel: Kernel;
  readonly log: string[] = [];

  constructor(options: WorldOptions = {}) {
    this.world = new World(options);
    this.kernel = new Kernel(this.world);
    this.kernel.uevents.subscribe((event) => this.log.push(describeEvent(event)));
  }

  /** What was logged since the last call. */
  taken(): string[] {
    return this.log.splice(0);
  }

  ls(path: string): string[] {
    return this.kernel.sysfs.readdir(path);
  }

  cat(path: string): Promise<string> {
    return this.kernel.fs.readFile(path);
  }
}

export function describeEvent({ action, devpath, env }: Uevent): string {
  return `${action} ${devpath} ${env.find((text) => text.startsWith('SUBSYSTEM='))?.slice(10) ?? ''}`;
}
