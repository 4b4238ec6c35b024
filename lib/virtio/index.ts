/**
 * The guest side of virtio above the transports: the virtio bus, its devices and drivers, and split queues.
 *
 * A transport driver implements {@link VirtioTransport} and calls {@link registerVirtioDevice}; a virtio driver is a
 * {@link VirtioDriver}.
 */
export { readConfigField, writeConfigField } from './config-field';
export { registerVirtioBus, virtioBus } from './virtio-bus';
export { virtioConfigChanged } from './virtio-config';
export {
  virtioBreakDevice,
  VirtioDevice,
  type VirtioDeviceId,
  type VirtioDriver,
  type VirtioTransport,
} from './virtio-device';
export { virtioDeviceFreeze, virtioDeviceRestore } from './virtio-pm';
export { registerVirtioDevice, unregisterVirtioDevice } from './virtio-register';
export { SplitVirtqueue } from './split-virtqueue';
export type { Buffers, Completed, Virtqueue, VirtqueueSpec } from './virtqueue';
export {
  BALLOON,
  BLK,
  CONSOLE,
  consolePortQueue,
  decodeConsoleMessage,
  encodeBalloonPages,
  encodeBalloonStats,
  encodeConsoleMessage,
  ETH,
  NET,
  type ConsoleMessage,
} from './spec';
export { DEVICE_ID, FEATURE, featureBit, hasFeature, STATUS } from './spec';
