import type { Action } from '../lab';
import { errnoOf, type MaySleep } from '../../../lib';
import { need } from '../lab-error';
import { showResult } from '../numbers';
import { flag } from '../values';
import type { Words } from '../words';

export function probingTrigger(words: Words): Action {
  words.expect(2);
  return (lab) => lab.kernel.triggerDeferredProbe();
}

export function probingBlock(words: Words): Action {
  words.expect(2);
  return (lab) => {
    lab.probingBlocked = true;
    return lab.kernel.blockProbing();
  };
}

export function probingUnblock(words: Words): Action {
  words.expect(2);
  return (lab) => {
    lab.probingBlocked = false;
    return lab.kernel.unblockProbing();
  };
}

/** The file devices_deferred. */
export function deferred(words: Words): Action {
  words.expect(1);
  return (lab) => {
    for (const line of lab.kernel.deferred.lines()) lab.trace.line(`| ${line}`);
  };
}

export function syncPause(words: Words): Action {
  words.expect(2);
  return (lab) => {
    need(!lab.syncPaused, 'state', 'sync is paused already');
    lab.syncPaused = true;
    lab.kernel.pauseSyncState();
  };
}

export function syncResume(words: Words): Action {
  words.expect(2);
  return (lab) => {
    need(lab.syncPaused, 'state', 'sync is not paused');
    lab.syncPaused = false;
    return lab.kernel.resumeSyncState();
  };
}

export function pm(words: Words): Action {
  words.expect(1, ['noirq']);
  const noirq = flag(words.key('noirq'));
  return async (lab) => {
    const { kernel, trace } = lab;
    const result = await tried(() => kernel.suspendDevices());
    trace.line(`| suspend ${showResult(result)}`);
    if (result === 0 && noirq) {
      const late = await tried(() => kernel.suspendDevicesLate());
      trace.line(`| noirq ${showResult(late)}`);
      if (late === 0) await kernel.resumeDevicesEarly();
    }
    await kernel.resumeDevices();
    lab.probingBlocked = false;
    return result;
  };
}

/** 0, or the error. */
async function tried(body: () => MaySleep<void>): Promise<number> {
  try {
    await body();
    return 0;
  } catch (error) {
    const no = errnoOf(error);
    if (no === undefined) throw error;
    return no;
  }
}

export function shutdown(words: Words): Action {
  words.expect(1);
  return async (lab) => {
    await lab.kernel.shutdownDevices();
    await lab.kernel.unblockProbing();
    lab.probingBlocked = false;
  };
}
