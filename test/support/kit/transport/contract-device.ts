import { DeviceModel, type DeviceHost, type DeviceRequest } from '../../../../lib/hypervisor';

/** Bits of the device type that it offers: the first and the last among them. */
export const OFFERED = [0, 5, 23] as const;
/** Neighbours of those, which it does not offer. */
export const NOT_OFFERED = [1, 4, 22] as const;
/** Device id of the model: a type that no driver here knows. */
export const CONTRACT_DEVICE_ID = 42;
/** Largest sizes of its queues. */
export const QUEUE_SIZES = [8, 4, 16] as const;
/** Bytes of its configuration. */
export const CONFIG_BYTES = 24;

const FIRST_BYTES = Uint8Array.from({ length: CONFIG_BYTES }, (_, i) => i + 1);

/** A request that arrived, and where. */
export interface Arrival {
  readonly queue: number;
  readonly request: DeviceRequest;
}

/** A device that keeps what comes, so that a check decides when and how each request ends. */
export class ContractDevice extends DeviceModel {
  readonly deviceId = CONTRACT_DEVICE_ID;
  /** Requests that were not completed, in the order of arrival. */
  readonly arrived: Arrival[] = [];
  /** How often it was reset. */
  resets = 0;
  bytes = FIRST_BYTES.slice();
  /** Instead of keeping a request. */
  serve: ((arrival: Arrival) => void) | null = null;
  /** Before its configuration is looked at. */
  beforeConfig: (() => void) | null = null;
  #host: DeviceHost | null = null;

  constructor(readonly name = 'contract0') {
    super();
  }

  override features(): bigint {
    return OFFERED.reduce((bits, bit) => bits | (1n << BigInt(bit)), 0n);
  }

  override queueSizes(): readonly number[] {
    return QUEUE_SIZES;
  }

  override config(): Uint8Array {
    this.beforeConfig?.();
    return this.bytes;
  }

  override writeConfig(offset: number, bytes: Uint8Array): void {
    this.bytes.set(bytes, offset);
  }

  override attach(host: DeviceHost): void {
    this.#host = host;
  }

  override handle(queue: number, request: DeviceRequest): void {
    if (this.serve === null) this.arrived.push({ queue, request });
    else this.serve({ queue, request });
  }

  override reset(): void {
    this.resets += 1;
  }

  /** As it was when it was made. */
  restore(): void {
    this.serve = this.beforeConfig = null;
    this.takeArrived();
    this.change(FIRST_BYTES);
  }

  /** Its configuration is another one from now on. */
  change(bytes: Uint8Array): void {
    this.bytes = bytes.slice();
    this.#host?.configChanged();
  }

  /** Ends the oldest request, or another one. @throws Error when there is none */
  complete(written?: Uint8Array, index = 0): void {
    const [arrival] = this.arrived.splice(index, 1);
    if (arrival === undefined) throw new Error('the device holds no such request');
    arrival.request.complete(written);
  }

  /** Forgets what it holds. @returns that, oldest first */
  takeArrived(): readonly Arrival[] {
    return this.arrived.splice(0);
  }
}

/** The reply of a device that has seen the bytes. */
export function replyTo(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => byte ^ 0x5a);
}

/** {@link ContractDevice.serve} for requests that are answered at once. */
export function echo({ request }: Arrival): void {
  request.complete(replyTo(request.readable).subarray(0, request.writable));
}
