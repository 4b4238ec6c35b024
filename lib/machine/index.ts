/**
 * Machines: a world with one bus, the hypervisor's devices, guests that boot, sleep and end, and what users do in them.
 * `fixture.ts` is the contract that a bus fulfils; a {@link Workload} is a driver with the devices that it is for.
 */
export {
  fixtureName,
  type AllocationPolicy,
  type BusFixture,
  type FixtureId,
  type FixtureOptions,
  type GuestBus,
  type HostBus,
  type NativeDevices,
  type Ownership,
  type Plugged,
  type SysfsWrite,
} from './fixture';
export { Machine, type Conditions } from './machine';
export { MachineGuest } from './guest';
export type { MachineParts } from './parts';
export { backingDeviceOf, classDeviceBelow, deviceTree, type Workload } from './workload';
export { blockWorkload, rngWorkload } from './workloads-block-rng';
export { consoleWorkload, netWorkload } from './workloads-console-net';
