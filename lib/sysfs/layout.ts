import type { Attribute, BinAttribute } from './attribute';
import type { SysfsDir } from './dir';

/** What a name in a directory stands for, the same for every directory that shares the layout. */
export type Slot = FileSlot | BinSlot | LinkSlot | GroupSlot;

export interface FileSlot {
  readonly kind: 'file';
  readonly name: string;
  readonly mode: number;
  readonly attr: Attribute;
}

export interface BinSlot {
  readonly kind: 'bin';
  readonly name: string;
  readonly mode: number;
  readonly attr: BinAttribute;
}

/** A link whose target follows from the object, e.g. `driver`. */
export interface LinkSlot {
  readonly kind: 'link';
  readonly name: string;
  target(dir: SysfsDir): SysfsDir | null;
}

/** A subdirectory of a named group. */
export interface GroupSlot {
  readonly kind: 'group';
  readonly name: string;
  readonly layout: Layout;
}

/**
 * The immutable list of names that directories of one kind share, as objects share hidden classes in JavaScript
 * engines: adding or removing a name gives another layout, always the same one for the same step.
 */
export class Layout {
  readonly #index: ReadonlyMap<string, Slot>;
  readonly #added = new Map<object, Layout>();
  readonly #removed = new Map<string, Layout>();

  constructor(readonly slots: readonly Slot[] = []) {
    this.#index = new Map(slots.map((slot) => [slot.name, slot]));
  }

  get(name: string): Slot | undefined {
    return this.#index.get(name);
  }

  /**
   * This layout with one name more. The caller has made sure that the name is free.
   *
   * @param key what the step is remembered by: equal keys must mean equal slots
   */
  with(key: object, make: () => Slot): Layout {
    const known = this.#added.get(key);
    if (known !== undefined) return known;
    const next = new Layout([...this.slots, make()]);
    this.#added.set(key, next);
    next.#removed.set((next.slots.at(-1) as Slot).name, this);
    return next;
  }

  /** This layout without a name; itself if it has no such name. */
  without(name: string): Layout {
    const known = this.#removed.get(name);
    if (known !== undefined) return known;
    if (!this.#index.has(name)) return this;
    const next = new Layout(this.slots.filter((slot) => slot.name !== name));
    this.#removed.set(name, next);
    return next;
  }
}
