import { DeviceModel, type DeviceHost, type DeviceRequest } from '../../lib/hypervisor';

/** A device that keeps each request until the test completes it. */
export class HeldDevice extends DeviceModel {
  readonly deviceId: number = 42;
  readonly name: string = 'held0';
  /** Requests in the order of arrival that were not completed. */
  readonly held: DeviceRequest[] = [];
  host: DeviceHost | null = null;
  bytes = new Uint8Array(16);

  constructor(
    readonly sizes: readonly number[] = [8],
    readonly bits = 0n,
  ) {
    super();
  }

  override features(): bigint {
    return this.bits;
  }

  override queueSizes(): readonly number[] {
    return this.sizes;
  }

  override config(): Uint8Array {
    return this.bytes;
  }

  override attach(host: DeviceHost): void {
    this.host = host;
  }

  override handle(_queue: number, request: DeviceRequest): void {
    this.held.push(request);
  }

  override reset(): void {
    this.held.length = 0;
  }

  /** Completes the held request at `index`, by default the oldest. */
  complete(written?: Uint8Array, index = 0): void {
    const [request] = this.held.splice(index, 1);
    if (request === undefined) throw new Error('the device holds no such request');
    request.complete(written);
  }
}
