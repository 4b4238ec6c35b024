import { misfit, tableClauses, type MatchClause } from '../../../lib/base/why';
import type { DeviceNode } from './node';
import { isLastOfDeviceId, ofDeviceIsCompatible, type OfDeviceId } from './of';

/** Which rows of a driver's table of nodes fit. @see drivers/of/base.c of_match_node */
export function explainNode(table: readonly OfDeviceId[], node: DeviceNode): MatchClause[] {
  const text = (value: string): string => `'${value}'`;
  return tableClauses('of_match_node', 'table of nodes', rows(table), ({ compatible = '', type = '', name = '' }) => [
    compatible === '' || ofDeviceIsCompatible(node, compatible) > 0
      ? null
      : `compatible '${compatible}' is wanted, the node has ${node.texts('compatible').map(text).join(', ') || 'none'}`,
    type === '' ? null : misfit('type', type, node.deviceType ?? '', text),
    name === '' ? null : misfit('name', name, node.nodeName, text),
  ]);
}

/** An empty row ends the table. */
function rows(table: readonly OfDeviceId[]): readonly OfDeviceId[] {
  const end = table.findIndex(isLastOfDeviceId);
  return end < 0 ? table : table.slice(0, end);
}
