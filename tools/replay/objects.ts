import { need } from './lab-error';
import { isHandle } from './values';

/** Objects that a program creates at most between two resets. */
const MAX_OBJECTS = 150;

export type Kind = 'bus' | 'class' | 'type' | 'intf' | 'sif' | 'dev' | 'drv' | 'kobj' | 'kset';
export type State = 'new' | 'init' | 'added' | 'deleted' | 'failed';

/** Something that a program made, as the program sees it. */
export abstract class LabObject {
  abstract readonly kind: Kind;
  state: State = 'new';
  /** References that the program holds. */
  refs = 0;
  /** Can the program still name it? */
  named = true;
  /** Is it gone from the kernel too? */
  released = false;

  constructor(readonly handle: string) {}

  /** Gives the handle free; the object may live on. */
  forget(): void {
    this.named = false;
  }

  /** Does the kernel still have it, though it should not? */
  get leaked(): boolean {
    return !this.released;
  }
}

type Constructor<T extends LabObject> = abstract new (...args: never[]) => T;

/** All objects since the last reset, oldest first. */
export class Objects {
  #all: LabObject[] = [];

  [Symbol.iterator](): Iterator<LabObject> {
    return this.#all[Symbol.iterator]();
  }

  /** @throws LabError syntax for a malformed handle, unknown for one that names nothing of that kind */
  get<T extends LabObject>(type: Constructor<T>, handle: string): T {
    need(isHandle(handle));
    const found = this.find(type, handle);
    need(found !== undefined, 'unknown');
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
    need(isHandle(handle));
    need(this.find(type, handle) === undefined, 'exists');
    need(this.#all.length < MAX_OBJECTS, 'limit');
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
