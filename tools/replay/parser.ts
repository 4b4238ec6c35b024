import type { Action } from './lab';
import { LabError, need } from './lab-error';
import { advice, nearNames } from '../names';
import * as bus from './ops/bus';
import * as cls from './ops/class';
import * as dev from './ops/device';
import { devBind, devDrvattach } from './ops/device-driver';
import * as devres from './ops/devres';
import * as drv from './ops/driver';
import { hook } from './ops/hook';
import * as intf from './ops/interfaces';
import * as kobj from './ops/kobj';
import * as kset from './ops/kset';
import { linkAdd, linkRemove } from './ops/link';
import * as system from './ops/system';
import { isReading, reading, write } from './ops/sysfs';
import { uevent } from './ops/uevent';
import { show } from './show';
import { splitWords, type Words } from './words';

/** Ops by their first word, or by their first two. */
const OPS = new Map<string, (words: Words) => Action>(
  Object.entries({
    'bus add': bus.busAdd,
    'bus del': bus.busDel,
    'bus set': bus.busSet,
    'bus rescan': bus.busRescan,
    'bus sort': bus.busSort,
    'bus devs': bus.busDevs,
    'bus drvs': bus.busDrvs,
    'bus find': bus.busFind,
    'bus finddrv': bus.busFinddrv,
    'class add': cls.classAdd,
    'class del': cls.classDel,
    'class devs': cls.classDevs,
    'type add': cls.typeAdd,
    'intf add': intf.intfAdd,
    'intf del': intf.intfDel,
    'sif add': intf.sifAdd,
    'sif del': intf.sifDel,
    'dev init': dev.devInit,
    'dev add': dev.devAdd,
    'dev register': dev.devRegister,
    'dev remove': dev.devRemove,
    'dev del': dev.devRemove,
    'dev get': dev.devGet,
    'dev put': dev.devPut,
    'dev set': dev.devSet,
    'dev attach': dev.devAttach,
    'dev release': dev.devRelease,
    'dev reprobe': dev.devReprobe,
    'dev drvattach': devDrvattach,
    'dev bind': devBind,
    'dev rename': dev.devRename,
    'dev move': dev.devMove,
    'dev children': dev.devChildren,
    'dev children_rev': dev.devChildrenRev,
    'dev find': dev.devFind,
    'dev offline': dev.devHotplug,
    'dev online': dev.devHotplug,
    'drv add': drv.drvAdd,
    'drv del': drv.drvDel,
    'drv attach': drv.drvAttach,
    'drv devs': drv.drvDevs,
    'drv set': drv.drvSet,
    'link add': linkAdd,
    'link remove': linkRemove,
    'devres add': devres.devresAdd,
    'devres rel': devres.devresRel,
    'devres del': devres.devresDel,
    'devres open': devres.devresOpen,
    'devres close': devres.devresClose,
    'devres rgroup': devres.devresRgroup,
    'devres dgroup': devres.devresDgroup,
    uevent,
    'kobj init': kobj.kobjInit,
    'kobj add': kobj.kobjAdd,
    'kobj create': kobj.kobjCreate,
    'kobj del': kobj.kobjDel,
    'kobj get': kobj.kobjGet,
    'kobj put': kobj.kobjPut,
    'kobj rename': kobj.kobjRename,
    'kobj move': kobj.kobjMove,
    'kobj uevent': kobj.kobjUevent,
    'kset add': kset.ksetAdd,
    'kset del': kset.ksetDel,
    'kset list': kset.ksetList,
    'kset find': kset.ksetFind,
    'probing trigger': system.probingTrigger,
    'probing block': system.probingBlock,
    'probing unblock': system.probingUnblock,
    deferred: system.deferred,
    'sync pause': system.syncPause,
    'sync resume': system.syncResume,
    pm: system.pm,
    shutdown: system.shutdown,
  }),
);

const NOT_IN_HOOK = 'a hook runs dev add, dev set, dev del, drv set, link add, devres and uevent only';

/** The operation of a line. */
export type Op =
  | { readonly kind: 'run'; readonly action: Action }
  | { readonly kind: 'reset' }
  | { readonly kind: 'refused'; readonly error: LabError };

/** The line without its margins; null for one that holds no op. */
export function opText(line: string): string | null {
  const text = line.replace(/[\s\0]+$/, '').replace(/^ +/, '');
  return text === '' || text.startsWith('#') ? null : text;
}

/**
 * Parses one operation, as formatted by {@link opText}. Throws nothing: a malformed one becomes an operation that is
 * refused.
 *
 * @param inHook only some operations run inside a hook
 */
export function parseOp(text: string, inHook = false): Op {
  try {
    return read(text, inHook);
  } catch (error) {
    if (error instanceof LabError) return { kind: 'refused', error };
    throw error;
  }
}

function read(text: string, inHook: boolean): Op {
  const space = text.indexOf(' ');
  const verb = space < 0 ? text : text.slice(0, space);
  const raw = rawOp(verb, space < 0 ? null : text.slice(space + 1));
  if (raw !== null) {
    need(!inHook, 'busy', NOT_IN_HOOK);
    return { kind: 'run', action: raw() };
  }
  const words = splitWords(text);
  need(!inHook || runsInHook(words), 'busy', NOT_IN_HOOK);
  if (words.at(0) === 'reset') {
    words.expect(1);
    return { kind: 'reset' };
  }
  const name = words.positional.slice(0, 2).join(' ');
  const op = OPS.get(words.at(0)) ?? OPS.get(name);
  if (op === undefined) throw new LabError('syntax', unknownOp(name));
  return { kind: 'run', action: op(words) };
}

/** Names one like it, or else what may follow its first word, or else all first words. */
function unknownOp(name: string): string {
  const names = [...OPS.keys(), 'write', 'cat', 'ls', 'readlink', 'stat', 'hook', 'reset'];
  const [first = ''] = name.split(' ');
  const ofGroup = names.filter((known) => known.startsWith(`${first} `));
  const firsts = [...new Set(names.map((known) => known.split(' ')[0] ?? ''))];
  const offered = nearNames(name, names).length > 0 ? names : ofGroup.length > 0 ? ofGroup : firsts;
  return `unknown op ${show(name)}; ${advice('op', name, offered)}`;
}

/** The ops that split their own line; without a rest only `write` is one of them. */
function rawOp(verb: string, rest: string | null): (() => Action) | null {
  if (verb === 'write') {
    return () => {
      if (rest === null) throw new LabError('syntax', 'it needs a path');
      return write(rest);
    };
  }
  if (rest === null) return null;
  if (verb === 'hook') return () => hook(rest);
  return isReading(verb) ? () => reading(verb, rest) : null;
}

/** Malformed ops of these kinds keep their own checks. */
function runsInHook(words: Words): boolean {
  const [verb, what = ''] = words.positional;
  switch (verb) {
    case 'devres':
    case 'uevent':
      return true;
    case 'link':
      return what === 'add' || words.positional.length < 2;
    case 'dev':
      return ['add', 'set', 'del'].includes(what) || words.positional.length < 3;
    case 'drv':
      return what === 'set' || words.positional.length !== 3;
    default:
      return false;
  }
}
