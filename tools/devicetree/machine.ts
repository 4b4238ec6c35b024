import { Kernel, World } from '../../lib';
import {
  FdtError,
  ofPlatformDefaultPopulate,
  ofState,
  registerPlatformBus,
  unflattenDeviceTree,
} from '../../buses/of-tree';

/**
 * A booted kernel with this device tree and nothing else: no amba bus, no PCI, no clocks and interrupt controllers. The
 * recorder for device trees has the same (`test/oracle/of/config`).
 *
 * @returns the kernel; also one whose tree was refused, which then has no device
 */
export async function machineOf(
  blob: Uint8Array,
): Promise<{ readonly kernel: Kernel; readonly refused: string | null }> {
  const kernel = new Kernel(new World(), { booting: true });
  Object.assign(ofState(kernel).config, { irq: false, pci: false });
  await registerPlatformBus(kernel);
  try {
    unflattenDeviceTree(kernel, blob);
  } catch (error) {
    if (!(error instanceof FdtError)) throw error;
    return { kernel, refused: error.message };
  }
  await ofPlatformDefaultPopulate(kernel);
  await kernel.lateInitcall();
  return { kernel, refused: null };
}
