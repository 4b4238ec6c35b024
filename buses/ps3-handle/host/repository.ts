import type { HostDevice } from './device';
import { BUS_ID_SB, BUS_TYPE_SB, field, firstField, LPAR_ID_PME, type RegisterWindow } from '../layout';

/** The four words of a node's name. */
export type NodeName = readonly [bigint, bigint, bigint, bigint];

/** Whether a name begins with this text, and the number behind it. */
function indexOf(word: bigint, base: bigint): number | undefined {
  const index = word - base;
  return index >= 0n && index < 0x10000n ? Number(index) : undefined;
}

/**
 * Reads a node of the repository: one bus, and in it each device of the pool, open or not. Names are those of the PS3:
 * `bus0.type`, `bus0.id`, `bus0.num_dev`, `bus0.devN.type`, `bus0.devN.id`, `bus0.devN.regM.type`,
 * `bus0.devN.regM.data`.
 *
 * @param devices in the order of their ids
 * @returns both values; undefined when there is no such node
 */
export function readNode(
  devices: readonly HostDevice[],
  lpar: number,
  [n1, n2, n3, n4]: NodeName,
): readonly [bigint, bigint] | undefined {
  if (lpar !== LPAR_ID_PME || n1 !== firstField('bus')) return undefined;
  const device = devices[indexOf(n2, field('dev')) ?? -1];
  if (n4 !== 0n) return windowValues(device?.windows[indexOf(n3, field('reg')) ?? -1], n4);
  const value = n3 === 0n ? busValue(devices, n2) : deviceValue(device, n3);
  return value === undefined ? undefined : [BigInt(value), 0n];
}

function busValue(devices: readonly HostDevice[], name: bigint): number | undefined {
  switch (name) {
    case field('type'):
      return BUS_TYPE_SB;
    case field('id'):
      return BUS_ID_SB;
    case field('num_dev'):
      return devices.length;
    default:
      return undefined;
  }
}

function deviceValue(device: HostDevice | undefined, name: bigint): number | undefined {
  if (device === undefined) return undefined;
  if (name === field('type')) return device.devType;
  return name === field('id') ? device.devId : undefined;
}

function windowValues(window: RegisterWindow | undefined, name: bigint): readonly [bigint, bigint] | undefined {
  if (window === undefined) return undefined;
  if (name === field('type')) return [BigInt(window.type), 0n];
  return name === field('data') ? [BigInt(window.busAddress), BigInt(window.length)] : undefined;
}
