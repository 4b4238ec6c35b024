import type { Bus } from '../../../lib/base/bus';
import { Device } from '../../../lib/base/device';
import type { Kernel } from '../../../lib/base/kernel';
import type { BusType, DeviceDriver } from '../../../lib/base/types';
import { lastHolds, misfit, tableClauses, type MatchExplanation } from '../../../lib/base/why';
import { andThen, type MaySleep } from '../../../lib/may-sleep';
import { attrRo } from '../../../lib/sysfs';
import { STATE, VBUS } from '../layout';

/** A line of the host's list. */
export interface Listed {
  readonly id: number;
  /** VIRTIO device id. */
  readonly classId: number;
  readonly state: number;
  /** The styles of access that it offers, as bits. */
  readonly styles: number;
}

/** @returns the first device of the host behind an id; null when there is none */
export function nextDevice({ port }: Kernel, after: number): Listed | null {
  const result = port?.hypercall(VBUS.NEXT, [after]);
  const [id = 0, classId = 0, state = 0, styles = 0] = (result?.values ?? []).map(Number);
  return result?.status === 0 && id > after ? { id, classId, state, styles } : null;
}

/** All devices of the host, in order of id. */
export function* listedDevices(kernel: Kernel): Generator<Listed> {
  for (let next = nextDevice(kernel, 0); next !== null; next = nextDevice(kernel, next.id)) yield next;
}

/** A device that the host lists; open or not. */
export class VbusDevice extends Device {
  readonly vbusId: number;
  readonly classId: number;
  readonly styles: number;
  /** This kernel has it open. */
  isOpen = false;

  constructor(kernel: Kernel, { id, classId, styles }: Listed, parent: Device) {
    super(kernel, { name: `vbus${String(id)}`, bus: vbusType, parent, release: () => undefined });
    this.vbusId = id;
    this.classId = classId;
    this.styles = styles;
  }

  /** Gives it back to the host, if it is open. */
  close(): void {
    if (this.isOpen) this.kernel.port?.hypercall(VBUS.CLOSE, [this.vbusId]);
    this.isOpen = false;
  }
}

/** A driver of this bus. It opens its device itself, in its probe, and closes it when it leaves. */
export interface VbusDriver extends DeviceDriver<VbusDevice> {
  /** VIRTIO device ids. Default: all. */
  readonly classes?: readonly number[];
  shutdown?(dev: VbusDevice): MaySleep<void>;
}

const modalias = ({ classId }: VbusDevice): string => `vbus:c${String(classId)}`;

function showState({ kernel, vbusId: id }: VbusDevice): string {
  const names = new Map<number, string>(Object.entries(STATE).map(([name, state]) => [state, name.toLowerCase()]));
  const listed = nextDevice(kernel, id - 1);
  return `${listed?.id === id ? (names.get(listed.state) ?? 'unknown') : 'removed'}\n`;
}

function showFree({ kernel }: Bus): string {
  let free = 0;
  for (const { state } of listedDevices(kernel)) if (state === STATE.FREE) free += 1;
  return `${String(free)}\n`;
}

/** The conditions of match. */
function explainMatch({ classId }: VbusDevice, { classes }: VbusDriver): MatchExplanation {
  const fn = 'vbus_match';
  if (classes === undefined) return { result: true, clauses: [{ fn, holds: true, text: 'classes: all' }] };
  const clauses = tableClauses(fn, 'classes', classes, (wanted) => [misfit('class', wanted, classId, String)]);
  return { result: lastHolds(clauses), clauses };
}

const driverOf = (dev: VbusDevice): VbusDriver | undefined => dev.driver?.def;

/** The bus. Names are free; a driver opens the device that it wants, and nothing else does. */
export const vbusType: BusType<VbusDevice, VbusDriver> = {
  name: 'vbus',
  busGroups: [{ attrs: [attrRo<Bus>('free', showFree)] }],
  devGroups: [{ attrs: [attrRo<VbusDevice>('modalias', (dev) => `${modalias(dev)}\n`), attrRo('state', showState)] }],
  match: (dev, { def }) => def.classes?.includes(dev.classId) ?? true,
  explainMatch: (dev, { def }) => explainMatch(dev, def),
  aliases: ({ classes }) => classes?.map((id) => `vbus:c${String(id)}`) ?? ['vbus:c*'],
  uevent: (dev, env) => env.add('MODALIAS', modalias(dev)),
  /** After a shutdown nobody closes what is open: the machine stops. */
  shutdown: (dev) => andThen(driverOf(dev)?.shutdown?.(dev), () => dev.close()),
};
