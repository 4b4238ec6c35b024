import type { MaySleep } from '../may-sleep';
import { WaitQueue } from '../world/wait';
import type { World } from '../world/world';

/**
 * The show and store calls that run in a directory, by file; a group's files with its subdirectory.
 *
 * @see fs/kernfs/dir.c
 */
export class ActiveCalls {
  readonly #counts = new Map<string, number>();
  readonly #idle = new WaitQueue();

  /** Counts a call of a file; gives the function that ends it. @see kernfs_get_active */
  enter(name: string, world: World): () => void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    return () => {
      this.leave(name);
      this.#idle.wakeAll(world);
    };
  }

  /** One call less, without telling those that wait. @see kernfs_break_active_protection */
  leave(name: string): void {
    const left = (this.#counts.get(name) ?? 1) - 1;
    if (left > 0) this.#counts.set(name, left);
    else this.#counts.delete(name);
  }

  /** Sleeps until no call of that file, or of any, runs. @see kernfs_drain */
  drain(world: World, path: string, name?: string): MaySleep<void> {
    const what = `kernfs_drain(${path}${name === undefined ? '' : `/${name}`})`;
    return this.#idle.waitUntil(world, () => !this.#isBusy(name), what);
  }

  #isBusy(name?: string): boolean {
    const concerns = (file: string): boolean => name === undefined || file === name || file.startsWith(`${name}/`);
    return [...this.#counts.keys()].some(concerns);
  }
}
