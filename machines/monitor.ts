import { ErrnoError } from '../lib/errno';
import type { Board, PluggedDevice } from './board';
import type { DeviceDef, MachineDef } from './definition';
import { canonicalType, deviceOf, TYPES } from './device-fields';
import { MachineFileError, type Located } from './json';

/** What the monitor works on. */
interface MonitoredMachine {
  readonly def: MachineDef;
  readonly board: Board;
  readonly plugged: Map<string, PluggedDevice>;
  settle(): Promise<void>;
}

/**
 * `device_add` and `device_del`, in the words of QEMU's monitor.
 *
 * @returns what the monitor prints: nothing, unless it refuses
 */
export async function runMonitor(machine: MonitoredMachine, line: string): Promise<string> {
  const [command = '', rest = ''] = line.trim().split(/\s+(.*)/s);
  let answer: string;
  if (command === 'device_add') answer = add(machine, rest);
  else if (command === 'device_del') answer = await remove(machine, rest.trim());
  else if (command === '') return '';
  else return `unknown command: '${command}'`;
  await machine.settle();
  return answer;
}

function add(machine: MonitoredMachine, text: string): string {
  const [type = '', ...pairs] = text.split(',').map((part) => part.trim());
  if (type === '') return "Error: Parameter 'driver' is missing";
  const { base } = machine.def;
  if (!TYPES[base].includes(canonicalType(type))) return `Error: '${type}' is not a valid device model name`;
  const params = new Map(pairs.map((pair) => pair.split(/=(.*)/s) as [string, string]));
  const id = params.get('id') ?? anonymous(machine);
  const bus = params.get('bus') ?? null;
  try {
    const def = definition(machine, type, id, params);
    const why = machine.board.whyNotHot(def, { type, bus });
    if (why !== null) return why;
    if (machine.plugged.has(id)) return `Error: Duplicate device ID '${id}'`;
    const address = machine.board.hotPlace(params, type);
    if (def.type === 'virtio-blk' && !params.has('drive')) return 'Error: drive property not set';
    machine.plugged.set(id, plugged(machine.board, { ...def, address }, params));
    return '';
  } catch (error) {
    if (error instanceof MachineFileError) return `Error: ${error.reason}`;
    if (error instanceof ErrnoError) return `Error: ${error.path ?? error.message}`;
    throw error;
  }
}

/** Puts a device into its place. @throws ErrnoError whose path says what the monitor prints */
function plugged(board: Board, def: DeviceDef, params: ReadonlyMap<string, string>): PluggedDevice {
  try {
    return board.plug(def);
  } catch (error) {
    if (!(error instanceof ErrnoError) || error.code !== 'EEXIST') throw error;
    const place = params.get('devno');
    if (place !== undefined)
      throw new ErrnoError(error.errno, { syscall: 'plug', path: `Device ${place} already exists` });
    // Behind a port the host takes the next place, where the guest does not look.
    return { unplug: () => undefined };
  }
}

/** A device without a name cannot be named again. */
function anonymous({ plugged }: MonitoredMachine): string {
  let number = 0;
  while (plugged.has(`#device${String(number)}`)) number += 1;
  return `#device${String(number)}`;
}

function definition(
  { def: { base } }: MonitoredMachine,
  type: string,
  id: string,
  params: ReadonlyMap<string, string>,
): DeviceDef {
  const members = new Map<string, Located>([
    ['type', { line: 0, value: type }],
    ['id', { line: 0, value: id }],
  ]);
  for (const name of ['mac', 'serial']) {
    const value = params.get(name);
    if (value !== undefined) members.set(name, { line: 0, value });
  }
  if (params.get('max_revision') === '0') members.set('legacy', { line: 0, value: true });
  return deviceOf({ line: 0, value: members }, base, 0, { read: () => new Uint8Array(0) });
}

async function remove({ board, plugged, def }: MonitoredMachine, id: string): Promise<string> {
  const device = plugged.get(id);
  if (device === undefined) return `Error: Device '${id}' not found`;
  const fixed = def.devices.find((each) => each.id === id);
  const why = fixed === undefined ? null : (board.whyNotOut?.(fixed) ?? null);
  if (why !== null) return why;
  plugged.delete(id);
  await device.unplug();
  return '';
}
