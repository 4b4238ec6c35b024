import { boundDevices } from './final-state';
import { TRANSPORT } from './operation';
import type { Subject } from './subject';
import { Trial, type Names } from './trial';

/**
 * What users call their devices: a guest that runs alone binds all it can, and its user notes which name led to which
 * device. A device that this guest did not get then is looked for once more with all guests running, started in turn.
 * Later the user writes those names to `bind` and `unbind`, whatever is behind them by then, as scripts do.
 */
export async function learnNames(subject: Subject): Promise<Names> {
  const { guests } = subject.scope;
  const all = Array.from({ length: guests }, (_, guest) => guest);
  const names = new Map<number, string>();
  for (const running of [...all.map((guest) => [guest]), all]) await note(subject, running, names);
  return names;
}

async function note(subject: Subject, running: readonly number[], names: Map<number, string>): Promise<void> {
  const trial = new Trial(subject, new Map());
  for (const guest of running) {
    await trial.do({ kind: 'start', guest });
    await trial.do({ kind: 'register', guest, driver: TRANSPORT });
  }
  for (const { guest, name, backingDevice } of await boundDevices(trial, subject.workloads)) {
    const device = trial.models.findIndex((model) => model.name === backingDevice);
    const isIts = device >= 0 && trial.machine.guest(device % subject.scope.guests) === guest;
    if (isIts && !names.has(device)) names.set(device, name);
  }
}
