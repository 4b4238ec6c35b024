export { busFull } from './bus-full';
export { Hypervisor, type HypervisorOptions, type Mapping } from './hypervisor';
export { totalLength, type Guest, type GuestOptions, type Hypercall, type MemoryArea } from './guest';
export { done, failed } from './port';
export type { CostCounters, Crossing, HypercallResult, Port, Width } from './port';
export { GuestMemory, hex } from './memory';
export { formatEntry, type CallLog, type ExitEvent, type LogEntry } from './call-log';
export type { Claim, ClaimEvent, Claims } from './claims';
export { COSTS } from './costs';
export type { MmioHandlers } from './mmio';
export { DeviceModel, type DeviceHost, type DeviceRequest } from './device-model';
export { checkServed, type PairEnd, type SharedRing } from './pair-end';
export { ModelServer } from './model-server';
export { VirtioBackend, type BackendEvents } from './virtio-backend';
export { checkPowersOfTwo, checkRingSizes, RING_FEATURES, RingQueues, type RingMemorySpace } from './ring-queues';
export { VirtioHostDevice } from './virtio-host-device';
export type { BackendQueue } from './virtio-queue';
export { BalloonDevice, type BalloonOptions } from './devices/balloon';
export { BlockDevice, type BlockImage, type BlockOptions } from './devices/block';
export { ConsoleDevice, ConsolePort, type ConsoleOptions, type ConsolePortOptions } from './devices/console';
export { EntropyDevice, type EntropyOptions } from './devices/entropy';
export { NetworkHub, type HubPlace, type HubPort } from './devices/hub';
export { NetworkDevice, type NetworkOptions } from './devices/net';
export {
  consolePair,
  networkPair,
  PairedConsole,
  PairedNetwork,
  type ConsolePairOptions,
  type NetworkPairOptions,
} from './devices/pair';
