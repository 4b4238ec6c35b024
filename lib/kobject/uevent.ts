import { EINVAL, ENOENT } from '../errno';
import { kobjectGetPath, type Kobject } from './kobject';
import type { Kset } from './kset';
import { UeventEnv } from './uevent-env';

/** @see include/linux/kobject.h enum kobject_action */
export const KOBJECT_ACTIONS = ['add', 'remove', 'change', 'move', 'online', 'offline', 'bind', 'unbind'] as const;
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

/** @see lib/kobject_uevent.c kobject_uevent */
export function kobjectUevent(kobj: Kobject, action: KobjectAction): number {
  return kobjectUeventEnv(kobj, action, []);
}

/**
 * Sends an event with the given variables added after SUBSYSTEM.
 *
 * @returns 0, also when the event was suppressed or filtered; -EINVAL when no kset is found from the object up its
 *   parents; -ENOENT when one of these has no name; -ENOMEM when the variables are too many; what the kset's uevent callback refused with
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
  if (!hasPath(kobj)) return -ENOENT;
  const env = new UeventEnv((text) => kernel.warn(text));
  const devpath = kobjectGetPath(kobj);
  const error = fill(env, [`ACTION=${action}`, `DEVPATH=${devpath}`, `SUBSYSTEM=${subsystem}`, ...vars]);
  if (error !== 0) return error;
  const refused = kset.ueventOps?.uevent?.(kobj, env) ?? 0;
  if (refused !== 0) return refused;
  if (action === 'add') kobj.stateAddUeventSent = true;
  if (action === 'unbind') env.zapModalias();
  return kernel.uevents.broadcast(action, devpath, env);
}

/** An object that never had a name has no path, and what is below it neither. @see get_kobj_path_length */
function hasPath(kobj: Kobject): boolean {
  let at: Kobject | null = kobj;
  while (at !== null && at.name !== null) at = at.kobjParent;
  return at === null;
}

function fill(env: UeventEnv, vars: readonly string[]): number {
  for (const text of vars) {
    const error = env.addVar(text);
    if (error !== 0) return error;
  }
  return 0;
}

/** Counts the events of one kernel and hands them to who listens. */
export class UeventSocket {
  #seqnum = 0;
  readonly #listeners = new Set<(event: Uevent) => void>();

  get seqnum(): number {
    return this.#seqnum;
  }

  /** Calls `listener` for each event, before the operation that sends it goes on. Gives the function that stops it. */
  subscribe(listener: (event: Uevent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @see lib/kobject_uevent.c kobject_uevent_net_broadcast */
  broadcast(action: KobjectAction, devpath: string, env: UeventEnv): number {
    const error = env.add('SEQNUM', ++this.#seqnum);
    if (error !== 0) return error;
    if (this.#listeners.size === 0) return 0;
    const event: Uevent = { action, devpath, seqnum: this.#seqnum, env: [...env.vars] };
    for (const listener of [...this.#listeners]) listener(event);
    return 0;
  }
}
