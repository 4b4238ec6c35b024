import type { MmioHandlers } from '../../../lib/hypervisor';
import { isCompatible } from './tree';
import { PRIMECELL } from '../layout';
import type { FdtNode } from '../layout/fdt';

/** Part numbers, as the recorded machine's devices give them. */
const PARTS: readonly (readonly [string, number])[] = [
  ['arm,pl011', 0x00141011],
  ['arm,pl031', 0x00141031],
  ['arm,pl061', 0x00041061],
];

/** The part number of a PrimeCell that this host has; undefined for any other node. */
export function primecellPart(node: FdtNode): number | undefined {
  if (!isCompatible(node, 'arm,primecell')) return undefined;
  return PARTS.find(([compatible]) => isCompatible(node, compatible))?.[1];
}

/** Registers of a PrimeCell with the identification only, which the bus reads. */
export function primecell(part: number, size: number): MmioHandlers {
  const word = (offset: number): number => {
    const fromEnd = size - (offset - (offset % 4));
    if (fromEnd > PRIMECELL.PID_FROM_END || fromEnd <= 0) return 0;
    const [value, index] =
      fromEnd > PRIMECELL.CID_FROM_END
        ? [part, (PRIMECELL.PID_FROM_END - fromEnd) / 4]
        : [PRIMECELL.CID, (PRIMECELL.CID_FROM_END - fromEnd) / 4];
    return (value >>> (8 * index)) & 0xff;
  };
  return { read: (offset) => word(offset), write: () => undefined };
}
