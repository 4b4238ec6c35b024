import type { BlockImage } from '../lib/hypervisor';
import type { BarDef, Base, DeviceDef, PortDef } from './definition';
import { Fields } from './fields';
import { MachineFileError, type Located } from './json';
import { sectorsOf } from './disk-content';

/** Files that a machine file names. */
export interface FileReader {
  /** The content of a file. @throws Error whose message says why not */
  read(path: string): Uint8Array;
}

/** Names that QEMU has for the same. */
const ALIASES: Readonly<Record<string, string>> = {
  'virtio-serial': 'virtio-console',
  'x-terminal3270': 'terminal3270',
  edu: 'pci-function',
};

/** Names of types by what they are called: QEMU adds the bus. */
export function canonicalType(name: string): string {
  const bare = name.replace(/^(virtio-[a-z]+)-(pci|ccw|device)$/, '$1');
  return ALIASES[bare] ?? bare;
}

/** What each base can have. */
export const TYPES: Readonly<Record<Base, readonly string[]>> = {
  'x86-pci': [
    'virtio-blk',
    'virtio-net',
    'virtio-rng',
    'virtio-console',
    'virtio-balloon',
    'pcie-root-port',
    'pci-function',
  ],
  's390x-ccw': ['virtio-blk', 'virtio-net', 'virtio-rng', 'virtio-console', 'virtio-balloon', 'terminal3270'],
  'arm64-of': ['virtio-blk', 'virtio-net', 'virtio-rng', 'virtio-console', 'virtio-balloon'],
  ps3: ['virtio-blk', 'virtio-net', 'virtio-rng', 'virtio-console', 'virtio-balloon'],
};

/** Reads one device. @throws MachineFileError */
export function deviceOf(located: Located, base: Base, index: number, files: FileReader): DeviceDef {
  const fields = new Fields(located, 'a device');
  const written = fields.text('type') ?? fields.fail('a device has no "type"');
  const type = canonicalType(written);
  if (!TYPES[base].includes(type)) {
    throw new MachineFileError(
      `${base} has no device "${written}"; it has ${TYPES[base].join(', ')}`,
      fields.lineOf('type'),
    );
  }
  const common = {
    id: fields.text('id') ?? `${type}${String(index)}`,
    address: addressOf(fields),
    line: fields.has('address') ? fields.lineOf('address') : fields.line,
    legacy: fields.flag('legacy') ?? false,
  };
  const def = { ...common, ...own(type, written, fields, files) } as DeviceDef;
  fields.done();
  return def;
}

/** A number stands for its digits. */
function addressOf(fields: Fields): string | null {
  const value = fields.get('address')?.value;
  return typeof value === 'number' ? String(value) : (fields.text('address') ?? null);
}

function own(type: string, written: string, fields: Fields, files: FileReader): Partial<DeviceDef> {
  switch (type) {
    case 'virtio-blk':
      return {
        type,
        image: imageOf(fields, files),
        serial: fields.text('serial') ?? null,
        readOnly: fields.flag('readonly') ?? false,
      };
    case 'virtio-net':
      return { type, mac: macOf(fields) };
    case 'virtio-console':
      return { type, ports: (fields.list('ports') ?? []).map(portOf) };
    case 'pcie-root-port':
      return { type, slot: fields.number('slot', 0, 0x1fff) ?? 0 };
    case 'pci-function':
      return functionOf(written, fields);
    default:
      return { type } as Partial<DeviceDef>;
  }
}

/** A file, or sectors that begin with a text. */
function imageOf(fields: Fields, files: FileReader): BlockImage | Uint8Array {
  const located = fields.get('image');
  if (located === undefined) return new Uint8Array(1 << 20);
  if (typeof located.value === 'string') {
    try {
      return files.read(located.value);
    } catch (error) {
      throw new MachineFileError(
        `image "${located.value}": ${error instanceof Error ? error.message : String(error)}`,
        located.line,
      );
    }
  }
  const image = new Fields(located, 'an image');
  const sectors = image.number('sectors', 1, 1 << 21) ?? image.fail('an image has no "sectors"');
  const text = image.text('text') ?? '';
  image.done();
  return sectorsOf(sectors, text);
}

function macOf(fields: Fields): Uint8Array | null {
  const text = fields.text('mac');
  if (text === undefined) return null;
  if (/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(text))
    return Uint8Array.from(text.split(':').map((byte) => Number.parseInt(byte, 16)));
  throw new MachineFileError(`"${text}" is no address like 52:54:00:12:34:56`, fields.lineOf('mac'));
}

function portOf(located: Located): PortDef {
  const fields = new Fields(located, 'a port');
  const port = { console: fields.flag('console') ?? false, name: fields.text('name') ?? null };
  fields.done();
  return port;
}

/** QEMU's device for lessons. */
const EDU = {
  vendor: 0x1234,
  device: 0x11e8,
  classCode: 0x00ff00,
  revision: 0x10,
  bars: [{ index: 0, size: 1 << 20 }],
};

/** Its capability for messages. */
const EDU_REGISTERS = { 0x06: '1000', 0x34: '40', 0x40: '05008000' };

function functionOf(written: string, fields: Fields): Partial<DeviceDef> {
  const preset = written === 'edu' ? EDU : null;
  const must = (name: string, most: number): number =>
    fields.number(name, 0, most) ?? fields.fail(`a function has no "${name}"`);
  const bars = fields.list('bars');
  return {
    type: 'pci-function',
    vendor: preset?.vendor ?? must('vendor', 0xfffe),
    device: preset?.device ?? must('device', 0xffff),
    classCode: preset?.classCode ?? must('class', 0xff_ffff),
    revision: preset?.revision ?? fields.number('revision', 0, 0xff) ?? 0,
    subsystemVendor: fields.number('subsystem_vendor', 0, 0xffff) ?? 0x1af4,
    subsystemDevice: fields.number('subsystem_device', 0, 0xffff) ?? 0x1100,
    pin: fields.number('pin', 0, 4) ?? 1,
    registers: preset === null ? {} : EDU_REGISTERS,
    bars: bars?.map(barOf) ?? (preset?.bars ?? []).map((bar) => ({ ...bar, kind: 'mem32', prefetchable: false })),
  };
}

const KINDS = ['mem32', 'mem64', 'io'] as const;

function barOf(located: Located): BarDef {
  const fields = new Fields(located, 'a base register');
  const written = fields.text('kind') ?? 'mem32';
  const kind = KINDS.find((each) => each === written);
  if (kind === undefined)
    throw new MachineFileError(
      `"${written}" is no kind of base register; there are ${KINDS.join(', ')}`,
      fields.lineOf('kind'),
    );
  const size = fields.number('size', kind === 'io' ? 4 : 16, 2 ** 30) ?? fields.fail('a base register has no "size"');
  if ((size & (size - 1)) !== 0)
    throw new MachineFileError('the size of a base register is a power of two', fields.lineOf('size'));
  const bar = {
    index: fields.number('index', 0, kind === 'mem64' ? 4 : 5) ?? fields.fail('a base register has no "index"'),
    size,
    kind,
    prefetchable: fields.flag('prefetchable') ?? false,
  };
  fields.done();
  return bar;
}
