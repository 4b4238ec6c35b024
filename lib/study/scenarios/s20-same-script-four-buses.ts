import { Random } from '../../world';
import { startIdle } from '../evidence/experiment';
import type { MachineGuest } from '../../machine';
import { counted } from '../evidence/words';
import { RenamedTrace } from './renamed-trace';
import type { Scenario } from './scenario';
import type { Stage } from './stage';

type Facts = {
  readonly operations: number;
  readonly refused: number;
  readonly changed: number;
  readonly lines: number;
  readonly digest: string;
};

const OPERATIONS = 100;
/** Steps of the report, and operations of each. */
const PARTS = 4;
const LENGTH = OPERATIONS / PARTS;

/** @see drivers/base/bus.c bind_store, unbind_store */
export const sameScriptFourBuses: Scenario<Facts> = {
  name: 'same-script-four-buses',
  title:
    'a hundred binds and unbinds: all that happens is the same on PCI, CCW and OF, and not where a bind is refused ' +
    'what another guest has, or is given another device',
  about:
    'Two guests, with two devices each. A hundred times a guest and one of its names are drawn by the seed; the ' +
    'device is unbound if it is bound, and bound if it is not. Everything that the core does is written down, with ' +
    'the names of the bus replaced by numbers.',
  strategy: 'at-probe',
  policy: 'random',
  measures: {
    operations: 'binds and unbinds by hand',
    refused: 'of those, refused ones',
    changed: 'binds after which the name led to another disk than before',
    lines: 'lines of the trace',
    digest: 'digest of the trace: equal traces have equal ones',
  },
  why: [
    {
      kernel: 'drivers/base/dd.c really_probe',
      file: 'lib/base/really-probe.ts',
      name: 'PROBE',
      rule:
        'the core does the same on every bus: what differs is in the probe, where some claim a device that another ' +
        'guest may have, and the others do not',
    },
    {
      kernel: null,
      file: 'buses/ps3-handle/host/pool.ts',
      name: '#choose',
      rule: 'which device a bind gets is decided by the hypervisor at that moment, and by what other guests hold then',
    },
  ],
  async run(stage) {
    const machine = stage.use(await startIdle(stage.testbed, 2));
    const trace = new RenamedTrace();
    for (const guest of machine.guests) trace.watch(guest);
    const script = new Script(stage, trace, new Random(stage.testbed.conditions.seed));
    for (let part = 0; part < PARTS; part++) {
      const what = `operations ${String(part * LENGTH + 1)} to ${String((part + 1) * LENGTH)}`;
      const run = (): Promise<number> => script.run(machine.guests, LENGTH);
      await stage.step(what, run, (changed) => `${counted(changed, 'bind')} led to another disk than before`);
    }
    for (const line of trace.lines) stage.trace.push(line);
    const { changed, refused } = script;
    return { operations: OPERATIONS, refused, changed, lines: trace.lines.length, digest: digest(trace.lines) };
  },
  happens: ({ changed }) => changed > 0,
};

/** The operations, one after the other, and what is known of them. */
class Script {
  changed = 0;
  refused = 0;
  readonly #stage: Stage;
  readonly #trace: RenamedTrace;
  readonly #random: Random;
  readonly #known = new Map<string, string>();

  constructor(stage: Stage, trace: RenamedTrace, random: Random) {
    this.#stage = stage;
    this.#trace = trace;
    this.#random = random;
  }

  /** @returns how many binds led to another disk than before */
  async run(guests: readonly MachineGuest[], operations: number): Promise<number> {
    const before = this.changed;
    for (let i = 0; i < operations; i++) await this.#next(guests);
    return this.changed - before;
  }

  /** Draws a guest and one of its names; each has as many as its share of the devices. */
  async #next(guests: readonly MachineGuest[]): Promise<void> {
    const guest = guests[this.#random.below(guests.length)];
    const share = Math.max(1, Math.floor(this.#stage.testbed.conditions.devices / guests.length));
    const device = guest?.devices()[this.#random.below(share)];
    if (guest === undefined || device === undefined) return;
    const name = device.name ?? '';
    const what = device.isBound ? 'unbind' : 'bind';
    const result = await guest.bindFile(what, name);
    if (result !== 0) this.refused++;
    const disk = await this.#stage.identify(guest, device);
    this.#trace.end(guest, what, device, result, disk);
    if (disk !== null) this.#note(`${guest.name} ${name}`, disk);
  }

  #note(name: string, disk: string): void {
    const before = this.#known.get(name);
    if (before !== undefined && before !== disk) this.changed++;
    this.#known.set(name, disk);
  }
}

/** FNV-1a, 32 bits. */
function digest(lines: readonly string[]): string {
  let hash = 0x811c9dc5;
  for (const char of lines.join('\n')) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}
