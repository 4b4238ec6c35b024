import { EINVAL, ENOENT } from '../errno';
import { kobjectGetPath, type Kobject } from './kobject';
import type { Kset } from './kset';
import { UeventEnv } from './uevent-env';

/** @see include/linux/kobject.h enum kobject_action */
export const KOBJECT_ACTIONS = ['add', 'remove', 'change', 'move', 'online', 'offline', 'bind', 'unbind'] as const;
/** The action of an event. @see include/linux/kobject.h enum kobject_action */
export type KobjectAction = (typeof KOBJECT_ACTIONS)[number];

/** An event as it is broadcast. */
export interface Uevent {
  readonly action: KobjectAction;
  /** Path without /sys. */
  readonly devpath: string;
  /** Counts all events of the kernel that were really sent, from 1. */
  readonly seqnum: number;
  /** KEY=VALUE in the kernel's order, SEQNUM last. */
  readonly env: readonly string[];
}

const NO_VARS: readonly string[] = [];

/** @see lib/kobject_uevent.c kobject_uevent */
export function kobjectUevent(kobj: Kobject, action: KobjectAction): number {
  return kobjectUeventEnv(kobj, action, NO_VARS);
}

/**
 * Sends an event with the given variables added after SUBSYSTEM.
 *
 * @returns 0, also when the event was suppressed or filtered; -EINVAL when no kset is found from the object up its
 *   parents; -ENOENT when one of these has no name; -ENOMEM when the variables are too many; the error of the kset's
 *   uevent callback
 * @see lib/kobject_uevent.c kobject_uevent_env
 */
export function kobjectUeventEnv(kobj: Kobject, action: KobjectAction, vars: readonly string[]): number {
  // Marked before anything can drop the event, so that it is not sent again by kobject_del.
  if (action === 'remove') kobj.stateRemoveUeventSent = true;
  const kset = decidingKset(kobj);
  if (kset === null) return -EINVAL;
  const ops = kset.ueventOps;
  if (kobj.ueventSuppress || ops?.filter?.(kobj) === false) return 0;
  const subsystem = ops?.subsystem === undefined ? kset.name : ops.subsystem(kobj);
  if (subsystem === null) return 0;
  return send(kobj, action, subsystem, vars, kset);
}

/** The kset of the first object that has one, from the object up its parents. */
export function decidingKset(kobj: Kobject): Kset | null {
  let top = kobj;
  while (top.kset === null && top.kobjParent !== null) top = top.kobjParent;
  return top.kset;
}

function send(kobj: Kobject, action: KobjectAction, subsystem: string, vars: readonly string[], kset: Kset): number {
  const { kernel } = kobj;
  const length = pathLength(kobj);
  if (length === 0) return -ENOENT;
  if (length < SHORT_PATH && vars.length === 0 && !isSeen(kobj, kset)) {
    if (action === 'add') kobj.stateAddUeventSent = true;
    return kernel.uevents.countUnseen();
  }
  const env = kernel.uevents.takeEnv(kernel);
  const error = begin(env, kobj, action, length, subsystem, vars);
  const result = error === 0 ? finish(kobj, action, kset, env) : error;
  kernel.uevents.giveBack(env);
  return result;
}

/**
 * The variables of every event, then those of the caller. Strings are formatted when they are read, which may be never.
 */
function begin(
  env: UeventEnv,
  kobj: Kobject,
  action: KobjectAction,
  length: number,
  subsystem: string,
  vars: readonly string[],
): number {
  const error = env.add('ACTION', action) || env.addPath('DEVPATH', kobj, length) || env.add('SUBSYSTEM', subsystem);
  return error === 0 && vars.length > 0 ? fill(env, vars) : error;
}

function finish(kobj: Kobject, action: KobjectAction, kset: Kset, env: UeventEnv): number {
  const refused = kset.ueventOps?.uevent?.(kobj, env) ?? 0;
  if (refused !== 0) return refused;
  if (action === 'add') kobj.stateAddUeventSent = true;
  if (action === 'unbind') env.zapModalias();
  return kobj.kernel.uevents.broadcast(action, kobj, env);
}

/** A path that leaves room in the environment for everything that the core itself adds. */
const SHORT_PATH = 1024;

/** If there is no listener, and no callback of a driver or a bus runs, no environment is made. */
function isSeen(kobj: Kobject, kset: Kset): boolean {
  const ops = kset.ueventOps;
  if (kobj.kernel.uevents.hasListeners) return true;
  return ops?.uevent !== undefined && ops.isQuiet?.(kobj) !== true;
}

/** 0 for an object that never had a name, or is below one: it has no path. @see get_kobj_path_length */
function pathLength(kobj: Kobject): number {
  let length = 0;
  for (let at: Kobject | null = kobj; at !== null; at = at.kobjParent) {
    if (at.name === null) return 0;
    length += at.name.length + 1;
  }
  return length;
}

function fill(env: UeventEnv, vars: readonly string[]): number {
  for (const text of vars) {
    const error = env.addVar(text);
    if (error !== 0) return error;
  }
  return 0;
}

/** Counts the events of one kernel and passes them to the listeners. */
export class UeventSocket {
  #seqnum = 0;
  #spare: UeventEnv | null = null;
  readonly #listeners = new Set<(event: Uevent) => void>();

  /** An empty environment; the one that the event before used, if that is done. */
  takeEnv(log: { warn(text: string): void }): UeventEnv {
    const env = this.#spare ?? new UeventEnv(log);
    this.#spare = null;
    return env;
  }

  giveBack(env: UeventEnv): void {
    env.clear();
    this.#spare = env;
  }

  get hasListeners(): boolean {
    return this.#listeners.size > 0;
  }

  /** Counts an event without listeners. */
  countUnseen(): number {
    this.#seqnum++;
    return 0;
  }

  get seqnum(): number {
    return this.#seqnum;
  }

  /**
   * Calls `listener` for each event, before the operation that sends it continues. Returns a function that
   * unsubscribes.
   */
  subscribe(listener: (event: Uevent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @see lib/kobject_uevent.c kobject_uevent_net_broadcast */
  broadcast(action: KobjectAction, kobj: Kobject, env: UeventEnv): number {
    const error = env.add('SEQNUM', ++this.#seqnum);
    if (error !== 0) return error;
    if (this.#listeners.size === 0) return 0;
    const event: Uevent = { action, devpath: kobjectGetPath(kobj), seqnum: this.#seqnum, env: env.vars };
    for (const listener of [...this.#listeners]) listener(event);
    return 0;
  }
}
