import type { Device } from '../../../lib/base/device';
import type { Kernel } from '../../../lib/base/kernel';
import { andThen, each, ignoreResult, type MaySleep } from '../../../lib/may-sleep';
import { ambaInit, ambaStubDrvInit } from './amba';
import { platformBus, registerPlatformBus } from './bus';
import { ofEarlyInit } from './early';
import { flattenDeviceTree } from './flatten';
import { FDT, FdtError } from '../layout/fdt';
import { fdtTotalSize } from '../layout/fdt-header';
import { ofPlatformDefaultPopulate, ofPlatformDefaultPopulateInit } from './default-populate';
import { unflattenDeviceTree } from './unflatten';

/** How a guest gets its tree: a flattened one at an address of its memory; null reads it by client calls. */
export type Firmware = { readonly fdt: number } | null;

/** Gets the tree, registers the buses, makes the devices. @throws FdtError, ErrnoError: no tree, and neither bus */
export async function bootTree(kernel: Kernel, firmware: Firmware): Promise<void> {
  const { port } = kernel;
  if (port === null) throw new FdtError('there is no firmware to ask', 0);
  unflattenDeviceTree(kernel, firmware === null ? flattenDeviceTree(port) : fetchBlob(kernel, firmware.fdt));
  ofEarlyInit(kernel);
  await registerPlatformBus(kernel);
  await ambaInit(kernel);
  await ofPlatformDefaultPopulate(kernel);
  await ambaStubDrvInit(kernel);
}

/** The header says how much there is; memory says how much there can be. */
function fetchBlob(kernel: Kernel, address: number): Uint8Array {
  const memory = kernel.port?.memory;
  const room = (memory?.size ?? 0) - address;
  if (memory === undefined || room < FDT.HEADER_BYTES) {
    throw new FdtError('the address of the blob is outside memory', 0);
  }
  const total = fdtTotalSize(memory.read(address, FDT.HEADER_BYTES));
  return memory.read(address, Math.min(total, room));
}

/**
 * The firmware is not called again: its tree is final. Nodes without a device get one, devices without a driver are
 * tried again.
 */
export async function rescanTree(kernel: Kernel): Promise<void> {
  await ofPlatformDefaultPopulateInit(kernel);
  await each([...(kernel.busOf(platformBus)?.devices() ?? [])], tryAgain);
}

/** As a device that was just added: only if the bus probes by itself. */
export function tryAgain(dev: Device): MaySleep<void> {
  if (dev.driver !== null || dev.kernel.busOf(platformBus)?.driversAutoprobe !== true) return undefined;
  return andThen(dev.kernel.ops.deviceAttach(dev), ignoreResult);
}
