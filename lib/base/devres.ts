import { ENOENT } from '../errno';
import type { MayNotSleep } from '../may-sleep';
import { callAtomicVoid, type GuardedKernel } from './guard';

/** A thing that is released with its device. A group's two ends are kept in the same list. */
interface Node {
  readonly kind: 'resource' | 'open' | 'close';
  readonly name: string;
  /** Identity of a resource, or the id of a group. */
  readonly id: unknown;
  readonly group: Group | null;
  release(): MayNotSleep;
}

interface Group {
  readonly id: unknown;
  closed: boolean;
}

/** The device, as far as its resources need it. */
interface DevresOwner {
  readonly name: string | null;
  readonly kernel: GuardedKernel & { warn(text: string): void };
}

/**
 * The managed resources of one device: released in reverse order when a probe fails, when the driver is unbound, when
 * the device is deleted or released.
 *
 * @see drivers/base/devres.c
 */
export class Devres {
  #nodes: Node[] = [];
  readonly #dev: DevresOwner;

  constructor(dev: DevresOwner) {
    this.#dev = dev;
  }

  get isEmpty(): boolean {
    return this.#nodes.length === 0;
  }

  /** Names of the live resources, oldest first. */
  names(): string[] {
    return this.#nodes.filter((node) => node.kind === 'resource').map((node) => node.name);
  }

  /**
   * Has `action` called when the device's resources are released. It may not sleep.
   *
   * @param id what finds it again; default: the action itself
   * @see drivers/base/devres.c devm_add_action
   */
  addAction(action: () => MayNotSleep, name = action.name, id: unknown = action): void {
    this.#nodes.push({ kind: 'resource', name, id, group: null, release: action });
  }

  /** The newest live resource with that id is there. @see drivers/base/devres.c devres_find */
  has(id: unknown): boolean {
    return this.#find(id) >= 0;
  }

  /**
   * Forgets the newest live action with that id without calling it.
   *
   * @throws nothing
   * @returns 0 or -ENOENT
   * @see devm_remove_action
   */
  removeAction(id: unknown): number {
    return this.#take(id) === null ? -ENOENT : 0;
  }

  /** Calls and removes the newest active action with that id. @returns 0 or -ENOENT @see devm_release_action */
  releaseAction(id: unknown): number {
    const node = this.#take(id);
    if (node !== null) this.#release(node);
    return node === null ? -ENOENT : 0;
  }

  /**
   * Opens a group. Another open group with the id is allowed: the newest is found first.
   *
   * @see drivers/base/devres.c devres_open_group
   */
  openGroup(id: unknown): void {
    this.#nodes.push(end('open', { id, closed: false }));
  }

  /** @param id null for the latest open group; one that is not there is warned of @see devres_close_group */
  closeGroup(id: unknown): void {
    const group = this.#groupOrWarn(id, 'close');
    if (group === undefined) return;
    group.closed = true;
    this.#nodes.push(end('close', group));
  }

  /** Forgets the group, keeps what is in it. @param id as for {@link closeGroup} @see devres_remove_group */
  removeGroup(id: unknown): void {
    const group = this.#groupOrWarn(id, 'remove');
    if (group !== undefined) this.#nodes = this.#nodes.filter((node) => node.group !== group);
  }

  /**
   * Releases what is in the group, newest first, and groups that are wholly inside it.
   *
   * @param id null for the latest open group
   * @returns the number of resources; 0 without such a group, which is warned of unless nothing is left at all
   * @see drivers/base/devres.c devres_release_group
   */
  releaseGroup(id: unknown): number {
    const group = this.isEmpty ? undefined : this.#groupOrWarn(id, 'release');
    if (group === undefined) return 0;
    const first = this.#nodes.findIndex((node) => node.group === group);
    const close = this.#nodes.findLastIndex((node) => node.group === group && node.kind === 'close');
    return this.#releaseRange(first, close < 0 ? this.#nodes.length : close + 1);
  }

  /** @returns the number of resources @see drivers/base/devres.c devres_release_all */
  releaseAll(): number {
    return this.#nodes.length === 0 ? 0 : this.#releaseRange(0, this.#nodes.length);
  }

  /** @see drivers/base/devres.c remove_nodes, release_nodes */
  #releaseRange(first: number, end: number): number {
    const range = this.#nodes.slice(first, end);
    const isWhole = (group: Group): boolean =>
      range.some((n) => n.kind === 'open' && n.group === group) &&
      (!group.closed || range.some((n) => n.kind === 'close' && n.group === group));
    const goes = (node: Node): boolean => node.group === null || isWhole(node.group);
    const kept = range.filter((node) => !goes(node));
    this.#nodes = [...this.#nodes.slice(0, first), ...kept, ...this.#nodes.slice(end)];
    const resources = range.filter((node) => node.kind === 'resource').reverse();
    for (const node of resources) this.#release(node);
    return resources.length;
  }

  #release(node: Node): void {
    const where = (): string => `release_nodes: ${node.name}, device ${String(this.#dev.name)}`;
    callAtomicVoid(this.#dev.kernel, where, () => node.release());
  }

  #find(id: unknown): number {
    return this.#nodes.findLastIndex((node) => node.kind === 'resource' && node.id === id);
  }

  #take(id: unknown): Node | null {
    const index = this.#find(id);
    if (index >= 0) return this.#nodes.splice(index, 1)[0] ?? null;
    this.#dev.kernel.warn(`devres: nothing to remove from ${this.#dev.name ?? '(null)'}`);
    return null;
  }

  /** @see drivers/base/devres.c find_group */
  #groupOrWarn(id: unknown, what: string): Group | undefined {
    const isIt = (group: Group): boolean => (id === null ? !group.closed : group.id === id);
    const node = this.#nodes.findLast(({ kind, group }) => kind === 'open' && group !== null && isIt(group));
    if (node === undefined) this.#dev.kernel.warn(`devres: no group to ${what} on ${this.#dev.name ?? '(null)'}`);
    return node?.group ?? undefined;
  }
}

function end(kind: 'open' | 'close', group: Group): Node {
  return { kind, name: String(group.id), id: group.id, group, release: () => undefined };
}
