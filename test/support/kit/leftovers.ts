import type { DmaBuffer } from '../../../lib/access';
import { Bus } from '../../../lib/base/bus';
import { Class } from '../../../lib/base/class';
import { Device } from '../../../lib/base/device';
import { Driver } from '../../../lib/base/driver';
import type { Kernel } from '../../../lib/base/kernel';
import { ENODEV, ENXIO } from '../../../lib/errno';
import { kobjectGetPath, Kset, type Kobject } from '../../../lib/kobject';
import { ttyClass } from '../../../lib/subsystems';
import type { ProbeEvent } from '../../../lib/trace';
import { virtioBus, VirtioDevice } from '../../../lib/virtio';
import type { Loaded } from './why-unbound';

/** What a guest had when it had booted. */
interface Before {
  readonly kobjects: ReadonlySet<Kobject>;
  readonly buffers: ReadonlySet<DmaBuffer>;
  readonly vectors: ReadonlySet<number>;
  readonly drivers: ReadonlySet<Driver>;
}

const NOTHING: Before = { kobjects: new Set(), buffers: new Set(), vectors: new Set(), drivers: new Set() };

/** What a probe gives where there is nothing. */
const NOTHING_THERE: readonly number[] = [-ENODEV, -ENXIO];

/** Finds what is left of drivers and devices in one kernel. */
export class Leftovers {
  readonly kernel: Kernel;
  readonly #queues: string[] = [];
  readonly #users = new Set<Driver['def']>();
  /** By names of driver and device. */
  readonly #probed = new Map<string, number>();
  #before = NOTHING;

  /** @param kernel one that has just been made: objects count from now on */
  constructor(kernel: Kernel) {
    this.kernel = kernel;
    kernel.kobjects = new Set();
    kernel.trace.subscribe((event) => {
      if (event.kind === 'probe') this.#remember(event);
      const left = event.kind === 'notify' && ['unbound-driver', 'driver-not-bound'].includes(event.event);
      if (left && event.bus === 'virtio') this.#lookForQueues(event.dev);
    });
  }

  /** What there is now belongs to the machine. */
  booted(): void {
    const { dma, irq, kobjects } = this.kernel;
    this.#before = {
      kobjects: new Set(kobjects),
      buffers: new Set(dma?.list()),
      vectors: new Set(irq.list().map(({ vector }) => vector)),
      drivers: new Set(this.#drivers()),
    };
  }

  /** Drivers that came after boot, those of a bus that came last first, and of one bus the last one first. */
  loadedDrivers(): Driver[] {
    return this.#drivers().filter((drv) => !this.#before.drivers.has(drv));
  }

  /** Drivers that have had a device since boot, in the order of their first, be they loaded or not. */
  get users(): readonly Driver['def'][] {
    return [...this.#users].filter((def) => ![...this.#before.drivers].some((drv) => drv.def === def));
  }

  /** For messages: the drivers that were registered after boot, and the last results of their probes. */
  get loaded(): Loaded {
    const probed = ({ def }: Driver, { name }: Device): number | undefined => {
      return this.#probed.get(`${def.name} ${String(name)}`);
    };
    const isEmptyPlace = (drv: Driver, dev: Device): boolean => {
      return drv.bus.type !== virtioBus && NOTHING_THERE.includes(probed(drv, dev) ?? 0);
    };
    return { drivers: this.loadedDrivers(), probed, isEmptyPlace };
  }

  #remember({ drv: name, dev, ret }: ProbeEvent): void {
    this.#probed.set(`${name} ${dev}`, ret);
    if (ret !== 0) return;
    for (const { def } of this.#drivers()) if (def.name === name) this.#users.add(def);
  }

  /**
   * One line for each thing that is there and was not when the machine had booted.
   *
   * @param busName of the bus on which the machine has its devices: what it lists still, without a driver, it keeps
   */
  list(busName: string): string[] {
    const { dma, irq } = this.kernel;
    const buffers = (dma?.list() ?? []).filter((buffer) => !this.#before.buffers.has(buffer));
    const actions = irq.list().filter(({ vector }) => !this.#before.vectors.has(vector));
    return [
      ...this.#queues,
      ...buffers.map(({ owner, size }) => `${String(size)} bytes of memory for devices: ${owner}`),
      ...actions.map(({ name, vector }) => `interrupt ${String(vector)}: ${name}`),
      ...this.#kobjects()
        .filter((kobj) => !isPlace(kobj, busName))
        .map(describe),
    ];
  }

  #drivers(): Driver[] {
    return [...this.kernel.buses.values()].reverse().flatMap((bus) => [...bus.drivers()].reverse());
  }

  /** The driver has gone, or has failed: the device must have no queue. */
  #lookForQueues(name: string): void {
    for (const kobj of this.kernel.kobjects ?? []) {
      if (!(kobj instanceof VirtioDevice) || kobj.name !== name || kobj.vqs.length === 0) continue;
      const queues = kobj.vqs.map((vq) => vq.name).join(', ');
      this.#queues.push(`queues of ${name} that its driver did not give up (delVqs): ${queues}`);
    }
  }

  /** Objects of devices and drivers. What registers a bus or a class is no driver, and terminals stay once they are. */
  #kobjects(): Kobject[] {
    const left = [...(this.kernel.kobjects ?? [])].filter((kobj) => !this.#before.kobjects.has(kobj));
    const { virtualDir } = this.kernel;
    return left.filter((kobj) => !isRegistration(kobj) && !isTerminal(kobj, virtualDir) && kobj !== virtualDir);
  }
}

function isRegistration(kobj: Kobject): boolean {
  if (kobj instanceof Bus || kobj instanceof Class) return true;
  return (
    kobj instanceof Kset && (kobj.name === null || kobj.kobjParent instanceof Bus || kobj.kobjParent instanceof Class)
  );
}

/** Some buses have a name for a device that was unplugged. */
function isPlace(kobj: Kobject, busName: string): boolean {
  return kobj instanceof Device && kobj.bus?.type.name === busName && kobj.isRegistered && !kobj.isBound;
}

/** @see tty_unregister_driver, which there is not: a kind of terminal stays with its kernel */
function isTerminal(kobj: Kobject, virtualDir: Kobject | null): boolean {
  if (kobj instanceof Device) return kobj.class?.type === ttyClass;
  return kobj.name === ttyClass.name && kobj.kobjParent === virtualDir;
}

function describe(kobj: Kobject): string {
  const references = kobj.refcount === 1 ? 'one reference' : `${String(kobj.refcount)} references`;
  const state = kobj.stateInSysfs ? 'registered' : 'not registered';
  const where = kobj.stateInSysfs ? kobjectGetPath(kobj) : String(kobj.name);
  return `${kindOf(kobj)} ${where}: ${state}, ${references}`;
}

function kindOf(kobj: Kobject): string {
  if (kobj instanceof Driver) return 'driver';
  if (!(kobj instanceof Device)) return `kobject (${kobj.ktype.name})`;
  return kobj.class === null ? 'device' : `class device (${kobj.class.type.name})`;
}
