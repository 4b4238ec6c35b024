import { ErrnoError } from '../../../lib/errno';

/** Numbers of the flattened format. Devicetree Specification 0.4 §5 */
export const FDT = Object.freeze({
  MAGIC: 0xd00dfeed,
  VERSION: 17,
  LAST_COMP_VERSION: 16,
  /** The oldest version that is read. @see scripts/dtc/libfdt/libfdt.h FDT_FIRST_SUPPORTED_VERSION */
  FIRST_VERSION: 2,
  /** Of version 17. */
  HEADER_BYTES: 40,
  BEGIN_NODE: 1,
  END_NODE: 2,
  PROP: 3,
  NOP: 4,
  END: 9,
});

/**
 * A property of a node: its name and its bytes. What was read from a blob is a view of it, so that what stands behind
 * a value can be seen, as in Linux by code that does not look at the length.
 */
export interface FdtProperty {
  readonly name: string;
  readonly value: Uint8Array;
}

/** A node with what is below it, in the order of the blob. Names are bytes, one character for each. */
export interface FdtNode {
  /** With unit address; the root's is empty. */
  readonly name: string;
  readonly properties: readonly FdtProperty[];
  readonly children: readonly FdtNode[];
}

/** A flattened tree. */
export interface Fdt {
  readonly root: FdtNode;
  readonly reservations: readonly { readonly address: bigint; readonly size: bigint }[];
  readonly bootCpu: number;
}

/** Something odd that does not make the tree unusable; what it concerns is left out, as Linux does. */
export interface FdtNote {
  /** Byte of the blob. */
  readonly offset: number;
  readonly node: string;
  readonly text: string;
}

/** Why a blob is not a tree: EINVAL, with the offset. */
export class FdtError extends ErrnoError {
  /**
   * @param what what is wrong
   * @param offset byte of the blob where that is seen
   * @param node path of the node that is being read; null outside the structure
   */
  constructor(
    readonly what: string,
    readonly offset: number,
    readonly node: string | null = null,
  ) {
    const where = `offset 0x${offset.toString(16)}${node === null ? '' : `, node ${node}`}`;
    super('EINVAL', { syscall: 'unflatten_device_tree', path: `${where}: ${what}` });
    this.name = 'FdtError';
  }
}

/** A number as messages show it. */
export function hex(n: number): string {
  return `0x${n.toString(16)}`;
}
