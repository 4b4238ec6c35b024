import { Kernel, World } from '../../lib';
import { FdtError, ofPlatformDefaultPopulate, registerPlatformBus, unflattenDeviceTree } from '../../buses/of-tree';

/**
 * A kernel with this device tree and nothing else: no amba bus, no drivers of clocks and interrupt controllers. That is
 * what the oracle for device trees has (`test/oracle/of/config`).
 *
 * @returns the kernel; also one whose tree was refused, which then has no device
 */
export async function machineOf(blob: Uint8Array): Promise<{ readonly kernel: Kernel; readonly refused: string | null }> {
  const world = new World();
  const kernel = new Kernel(world);
  await registerPlatformBus(kernel);
  try {
    unflattenDeviceTree(kernel, blob);
  } catch (error) {
    if (!(error instanceof FdtError)) throw error;
    return { kernel, refused: error.message };
  }
  await ofPlatformDefaultPopulate(kernel);
  await world.settle();
  return { kernel, refused: null };
}
