import type { Kernel } from '../../../lib/base/kernel';
import { errnoName } from '../../../lib/errno';
import { formatEntry, type Hypervisor, type LogEntry } from '../../../lib/hypervisor';
import type { TraceEvent } from '../../../lib/trace';

/** One thing that happened. */
export interface TraceLine {
  /** Name of the guest. */
  readonly guest: string;
  readonly kind: TraceEvent['kind'] | 'uevent' | 'host';
  readonly text: string;
  /** Name of the device, where there is one. */
  readonly dev: string | null;
  /** Of an event: where the object is, below /sys. */
  readonly devpath: string | null;
}

/**
 * What the kernels of a world and their host did, in order, one line each:
 *
 *     device_add: kobject_add virtio0        undo device_add: kobject_add virtio0
 *     match virtio_blk virtio0 = 1           probe virtio_blk virtio0 = -ENODEV
 *     remove virtio_blk virtio0              notify virtio bound-driver virtio0
 *     defer virtio0                          uevent add@/devices/virtual/block/vda
 *     irq 36 virtio0-config                  irq 36 = none
 *     config virtio0 = called                config virtio0 = pending
 *     hypercall lv1_open_device(1, 2, 0) = 0 [3]
 *
 * With several guests each line begins with the name of the guest.
 */
export class TraceRecord {
  readonly #records: TraceLine[] = [];
  readonly #guests = new Set<string>();
  readonly #listeners: ((line: TraceLine) => void)[] = [];
  #leaveHost: (() => void) | null = null;

  /** Everything since the beginning, or since {@link clear}. */
  get records(): readonly TraceLine[] {
    return this.#records;
  }

  /** The same as texts. */
  get lines(): string[] {
    const several = this.#guests.size > 1;
    return this.records.map(({ guest, text }) => (several ? `${guest}: ${text}` : text));
  }

  /** Forgets what was written down so far. */
  clear(): void {
    this.#records.length = 0;
  }

  /** Calls `listener` for each line from now on; {@link clear} does not end that. */
  onRecord(listener: (line: TraceLine) => void): void {
    this.#listeners.push(listener);
  }

  /** Records the calls to this host and its refusals from now on. */
  watchHost(hypervisor: Hypervisor): void {
    this.#leaveHost?.();
    this.#leaveHost = hypervisor.log.onEntry((entry) => {
      this.#add(new Line(entry.guest ?? 'host', 'host', () => textOf(entry), null, null));
    });
  }

  /** Writes down from now on what this kernel does. */
  watch(kernel: Kernel): void {
    const guest = kernel.name;
    this.#guests.add(guest);
    kernel.trace.subscribe((event) => {
      this.#add(new Line(guest, event.kind, () => describe(event), event.dev, null));
    });
    kernel.uevents.subscribe(({ action, devpath }) => {
      const dev = devpath.startsWith('/devices/') ? devpath.slice(devpath.lastIndexOf('/') + 1) : null;
      this.#add(new Line(guest, 'uevent', () => `uevent ${action}@${devpath}`, dev, devpath));
    });
  }

  #add(line: TraceLine): void {
    this.#records.push(line);
    for (const listener of this.#listeners) listener(line);
  }
}

/** Lines are formatted when they are read: most never are. */
class Line implements TraceLine {
  #text: string | null = null;

  constructor(
    readonly guest: string,
    readonly kind: TraceLine['kind'],
    readonly make: () => string,
    readonly dev: string | null,
    readonly devpath: string | null,
  ) {}

  get text(): string {
    return (this.#text ??= this.make());
  }
}

function textOf(entry: LogEntry): string {
  return formatEntry(entry).replace(/^\[[^\]]*\] \S+: /, entry.kind === 'hypercall' ? 'hypercall ' : '');
}

function describe(event: TraceEvent): string {
  switch (event.kind) {
    case 'step':
      return `${event.fn}: ${event.step} ${event.dev}${event.ret === 0 ? '' : ` = ${result(event.ret)}`}`;
    case 'undo':
      return `undo ${event.fn}: ${event.step} ${event.dev}`;
    case 'match':
    case 'probe':
      return `${event.kind} ${event.drv} ${event.dev} = ${result(event.ret)}`;
    case 'remove':
      return `remove ${event.drv} ${event.dev}`;
    case 'notify':
      return `notify ${event.bus} ${event.event} ${event.dev}`;
    case 'irq':
      return `irq ${String(event.vector)} ${event.handler ?? '= none'}`;
    case 'config':
      return `config ${event.dev} = ${event.outcome}`;
    default:
      return `${event.kind} ${event.dev}`;
  }
}

function result(ret: number): string {
  return ret < 0 ? `-${errnoName(ret)}` : String(ret);
}
