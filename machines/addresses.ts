import type { Base, DeviceDef } from './definition';

/** How a base writes the places of devices. */
export interface AddressRules {
  /** For messages. */
  readonly form: string;
  /** One text for each place; null for what is no place. */
  canonical(text: string): string | null;
  /** The first place that is free; null when there is none. */
  free(taken: ReadonlyMap<string, unknown>): string | null;
}

/** Slots of the root bus that the chipset has. */
const CHIPSET_SLOTS: readonly number[] = [0x00, 0x1f];

/** Transports of the board. */
export const TRANSPORTS = 32;

export function addressRules(base: Base, devices: readonly DeviceDef[]): AddressRules {
  switch (base) {
    case 'x86-pci':
      return pciRules(devices);
    case 's390x-ccw':
      return ccwRules;
    case 'arm64-of':
      return transportRules;
    case 'ps3':
      return poolRules;
  }
}

/** `04.0`, or `rp0:00.0` behind a root port. */
function pciRules(devices: readonly DeviceDef[]): AddressRules {
  const ports = devices.filter(({ type }) => type === 'pcie-root-port').map(({ id }) => id);
  return {
    form: 'it is SLOT.FUNCTION in hexadecimal digits, as 04.0, behind a root port PORT:00.0; slots 00 and 1f are taken',
    canonical: (text) => {
      const [, port = '', slot = '', fn = '0'] =
        /^(?:(?:0000:)?(?:00:)?|([\w-]+):)([0-9a-f]{1,2})(?:\.([0-7]))?$/i.exec(text) ?? [];
      const device = Number.parseInt(slot, 16);
      if (slot === '' || device > 0x1f || (port !== '' && !ports.includes(port))) return null;
      if (port === '' ? CHIPSET_SLOTS.includes(device) : device !== 0) return null;
      return `${port === '' ? '' : `${port}:`}${device.toString(16).padStart(2, '0')}.${fn}`;
    },
    free: (taken) => {
      for (let slot = 1; slot < 0x1f; slot++) {
        const name = slot.toString(16).padStart(2, '0');
        if (Array.from('01234567').every((fn) => !taken.has(`${name}.${fn}`))) return `${name}.0`;
      }
      return null;
    },
  };
}

/** `0.0.1000`, or QEMU's `fe.0.1000`. */
const ccwRules: AddressRules = {
  form: 'it is a device number like 0.0.1000, with a subchannel set from 0 to 3',
  canonical: (text) => {
    const [, ssid, devno] = /^(?:0|fe)\.([0-3])\.([0-9a-f]{1,4})$/i.exec(text) ?? [];
    return ssid === undefined || devno === undefined ? null : `0.${ssid}.${devno.toLowerCase().padStart(4, '0')}`;
  },
  free: (taken) => {
    for (let devno = 0; devno <= 0xffff; devno++) {
      const id = `0.0.${devno.toString(16).padStart(4, '0')}`;
      if (!taken.has(id)) return id;
    }
    return null;
  },
};

/** The number of a transport, or its address. */
const transportRules: AddressRules = {
  form: `it is the number of a transport, 0 to ${String(TRANSPORTS - 1)}, or its address from a000000 on`,
  canonical: (text) => {
    const [, hex] = /^(?:0x)?(a[0-9a-f]{6})(?:\.virtio_mmio)?$/i.exec(text) ?? [];
    const number =
      hex === undefined ? (/^\d+$/.test(text) ? Number(text) : NaN) : (Number.parseInt(hex, 16) - 0xa00_0000) / 0x200;
    return Number.isInteger(number) && number >= 0 && number < TRANSPORTS ? String(number) : null;
  },
  free: (taken) => firstFree(TRANSPORTS, taken),
};

const poolRules: AddressRules = {
  form: 'it is the number of a device in the pool, 0 to 255',
  canonical: (text) => (/^\d+$/.test(text) && Number(text) < 256 ? String(Number(text)) : null),
  free: (taken) => firstFree(256, taken),
};

function firstFree(count: number, taken: ReadonlyMap<string, unknown>): string | null {
  for (let number = 0; number < count; number++) if (!taken.has(String(number))) return String(number);
  return null;
}
