/** By which alignment ranges are measured: those of most requests, and `any` for all others. */
type Grain = 'any' | 'line' | 'page';

const LINE = 16;
const PAGE = 4096;

/** A range that is free, and a node of the tree. */
class Gap {
  left: Gap | null = null;
  right: Gap | null = null;
  /** Of the ranges in this subtree the largest room from an aligned address on. */
  any = 0;
  line = 0;
  page = 0;

  constructor(
    public start: number,
    public end: number,
    readonly priority: number,
  ) {
    measured(this);
  }
}

/**
 * Free ranges of an address space. Ranges that touch are one. Every operation takes a number of steps that grows with
 * the logarithm of how many ranges there are: they are a search tree by address in which chance keeps the balance (a
 * treap), and each node knows how much fits below it.
 */
export class Gaps {
  #root: Gap | null = null;
  #chance = 1;

  constructor(start: number, end: number) {
    this.#put(start, end);
  }

  /** Takes the lowest place that fits, and gives its address; null when there is none. */
  take(bytes: number, align: number): number | null {
    const grain = align % PAGE === 0 ? 'page' : align % LINE === 0 ? 'line' : 'any';
    const gap = first(this.#root, bytes, align, grain);
    if (gap === null) return null;
    const { start, end } = gap;
    const address = roundUp(start, align);
    const next = address + bytes;
    if (address === start) this.#resize(gap, next, end);
    else {
      this.#resize(gap, start, address);
      this.#put(next, end);
    }
    return address;
  }

  /** Gives back what was taken. */
  giveBack(address: number, bytes: number): void {
    const below = lastUpTo(this.#root, address);
    const above = lastUpTo(this.#root, address + bytes);
    const next = address + bytes;
    const joinsBelow = below?.end === address;
    if (above?.start === next) {
      if (joinsBelow) this.#root = without(this.#root, below);
      this.#resize(above, joinsBelow ? below.start : address, above.end);
    } else if (joinsBelow) this.#resize(below, below.start, next);
    else this.#put(address, next);
  }

  /** The order stays the same: what a range gains is no other's. */
  #resize(gap: Gap, start: number, end: number): void {
    if (start >= end) this.#root = without(this.#root, gap);
    else {
      gap.start = start;
      gap.end = end;
      measureDownTo(this.#root, gap);
    }
  }

  #put(start: number, end: number): void {
    if (start >= end) return;
    this.#chance = Math.imul(this.#chance, 1_664_525) + 1_013_904_223;
    this.#root = withGap(this.#root, new Gap(start, end, this.#chance >>> 8));
  }
}

/** The lowest range with room. */
function first(gap: Gap | null, bytes: number, align: number, grain: Grain): Gap | null {
  if (gap === null || gap[grain] < bytes) return null;
  const lower = first(gap.left, bytes, align, grain);
  if (lower !== null) return lower;
  return roundUp(gap.start, align) + bytes <= gap.end ? gap : first(gap.right, bytes, align, grain);
}

/** The highest range that starts at an address or below it. */
function lastUpTo(root: Gap | null, address: number): Gap | null {
  let found: Gap | null = null;
  for (let gap = root; gap !== null; gap = gap.start <= address ? gap.right : gap.left) {
    if (gap.start <= address) found = gap;
  }
  return found;
}

function withGap(root: Gap | null, gap: Gap): Gap {
  if (root === null) return gap;
  if (gap.priority > root.priority) {
    [gap.left, gap.right] = split(root, gap.start);
    return measured(gap);
  }
  if (gap.start < root.start) root.left = withGap(root.left, gap);
  else root.right = withGap(root.right, gap);
  return measured(root);
}

function without(root: Gap | null, gap: Gap): Gap | null {
  if (root === null) return null;
  if (root === gap) return joined(root.left, root.right);
  if (gap.start < root.start) root.left = without(root.left, gap);
  else root.right = without(root.right, gap);
  return measured(root);
}

/** What lies below an address, and the rest. */
function split(root: Gap | null, address: number): [Gap | null, Gap | null] {
  if (root === null) return [null, null];
  if (root.start < address) {
    const [low, high] = split(root.right, address);
    root.right = low;
    return [measured(root), high];
  }
  const [low, high] = split(root.left, address);
  root.left = high;
  return [low, measured(root)];
}

/** @param low lies below `high` */
function joined(low: Gap | null, high: Gap | null): Gap | null {
  if (low === null || high === null) return low ?? high;
  if (low.priority > high.priority) {
    low.right = joined(low.right, high);
    return measured(low);
  }
  high.left = joined(low, high.left);
  return measured(high);
}

/** Measures a range that was changed, and all above it. */
function measureDownTo(root: Gap | null, gap: Gap): void {
  if (root === null) return;
  if (root !== gap) measureDownTo(gap.start < root.start ? root.left : root.right, gap);
  measured(root);
}

function measured(gap: Gap): Gap {
  const { start, end, left, right } = gap;
  gap.any = Math.max(end - start, left?.any ?? 0, right?.any ?? 0);
  gap.line = Math.max(end - roundUp(start, LINE), left?.line ?? 0, right?.line ?? 0);
  gap.page = Math.max(end - roundUp(start, PAGE), left?.page ?? 0, right?.page ?? 0);
  return gap;
}

function roundUp(address: number, align: number): number {
  return Math.ceil(address / align) * align;
}
