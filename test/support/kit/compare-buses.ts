import { ccw } from '../../../buses/ccw';
import { vpci } from '../../../buses/vpci';
import { kobjectGetPath } from '../../../lib/kobject';
import { fixtureName, type BusFixture } from '../../../lib/machine';
import type { ManyWorldsOptions } from './each-bus';
import type { TraceLine } from './trace';
import { world, type KitWorld } from './world';

/** Which two buses are compared, and at what level. */
export interface CompareBusesOptions extends ManyWorldsOptions {
  /** Default: vpci and ccw. */
  readonly fixtures?: readonly [BusFixture, BusFixture];
  /**
   * What is compared: `virtio` (default), what both buses share, which is the virtio bus and all above it; `all`, the
   * bus below and the hypercalls too, where two buses can only be alike by chance.
   */
  readonly level?: 'virtio' | 'all';
}

/** Where two traces part. */
export interface TraceDifference {
  readonly buses: readonly [string, string];
  /** Place in both traces, from 0. */
  readonly index: number;
  /** The first step that differs, after renaming; null where that trace has ended. */
  readonly lines: readonly [string | null, string | null];
  /** The last steps that are the same in both. */
  readonly before: readonly string[];
}

/** Lines before a difference. */
const CONTEXT = 5;

/**
 * Runs a body on two buses and compares what happened, line by line. Devices are renamed in the order in which they
 * appear (`<1>`, `<2>`), because names and numbers are the bus's own. The body boots its world; `world.trace.clear()`
 * in it leaves out what was before.
 *
 * @returns the first difference; null where there is none
 */
export async function compareBuses(
  body: (world: KitWorld) => unknown,
  { fixtures = [vpci, ccw], level = 'virtio', ...options }: CompareBusesOptions = {},
): Promise<TraceDifference | null> {
  const runOn = async (bus: BusFixture): Promise<Run> => {
    const made = world({ ...options, bus });
    const run = new Run(made);
    await body(made);
    await made.settle();
    return run;
  };
  const runs = [await runOn(fixtures[0]), await runOn(fixtures[1])] as const;
  const shared = new Set([...runs[0].roots()].filter((root) => runs[1].roots().has(root)));
  const traces = [runs[0].renamed(level, shared), runs[1].renamed(level, shared)] as const;
  return firstDifference(traces, [fixtureName(fixtures[0]), fixtureName(fixtures[1])]);
}

function firstDifference(
  [a, b]: readonly [readonly string[], readonly string[]],
  buses: readonly [string, string],
): TraceDifference | null {
  const length = Math.max(a.length, b.length);
  for (let index = 0; index < length; index++) {
    if (a[index] === b[index]) continue;
    return {
      buses,
      index,
      lines: [a[index] ?? null, b[index] ?? null],
      before: a.slice(Math.max(0, index - CONTEXT), index),
    };
  }
  return null;
}

/** Virtio devices have their own name as last or later part of their path. */
const VIRTIO_PART = /\/virtio\d+(?=\/|$)/;

/** One world, and what is known of its devices from the moment it was made. */
class Run {
  readonly #world: KitWorld;
  /** By guest and name: the path. */
  readonly #paths = new Map<string, string>();

  constructor(made: KitWorld) {
    this.#world = made;
    made.trace.onRecord(({ guest, dev, devpath }) => {
      if (devpath?.startsWith('/devices/') === true) this.#paths.set(`${guest} ${String(dev)}`, devpath);
    });
  }

  /** Buses and classes, as paths: `/bus/virtio`. */
  roots(): ReadonlySet<string> {
    const roots = this.#world.kernels.flatMap((kernel) => [
      ...[...kernel.buses.keys()].map(({ name }) => `/bus/${name}`),
      ...[...kernel.classes.keys()].map(({ name }) => `/class/${name}`),
    ]);
    return new Set(roots);
  }

  /** @param shared roots that both worlds have: what is below another is the bus's own */
  renamed(level: 'virtio' | 'all', shared: ReadonlySet<string>): string[] {
    this.#addSilent();
    const { records } = this.#world.trace;
    const wanted = level === 'all' ? records : records.filter((line) => this.#isShared(line, shared));
    const names = new Set([...this.#paths.values()].map(lastPart));
    for (const { dev } of records) if (dev !== null && dev !== '') names.add(dev);
    const numbers = new Map<string, string>();
    return wanted.map(({ guest, text }) => `${guest}: ${replaceNames(cutPath(text, level), names, numbers)}`);
  }

  /** Devices without bus and class send no events. */
  #addSilent(): void {
    for (const kernel of this.#world.kernels) {
      for (const kobj of kernel.devicesKset.list) {
        const key = `${kernel.name} ${String(kobj.name)}`;
        if (!this.#paths.has(key)) this.#paths.set(key, kobjectGetPath(kobj));
      }
    }
  }

  /** A device that is nowhere stays in: its add has failed. */
  #isShared({ kind, guest, dev, devpath }: TraceLine, shared: ReadonlySet<string>): boolean {
    if (kind === 'host' || kind === 'irq') return false;
    const path = devpath ?? this.#paths.get(`${guest} ${String(dev)}`);
    if (path === undefined) return true;
    if (path.startsWith('/devices/')) return VIRTIO_PART.test(path) || path.startsWith('/devices/virtual/');
    return shared.has(path.split('/').slice(0, 3).join('/'));
  }
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** What is before the virtio device in a path is the bus's own. */
function cutPath(text: string, level: 'virtio' | 'all'): string {
  return level === 'all' ? text : text.replace(/@\/devices\/\S*?(?=\/virtio\d+(?:\/|$))/, '@...');
}

function replaceNames(text: string, names: ReadonlySet<string>, numbers: Map<string, string>): string {
  return text.replace(/[^\s/@,()=]+/g, (token) => {
    if (!names.has(token)) return token;
    const number = numbers.get(token) ?? `<${String(numbers.size + 1)}>`;
    numbers.set(token, number);
    return number;
  });
}
