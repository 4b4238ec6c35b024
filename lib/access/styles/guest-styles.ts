import type { AccessStyle } from '../../virtio/access-style';
import type { StyleName } from '../place';
import { channelStyle } from './channel/guest';
import { fdStyle } from './fd/guest';
import { mappedStyle } from './mapped/guest';
import { mmioStyle } from './mmio/guest';

/** What a guest knows, the best first: the fewest exits for a request. */
const STYLES: readonly AccessStyle[] = [mappedStyle, mmioStyle, channelStyle, fdStyle];

/** What a parameter of a transport driver says: a style by name, or the best that is known and offered. */
export type AccessParam = StyleName | 'best';

/** The styles that may be used, in order of preference. */
export function wantedStyles(param: AccessParam): readonly AccessStyle[] {
  return param === 'best' ? STYLES : STYLES.filter(({ name }) => name === param);
}

/** @param offered as bits @returns null when none that may be used is offered */
export function chooseStyle(offered: number, param: AccessParam): AccessStyle | null {
  return wantedStyles(param).find(({ code }) => (offered & (1 << code)) !== 0) ?? null;
}

export function styleOf(code: number): AccessStyle | null {
  return STYLES.find((style) => style.code === code) ?? null;
}
