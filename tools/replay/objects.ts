import { need } from './lab-error';
import { needHandle } from './values';

/** Objects that a program creates at most between two resets. */
const MAX_OBJECTS = 150;

export type Kind = 'bus' | 'class' | 'type' | 'intf' | 'sif' | 'dev' | 'drv' | 'kobj' | 'kset';
export type State = 'new' | 'init' | 'added' | 'deleted' | 'failed';

/** Something that a program made, as the program sees it. */
export abstract class LabObject {
  static readonly kind: Kind;
  state: State = 'new';
  /** References that the program holds. */
  refs = 0;
  /** Can the program still name it? */
  named = true;
  /** Is it gone from the kernel too? */
  released = false;

  constructor(readonly handle: string) {}

  get kind(): Kind {
    return (this.constructor as typeof LabObject).kind;
  }

  /** Frees the handle; the object may live on. */
  forget(): void {
    this.named = false;
  }

  /** Does the kernel still have it, though it should not? */
  get leaked(): boolean {
    return !this.released;
  }
}

/** @throws LabError state */
export function needState(object: LabObject, ...states: readonly State[]): void {
  const { kind, handle, state } = object;
  need(states.includes(state), 'state', `${kind} ${handle} is ${state}; it must be ${states.join(' or ')}`);
}

/** What is to go must not be used by any of these. @throws LabError busy */
export function needUnused(users: readonly LabObject[]): void {
  const user = users.find(({ state }) => state === 'added');
  need(user === undefined, 'busy', `${user?.kind ?? ''} ${user?.handle ?? ''} uses it`);
}

export type Constructor<T extends LabObject> = (abstract new (...args: never[]) => T) & { readonly kind: Kind };

/** All objects since the last reset, oldest first. */
export class Objects {
  #all: LabObject[] = [];

  [Symbol.iterator](): Iterator<LabObject> {
    return this.#all[Symbol.iterator]();
  }

  /** @throws LabError syntax for a malformed handle, unknown for one that names nothing of that kind */
  get<T extends LabObject>(type: Constructor<T>, handle: string): T {
    needHandle(handle);
    const found = this.find(type, handle);
    need(found !== undefined, 'unknown', `no ${type.kind} has the handle ${handle}`);
    return found;
  }

  /** {@link get} of a key's value; undefined if the key is absent. */
  optional<T extends LabObject>(type: Constructor<T>, handle: string | undefined): T | undefined {
    return handle === undefined ? undefined : this.get(type, handle);
  }

  find<T extends LabObject>(type: Constructor<T>, handle: string): T | undefined {
    return this.of(type).find((object) => object.named && object.handle === handle);
  }

  of<T extends LabObject>(type: Constructor<T>): T[] {
    return this.#all.filter((object): object is T => object instanceof type);
  }

  /** @throws LabError syntax for a malformed handle, exists for one that is taken, limit */
  checkFresh(type: Constructor<LabObject>, handle: string): void {
    needHandle(handle);
    need(this.find(type, handle) === undefined, 'exists', `there is a ${type.kind} ${handle} already`);
    const most = `${String(MAX_OBJECTS)} objects were created since the last reset, which is the most`;
    need(this.#all.length < MAX_OBJECTS, 'limit', most);
  }

  add<T extends LabObject>(object: T): T {
    this.#all.push(object);
    return object;
  }

  /** The newest object for which `condition` holds. */
  newest<T extends LabObject>(type: Constructor<T>, condition: (object: T) => boolean): T | undefined {
    return this.of(type).findLast(condition);
  }

  clear(): void {
    this.#all = [];
  }
}
