import type { Kernel } from '../../base/kernel';
import type { NotifyEvent, TraceEvent } from '../../trace';
import type { Hypervisor, LogEntry } from '../../hypervisor';
import type { DeviceDriver } from '../../base/types';
import { recordDriverCalls } from './driver-calls';
import { counted } from '../evidence/words';

/** In the order in which a question goes down. */
export const ACTORS = ['user', 'core', 'bus', 'driver', 'host'] as const;
/** The participants. */
export type Actor = (typeof ACTORS)[number];

/** One thing that one says to another. */
export interface Message {
  readonly from: Actor;
  readonly to: Actor;
  readonly text: string;
  /** The return of an earlier message; or the message by which a device is claimed, released or refused. */
  readonly kind: 'question' | 'answer' | 'claim';
}

/** Register accesses or plain hypercalls that follow each other: one message with a count. */
interface Burst {
  readonly from: Actor;
  calls: Set<string>;
  count: number;
}

/** Records calls and returns, from the trace, the drivers' functions and the call log. */
export class MessageRecorder {
  readonly #running: { readonly actor: Actor; readonly what: string }[] = [];
  #messages: Message[] = [];
  #burst: Burst | null = null;

  constructor({ log }: Hypervisor) {
    log.onExit(() => this.#count(null));
    log.onEntry((entry) => {
      if (entry.kind === 'hypercall' || entry.kind === 'claim') this.#call(entry);
    });
  }

  /** From now on, what this kernel does. */
  watch(kernel: Kernel): void {
    this.take();
    kernel.trace.subscribe((event) => this.#trace(event));
    kernel.uevents.subscribe(({ action, devpath }) =>
      this.say('core', 'user', `uevent ${action} ${devpath.split('/').at(-1) ?? ''}`),
    );
  }

  /** A driver that behaves as before, with its calls recorded. */
  driver(def: DeviceDriver<never>): DeviceDriver<never> {
    return recordDriverCalls(def, {
      called: (name) => {
        this.say('bus', 'driver', `${def.name}: ${kernelName(name)}`);
        this.#running.push({ actor: 'driver', what: `${def.name}.${name}` });
      },
      returned: (name) => this.#ends('driver', `${def.name}.${name}`),
    });
  }

  say(from: Actor, to: Actor, text: string, kind: Message['kind'] = 'question'): void {
    this.#flush();
    this.#messages.push({ from, to, text, kind });
  }

  /** The messages since the last call. */
  take(): readonly Message[] {
    this.#flush();
    const messages = this.#messages;
    this.#messages = [];
    return messages;
  }

  #trace(event: TraceEvent): void {
    if (event.kind === 'match') this.say('core', 'bus', `match ${event.drv} ${event.dev} = ${String(event.ret)}`);
    else if (event.kind === 'defer') this.say('core', 'core', `${event.dev} is deferred`);
    else if (event.kind === 'remove') this.#ask(`remove ${event.dev}`, event.dev);
    else if (event.kind === 'notify') this.#notify(event);
    else if (event.kind === 'probe') {
      this.say('bus', 'core', `probe ${event.dev} = ${String(event.ret)}`, 'answer');
      this.#ends('bus', event.dev);
    }
  }

  /** Notifiers mark where probes begin and removes end; the trace has a probe when it ends, a remove when it begins. */
  #notify({ event, dev }: NotifyEvent): void {
    if (event === 'bind-driver') this.#ask(`probe ${dev}`, dev);
    else if (event === 'unbound-driver') this.#ends('bus', dev);
    else if (event === 'add-device') this.say(this.#actor(), 'core', `device_add ${dev}`);
    else if (event === 'del-device') this.say(this.#actor(), 'core', `device_del ${dev}`);
  }

  #ask(what: string, dev: string): void {
    this.say('core', 'bus', what);
    this.#running.push({ actor: 'bus', what: dev });
  }

  #ends(actor: Actor, what: string): void {
    this.#flush();
    const at = this.#running.findLastIndex((run) => run.actor === actor && run.what === what);
    if (at >= 0) this.#running.splice(at, 1);
  }

  /** The running participant: the last one that was called and has not returned; workers belong to the bus. */
  #actor(): Actor {
    return this.#running.at(-1)?.actor ?? 'bus';
  }

  /** What changes or refuses a claim stands alone. A channel program has no call of its own: it runs after `ssch`. */
  #call({ name = '', claims, refused }: LogEntry): void {
    if (claims === undefined && refused === undefined) return this.#count(name);
    this.#flush();
    const told = claims?.join(', ') ?? 'refused';
    const text = name === '' ? told : `${name}: ${told}`;
    this.#messages.push({ from: this.#actor(), to: 'host', text, kind: 'claim' });
  }

  #count(call: string | null): void {
    const from = this.#actor();
    if (this.#burst !== null && (this.#burst.from !== from || this.#burst.calls.size > 0 !== (call !== null)))
      this.#flush();
    this.#burst ??= { from, calls: new Set(), count: 0 };
    this.#burst.count++;
    if (call !== null) this.#burst.calls.add(call);
  }

  #flush(): void {
    const burst = this.#burst;
    if (burst === null) return;
    this.#burst = null;
    const { from, calls, count } = burst;
    const accesses = counted(count, 'register access', 'es');
    const text = calls.size > 0 ? `${counted(count, 'call')}: ${[...calls].join(', ')}` : accesses;
    this.#messages.push({ from, to: 'host', text, kind: 'question' });
  }
}

/** `setOnline` is `set_online` in the kernel. */
function kernelName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
