/** What the functions of QEMU's Q35 chipset and its PCI Express root port hold after power-on, before firmware. */

/** A function by its registers: bytes in hexadecimal digits by offset; the others are 0. */
export interface Registers {
  /** 256, or 4096 for PCI Express. */
  readonly size: number;
  readonly bytes: Readonly<Record<number, string>>;
}

export interface ChipsetFunction extends Registers {
  readonly address: string;
  readonly bars: readonly {
    readonly index: number;
    readonly size: number;
    readonly kind: 'io' | 'mem32';
    readonly fixed?: number;
  }[];
  /** Its pin, from 1; 0 for none. */
  readonly pin: number;
  /** Firmware boots from it. */
  readonly boots?: boolean;
}

const SUBSYSTEM = 'f41a0011';

export const CHIPSET: readonly ChipsetFunction[] = [
  {
    address: '00.0',
    size: 256,
    bytes: {
      0x00: '8680c029',
      0x0b: '06',
      0x2c: SUBSYSTEM,
      0x50: '10',
      0x60: '010000b0',
      0x90: '10111111111133',
      0x9d: '0a38',
    },
    bars: [],
    pin: 0,
  },
  {
    address: '1f.0',
    size: 256,
    bytes: {
      0x00: '86801829',
      0x08: '02000106',
      0x0e: '80',
      0x2c: SUBSYSTEM,
      0x40: '0106000080',
      0x60: '8a8a8b8b000000008a8a8b8b',
      0x82: '01',
      0xa0: '10',
      0xf0: '01c0d1fe',
    },
    bars: [],
    pin: 0,
  },
  {
    address: '1f.2',
    size: 256,
    bytes: {
      0x00: '86802229',
      0x06: '1000',
      0x08: '02010601',
      0x0e: '80',
      0x2c: SUBSYSTEM,
      0x34: '80',
      0x80: '05a88000',
      0x90: '40',
      0xa8: '1200100048',
    },
    bars: [
      { index: 4, size: 32, kind: 'io' },
      { index: 5, size: 4096, kind: 'mem32' },
    ],
    pin: 1,
    boots: true,
  },
  {
    address: '1f.3',
    size: 256,
    bytes: { 0x00: '86803029', 0x08: '0200050c', 0x0e: '80', 0x2c: SUBSYSTEM, 0x40: '01' },
    bars: [{ index: 4, size: 64, kind: 'io', fixed: 0x700 }],
    pin: 1,
  },
];

/** Registers of QEMU's root port; the slot's number is put in. */
export const ROOT_PORT: Registers = {
  size: 4096,
  bytes: {
    0x00: '361b0c00',
    0x06: '1000',
    0x08: '00000406',
    0x0e: '01',
    0x1c: '0000',
    0x24: '01000100',
    0x34: '54',
    0x40: '0d000000361b0000',
    0x48: '11400000000000000008',
    0x54: '10484201008000000f00000004063000000004027b000000c0070000000000000000000020003000000000000000000000000000',
    0x80: '1e00000004',
    0x100: '01008214000000000000000030204600',
    0x110: '0000000000e00000a0020000',
    0x12c: '07',
    0x148: '0d0001005f',
  },
};

export function configOf({ size, bytes }: Registers): Uint8Array {
  const config = new Uint8Array(size);
  for (const [at, text] of Object.entries(bytes)) {
    config.set(
      Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)),
      Number(at),
    );
  }
  return config;
}

/** Offset of its capability for messages. */
export const ROOT_PORT_MSIX = 0x48;

/** Offset of its capability of PCI Express. */
export const ROOT_PORT_EXPRESS = 0x54;

/** Offset of the register with the slot's number: Slot Capabilities. */
export const ROOT_PORT_SLOTCAP = ROOT_PORT_EXPRESS + 0x14;
