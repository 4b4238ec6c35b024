import { kobjectPut, ksetFindObj, ksetRegister, ksetUnregister, type KsetUeventOps } from '../../../lib';
import { traceUevent } from '../callbacks';
import type { Action, Lab } from '../lab';
import { need } from '../lab-error';
import { LabKobj, LabKset, LabKsetObject } from '../lab-objects';
import { flag, kernelName, on } from '../values';
import type { Words } from '../words';

interface KsetSpec {
  readonly name: string;
  readonly uevent: number;
  readonly filter: boolean | undefined;
  readonly subsys: string | undefined;
}

export function ksetAdd(words: Words): Action {
  words.expect(3, ['parent', 'kset', 'uevent', 'filter', 'subsys', 'name']);
  const filter = flag(words.key('filter'));
  const subsys = words.key('subsys');
  need(subsys === undefined || Buffer.byteLength(subsys) < 30, 'syntax', 'a subsystem has 29 bytes at most');
  const spec: KsetSpec = {
    uevent: on(words.key('uevent')),
    filter: words.key('filter') === undefined ? undefined : filter,
    subsys,
    name: kernelName(words.key('name')) ?? words.at(2),
  };
  return (lab) => {
    lab.objects.checkFresh(LabKset, words.at(2));
    const parent = lab.objects.optional(LabKobj, words.key('parent'));
    const above = lab.objects.optional(LabKset, words.key('kset'));
    const kset = make(lab, words.at(2), spec);
    kset.kset.kset = above?.kset ?? null;
    return register(kset, spec.name, parent);
  };
}

function make(lab: Lab, handle: string, spec: KsetSpec): LabKset {
  const made = lab.objects.add(new LabKset(handle));
  const release = (): void => {
    lab.trace.line(`release kset=${handle}`);
    made.released = true;
  };
  made.kset = new LabKsetObject(lab.kernel, ueventOps(lab, handle, spec), { name: 'lab_kset_ktype', release }, made);
  return made;
}

function register(made: LabKset, name: string, parent: LabKobj | undefined): number {
  const error = ksetRegister(made.kset, name, parent?.kobj ?? null);
  if (error === 0) made.state = 'added';
  else {
    made.forget();
    made.released = true;
  }
  return error;
}

function ueventOps(lab: Lab, handle: string, spec: KsetSpec): KsetUeventOps | null {
  const { filter, subsys, uevent } = spec;
  if (filter === undefined && subsys === undefined && uevent === 0) return null;
  return {
    ...(filter === undefined ? {} : { filter: (kobj) => traceFilter(lab, handle, kobj.name, filter) }),
    ...(subsys === undefined ? {} : { subsystem: () => (subsys === '-' ? null : subsys) }),
    ...(uevent === 0
      ? {}
      : {
          uevent: (kobj, env) => {
            const result = traceUevent(lab, `kset=${handle} kobj=${kobj.name ?? '-'}`, uevent, env);
            return result === 0 ? env.add('LAB_kset', handle) : result;
          },
        }),
  };
}

function traceFilter(lab: Lab, handle: string, name: string | null, result: boolean): boolean {
  lab.trace.line(`filter kset=${handle} kobj=${name ?? '-'} ret=${result ? '1' : '0'}`);
  return result;
}

export function ksetDel(words: Words): Action {
  words.expect(3);
  return (lab) => unregisterKset(lab.objects.get(LabKset, words.at(2)));
}

export async function unregisterKset(it: LabKset): Promise<void> {
  it.state = 'deleted';
  it.forget();
  await ksetUnregister(it.kset);
}

export function ksetList(words: Words): Action {
  words.expect(3);
  return (lab) => {
    for (const kobj of lab.objects.get(LabKset, words.at(2)).kset.list) lab.trace.line(`| ${kobj.name ?? '(null)'}`);
  };
}

export function ksetFind(words: Words): Action {
  words.expect(4);
  return (lab) => {
    const found = ksetFindObj(lab.objects.get(LabKset, words.at(2)).kset, words.at(3));
    lab.trace.line(`| ${found?.name ?? '-'}`);
    if (found !== null) kobjectPut(found);
  };
}
