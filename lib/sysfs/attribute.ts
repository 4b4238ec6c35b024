import type { MaySleep } from '../may-sleep';

/**
 * A file of text below /sys. `T` is what its directory stands for: a device, a driver, a bus, a class, a kobject.
 *
 * The methods may throw an ErrnoError or return a negative errno. A missing one gives EIO.
 *
 * @see include/linux/sysfs.h struct attribute, include/linux/device.h struct device_attribute
 */
export interface Attribute<T = unknown> {
  readonly name: string;
  /** Permission bits, e.g. 0o644. Even root is held to them. */
  readonly mode: number;
  /** The text that a read gives, newline included; at most 4095 bytes of it are seen. */
  show?(self: T): MaySleep<string | number>;
  /**
   * Handles the data of one write, at most a page. Bytes that are not UTF-8 are lone surrogates, see lib/utf8.ts; the
   * functions of lib/kstrtox.ts parse numbers and booleans.
   *
   * @returns nothing: all of it was consumed. Else the number of consumed characters of `data`: write() returns their
   *   bytes, and the writer writes the rest again
   */
  store?(self: T, data: string): MaySleep<number | void>;
}

/**
 * A file of bytes. @see include/linux/sysfs.h struct bin_attribute
 */
export interface BinAttribute<T = unknown> {
  readonly name: string;
  readonly mode: number;
  /** Length in bytes; 0 means that it has no fixed end. A function computes it from the object. */
  readonly size: number | { of(self: T): number }['of'];
  read?(self: T, offset: number, count: number): MaySleep<Uint8Array | number>;
  /** `data` is a page at most. @returns nothing: all of it was taken. Else how many bytes were. */
  write?(self: T, offset: number, data: Uint8Array): MaySleep<number | void>;
}

/** Files that are made and removed together. @see include/linux/sysfs.h struct attribute_group */
export interface AttributeGroup<T = unknown> {
  /** Name of the subdirectory that holds them; absent: the object's own directory. */
  readonly name?: string;
  readonly attrs?: readonly Attribute<T>[];
  readonly binAttrs?: readonly BinAttribute<T>[];
  /** Mode of one file of this object, 0 for none. Absent: the file's own mode, for every object. */
  isVisible?(self: T, attr: Attribute<T>, index: number): number;
  isBinVisible?(self: T, attr: BinAttribute<T>, index: number): number;
}

/** An attribute that can be read, mode 0444. @see include/linux/sysfs.h __ATTR_RO */
export function attrRo<T>(name: string, show: (self: T) => MaySleep<string | number>): Attribute<T> {
  return { name, mode: 0o444, show };
}

/** An attribute that can be written, mode 0200. @see include/linux/sysfs.h __ATTR_WO */
export function attrWo<T>(name: string, store: (self: T, data: string) => MaySleep<number | void>): Attribute<T> {
  return { name, mode: 0o200, store };
}

/** An attribute that can be read and written, mode 0644. @see include/linux/sysfs.h __ATTR_RW */
export function attrRw<T>(
  name: string,
  show: (self: T) => MaySleep<string | number>,
  store: (self: T, data: string) => MaySleep<number | void>,
): Attribute<T> {
  return { name, mode: 0o644, show, store };
}
