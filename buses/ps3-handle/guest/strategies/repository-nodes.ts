import { ENODEV, ENOENT, ErrnoError } from '../../../../lib/errno';
import { isPending } from '../../../../lib/may-sleep';
import type { Ps3Address, Ps3System } from '../device';
import { BUS_TYPE_SB, field, firstField, LPAR_ID_PME, type RegisterWindow } from '../../layout';

/** Buses that are looked for. @see arch/powerpc/platforms/ps3/repository.c ps3_repository_find_bus */
const MAX_BUSES = 10;

/** Windows of one device that are looked at. @see repository.c ps3_repository_find_reg */
const MAX_WINDOWS = 10;

/** A line of the repository. @see arch/powerpc/platforms/ps3/platform.h struct ps3_repository_device */
export interface Listed extends Ps3Address {
  readonly busIndex: number;
  readonly index: number;
  readonly type: number;
}

/** @throws ErrnoError ENODEV when there is no system bus @see repository.c ps3_repository_find_bus */
export async function findBus(system: Ps3System): Promise<number> {
  for (let index = 0; index < MAX_BUSES; index += 1) {
    if ((await readNode(system, index, 'type')) === BUS_TYPE_SB) return index;
  }
  throw new ErrnoError(ENODEV, { syscall: 'ps3_repository_find_bus' });
}

/**
 * Three reads for each device, the number of devices each time anew; one read shows the end.
 *
 * @returns null behind the last device, and when it was unplugged during the reads
 * @see repository.c ps3_repository_find_device
 */
export async function readDevice(
  system: Ps3System,
  busIndex: number,
  busId: number,
  index: number,
): Promise<Listed | null> {
  if (index >= (await readNode(system, busIndex, 'num_dev'))) return null;
  const [bus, device] = [firstField('bus', busIndex), field('dev', index)];
  const [type] = await tryReadValues(system, [bus, device, field('type'), 0n]);
  const [devId] = await tryReadValues(system, [bus, device, field('id'), 0n]);
  return type < 0 || devId < 0 ? null : { busIndex, index, busId, devId, type };
}

/** @throws ErrnoError ENODEV without a window of that type @see repository.c ps3_repository_find_reg */
export async function findWindow(system: Ps3System, listed: Listed, type: number): Promise<RegisterWindow> {
  const [bus, device] = [firstField('bus', listed.busIndex), field('dev', listed.index)];
  for (let i = 0; i < MAX_WINDOWS; i += 1) {
    const reg = field('reg', i);
    const [found] = await readValues(system, [bus, device, reg, field('type')]);
    if (found !== type) continue;
    const [busAddress, length] = await readValues(system, [bus, device, reg, field('data')]);
    return { type, busAddress, length };
  }
  throw new ErrnoError(ENODEV, { syscall: 'ps3_repository_find_reg' });
}

type NodeName = readonly [bigint, bigint, bigint, bigint];

/** Every refusal is ENOENT. @see repository.c read_node */
export async function readNode(system: Ps3System, bus: number, name: string): Promise<number> {
  const [value] = await readValues(system, [firstField('bus', bus), field(name), 0n, 0n]);
  return value;
}

/** @returns a negative errno first where there is no such node */
async function tryReadValues({ lv1, kernel }: Ps3System, name: NodeName): Promise<readonly [number, number]> {
  const resched = kernel.world.condResched();
  if (isPending(resched)) await resched;
  return lv1.readRepositoryNode(LPAR_ID_PME, name);
}

async function readValues(system: Ps3System, name: NodeName): Promise<readonly [number, number]> {
  const values = await tryReadValues(system, name);
  if (values[0] >= 0) return values;
  const path = name
    .filter((word) => word !== 0n)
    .map((word) => `0x${word.toString(16)}`)
    .join('.');
  throw new ErrnoError(ENOENT, { syscall: 'lv1_read_repository_node', path });
}
