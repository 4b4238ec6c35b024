import { BASES, type Base, type DeviceDef, type MachineDef, type NamedDriverDef } from './definition';
import { deviceOf, type FileReader } from './device-fields';
import { machineFile } from './files';
import { Fields } from './fields';
import { MachineFileError, parseJson, type Located } from './json';
import { addressRules } from './addresses';

/** Releases of the kernels that the machines were recorded with. */
const RELEASES: Readonly<Record<Base, string>> = {
  'x86-pci': '6.1.0-56-amd64',
  's390x-ccw': '6.1.0-50-s390x',
  'arm64-of': '6.1.0-56-arm64',
  ps3: '6.1.192',
};

const COMMAND_LINES: Readonly<Record<Base, string>> = {
  'x86-pci': 'console=ttyS0 quiet loglevel=0 panic=-1',
  's390x-ccw': 'quiet loglevel=0 panic=-1',
  'arm64-of': 'console=ttyAMA0 quiet loglevel=0 panic=-1',
  ps3: 'quiet loglevel=0 panic=-1',
};

/**
 * Reads a machine file: everything in it is checked before anything is built.
 *
 * @param files for images and device trees that it names
 * @throws MachineFileError with the line: no JSON, an unknown member, base or device, a place that is taken or cannot
 *   be, a missing image
 */
export function parseMachine(text: string, files: FileReader): MachineDef {
  const fields = new Fields(parseJson(text), 'a machine');
  const written = fields.text('base') ?? fields.fail('a machine has no "base"');
  const base = BASES.find((each) => each === written);
  if (base === undefined) {
    throw new MachineFileError(`"${written}" is no base; there are ${BASES.join(', ')}`, fields.lineOf('base'));
  }
  fields.text('$schema');
  fields.text('description');
  const def: MachineDef = {
    base,
    release: fields.text('release') ?? RELEASES[base],
    commandLine: fields.text('command_line') ?? COMMAND_LINES[base],
    devices: placed(base, devicesOf(fields.list('devices') ?? [], base, files)),
    drivers: driversIn(fields) ?? driversIn(new Fields(parseJson(machineFile(base)), 'a machine')) ?? [],
    tree: treeOf(fields, files),
  };
  fields.done();
  return def;
}

function devicesOf(list: readonly Located[], base: Base, files: FileReader): readonly DeviceDef[] {
  const devices: DeviceDef[] = [];
  for (const [index, located] of list.entries()) {
    const def = deviceOf(located, base, index, files);
    const other = devices.find(({ id }) => id === def.id);
    if (other !== undefined)
      throw new MachineFileError(`the id "${def.id}" is taken by the device in line ${String(other.line)}`, def.line);
    devices.push(def);
  }
  return devices;
}

/** Each device at a place of its own: those that name one first. */
function placed(base: Base, devices: readonly DeviceDef[]): readonly DeviceDef[] {
  const rules = addressRules(base, devices);
  const taken = new Map<string, DeviceDef>();
  const canonical = new Map<DeviceDef, string>();
  for (const def of devices) {
    if (def.address === null) continue;
    const address = rules.canonical(def.address);
    if (address === null)
      throw new MachineFileError(`"${def.address}" is no place for a device: ${rules.form}`, def.line);
    const other = taken.get(address);
    if (other !== undefined) {
      throw new MachineFileError(`${def.address} is taken by ${other.id}, in line ${String(other.line)}`, def.line);
    }
    taken.set(address, def);
    canonical.set(def, address);
  }
  return devices.map((def) => {
    const address = canonical.get(def) ?? rules.free(taken);
    if (address === null) throw new MachineFileError(`there is no place left for ${def.id}`, def.line);
    taken.set(address, def);
    return { ...def, address };
  });
}

/** Null: the file has none of its own, so those of its base are meant. */
function driversIn(fields: Fields): readonly NamedDriverDef[] | null {
  return fields.list('drivers')?.flatMap(driversOf) ?? null;
}

const DRIVER_BUSES = ['platform', 'amba', 'pci'] as const;

function driversOf(located: Located): readonly NamedDriverDef[] {
  const fields = new Fields(located, 'a driver');
  const written = fields.text('bus') ?? 'platform';
  const bus = DRIVER_BUSES.find((each) => each === written);
  if (bus === undefined) throw new MachineFileError(`"${written}" is no bus of named drivers`, fields.lineOf('bus'));
  const names = fields.list('names')?.map(textOf);
  const driver: NamedDriverDef = {
    bus,
    name: fields.text('name') ?? names?.[0] ?? fields.fail('a driver has no "name"'),
    compatible: (fields.list('compatible') ?? []).map(textOf),
    id: fields.number('id') ?? null,
    device: fields.text('device') ?? null,
    suppressBindAttrs: fields.flag('suppress_bind_attrs') ?? false,
  };
  fields.done();
  return names?.map((name) => ({ ...driver, name })) ?? [driver];
}

function textOf({ value, line }: Located): string {
  if (typeof value === 'string') return value;
  throw new MachineFileError('it is no text', line);
}

function treeOf(fields: Fields, files: FileReader): Uint8Array | null {
  const path = fields.text('tree');
  if (path === undefined) return null;
  try {
    return files.read(path);
  } catch (error) {
    throw new MachineFileError(
      `tree "${path}": ${error instanceof Error ? error.message : String(error)}`,
      fields.lineOf('tree'),
    );
  }
}
