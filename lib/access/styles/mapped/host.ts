import { ENOENT, errno } from '../../../errno';
import { checkRingSizes, done, failed, RING_FEATURES, RingQueues } from '../../../hypervisor';
import type { GuestMemory, Guest, Hypervisor, MemoryArea, RingMemorySpace } from '../../../hypervisor';
import { STYLE } from '../../place';
import { CallArgs } from '../call-args';
import { HandleMap, type Endpoint, type HostSite, type HostStyle, type Window } from '../host';
import { checkHeader, HostHeader } from '../host-header';
import { HEADER_WRITTEN, MAPPED_BYTES, SIGNAL } from './layout';

/** A device as pages; what a guest writes counts when it signals. */
class MappedEndpoint implements Endpoint {
  readonly window: Window;
  readonly #header: HostHeader;
  readonly #rings: RingQueues;
  readonly #site: HostSite;

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
    };
    device.attach({ guest, features: RING_FEATURES, interrupt, cleared: () => this.#rings.reset() });
    this.#header.publish();
  }

  /** @returns false for a queue that the device does not have */
  signal(what: number): boolean {
    if (what === HEADER_WRITTEN) {
      this.#header.take(this.#rings.queues);
      return true;
    }
    this.#rings.queues[what]?.notify();
    return this.#rings.queues[what] !== undefined;
  }

  close(): void {
    this.#site.device.detach();
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
      checkRingSizes(model);
      checkHeader(model);
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
