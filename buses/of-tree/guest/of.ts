import type { DeviceNode } from './node';

/**
 * One line of a driver's table of nodes. What is absent or empty matches all; a line that says nothing ends the table.
 *
 * @see include/linux/mod_devicetable.h struct of_device_id
 */
export interface OfDeviceId {
  readonly compatible?: string;
  readonly type?: string;
  readonly name?: string;
  readonly data?: unknown;
}

const BEST_SCORE = 0x3fff_ffff;

/**
 * How well a node fits: an earlier string of `compatible` is worth more than anything else, then the type, then the
 * name. 0 when one of them does not fit.
 *
 * @see drivers/of/base.c __of_device_is_compatible
 */
export function ofDeviceIsCompatible(node: DeviceNode, compatible = '', type = '', name = ''): number {
  let score = 0;
  if (compatible !== '') {
    const index = node.texts('compatible').findIndex((text) => sameText(text, compatible));
    if (index < 0) return 0;
    score = BEST_SCORE - 4 * index;
  }
  if (type !== '') {
    if (node.deviceType !== type) return 0;
    score += 2;
  }
  if (name !== '') {
    if (node.nodeName !== name) return 0;
    score += 1;
  }
  return score;
}

/** Compatible strings are compared without case. @see include/linux/of.h of_compat_cmp */
function sameText(a: string, b: string): boolean {
  return a === b || a.toLowerCase() === b.toLowerCase();
}

/** Says a line nothing? Then it ends its table. */
export function isLastOfDeviceId({ compatible = '', type = '', name = '' }: OfDeviceId): boolean {
  return compatible === '' && type === '' && name === '';
}

/** The line that fits best; of equal ones the first. @see drivers/of/base.c __of_match_node */
export function ofMatchNode(table: readonly OfDeviceId[] | null | undefined, node: DeviceNode): OfDeviceId | null {
  let best: OfDeviceId | null = null;
  let bestScore = 0;
  for (const id of table ?? []) {
    if (isLastOfDeviceId(id)) break;
    const score = ofDeviceIsCompatible(node, id.compatible, id.type, id.name);
    if (score <= bestScore) continue;
    best = id;
    bestScore = score;
  }
  return best;
}

/** Absent, "okay" or "ok". @see drivers/of/base.c __of_device_is_available */
export function ofDeviceIsAvailable(node: DeviceNode): boolean {
  const status = node.text('status');
  return status === undefined || status === 'okay' || status === 'ok';
}

/** The first child that is compatible. @see drivers/of/base.c of_get_compatible_child */
export function ofGetCompatibleChild(parent: DeviceNode, compatible: string): DeviceNode | null {
  return parent.children.find((child) => ofDeviceIsCompatible(child, compatible) > 0) ?? null;
}
