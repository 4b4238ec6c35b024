import type { TraceEvent } from '../trace';

/** One thing that the core did, in a line: the kernel's function, the device, what happened. */
export function traceLine(event: TraceEvent): string {
  return `  ${event.fn.padEnd(26)} ${event.dev === '' ? '' : `${event.dev}: `}${detailOf(event)}`;
}

function detailOf(event: TraceEvent): string {
  switch (event.kind) {
    case 'step':
      return `${event.step}${resultOf(event.ret)}`;
    case 'undo':
      return `undo ${event.step}`;
    case 'match':
      return `${event.drv} on ${event.bus}: ${event.ret > 0 ? 'matches' : event.ret === 0 ? 'does not match' : String(event.ret)}`;
    case 'probe':
    case 'remove':
      return `${event.kind} of ${event.drv}${resultOf(event.ret)}`;
    case 'notify':
      return `${event.bus}: ${event.event}`;
    case 'defer':
      return 'its probe is put off';
    case 'retry':
      return 'its probe is tried again';
    case 'irq':
      return `vector ${String(event.vector)}, ${event.handler ?? 'no handler'}`;
    case 'config':
      return `configuration of ${event.drv ?? 'no driver'}: ${event.outcome}`;
  }
}

function resultOf(ret: number): string {
  return ret === 0 ? '' : ` = ${String(ret)}`;
}
