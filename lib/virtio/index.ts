/**
 * The guest side of virtio above the transports: the virtio bus, its devices and drivers, and split queues.
 *
 * A transport driver implements {@link VirtioTransport} and calls {@link registerVirtioDevice}; a virtio driver is a
 * {@link VirtioDriver}.
 */
export { readConfigField, writeConfigField } from './config-field';
export { registerVirtioBus, virtioBus, virtioModalias } from './virtio-bus';
export { virtioBreakDevice, virtioConfigChanged } from './virtio-config';
export { VirtioDevice, type VirtioDeviceInit } from './virtio-device';
export { VIRTIO_DEV_ANY_ID, type VirtioDeviceId, type VirtioDriver, type VirtioId } from './virtio-driver';
export { vringTransportFeatures } from './virtio-features';
export { virtioDeviceFreeze, virtioDeviceRestore } from './virtio-pm';
export { registerVirtioDevice, unregisterVirtioDevice } from './virtio-register';
export { SplitVirtqueue, type SplitVirtqueueInit } from './split-virtqueue';
export type { Buffers, Completed, VirtioTransport, Virtqueue, VirtqueueSpec } from './transport';
export {
  BLK,
  CONSOLE,
  consolePortQueue,
  decodeConsoleMessage,
  encodeConsoleMessage,
  ETH,
  NET,
  type ConsoleMessage,
} from './spec';
export { DEVICE_ID, FEATURE, featureBit, hasFeature, STATUS } from './spec';
