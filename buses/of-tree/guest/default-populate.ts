import type { Kernel } from '../../../lib/base/kernel';
import { allNodes } from './all-nodes';
import { ofGetCompatibleChild, ofMatchNode, type OfDeviceId } from './of';
import { ofFindNodeByPath } from './of-path';
import { ofState } from './of-state';
import { ofPlatformDeviceCreate, ofPlatformPopulate } from './populate';
import { simplePmBusInit } from './simple-pm-bus';

/** @see drivers/of/platform.c reserved_mem_matches */
const RESERVED_MEM: readonly OfDeviceId[] = [
  'phram',
  'qcom,rmtfs-mem',
  'qcom,cmd-db',
  'qcom,smem',
  'ramoops',
  'nvmem-rmem',
  'google,open-dice',
].map((compatible) => ({ compatible }));

/** @see drivers/of/platform.c of_platform_default_populate_init */
export async function ofPlatformDefaultPopulateInit(kernel: Kernel): Promise<void> {
  const { root, chosen } = ofState(kernel);
  if (root === null) return;
  await kernel.operate('of_platform_default_populate_init', null, async () => {
    kernel.pauseSyncState();
    for (const node of allNodes(root)) if (ofMatchNode(RESERVED_MEM, node) !== null) await ofPlatformDeviceCreate(node);
    const firmware = ofFindNodeByPath(kernel, '/firmware');
    if (firmware !== null) await ofPlatformPopulate(firmware);
    const framebuffer = chosen === null ? null : ofGetCompatibleChild(chosen, 'simple-framebuffer');
    if (framebuffer !== null) await ofPlatformDeviceCreate(framebuffer);
    await ofPlatformPopulate(root);
    await kernel.lateInitcallSync('of_platform_sync_state_init', () => kernel.resumeSyncState());
  });
}

/**
 * Makes the devices of the whole tree, as at boot: some of reserved memory, those of /firmware, the frame buffer that
 * the firmware has set up, then all others. Then comes the driver that is built in wherever there is a device tree,
 * simple-pm-bus. No sync_state is called before the end of boot. A kernel that does not boot goes to that end here:
 * devices that wait for suppliers are tried again, finally without suppliers that have no driver.
 *
 * @see drivers/of/platform.c of_platform_default_populate_init, drivers/bus/simple-pm-bus.c
 */
export async function ofPlatformDefaultPopulate(kernel: Kernel): Promise<void> {
  const { fwDevlink } = kernel;
  const boots = !fwDevlink.driversDone;
  fwDevlink.driversDone = false;
  await ofPlatformDefaultPopulateInit(kernel);
  await simplePmBusInit(kernel);
  if (!boots) await kernel.operate('deferred_probe_initcall', null, () => kernel.deferred.initcall());
}
