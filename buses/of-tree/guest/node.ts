import { Kobject, type KobjType, type UeventEnv } from '../../../lib/kobject';
import type { Kernel } from '../../../lib/base/kernel';
import type { OfNode } from '../../../lib/base/device';
import { Fwnode, type FwnodeOperations } from '../../../lib/base/links/fwnode';
import { cellsOf, textOf } from '../layout';

/**
 * A property. Its value is as the firmware has it; in a tree that was unflattened it is a view of the blob, so that
 * what follows it can be read, as Linux does where it does not look at the length.
 *
 * @see include/linux/of.h struct property
 */
export interface Property {
  readonly name: string;
  readonly value: Uint8Array;
}

/** @see drivers/of/kobj.c of_node_ktype */
const ofNodeKtype: KobjType = { name: 'of_node_ktype' };

/**
 * A node of the device tree in one kernel. A handle to it is a name: the firmware is not called again.
 *
 * @see include/linux/of.h struct device_node
 */
export class DeviceNode extends Kobject implements OfNode {
  declare readonly kernel: Kernel;
  readonly fwnode: Fwnode;
  phandle = 0;
  /** In the firmware's order; a node that is attached later comes first. */
  readonly children: DeviceNode[] = [];
  /** A device was made of it. @see include/linux/of.h OF_POPULATED */
  populated = false;
  /** Devices were made of its children. @see include/linux/of.h OF_POPULATED_BUS */
  populatedBus = false;

  /** Names for it in /aliases, in their order. */
  aliases: readonly string[] = [];

  /** Name with unit address, e.g. `virtio_mmio@a000000`; of the root mostly empty. */
  readonly unitName: string;

  /** @param name as the firmware has it; what stands before a slash does not count */
  constructor(
    kernel: Kernel,
    name: string,
    readonly parent: DeviceNode | null,
    readonly properties: readonly Property[],
    FwnodeOps: new (node: DeviceNode) => FwnodeOperations,
  ) {
    super(kernel, ofNodeKtype);
    this.fwnode = new Fwnode(new FwnodeOps(this));
    this.unitName = kbasename(name);
  }

  /** Results are not looked at. @see drivers/of/device.c of_device_uevent */
  addUeventVars(env: UeventEnv): void {
    env.add('OF_NAME', this.nodeName);
    env.add('OF_FULLNAME', this.fullName);
    if (this.deviceType !== undefined) env.add('OF_TYPE', this.deviceType);
    const compatible = this.texts('compatible');
    compatible.forEach((text, i) => env.add(`OF_COMPATIBLE_${String(i)}`, text));
    env.add('OF_COMPATIBLE_N', compatible.length);
    this.aliases.forEach((alias, i) => env.add(`OF_ALIAS_${String(i)}`, alias));
  }

  /** Name without unit address. @see Documentation/core-api/printk-formats.rst %pOFn */
  get nodeName(): string {
    return this.unitName.split('@', 1)[0] ?? '';
  }

  /** Path of unit names. @see lib/vsprintf.c fwnode_full_name_string */
  get fullName(): string {
    const { parent } = this;
    if (parent === null) return this.unitName === '' ? '/' : this.unitName;
    return `${parent.parent === null ? parent.unitName : parent.fullName}/${this.unitName}`;
  }

  /** Value of a property. @see drivers/of/base.c of_get_property */
  property(name: string): Uint8Array | undefined {
    return this.properties.find((property) => property.name === name)?.value;
  }

  has(name: string): boolean {
    return this.property(name) !== undefined;
  }

  /** One cell; undefined where the property is too short for it. @see of_property_read_u32_index */
  u32(name: string, index = 0): number | undefined {
    const value = this.property(name);
    if (value === undefined || value.length < 4 * (index + 1)) return undefined;
    return new DataView(value.buffer, value.byteOffset, value.byteLength).getUint32(4 * index);
  }

  /** All whole cells; undefined without the property. */
  cells(name: string): number[] | undefined {
    const value = this.property(name);
    return value === undefined ? undefined : cellsOf(value);
  }

  /** The first cells, however long the value is; undefined without the property. */
  rawCells(name: string, count: number): number[] | undefined {
    const value = this.property(name);
    return value === undefined ? undefined : rawCells(value, count);
  }

  /** The text that begins with a property's first byte; empty for a property without a value. */
  text(name: string): string | undefined {
    const value = this.property(name);
    return value === undefined ? undefined : rawText(value, 0);
  }

  /**
   * All texts, one behind the other. A property without a value has one, which is empty.
   *
   * @see drivers/of/property.c of_prop_next_string
   */
  texts(name: string): string[] {
    const value = this.property(name);
    if (value === undefined) return [];
    const found = [rawText(value, 0)];
    let at = (found[0] as string).length + 1;
    while (at < value.length) {
      const text = rawText(value, at);
      found.push(text);
      at += text.length + 1;
    }
    return found;
  }

  /** @see drivers/of/base.c of_node_get_device_type */
  get deviceType(): string | undefined {
    return this.text('device_type');
  }
}

/** What stands behind the last slash. @see include/linux/string.h kbasename */
function kbasename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/**
 * As many cells from the beginning of a value, whatever its length: those behind it are what the blob has there, and 0
 * behind the end of that.
 *
 * @see include/asm-generic/byteorder.h be32_to_cpup
 */
export function rawCells({ buffer, byteOffset }: Uint8Array, count: number): number[] {
  const view = new DataView(buffer, byteOffset);
  return Array.from({ length: count }, (_, i) => (4 * i + 4 <= view.byteLength ? view.getUint32(4 * i) : 0));
}

/** Up to the next NUL, which may stand behind the value. */
function rawText({ buffer, byteOffset }: Uint8Array, at: number): string {
  return textOf(new Uint8Array(buffer, Math.min(byteOffset + at, buffer.byteLength)));
}
