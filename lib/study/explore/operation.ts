/** What is explored: so many devices, drivers and guests. */
export interface Scope {
  /** Up to three: two of the first class, one of the second. They belong to the guests in turn. */
  readonly devices: number;
  /** Up to three: the bus's transport driver, then the drivers of the classes. */
  readonly drivers: number;
  /** Up to two. */
  readonly guests: number;
}

/** Drivers are numbered: this one makes virtio devices of the bus's devices. */
export const TRANSPORT = 0;

/** One operation. Guests, devices and drivers are numbers from 0. */
export type Operation =
  | { readonly kind: 'start' | 'scan'; readonly guest: number }
  | { readonly kind: 'register'; readonly guest: number; readonly driver: number }
  | { readonly kind: 'bind' | 'unbind' | 'plug' | 'unplug'; readonly device: number; readonly guest: number };

/** Operations in the order in which they are done. */
export type Order = readonly Operation[];

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/**
 * Every operation in a scope, each an object of its own. `guest` of a device is the one that it belongs to by
 * configuration; where the hypervisor's pool decides which guest gets it, the one whose user requests it.
 */
export function alphabet({ devices, drivers, guests }: Scope): readonly Operation[] {
  const ofGuest = upTo(guests).flatMap((guest): Operation[] => [
    { kind: 'start', guest },
    { kind: 'scan', guest },
    ...upTo(drivers).map((driver): Operation => ({ kind: 'register', guest, driver })),
  ]);
  const ofDevice = upTo(devices).flatMap((device) =>
    (['unplug', 'plug', 'unbind', 'bind'] as const).map((kind): Operation => ({
      kind,
      device,
      guest: device % guests,
    })),
  );
  return [...ofGuest, ...ofDevice];
}

/**
 * May these two not change places? Only such pairs are named of which one makes the other possible, or which are done
 * to the same device. That all others commute is what is put to the test.
 */
export function depend(a: Operation, b: Operation): boolean {
  if ('device' in a && 'device' in b) return a.device === b.device;
  return enables(a, b) || enables(b, a);
}

function enables(first: Operation, then: Operation): boolean {
  if (first.guest !== then.guest || then.kind === 'plug' || then.kind === 'unplug') return false;
  if (first.kind === 'start') return true;
  return first.kind === 'register' && first.driver === TRANSPORT && 'device' in then;
}
