import type { Device } from '../../base/device';
import { kobjectGetPath } from '../../kobject';
import type { TraceEvent } from '../../trace';
import type { MachineGuest } from '../../machine';
import { lastPart } from '../evidence/words';

/** One thing that happened, and to which object. */
interface Line {
  /** Name of a device, path of another object. */
  readonly object: string;
  readonly text: string;
}

/**
 * What happens in guests to the devices of the bus and to what is below them, written so that buses can be compared.
 * The rules are the same for every bus and know none:
 *
 * - what a bus calls itself, its transport driver, its devices and the places where they are becomes `<bus>`,
 *   `<transport>`, `<1>`, `<2>`, ... in the order of appearance; so do the hypervisor's devices, `<disk 1>`, ...
 * - interrupts are left out: their numbers, and how many there are, are the bus's;
 * - the lines of one operation are put together by object, in the order of the objects' names: a bus may make what is
 *   below its devices in a worker, later than another does. What happens to one object stays in order.
 *
 * All else stays as it is: every step of the core's ladders, every notification, every event.
 */
export class RenamedTrace {
  readonly lines: string[] = [];
  readonly #devices = new Map<string, string>();
  readonly #disks = new Map<string, string>();
  #pending: Line[] = [];

  watch(guest: MachineGuest): void {
    const { kernel } = guest;
    kernel.trace.subscribe((event) => {
      if (event.kind !== 'irq') this.#pending.push({ object: event.dev, text: describe(event) });
    });
    kernel.uevents.subscribe(({ action, devpath }) => {
      this.#pending.push({ object: lastPart(devpath), text: `uevent ${action}@${devpath}` });
    });
  }

  /** Ends an operation on a device of the bus: with its result, and with the disk that serves the device then. */
  end(guest: MachineGuest, what: string, device: Device, result: number, disk: string | null): void {
    const named = numbered(this.#devices, `${guest.name} ${device.name ?? ''}`, (n) => `<${n}>`);
    const served = disk === null ? 'nobody' : numbered(this.#disks, disk, (n) => `<disk ${n}>`);
    this.lines.push(`${guest.name}: ${what} ${named} = ${String(result)}`);
    const rename = renaming(guest, device, named);
    const renamed = this.#pending.map(({ object, text }) => ({ object: rename(object), text: rename(text) }));
    this.#pending = [];
    const objects = [...new Set(renamed.map(({ object }) => object))].sort();
    for (const wanted of objects) {
      for (const { object, text } of renamed) if (object === wanted) this.lines.push(`  ${text}`);
    }
    this.lines.push(`  ${named} is served by ${served}`);
  }
}

function renaming(guest: MachineGuest, device: Device, named: string): (text: string) => string {
  const path = kobjectGetPath(device);
  const { busName, transport } = guest.bus;
  const words = new Map([
    [busName, '<bus>'],
    [transport.name, '<transport>'],
    [device.name ?? '', named],
  ]);
  return (text) => text.replaceAll(path, named).replace(/[^\s/@,()=]+/g, (word) => words.get(word) ?? word);
}

function numbered(known: Map<string, string>, key: string, write: (number: string) => string): string {
  const name = known.get(key) ?? write(String(known.size + 1));
  known.set(key, name);
  return name;
}

function describe(event: TraceEvent): string {
  switch (event.kind) {
    case 'step':
    case 'undo':
      return `${event.kind} ${event.fn}: ${event.step} ${event.dev} = ${String(event.ret)}`;
    case 'match':
    case 'probe':
    case 'remove':
      return `${event.kind} ${event.drv} ${event.dev} = ${String(event.ret)}`;
    case 'notify':
      return `notify ${event.bus} ${event.event} ${event.dev}`;
    default:
      return `${event.kind} ${event.dev}`;
  }
}
