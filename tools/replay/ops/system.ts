import type { Action } from '../lab';
import { need, UnsupportedOp } from '../lab-error';
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
    need(!lab.syncPaused, 'state');
    throw new UnsupportedOp('sync pause');
  };
}

export function syncResume(words: Words): Action {
  words.expect(2);
  return (lab) => {
    need(lab.syncPaused, 'state');
    throw new UnsupportedOp('sync resume');
  };
}

export function pm(words: Words): Action {
  words.expect(1, ['noirq']);
  flag(words.key('noirq'));
  return () => {
    throw new UnsupportedOp('pm');
  };
}

export function shutdown(words: Words): Action {
  words.expect(1);
  return () => {
    throw new UnsupportedOp('shutdown');
  };
}
