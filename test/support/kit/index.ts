/**
 * The kit for tests of drivers and buses: the door `linux-driver-model/testing`. It works in any mocha project and
 * needs no assertion library.
 *
 *     eachBus('has a disk', async (world) => {
 *       world.plug(new BlockDevice({ name: 'disk0', image: new Uint8Array(512) }));
 *       await world.boot();
 *       await world.load(virtioBlk);
 *       expectTrace(world).toContainInOrder(['probe virtio_blk virtio0 = 0', /^uevent bind@.*virtio0$/]);
 *     });
 *
 * @module linux-driver-model/testing
 */
export { compareBuses, type CompareBusesOptions, type TraceDifference } from './compare-buses';
export { eachBus, type EachBusOptions, type ManyWorldsOptions } from './each-bus';
export {
  eachFault,
  FaultsUnhandled,
  tryFaults,
  type EachFaultOptions,
  type FaultReport,
  type UnhandledFault,
  type WhichFaults,
} from './each-fault';
export { expectTrace, TraceMismatch, type TraceExpectation, type TracePattern } from './expect-trace';
export { fault, Faults, knownSteps, type Fault, type FaultOptions, type Injected } from './faults';
export { NotClean, type Allowance, type Finding, type FindingKind } from './findings';
export { fixtures } from '../../../buses';
export { mochaHooks } from './mocha';
export type { Lack } from './transport/check';
export {
  checkTransport,
  transportChecks,
  transportConformance,
  TransportNotConforming,
  type TransportConformanceOptions,
  type TransportFailure,
} from './transport/conformance';
export { TraceRecord, type TraceLine } from './trace';
export { KitWorld, world, type BootOptions, type KitOptions } from './world';
