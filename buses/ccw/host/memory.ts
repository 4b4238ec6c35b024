import type { Guest } from '../../../lib/hypervisor';
import type { ChannelMemory } from './data';

/** A guest's memory for channel programs; what devices move is counted as copied by the host. */
export function memoryOf(guest: Guest, who: string): ChannelMemory {
  return {
    contains: (address, length) => guest.memory.contains(address, length),
    fetch: (address, length) => guest.memory.read(address, length),
    load: (address, length) => guest.copyFrom(address, length, who),
    store: (address, bytes) => guest.copyTo(address, bytes, who),
  };
}
