interface Named {
  readonly name: string;
}

/** A name more. */
interface Extension<Slot extends Named> {
  readonly before: Layout<Slot>;
  readonly key: object;
  readonly slot: Slot;
}

/**
 * The immutable list of names and their meaning that directories of one kind share, as objects share hidden classes in
 * JavaScript engines: adding or removing a name leads to another layout, always the same one for the same step. A
 * layout is freed with the attribute for which it was made.
 */
export class Layout<Slot extends Named> {
  readonly #step: Extension<Slot> | null;
  /** Made at the first look-up: most layouts are only intermediate steps. */
  #slots: readonly Slot[] | null = null;
  #index: ReadonlyMap<string, Slot> | null = null;
  #wasAsked = false;
  #added: WeakMap<object, Layout<Slot>> | null = null;
  #removed: Map<string, Layout<Slot>> | null = null;
  /** The steps that were taken last: like directories take the same ones again. */
  #lastKey: object | null = null;
  #lastAdded: Layout<Slot> | undefined;
  #lastName: string | null = null;
  #lastWithout: Layout<Slot> = this;
  #lastAbsent: string | null = null;

  /** @param step how it came from another one; null for the empty one */
  constructor(step: Extension<Slot> | null = null) {
    this.#step = step;
  }

  /** In the order of adding. */
  get slots(): readonly Slot[] {
    if (this.#slots !== null) return this.#slots;
    const slots: Slot[] = [];
    for (let step = this.#step; step !== null; step = step.before.#step) slots.push(step.slot);
    return (this.#slots = slots.reverse());
  }

  /** A second look-up makes the index, since more will follow. */
  get(name: string): Slot | undefined {
    if (this.#index !== null) return this.#index.get(name);
    if (this.#wasAsked) {
      this.#index = new Map(this.slots.map((slot) => [slot.name, slot]));
      return this.#index.get(name);
    }
    this.#wasAsked = true;
    let step = this.#step;
    while (step !== null && step.slot.name !== name) step = step.before.#step;
    return step?.slot;
  }

  /**
   * This layout with the name more that `key` stands for, if that step was made before: equal keys mean equal slots,
   * and a step that was made had a free name.
   */
  known(key: object): Layout<Slot> | undefined {
    if (key === this.#lastKey) return this.#lastAdded;
    this.#lastKey = key;
    return (this.#lastAdded = this.#added?.get(key));
  }

  /** This layout with one name more, to be found again by {@link known}. The caller has made sure that it is free. */
  extend(key: object, slot: Slot): Layout<Slot> {
    const next = new Layout<Slot>({ before: this, key, slot });
    this.#added ??= new WeakMap();
    this.#added.set(key, next);
    this.#lastKey = null;
    return next;
  }

  /** This layout without a name; itself if it has no such name. */
  without(name: string): Layout<Slot> {
    if (name === this.#lastAbsent) return this;
    if (name === this.#lastName) return this.#lastWithout;
    if (this.get(name) === undefined) {
      this.#lastAbsent = name;
      return this;
    }
    this.#lastName = name;
    return (this.#lastWithout = this.#removed?.get(name) ?? this.#shrink(name));
  }

  /**
   * The layout that the other names give, added in the same order: names that come and go in whatever order come back
   * to layouts that were there before. It has the name.
   */
  #shrink(name: string): Layout<Slot> {
    const later: Extension<Slot>[] = [];
    let step = this.#step;
    for (; step !== null && step.slot.name !== name; step = step.before.#step) later.push(step);
    let without = step?.before ?? this;
    for (const { key, slot } of later.reverse()) without = without.known(key) ?? without.extend(key, slot);
    this.#removed ??= new Map();
    this.#removed.set(name, without);
    return without;
  }
}
