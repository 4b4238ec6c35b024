import {
  Kobject,
  kobjectAdd,
  kobjectDel,
  kobjectGet,
  kobjectMove,
  kobjectPut,
  kobjectRename,
  kobjectUeventEnv,
  type Kernel,
  type KobjType,
  type Kset,
} from '../../../lib';
import { ownGroups } from '../attributes';
import type { Action, Lab } from '../lab';
import { need } from '../lab-error';
import { LabKobj, LabKset, LabKsetObject } from '../lab-objects';
import { needState } from '../objects';
import { attrs, kernelName, type AttrSpec } from '../values';
import type { Words } from '../words';
import { ueventAction, variables } from './uevent';

export function kobjInit(words: Words): Action {
  words.expect(3, ['kset', 'attrs']);
  const own = attrs(words.key('attrs'));
  return (lab) => {
    lab.objects.checkFresh(LabKobj, words.at(2));
    make(lab, words, lab.objects.optional(LabKset, words.key('kset')), own);
  };
}

export function kobjCreate(words: Words): Action {
  words.expect(3, ['parent', 'kset', 'attrs', 'name']);
  const own = attrs(words.key('attrs'));
  const name = kernelName(words.key('name')) ?? words.at(2);
  return (lab) => {
    lab.objects.checkFresh(LabKobj, words.at(2));
    const parent = lab.objects.optional(LabKobj, words.key('parent'));
    const made = make(lab, words, lab.objects.optional(LabKset, words.key('kset')), own);
    const error = kobjectAdd(made.kobj, parent?.kobj ?? null, name);
    if (error === 0) made.state = 'added';
    else putKobj(made);
    return error;
  };
}

function make(lab: Lab, words: Words, kset: LabKset | undefined, own: readonly AttrSpec[]): LabKobj {
  const made = lab.objects.add(new LabKobj(words.at(2)));
  made.kobj = kobject(lab.kernel, kset?.kset ?? null, {
    name: 'lab_ktype',
    defaultGroups: ownGroups(lab, own, 'kobj', made.handle),
    release: () => {
      lab.trace.line(`release kobj=${made.handle}`);
      made.released = true;
    },
  });
  made.refs = 1;
  made.state = 'init';
  return made;
}

function kobject(kernel: Kernel, kset: Kset | null, ktype: KobjType): Kobject {
  const kobj = new Kobject(kernel, ktype);
  kobj.kset = kset;
  return kobj;
}

export function kobjAdd(words: Words): Action {
  words.expect(3, ['parent', 'name']);
  const name = kernelName(words.key('name')) ?? words.at(2);
  return (lab) => {
    const it = lab.objects.get(LabKobj, words.at(2));
    const parent = lab.objects.optional(LabKobj, words.key('parent'));
    needState(it, 'init', 'deleted');
    needNotBelow(parent, it);
    const { kset } = it.kobj;
    if (kset instanceof LabKsetObject) needState(kset.lab, 'added');
    const error = kobjectAdd(it.kobj, parent?.kobj ?? null, name);
    if (error === 0) it.state = 'added';
    return error;
  };
}

function needNotBelow(parent: LabKobj | null | undefined, it: LabKobj): void {
  for (let at: Kobject | null = parent?.kobj ?? null; at !== null; at = at.kobjParent) {
    need(at !== it.kobj, 'busy', `kobj ${parent?.handle ?? ''} is ${it.handle} or below it`);
  }
}

export function kobjDel(words: Words): Action {
  words.expect(3);
  return (lab) => {
    const it = lab.objects.get(LabKobj, words.at(2));
    needState(it, 'added');
    return removeKobj(it);
  };
}

export async function removeKobj(it: LabKobj): Promise<void> {
  it.state = 'deleted';
  await kobjectDel(it.kobj);
}

export function kobjGet(words: Words): Action {
  words.expect(3);
  return (lab) => {
    const it = lab.objects.get(LabKobj, words.at(2));
    kobjectGet(it.kobj);
    it.refs++;
  };
}

export function kobjPut(words: Words): Action {
  words.expect(3);
  return (lab) => putKobj(lab.objects.get(LabKobj, words.at(2)));
}

/** Puts a reference of the program; the last one frees the handle, whatever the state. */
export function putKobj(it: LabKobj): void {
  if (--it.refs === 0) {
    it.forget();
    it.state = 'deleted';
  }
  kobjectPut(it.kobj);
}

export function kobjUevent(words: Words): Action {
  words.expectWords(4);
  const action = ueventAction(words.at(3));
  return (lab) => {
    const { kobj } = lab.objects.get(LabKobj, words.at(2));
    const kset = decidingLab(kobj);
    need(kset?.released !== true, 'state', `kset ${kset?.handle ?? ''}, which decides about the event, was released`);
    return kobjectUeventEnv(kobj, action, variables(words));
  };
}

/** The kset that decides about the object's events. */
function decidingLab(kobj: Kobject): LabKset | null {
  let top = kobj;
  while (top.kset === null && top.kobjParent !== null) top = top.kobjParent;
  return top.kset instanceof LabKsetObject ? top.kset.lab : null;
}

export function kobjRename(words: Words): Action {
  words.expect(4);
  const name = kernelName(words.at(3)) ?? '';
  return (lab) => {
    const it = lab.objects.get(LabKobj, words.at(2));
    needState(it, 'added');
    return kobjectRename(it.kobj, name);
  };
}

export function kobjMove(words: Words): Action {
  words.expect(4);
  return (lab) => {
    const it = lab.objects.get(LabKobj, words.at(2));
    const target = words.at(3) === '-' ? null : lab.objects.get(LabKobj, words.at(3));
    needState(it, 'added');
    if (target !== null) needState(target, 'added');
    needNotBelow(target, it);
    return kobjectMove(it.kobj, target?.kobj ?? null);
  };
}
