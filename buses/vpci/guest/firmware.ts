/** A window of the host bridge. */
export interface RootWindow {
  readonly kind: 'io' | 'mem';
  readonly first: number;
  readonly last: number;
}

/** A node that the tables have for a function, in their order. */
export interface AcpiNode {
  readonly devfn: number;
  readonly children: readonly AcpiNode[];
}

/** What the firmware's tables say of PCI, where there are such: ACPI. Numbers only: they were made by the host. */
export interface PciFirmware {
  /** ACPI 6.4 §6.2.2 _CRS */
  readonly windows: readonly RootWindow[];
  /** Number of the first message's interrupt. */
  readonly firstMessage: number;
  readonly nodes: readonly AcpiNode[];
  /** The line of a pin of a slot of the root bus. ACPI 6.4 §6.2.13 _PRT */
  route(slot: number, pin: number): number;
}
