import type { BlockImage } from '../lib/hypervisor';

/** What a machine file may be built on. */
export const BASES = ['x86-pci', 's390x-ccw', 'arm64-of', 'ps3'] as const;
/** What a machine is built on: a board with its bus. */
export type Base = (typeof BASES)[number];

interface Common {
  /** Name on the host, e.g. for `host device_del`. */
  readonly id: string;
  /** As the base writes it; null: the first place that is free. */
  readonly address: string | null;
  /** Of the file, for errors. */
  readonly line: number;
  /** It speaks the interface before VIRTIO 1.0 too (PCI), or only that (CCW: revision 0). */
  readonly legacy: boolean;
}

/** A disk. */
interface BlockDef extends Common {
  readonly type: 'virtio-blk';
  readonly image: BlockImage | Uint8Array;
  readonly serial: string | null;
  readonly readOnly: boolean;
}

/** A network card. */
interface NetDef extends Common {
  readonly type: 'virtio-net';
  readonly mac: Uint8Array | null;
}

/** A port of a console: a console itself, or a channel with a name. */
export interface PortDef {
  readonly console: boolean;
  readonly name: string | null;
}

export interface ConsoleDef extends Common {
  readonly type: 'virtio-console';
  readonly ports: readonly PortDef[];
}

interface PlainDef extends Common {
  readonly type: 'virtio-rng' | 'virtio-balloon';
}

export type VirtioDef = BlockDef | NetDef | ConsoleDef | PlainDef;

/** A base register of a function that is described by numbers. */
export interface BarDef {
  readonly index: number;
  readonly size: number;
  readonly kind: 'mem32' | 'mem64' | 'io';
  readonly prefetchable: boolean;
}

/** A PCI function that nothing in the host stands behind: what its registers say is all there is. */
export interface FunctionDef extends Common {
  readonly type: 'pci-function';
  readonly vendor: number;
  readonly device: number;
  readonly subsystemVendor: number;
  readonly subsystemDevice: number;
  /** Class, subclass and programming interface. */
  readonly classCode: number;
  readonly revision: number;
  readonly bars: readonly BarDef[];
  /** From 1; 0 for none. */
  readonly pin: number;
  /** More of its configuration space: bytes in hexadecimal digits by offset. */
  readonly registers: Readonly<Record<number, string>>;
}

/** A PCI Express root port: what is plugged behind it comes at once. */
export interface RootPortDef extends Common {
  readonly type: 'pcie-root-port';
  readonly slot: number;
}

/** A terminal of the mainframe: a control unit without virtio. */
interface TerminalDef extends Common {
  readonly type: 'terminal3270';
}

/** A device of a machine file. */
export type DeviceDef = VirtioDef | FunctionDef | RootPortDef | TerminalDef;

/** A driver that the kernel has and that does nothing here but bind. */
export interface NamedDriverDef {
  readonly bus: 'platform' | 'amba' | 'pci';
  readonly name: string;
  /** Nodes of the device tree that it is for; none: it is there and binds nothing. */
  readonly compatible: readonly string[];
  /** Peripheral id of amba, or vendor and device of PCI; null: none. */
  readonly id: number | null;
  /** A platform device that it makes for itself; null: none. */
  readonly device: string | null;
  /** Users cannot bind and unbind it. */
  readonly suppressBindAttrs: boolean;
}

/** A machine as its file describes it. */
export interface MachineDef {
  readonly base: Base;
  readonly release: string;
  readonly commandLine: string;
  readonly devices: readonly DeviceDef[];
  readonly drivers: readonly NamedDriverDef[];
  /** The flattened tree of the board; null: the one of the base. */
  readonly tree: Uint8Array | null;
}

export function isVirtio(def: DeviceDef): def is VirtioDef {
  return def.type.startsWith('virtio-');
}
