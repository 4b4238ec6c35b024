import { Kobject, type KobjType, type UeventEnv } from '../../lib/kobject';
import type { Kernel } from '../../lib/base/kernel';
import type { OfNode } from '../../lib/base/device';
import { cellsOf, textOf } from './layout';

/** A property; its value is as the firmware has it. @see include/linux/of.h struct property */
export interface Property {
  readonly name: string;
  readonly value: Uint8Array;
}

/** @see drivers/of/kobj.c of_node_ktype */
const ofNodeKtype: KobjType = { name: 'of_node_ktype' };

/**
 * A node of the device tree in one kernel. A handle to it is a name: the firmware is not asked again.
 *
 * @see include/linux/of.h struct device_node
 */
export class DeviceNode extends Kobject implements OfNode {
  phandle = 0;
  /** In the firmware's order; a node that is attached later comes first. */
  readonly children: DeviceNode[] = [];
  /** A device was made of it. @see include/linux/of.h OF_POPULATED */
  populated = false;
  /** Devices were made of its children. @see include/linux/of.h OF_POPULATED_BUS */
  populatedBus = false;

  /** Names for it in /aliases, in their order. */
  aliases: readonly string[] = [];

  /** @param unitName name with unit address, e.g. `virtio_mmio@a000000`; empty for the root */
  constructor(
    kernel: Kernel,
    readonly unitName: string,
    readonly parent: DeviceNode | null,
    readonly properties: readonly Property[],
  ) {
    super(kernel, ofNodeKtype);
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
    return this.parent === null ? '' : (this.unitName.split('@', 1)[0] ?? '');
  }

  /** Path of unit names. @see Documentation/core-api/printk-formats.rst %pOF */
  get fullName(): string {
    const { parent } = this;
    if (parent === null) return '/';
    return `${parent.parent === null ? '' : parent.fullName}/${this.unitName}`;
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

  /** The first text. A value without a NUL ends with its last byte. */
  text(name: string): string | undefined {
    const value = this.property(name);
    return value === undefined ? undefined : textOf(value);
  }

  /** All texts, one behind the other. @see drivers/of/property.c of_prop_next_string */
  texts(name: string): string[] {
    const value = this.property(name) ?? new Uint8Array(0);
    const found: string[] = [];
    for (let at = 0; at < value.length; at += (found.at(-1)?.length ?? 0) + 1) found.push(textOf(value.subarray(at)));
    return found;
  }

  /** @see drivers/of/base.c of_node_get_device_type */
  get deviceType(): string | undefined {
    return this.text('device_type');
  }
}

/** A node and all below it, parents first. @see include/linux/of.h for_each_of_allnodes */
export function* allNodes(top: DeviceNode): Generator<DeviceNode> {
  yield top;
  for (const child of top.children) yield* allNodes(child);
}
