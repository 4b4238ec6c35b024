import type { Action, Lab } from '../lab';
import { need } from '../lab-error';
import { LabDev } from '../lab-objects';
import { needHandle } from '../values';
import type { Words } from '../words';

/** Reads `devres VERB D NAME`. */
function onNamed(words: Words, act: (lab: Lab, dev: LabDev, name: string) => number | void): Action {
  words.expect(4);
  needHandle(words.at(3));
  return (lab) => act(lab, lab.objects.get(LabDev, words.at(2)), words.at(3));
}

/** Resources on a device that waits for a supplier would leave the link probing for ever. */
function needMayHold(dev: LabDev): void {
  const { linksStatus, suppliers } = dev.device;
  const holds = linksStatus === 'driver-bound' || dev.probing > 0 || suppliers.length === 0;
  need(holds, 'busy', `dev ${dev.handle} is not bound and is the consumer of a link`);
}

export function devresAdd(words: Words): Action {
  return onNamed(words, (lab, dev, name) => {
    needMayHold(dev);
    lab.resources.addAction(dev, name);
  });
}

export function devresRel(words: Words): Action {
  return onNamed(words, (lab, dev, name) => {
    dev.device.devm.releaseAction(lab.resources.get(dev, name, false));
  });
}

export function devresDel(words: Words): Action {
  return onNamed(words, (lab, dev, name) => {
    const action = lab.resources.get(dev, name, false);
    action.live = false;
    dev.device.devm.removeAction(action);
  });
}

export function devresOpen(words: Words): Action {
  return onNamed(words, (lab, dev, name) => {
    needMayHold(dev);
    const taken = lab.resources.find(dev, name, true) !== undefined;
    need(!taken, 'exists', `dev ${dev.handle} has a live group ${name}`);
    dev.device.devm.openGroup(lab.resources.makeGroup(dev, name));
  });
}

export function devresClose(words: Words): Action {
  return onNamed(words, (lab, dev, name) => {
    dev.device.devm.closeGroup(lab.resources.get(dev, name, true));
  });
}

export function devresRgroup(words: Words): Action {
  return onNamed(words, (lab, dev, name) => {
    const group = lab.resources.get(dev, name, true);
    group.live = false;
    return dev.device.devm.releaseGroup(group);
  });
}

export function devresDgroup(words: Words): Action {
  return onNamed(words, (lab, dev, name) => {
    const group = lab.resources.get(dev, name, true);
    group.live = false;
    dev.device.devm.removeGroup(group);
  });
}
