import { EILSEQ, EINVAL, ENODATA } from '../../../lib/errno';
import { textOf } from '../layout';
import type { DeviceNode } from './node';

/**
 * The texts of a property, up to one whose NUL is not within the value: that is -EILSEQ. -EINVAL without the
 * property.
 */
function* strings(node: DeviceNode, name: string): Generator<string | number> {
  const value = node.property(name);
  if (value === undefined) yield -EINVAL;
  for (let rest = value ?? new Uint8Array(0); rest.length > 0;) {
    const length = rest.indexOf(0);
    yield length < 0 ? -EILSEQ : textOf(rest);
    if (length < 0) return;
    rest = rest.subarray(length + 1);
  }
}

/**
 * One text of a property.
 *
 * @returns -EINVAL without the property; -EILSEQ when it or one before it has no end; -ENODATA when there are fewer
 * @see drivers/of/property.c of_property_read_string_helper
 */
export function ofPropertyReadStringIndex(node: DeviceNode, name: string, index: number): string | number {
  let at = 0;
  for (const text of strings(node, name)) if (typeof text === 'number' || at++ === index) return text;
  return -ENODATA;
}

/**
 * Which text of a property is this one?
 *
 * @returns its index; -EINVAL without the property; -EILSEQ when one before it has no end; -ENODATA when none is
 * @see drivers/of/property.c of_property_match_string
 */
export function ofPropertyMatchString(node: DeviceNode, name: string, wanted: string): number {
  let at = 0;
  for (const text of strings(node, name)) {
    if (typeof text === 'number') return text;
    if (text === wanted) return at;
    at += 1;
  }
  return -ENODATA;
}
