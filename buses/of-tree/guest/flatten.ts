import { check, EINVAL, ErrnoError } from '../../../lib/errno';
import type { Port } from '../../../lib/hypervisor/port';
import { cells, CLIENT, cString, latin1, PROM_ERROR, textOf } from '../layout';
import { writeFdt } from '../layout/fdt-writer';
import type { FdtNode, FdtProperty } from '../layout/fdt';

/** Limits for a tree: a broken firmware must not keep the guest busy for ever. */
const MAX_NODES = 16384;
const MAX_DEPTH = 64;
const MAX_PROPERTIES = 4096;
/** @see arch/powerpc/kernel/prom_init.c MAX_PROPERTY_LENGTH */
const MAX_PROPERTY_LENGTH = 1024 * 1024;

type Arg = number | Uint8Array;

/**
 * Reads the firmware's whole tree by client calls and writes it as a flattened tree. Afterwards the firmware is not
 * called again.
 *
 * @throws ErrnoError ENXIO, ENOSYS when the firmware does not respond; EINVAL, with the path, for an invalid tree: a
 *   duplicate handle, too deep, infinite
 * @see arch/powerpc/kernel/prom_init.c flatten_device_tree
 */
export function flattenDeviceTree(port: Port): Uint8Array {
  const firmware = new Firmware(port);
  return writeFdt({ root: firmware.read(firmware.call(CLIENT.PEER, 0), '', 0) });
}

class Firmware {
  readonly #seen = new Set<number>();

  constructor(readonly port: Port) {}

  /** A call whose first value is a number. */
  call(nr: number, ...args: readonly Arg[]): number {
    return this.#values(nr, args)[0] as number;
  }

  /** A node with all below it. @see arch/powerpc/kernel/prom_init.c scan_dt_build_struct */
  read(phandle: number, above: string, depth: number): FdtNode {
    const name = this.#unitName(phandle);
    const path = depth === 0 ? '/' : `${above === '/' ? '' : above}/${name}`;
    this.#refuse(phandle <= 0, path, 'has no handle');
    this.#refuse(this.#seen.has(phandle), path, `handle 0x${phandle.toString(16)} comes twice`);
    this.#refuse(depth >= MAX_DEPTH, path, `deeper than ${String(MAX_DEPTH)}`);
    this.#seen.add(phandle);
    this.#refuse(this.#seen.size > MAX_NODES, path, `more than ${String(MAX_NODES)} nodes`);
    const properties = this.#properties(phandle, path);
    const children: FdtNode[] = [];
    for (let child = this.call(CLIENT.CHILD, phandle); child !== 0; child = this.call(CLIENT.PEER, child)) {
      children.push(this.read(child, path, depth + 1));
    }
    return { name, properties, children };
  }

  /** The handle becomes a property, so that others can refer to the node. */
  #properties(phandle: number, path: string): FdtProperty[] {
    const found: FdtProperty[] = [];
    let previous = '';
    for (let i = 0; ; i += 1) {
      const [flag, bytes] = this.#values(CLIENT.NEXTPROP, [phandle, cString(previous)]);
      if (flag !== 1 || !(bytes instanceof Uint8Array)) break;
      this.#refuse(i >= MAX_PROPERTIES, path, `more than ${String(MAX_PROPERTIES)} properties`);
      previous = textOf(bytes);
      const value = previous === 'name' ? null : this.#value(phandle, previous, path);
      if (value !== null) found.push({ name: previous, value });
    }
    const hasHandle = found.some(({ name }) => name === 'phandle');
    return hasHandle ? found : [...found, { name: 'phandle', value: cells(phandle) }];
  }

  #value(phandle: number, name: string, path: string): Uint8Array | null {
    const length = this.call(CLIENT.GETPROPLEN, phandle, cString(name));
    if (length === PROM_ERROR) return null;
    this.#refuse(!(length >= 0 && length <= MAX_PROPERTY_LENGTH), path, `property ${name} of ${String(length)} bytes`);
    const [, bytes] = this.#values(CLIENT.GETPROP, [phandle, cString(name), length]);
    return bytes instanceof Uint8Array ? bytes.slice(0, length) : new Uint8Array(length);
  }

  #unitName(phandle: number): string {
    const [, bytes] = this.#values(CLIENT.PACKAGE_TO_PATH, [phandle]);
    const path = bytes instanceof Uint8Array ? latin1(bytes) : '';
    return path.slice(path.lastIndexOf('/') + 1);
  }

  #values(nr: number, args: readonly Arg[]): readonly unknown[] {
    const { status, values } = this.port.hypercall(nr, args);
    check(status, 'flatten_device_tree', `client call 0x${nr.toString(16)}`);
    if (typeof values[0] === 'number') return values;
    throw new ErrnoError(EINVAL, { syscall: 'flatten_device_tree', path: 'client call gave no number' });
  }

  #refuse(condition: boolean, path: string, what: string): void {
    if (condition) throw new ErrnoError(EINVAL, { syscall: 'flatten_device_tree', path: `node ${path}: ${what}` });
  }
}
