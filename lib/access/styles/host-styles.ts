import type { Hypervisor } from '../../hypervisor';
import type { StyleName } from '../place';
import { channelHost } from './channel/host';
import { fdHost } from './fd/host';
import { HostStyles, type HostStyle } from './host';
import { mappedHost } from './mapped/host';
import { mmioHost } from './mmio/host';

/** The host halves of all styles; each defines its hypercalls when it is made. */
const MAKE: Readonly<Record<StyleName, (hv: Hypervisor) => HostStyle>> = {
  mmio: mmioHost,
  channel: channelHost,
  mapped: mappedHost,
  fd: fdHost,
};

const made = new WeakMap<Hypervisor, Map<StyleName, HostStyle>>();

/** The styles with these names; buses of one hypervisor share them. */
export function hostStyles(hv: Hypervisor, names: readonly StyleName[]): HostStyles {
  const known = made.get(hv) ?? new Map<StyleName, HostStyle>();
  made.set(hv, known);
  for (const name of names) if (!known.has(name)) known.set(name, MAKE[name](hv));
  return new HostStyles([...known].filter(([name]) => names.includes(name)).map(([, style]) => style));
}
