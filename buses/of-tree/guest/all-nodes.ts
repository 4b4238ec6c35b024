import type { DeviceNode } from './node';

/** A node and all below it, parents first. @see include/linux/of.h for_each_of_allnodes */
export function* allNodes(top: DeviceNode): Generator<DeviceNode> {
  yield top;
  for (const child of top.children) yield* allNodes(child);
}
