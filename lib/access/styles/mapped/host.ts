import { EINVAL, ENOENT, errno, ErrnoError } from '../../../errno';
import { checkPowersOfTwo, done, failed, RING_FEATURES, RingQueues } from '../../../hypervisor';
import type { DeviceModel, GuestMemory, Guest, Hypervisor, MemoryArea, RingMemorySpace } from '../../../hypervisor';
import { STYLE } from '../../place';
import { CallArgs } from '../call-args';
import { HandleMap, type Endpoint, type HostSite, type HostStyle, type Window } from '../host';
import { checkHeader, HostHeader } from '../host-header';
import { HEADER_WRITTEN, MAPPED_BYTES, OWN_BYTES, SIGNAL, WAKE_ME } from './layout';

/** A device as pages; what a guest writes counts when it signals. */
class MappedEndpoint implements Endpoint {
  readonly window: Window;
  readonly #header: HostHeader;
  readonly #rings: RingQueues;
  readonly #site: HostSite;
  readonly #forgetGuest: () => void;

  constructor(site: HostSite) {
    const { device, guest } = site;
    this.#site = site;
    this.#header = new HostHeader(device, MAPPED_BYTES);
    const { pages } = this.#header;
    this.window = { size: MAPPED_BYTES, pages };
    this.#rings = new RingQueues(device, spaceOf(pages, guest), () => site.raise());
    const interrupt = (kind: 'queue' | 'config'): void => {
      if (kind === 'config') this.#header.countEvent();
      this.#header.publish();
      site.raise();
      this.#tellPeer();
    };
    const cleared = (): void => {
      this.#rings.reset();
      this.#tellPeer();
    };
    const changed = (): void => this.#header.publish();
    device.attach({ guest, features: RING_FEATURES, interrupt, changed, cleared });
    this.#header.publish();
    this.#forgetGuest = guest.onEnd(() => this.#tellPeer());
  }

  /** Whether a driver works at this end. */
  #tellPeer(): void {
    const { device, guest } = this.#site;
    device.model.pair?.setRunning(device.isRunning && guest.plugged ? () => this.#site.raise() : null);
  }

  /** @returns false for a queue that the device does not have */
  signal(what: number): boolean {
    if (what === HEADER_WRITTEN) {
      this.#header.take(this.#rings.queues);
      this.#tellPeer();
      return true;
    }
    const { device } = this.#site;
    const { pair } = device.model;
    if (pair !== undefined && what === WAKE_ME) {
      this.#site.raise();
      return true;
    }
    if (pair?.rings.has(what) === true) {
      if (device.isRunning) pair.signal();
      return true;
    }
    this.#rings.queues[what]?.notify();
    return this.#rings.queues[what] !== undefined;
  }

  close(): void {
    this.#forgetGuest();
    this.#site.device.detach();
    this.#site.device.model.pair?.setRunning(null);
  }

  /** The pages stay until the guest closes: whoever reads them must not fail. */
  gone(): void {
    this.#header.markGone();
    this.#site.raise();
  }
}

/** Requests in the pages of a device are the guest's: it must be alive, and copies are on its account. */
function spaceOf(memory: GuestMemory, guest: Guest): RingMemorySpace {
  return {
    memory,
    reaches: (address, who) => guest.reaches(address, who, memory),
    gather: (areas: readonly MemoryArea[], who) => guest.gather(areas, who, memory),
    scatter: (areas: readonly MemoryArea[], pieces, who) => guest.scatter(areas, pieces, who, memory),
  };
}

/** @throws ErrnoError EINVAL for a pair that shares more than the memory of a device has room for */
function checkPair({ name, pair }: DeviceModel): void {
  const bytes = pair?.pages.size ?? 0;
  if (bytes <= MAPPED_BYTES - OWN_BYTES) return;
  throw new ErrnoError(EINVAL, { syscall: 'plug_device', path: `${name}: shares ${String(bytes)} bytes` });
}

/** Style (c) of the mail: a device is memory that both sides have mapped, and one hypercall to signal. */
export function mappedHost(hv: Hypervisor): HostStyle {
  const open = new HandleMap<MappedEndpoint>();
  hv.defineHypercall({
    ...SIGNAL,
    isAccess: () => true,
    call: (guest, values) => {
      const args = new CallArgs(hv, guest, SIGNAL.name, values);
      const [handle, what] = [args.number(0, 'handle'), args.number(1, 'queue')];
      const endpoint = open.get(guest, handle);
      if (endpoint === undefined)
        throw args.refusal(`guest ${guest.name} has no doorbell ${String(handle)}`, errno.EBADF);
      if (endpoint.signal(what)) return done();
      return failed(hv.refuse(guest, `doorbell ${String(handle)} has no queue ${String(what)}`, ENOENT));
    },
  });
  return {
    name: 'mapped',
    code: STYLE.MAPPED,
    windowSize: MAPPED_BYTES,
    check(model) {
      checkPowersOfTwo(model);
      checkHeader(model);
      checkPair(model);
    },
    open(site) {
      const { guest, handle } = site;
      const endpoint = open.add(guest, handle, () => new MappedEndpoint(site));
      const close = (): void => {
        open.delete(guest, handle);
        endpoint.close();
      };
      return { window: endpoint.window, close, gone: () => endpoint.gone() };
    },
  };
}
