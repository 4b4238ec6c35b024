import { VBUS, vbus, VbusDevice, VbusHost } from '../../buses/vbus';
import { STYLE } from '../../lib/access/place';
import { EntropyDevice, Hypervisor, type Crossing, type Guest, type HypercallResult } from '../../lib/hypervisor';
import type { FixtureOptions, MachineGuest, Plugged } from '../../lib/machine';
import { World } from '../../lib/world';
import { world, type KitWorld } from '../support/kit';

export const RNG = 4;

/** A hypervisor with the bus, and guests whose kernels are the test. */
export class VbusMachine {
  readonly world = new World({ seed: 1 });
  readonly hv = new Hypervisor(this.world);
  readonly host: VbusHost;
  /** Events of the bus that guests got, as `g1 added 1`. */
  readonly told: string[] = [];

  constructor(options: FixtureOptions = {}) {
    this.host = new VbusHost(this.hv, options);
  }

  guest(name: string): Guest {
    const guest = this.hv.createGuest({ name, memory: 1 << 16 });
    guest.port.connect((vector, value) => {
      const [id, event] = [Number(value) >> 2, Number(value) & 3];
      this.told.push(`${name}: ${String(vector)} ${['added', 'removed', 'freed'][event] ?? '?'} ${String(id)}`);
    });
    return guest;
  }

  plug(name: string, guest: Guest, place?: number): Plugged {
    return this.host.plug(new EntropyDevice({ name, seed: 1 }), guest, place);
  }

  /** Who has which device. */
  get claims(): string[] {
    return this.hv.claims.list().map(({ device, guest }) => `${device.name}:${guest.name}`);
  }
}

const call = (guest: Guest, nr: number, args: readonly Crossing[]): HypercallResult => guest.port.hypercall(nr, args);

/** The raw calls. Each gives the status, or what was asked for. */
export const next = (guest: Guest, after = 0): readonly number[] => call(guest, VBUS.NEXT, [after]).values.map(Number);
export const open = (guest: Guest, id: number): number => call(guest, VBUS.OPEN, [id, STYLE.MMIO]).status;
export const close = (guest: Guest, id: number): number => call(guest, VBUS.CLOSE, [id]).status;

/** Ids that a guest sees. */
export function ids(guest: Guest): number[] {
  const found: number[] = [];
  for (let [id = 0] = next(guest); id !== 0; [id = 0] = next(guest, id)) found.push(id);
  return found;
}

export const rng = (index: number): EntropyDevice => new EntropyDevice({ name: `rng${String(index)}`, seed: index });

/** A world with guests on this bus and entropy devices rng0, rng1, ...; each guest has booted, without a driver. */
export async function bootedWorld(
  { devices = 2, guests = 1, ...options }: { devices?: number; guests?: number } & FixtureOptions = {},
  // A probe that is refused is a warning of the core.
  allow: readonly RegExp[] = [/probe of \S+ failed with error -16/],
): Promise<KitWorld<typeof vbus>> {
  const bus: typeof vbus = { ...vbus, install: (hv, given) => vbus.install(hv, { ...given, ...options }) };
  const models = Array.from({ length: devices }, (_, index) => rng(index));
  const made = world({ bus, devices: models, guests, allow });
  await made.boot({ transport: false });
  return made;
}

export function device(guest: MachineGuest, name: string): VbusDevice {
  const found = guest.device(name);
  if (!(found instanceof VbusDevice)) throw new Error(`no device ${name}`);
  return found;
}

/** A file of a device. */
export async function file({ kernel, busPath }: MachineGuest, path: string): Promise<string> {
  return kernel.fs.readFile(`${busPath}/${path}`, 'utf8');
}

/** How often a guest asked to open. */
export function opens({ hypervisor }: KitWorld, guest?: string): number {
  return hypervisor.log.calls(guest).filter(({ nr }) => nr === VBUS.OPEN).length;
}
